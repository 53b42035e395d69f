import type { Field } from './fields'

/**
 * The number that a typed or pasted text stands for, or why it stands for none: the end of a sentence that names the
 * setting.
 */
export type Typed =
  | { readonly ok: true; readonly value: number }
  | {
      readonly ok: false
      readonly problem: string
      /** Whether it is a number, only one of several. */ readonly isUnclear: boolean
    }

/**
 * What is expected where a number is typed: a whole one or any, and whether it is a share of something, so that a
 * percentage makes sense.
 */
export interface Expected {
  readonly kind: 'integer' | 'number'
  readonly isShare: boolean
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const blanks = /[\s\u00a0\u2000-\u200b\u202f\u205f\u2060\ufeff]/gu
const longest = 400

/**
 * The same text with one kind of blank, minus and exponent; what cannot be written on a keyboard is pasted from papers
 * and spreadsheets.
 */
const plain = (text: string): string =>
  text
    .replace(blanks, ' ')
    .trim()
    .replace(/[\u2212\u2010-\u2015\ufe63\uff0d]/g, '-')
    .replace(
      /(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g,
      (_, minus: string, digits: string) =>
        `^${minus === '' ? '' : '-'}${[...digits].map((digit) => superscripts.indexOf(digit)).join('')}`,
    )
    .replace(/ ?[×·*] ?10 ?\^ ?(?=[-+]?\d)/, 'e')
    .replace(/^([-+]?)10 ?\^ ?(?=[-+]?\d)/, '$11e')
    // Swiss and programmers' thousands; no decimal separator looks like them.
    .replace(/(?<=\d)['’_](?=\d{3}(?!\d))/g, ' ')

const shown = (text: string): string => `“${text.length > 40 ? `${text.slice(0, 39)}…` : text}”`
const bare = (number: number): string => String(number).replace('e+', 'e')
const shape = /^([-+]?)(\d[\d ,.]*|[.,]\d+)(e[-+]?\d+)?$/i

/**
 * A number as people write it in English, German, French or Swiss: with a decimal point, an exponent, grouped
 * thousands, a Unicode minus, a percentage of a share. A separator that can be read in two ways is refused with both
 * readings, so that no number is ever changed silently: “1,000” is a thousand where only whole numbers make sense, and
 * may be one elsewhere; “1,5” is what “1,500” looks like on the way.
 */
export function typedNumber(text: string, expected: Expected): Typed {
  const none = (): Typed => ({
    ok: false,
    problem:
      `must be a ${expected.kind === 'integer' ? 'whole number' : 'number'}, found ` +
      `${text.trim() === '' ? 'nothing' : shown(text.trim())}`,
    isUnclear: false,
  })
  if (text.length > longest) return none()
  const whole = plain(text)
  const percent = /^(.*\S) ?%$/.exec(whole)
  const [, sign = '', digits = '', exponent = ''] = shape.exec(percent?.[1] ?? whole) ?? []
  if (digits === '') return none()
  const read = readings(digits, expected.kind)
    .map((one) => Number(`${sign}${one}${exponent}`))
    .filter(Number.isFinite)
  const [value, other] = read
  if (value === undefined) return none()
  if (other !== undefined)
    return {
      ok: false,
      problem: `must be written in one way only: ${shown(text.trim())} can mean ${bare(value)} or ${bare(other)}`,
      isUnclear: true,
    }
  if (percent === null) return { ok: true, value }
  if (!expected.isShare)
    return { ok: false, problem: `must be a number and no percentage, found ${shown(text.trim())}`, isUnclear: true }
  return { ok: true, value: Number(`${bare(value)}e-2`) || value / 100 }
}

const isGrouped = (digits: string, separator: string): boolean => {
  const [first = '', ...groups] = digits.split(separator)
  return groups.length > 0 && /^[1-9]\d{0,2}$/.test(first) && groups.every((group) => /^\d{3}$/.test(group))
}

/** What digits with separators can mean, as a program writes it; none where they are no number at all. */
function readings(digits: string, kind: Expected['kind']): readonly string[] {
  const separators = new Set(digits.replace(/\d/g, ''))
  const decimal = (separator: string): string => digits.replace(separator, '.')
  if (separators.size === 0) return [digits]
  if (separators.size === 1) {
    const [separator = ''] = separators
    const grouped = isGrouped(digits, separator) ? [digits.replaceAll(separator, '')] : []
    const isSingle = digits.indexOf(separator) === digits.lastIndexOf(separator)
    if (separator === ' ' || !isSingle) return grouped
    // A point is the decimal point; only where a fraction makes no sense may it be a German thousands' point.
    if (separator === '.') return kind === 'integer' ? [...grouped, decimal('.')] : [decimal('.')]
    if (grouped.length > 0) return kind === 'integer' ? grouped : [...grouped, decimal(',')]
    // No thousand begins with a zero, so “0,5” is a half. “1,5” may be on its way to “1,500”.
    return /^0*,/.test(digits) ? [decimal(',')] : digits.endsWith(',') ? [] : [decimal(','), digits.replace(',', '')]
  }
  // Of two kinds the last one, which stands once, is the decimal separator.
  const last = /[ ,.](?=\d*$)/.exec(digits)?.[0] ?? ''
  const at = digits.lastIndexOf(last)
  const [before, after] = [digits.slice(0, at), digits.slice(at + 1)]
  const group = [...separators].find((one) => one !== last) ?? ''
  return separators.size === 2 && last !== ' ' && digits.indexOf(last) === at && isGrouped(before, group)
    ? [`${before.replaceAll(group, '')}.${after}`]
    : []
}

/**
 * A list of numbers: what each entry stands for (text where it is no number), or why the commas cannot be told apart.
 */
export type TypedList =
  | { readonly ok: true; readonly values: readonly (number | string)[] }
  | { readonly ok: false; readonly problem: string }

/**
 * Numbers with semicolons, lines, tabs, commas or blanks between them. Where anything else separates, a comma inside a
 * number belongs to it; where commas alone do, a list that could be one number (“1,000”, “0,5”) is refused.
 */
export function typedNumbers(text: string, expected: Expected): TypedList {
  const line = plain(text.replace(/[\n\t\r]+/g, ';')).replace(/^\[(.*)\]$/, '$1')
  const byComma = !/[; ]/.test(line)
  const cells = line
    .split(line.includes(';') ? ';' : byComma ? ',' : /, +/)
    .flatMap((cell) => {
      const whole = cell.trim().replace(/,$/, '')
      return typedNumber(whole, expected).ok ? [whole] : whole.split(' ')
    })
    .filter((cell) => cell !== '')
  if (
    cells.length > 1 &&
    ((byComma && (isGrouped(line, ',') || /^0,\d+$/.test(line))) || cells.slice(1).some((cell) => /^0\d/.test(cell)))
  ) {
    const one = readings(line, expected.kind)[0]
    const several = cells.map((cell) => bare(Number(cell))).join(' and ')
    const readAs = one === undefined ? several : `${several}, or ${bare(Number(one))}`
    return {
      ok: false,
      problem:
        `must be written in one way only: ${shown(line)} can mean ` +
        `${readAs}${one === undefined ? ', and looks like fewer numbers with thousands or decimals' : ''}; put ` +
        '“, ” between numbers and nothing inside them',
    }
  }
  return {
    ok: true,
    values: cells.map((cell) => {
      const read = typedNumber(cell, expected)
      return read.ok ? read.value : cell
    }),
  }
}

/** What is expected in the box of a setting, or in an entry of a list. */
export const expectedOf = ({
  kind,
  wholeEntries,
  maximum,
}: Pick<Field, 'kind' | 'wholeEntries' | 'maximum'>): Expected => ({
  kind: kind === 'integer' || wholeEntries ? 'integer' : 'number',
  isShare: kind === 'number' && maximum !== null && maximum <= 1,
})

/**
 * Why text that stands where a number or a list of numbers belongs can be read in several ways; null where it cannot.
 */
export function typedProblem(field: Field, text: string): string | null {
  if (field.kind === 'number' || field.kind === 'integer') {
    const typed = typedNumber(text, expectedOf(field))
    return typed.ok || !typed.isUnclear ? null : typed.problem
  }
  if (field.kind !== 'list' || field.fields.length > 0) return null
  const typed = typedNumbers(text, expectedOf(field))
  return typed.ok ? null : typed.problem
}

const unquoted = (cell: string): string =>
  cell
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim()

/**
 * The cells of a line of a table. Spreadsheets copy tabs and export semicolons or commas; a comma between two numbers
 * without a blank in them separates, any other belongs to a number.
 */
export function cellsOf(line: string): readonly string[] {
  if (line.includes('\t')) return line.split('\t').map(unquoted)
  if (line.includes(';')) return line.split(';').map(unquoted)
  const byComma = line.split(',').map(unquoted)
  if (byComma.length > 1 && byComma.every((cell) => !/\s/.test(cell) || !/\d/.test(cell))) return byComma
  return line.trim().split(/\s+/).map(unquoted)
}
