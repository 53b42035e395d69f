import { configFields, valueAt, type Field } from '../../core/fields'
import type { Page } from '../../core/explain/page'

// What nearly every method answers to.
const general = ['batchSize', 'epochs', 'learningRate.base'] as const

/** The settings with which a method's example can be tried: its own numbers and choices, then batch size, epochs and rate. */
export function knobsOf({ settings }: Page, input: unknown): readonly Field[] {
  const shown = shownFields(configFields(), input).filter(({ kind }) => kind === 'number' || kind === 'integer' || kind === 'choice')
  const own = shown.filter(({ path }) => settings.some((setting) => path === setting.path || path.startsWith(`${setting.path}.`)))
  return [...own, ...shown.filter(({ path }) => general.some((one) => one === path) && !own.some((field) => field.path === path))]
}

function shownFields(fields: readonly Field[], input: unknown): readonly Field[] {
  return fields.flatMap((field): readonly Field[] => {
    if (field.kind === 'group') return shownFields(field.fields, input)
    if (field.kind !== 'variant') return [field]
    const chosen = valueAt(input, `${field.path}.type`)
    return shownFields(field.options.find(({ value }) => value === chosen)?.fields ?? [], input)
  })
}
