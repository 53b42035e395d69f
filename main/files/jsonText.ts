import { visit } from 'jsonc-parser'

/** Why a text is not JSON that we accept, and where: `Line 3, column 7: expected a value, found “}”`. */
export class JsonTextError extends Error {
  readonly line: number
  readonly column: number

  constructor(text: string, at: number, reason: string) {
    const before = text.slice(0, at)
    const line = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    super(`line ${String(line)}, column ${String(column)}: ${reason}`)
    this.name = 'JsonTextError'
    this.line = line
    this.column = column
  }
}

/* jsonc-parser's codes, whose enum is a type only: what is wrong with a string. */
const stringErrors: ReadonlySet<number> = new Set([
  12, // no closing quote
  14, // a wrong \u
  15, // a wrong escape
  16, // a character that must be escaped
])

/** Of each object or list that is open: its names so far, absent in a list, and the name it has itself. */
interface Level {
  readonly names?: Set<string>
  readonly name: string
}

const foreignWord = /[+-]?[A-Za-z_$][\w$]*|\S/uy

const foundAt = (text: string, at: number): string => {
  if (at >= text.length) return 'the end of the text'
  foreignWord.lastIndex = at
  return `“${(foreignWord.exec(text)?.[0] ?? text.charAt(at)).slice(0, 30)}”`
}

/**
 * Walks a JSON text without building anything, and throws at the first thing we refuse: bad syntax, comments and
 * trailing commas included, deeper than `maxDepth`, a name given twice (JSON.parse would keep the last one in silence),
 * a name that reaches prototypes, or a number like 1e999 that would turn into Infinity.
 */
export const checkJsonText = (text: string, maxDepth: number): void => {
  const levels: Level[] = []
  let name = ''
  // What may come next; the parser tells of every token before it looks at the one after it.
  let expected = 'a value'
  const refuse = (at: number, reason: string): never => {
    throw new JsonTextError(text, at, reason)
  }
  const begin = (at: number, names?: Set<string>): void => {
    if (levels.length === maxDepth) refuse(at, `more than ${String(maxDepth)} levels inside each other`)
    levels.push({ ...(names && { names }), name: levels.at(-1)?.names === undefined ? '' : name })
    expected = names === undefined ? 'a value' : 'a name in quotes'
  }
  const afterValue = (): void => {
    const level = levels.at(-1)
    expected = level === undefined ? 'the end' : `“,” or “${level.names === undefined ? ']' : '}'}”`
  }
  const end = (at: number): void => {
    // The end of the text ends everything that is open.
    if (at >= text.length) refuse(at, `expected ${expected}, found ${foundAt(text, at)}`)
    levels.pop()
    afterValue()
  }
  visit(
    text,
    {
      onObjectBegin: (at) => begin(at, new Set()),
      onArrayBegin: (at) => begin(at),
      onObjectEnd: end,
      onArrayEnd: end,
      onObjectProperty: (property, at) => {
        const { names, name: parent = '' } = levels.at(-1) ?? {}
        if (names?.has(property) === true) refuse(at, `“${property}” is given twice`)
        if (property === '__proto__' || (property === 'prototype' && parent === 'constructor'))
          refuse(at, `“${property}” is not allowed as a name`)
        names?.add(property)
        name = property
        expected = '“:”'
      },
      onSeparator: (character) => {
        expected = character === ':' || levels.at(-1)?.names === undefined ? 'a value' : 'a name in quotes'
      },
      onLiteralValue: (value: unknown, at, length) => {
        if (typeof value === 'number' && !Number.isFinite(value))
          refuse(at, `${text.slice(at, at + length).slice(0, 30)} is too large for a number`)
        afterValue()
      },
      onError: (code, at, length) => {
        if (stringErrors.has(code))
          refuse(
            at,
            `a string holds ${at + length < text.length ? 'a character that must be escaped' : 'no closing quote'}`,
          )
        refuse(at, `expected ${expected}, found ${foundAt(text, at)}`)
      },
    },
    { disallowComments: true, allowTrailingComma: false },
  )
}

/** Deeper than anything that is meant. */
const deepest = 1000

/**
 * How deep a JSON text goes, how many values it holds at most, and how many names one object of it has, without
 * building anything; all infinite where a string does not end.
 */
export function jsonSize(text: string): { readonly depth: number; readonly values: number; readonly names: number } {
  // Of each object that is open, the names so far; -1 for a list.
  const open: number[] = []
  let [depth, values, names] = [0, 1, 0]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = closingQuote(text, at)
      if (at < 0) return { depth: Infinity, values: Infinity, names: Infinity }
    } else if (code === 0x7b || code === 0x5b) {
      open.push(code === 0x7b ? 1 : -1)
      depth = Math.max(depth, open.length)
      if (depth > deepest) return { depth: Infinity, values: Infinity, names: Infinity }
      values++
    } else if (code === 0x7d || code === 0x5d) open.pop()
    else if (code === 0x2c) {
      values++
      const last = open.length - 1
      const known = open[last] ?? -1
      if (known > 0) names = Math.max(names, (open[last] = known + 1))
    }
  }
  return { depth, values, names }
}

/** Where a string ends that begins at `start`; -1 where it does not. */
function closingQuote(text: string, start: number): number {
  const first = text.indexOf('"', start + 1)
  if (first < 0 || text.charCodeAt(first - 1) !== 0x5c) return first
  // The quote may be escaped, or the backslash before it.
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x22) return at
  }
  return -1
}

/** JSON.parse for text that somebody else may have written. */
export const parseJson = (text: string, maxDepth: number): unknown => {
  checkJsonText(text, maxDepth)
  return JSON.parse(text) as unknown
}

/** Bytes as text: UTF-8 only, a byte order mark is dropped, anything else throws. */
export const textFromBytes = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes)
