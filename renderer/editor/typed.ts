import type { Field } from '../../core/fields'
import { cellsOf, expectedOf, typedNumber, typedNumbers } from '../../core/typed'

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A number as it stands in its box: as short as it can be written without losing anything. */
const shownNumber = (value: number): string => String(value).replace('e+', 'e')

/** What stands in the box of a setting. A value of the wrong type is shown as it was typed. */
export function shownValue(field: Field, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return shownNumber(value)
  if (field.kind === 'list' && Array.isArray(value)) return shownList(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function shownList(values: readonly unknown[]): string {
  if (values.some(isNode))
    return values.map((row) => (isNode(row) ? Object.values(row).map(String).join('  ') : String(row))).join('\n')
  return values.map((value) => (typeof value === 'number' ? shownNumber(value) : String(value))).join(', ')
}

/**
 * The value that typed text stands for. Text that is no number stays text, so that the schema refuses it by name at its
 * field: nothing that was typed is ever dropped or quietly changed.
 */
export function typedValue(field: Field, text: string): unknown {
  const trimmed = text.trim()
  switch (field.kind) {
    case 'number':
    case 'integer':
      return trimmed === '' && field.nullable ? null : numberOrText(field, trimmed)
    case 'choice':
      return field.options.find(({ value }) => String(value) === text)?.value ?? text
    case 'list':
      return typedList(field, text)
    case 'text':
    case 'boolean':
    case 'group':
    case 'variant':
      return text
  }
}

function numberOrText(field: Field, text: string): number | string {
  const typed = typedNumber(text, expectedOf(field))
  return typed.ok ? typed.value : text
}

function typedList(field: Field, text: string): unknown {
  const sample: unknown = Array.isArray(field.initial) ? field.initial[0] : undefined
  if (!isNode(sample)) {
    const typed = typedNumbers(text, expectedOf(field))
    return typed.ok ? typed.values : text
  }
  const names = Object.keys(sample)
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const cells = cellsOf(line.replace(/, +/g, '\t')).filter((cell) => cell !== '')
      return cells.length === names.length
        ? Object.fromEntries(names.map((name, index) => [name, numberOrText(field, cells[index] ?? '')]))
        : line
    })
}

/**
 * The value one step up or down: settings on a logarithmic scale go through 1, 2, 5 (whole ones double and halve),
 * others by their step.
 */
export function stepped(field: Field, value: number, direction: 1 | -1): number {
  const next = field.log
    ? nextOnScale(field, value, direction)
    : value + direction * (field.step ?? (field.kind === 'integer' ? 1 : 0.1))
  const kept = Math.min(field.maximum ?? Infinity, Math.max(field.minimum ?? -Infinity, Number(next.toPrecision(12))))
  return field.kind === 'integer' ? Math.round(kept) : kept
}

function nextOnScale(field: Field, value: number, direction: 1 | -1): number {
  if (field.kind === 'integer') return direction > 0 ? value * 2 : Math.floor(value / 2)
  if (value <= 0) return direction > 0 ? (field.step ?? 1e-4) : 0
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9)
  const scale = [0.5, 1, 2, 5, 10].map((factor) => factor * power)
  return direction > 0
    ? (scale.find((one) => one > value * (1 + 1e-9)) ?? value)
    : (scale.findLast((one) => one < value * (1 - 1e-9)) ?? value)
}
