import type { Field } from '../../core/fields'

/** A setting as it is found behind another path. */
const moved = (field: Field, from: string, to: string): Field => ({
  ...field,
  path: to + field.path.slice(from.length),
  fields: field.fields.map((one) => moved(one, from, to)),
  options: field.options.map((option) => ({ ...option, fields: option.fields.map((one) => moved(one, from, to)) })),
})

/** The settings of one entry of a list of groups, counted from 0. */
export const entryFields = (list: Field, index: number): readonly Field[] =>
  list.fields.map((field) => moved(field, `${list.path}.0`, `${list.path}.${index}`))

/** Whether the entries of a list are groups with kinds inside, which need boxes of their own. */
export const hasEntries = (field: Field): boolean =>
  field.kind === 'list' && field.fields.some(({ kind }) => kind === 'variant')

type Part = Readonly<Record<string, unknown>>

/**
 * The parts of a join with one more at the end, which lasts to the end of the run; the one before it needs a length
 * then.
 */
export function withPart(parts: readonly Part[]): readonly Part[] {
  const last = parts.at(-1)
  const before =
    last === undefined
      ? []
      : [...parts.slice(0, -1), { ...last, length: typeof last.length === 'number' ? last.length : 1 }]
  return [...before, { schedule: { type: 'constant' }, length: null, unit: 'epochs' }]
}

/**
 * The parts of a join with one moved up by one place; lengths stay with their place where one is open, for only the
 * last may be.
 */
export function withPartUp(parts: readonly Part[], index: number): readonly Part[] {
  const [upper, lower] = [parts[index - 1], parts[index]]
  if (upper === undefined || lower === undefined) return parts
  const isOpen = lower.length === null || lower.length === undefined
  const [first, second] = isOpen
    ? [
        { ...lower, length: upper.length, unit: upper.unit },
        { ...upper, length: lower.length, unit: lower.unit },
      ]
    : [lower, upper]
  return parts.map((part, i) => (i === index - 1 ? first : i === index ? second : part))
}
