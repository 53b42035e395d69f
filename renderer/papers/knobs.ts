import type { Page } from '../../content/explain/page'
import { configFields, valueAt, type Field } from '../../core/fields'
import { shownValue, typedValue } from '../editor/typed'
import { insideSentence } from '../format'

// What nearly every method answers to.
const general = ['batchSize', 'epochs', 'learningRate.base'] as const

/**
 * The settings with which a method's example can be tried: its own numbers, choices and lists, then batch size, epochs
 * and rate.
 */
export function knobsOf({ settings }: Pick<Page, 'settings'>, input: unknown): readonly Field[] {
  const shown = shownFields(configFields(), input).filter(
    ({ kind }) => kind === 'number' || kind === 'integer' || kind === 'choice' || kind === 'list',
  )
  const own = shown.filter(({ path }) =>
    settings.some((setting) => path === setting.path || path.startsWith(`${setting.path}.`)),
  )
  return [
    ...own,
    ...shown.filter(({ path }) => general.some((one) => one === path) && !own.some((field) => field.path === path)),
  ]
}

function shownFields(fields: readonly Field[], input: unknown): readonly Field[] {
  return fields.flatMap((field): readonly Field[] => {
    if (field.kind === 'group') return shownFields(field.fields, input)
    if (field.kind === 'list') return partsOf(field, input)
    if (field.kind !== 'variant') return [field]
    const chosen = valueAt(input, `${field.path}.type`)
    return shownFields(field.options.find(({ value }) => value === chosen)?.fields ?? [], input)
  })
}

/**
 * The fields of each entry of a list whose entries are schedules of their own, by number; any other list is one knob.
 */
function partsOf(field: Field, input: unknown): readonly Field[] {
  const entries = valueAt(input, field.path)
  if (!Array.isArray(entries) || !field.fields.some(({ kind }) => kind === 'variant')) return [field]
  return entries.flatMap((_, index) =>
    shownFields(
      field.fields.map((one) => movedTo(one, `${field.path}.0.`, `${field.path}.${index}.`)),
      input,
    ).map((one) => ({ ...one, label: `${index + 1}: ${insideSentence(one.label)}` })),
  )
}

/** A field of a list's first entry as that of another one. */
const movedTo = (field: Field, from: string, to: string): Field => ({
  ...field,
  path: field.path.replace(from, to),
  fields: field.fields.map((one) => movedTo(one, from, to)),
  options: field.options.map((option) => ({ ...option, fields: option.fields.map((one) => movedTo(one, from, to)) })),
})

/** The values that a slider goes through, in order. */
export type Slide = readonly number[]

// Ten numbers to each power of ten that people write.
const written = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]

const tidy = (value: number): number => Number(value.toPrecision(12))

/** All of `values` between two ends, the ends and the value to begin with among them. */
const between = (from: number, to: number, values: readonly number[], initial: unknown): Slide =>
  [...new Set([from, to, ...values, ...(typeof initial === 'number' ? [initial] : [])].map(tidy))]
    .filter((value) => value >= from && value <= to)
    .sort((a, b) => a - b)

const steps = (from: number, to: number, step: number): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, index) => from + index * step)

function powers(from: number, to: number, whole: boolean): readonly number[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))]
  const values = steps(first, last, 1).flatMap((power) => written.map((digits) => digits * 10 ** power))
  return whole ? values.filter((value) => Number.isInteger(tidy(value))) : values
}

// What batch sizes are.
const doubles = (from: number, to: number): readonly number[] =>
  steps(Math.ceil(Math.log2(from)), Math.log2(to), 1).map((power) => 2 ** power)

/** The slider of a plot's knob, from its lowest to its highest value; null where it is no number. */
export function slideOf({ kind, minimum, maximum, step, log, initial }: Field): Slide | null {
  if ((kind !== 'number' && kind !== 'integer') || minimum === null || maximum === null) return null
  const whole = kind === 'integer'
  if (!log)
    return between(minimum, maximum, steps(minimum, maximum, step ?? (whole ? 1 : (maximum - minimum) / 100)), initial)
  if (whole && step === null) return between(minimum, maximum, doubles(minimum, maximum), initial)
  // Where 0 is allowed it is the first place.
  return between(
    minimum,
    maximum,
    powers(minimum > 0 ? minimum : maximum / 1000, maximum, whole).filter(
      (value) => value >= maximum / 1000 || minimum > 0,
    ),
    initial,
  )
}

/**
 * The slider of a setting, whose limits are far apart: from a tenth to ten times what the example begins with, within
 * those limits; null where it is no number.
 */
export function slideAround(field: Field, initial: unknown): Slide | null {
  if ((field.kind !== 'number' && field.kind !== 'integer') || typeof initial !== 'number') return null
  const whole = field.kind === 'integer'
  const [minimum, maximum] = [field.minimum ?? -Infinity, field.maximum ?? Infinity]
  const step = field.step ?? (whole ? 1 : 0.1)
  if (initial <= 0)
    return between(Math.max(0, minimum), Math.min(maximum, 10 * step), steps(0, 10 * step, step), initial)
  // A share of something goes in even steps.
  if (maximum <= 1)
    return between(Math.max(minimum, Math.min(step, 0.05)), maximum, steps(0, maximum, Math.max(step, 0.01)), initial)
  const [from, to] = [
    Math.max(minimum, whole ? Math.max(1, Math.round(initial / 10)) : initial / 10),
    Math.min(maximum, initial * 10),
  ]
  // A lowest value may be one that is only just not reached.
  return between(from, to, whole && field.log ? doubles(from, to) : powers(from, to, whole), initial).filter(
    (value) => value > minimum || whole,
  )
}

/** The place on a slider that is nearest to a value. */
export function knobPlace(slide: Slide, value: unknown): number {
  if (typeof value !== 'number') return 0
  const distances = slide.map((one) => Math.abs(one - value))
  return distances.indexOf(Math.min(...distances))
}

/** Whether the entries of a list are rows of numbers, such as points. */
export const holdsRows = ({ initial }: Field): boolean =>
  Array.isArray(initial) && initial.some((row) => typeof row === 'object')

/** A list in one line: numbers with commas between them, or rows ("0 1, 3 10") with commas between those. */
export const shownList = (field: Field, value: unknown): string =>
  holdsRows(field) ? shownValue(field, value).replaceAll('\n', ', ').replace(/ {2,}/g, ' ') : shownValue(field, value)

/** The list that such a line stands for; what is no number stays text, which the schema then refuses. */
export const typedList = (field: Field, text: string): unknown =>
  typedValue(field, holdsRows(field) ? text.replace(/,\s+|;\s*/g, '\n') : text)
