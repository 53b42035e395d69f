import type { RunConfig } from '../core/config/config'
import type { Field } from '../core/fields'
import { configFields, valueAt } from '../core/fields'
import type { DatasetInfo } from '../core/datasetInfo'
import type { Run } from '../core/run'
import { insideSentence } from './format'

/** One setting in which configs differ, with its value in each of them. */
export interface Difference {
  readonly path: string
  readonly label: string
  readonly values: readonly string[]
}

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A config as its settings by path; tables and lists are one setting each. */
export function settingsByPath(value: unknown, path = ''): ReadonlyMap<string, unknown> {
  if (!isNode(value)) return new Map([[path, value]])
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...settingsByPath(inner, path === '' ? key : `${path}.${key}`)]),
  )
}

// A config is never changed, only replaced; twenty of them side by side are asked for again with every curve that
// arrives.
const remembered = new WeakMap<RunConfig, ReadonlyMap<string, unknown>>()

function rememberedSettings(config: RunConfig): ReadonlyMap<string, unknown> {
  const known = remembered.get(config) ?? settingsByPath(config)
  remembered.set(config, known)
  return known
}

/** A setting's value as people read it; a choice by the name that the form gives it. */
export function shownSetting(path: string, value: unknown): string {
  if (value === undefined || value === null) return '–'
  const choice = names().choices.get(`${path} ${String(value)}`)
  if (choice !== undefined) return choice
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return value === '' ? '–' : value
  return JSON.stringify(value)
    .replace(/[[\]"{}]/g, '')
    .replaceAll(',', ', ')
}

/** The settings in which at least two of the configs differ, in the schema's order; the name is no setting. */
export function differences(configs: readonly RunConfig[]): readonly Difference[] {
  const settings = configs.map(rememberedSettings)
  const paths = new Set(settings.flatMap((one) => [...one.keys()]))
  return [...paths].flatMap((path) => {
    if (path === 'name') return []
    const values = settings.map((one) => shownSetting(path, one.get(path)))
    return values.every((value) => value === values[0])
      ? []
      : [
          {
            path,
            label: labelOf(
              path,
              configs.find((_, index) => settings[index]?.has(path) === true),
            ),
            values,
          },
        ]
  })
}

/**
 * What a setting is called in the form, with the group it belongs to where its own name says too little. Kinds of one
 * thing may call settings of the same path differently ("Factor" of steps, "Rate factor" of cycles): a config tells
 * which is meant, and without one it is the first.
 */
export function labelOf(path: string, config?: unknown): string {
  const { labels } = names()
  const named = labels.get(path) ?? labels.get(path.replace(/\.type$/, '')) ?? []
  const meant =
    named.find(({ kinds }) => kinds.every(({ variant, kind }) => valueAt(config, `${variant}.type`) === kind)) ??
    named[0]
  return meant?.label ?? path
}

interface Kind {
  readonly variant: string
  readonly kind: unknown
}
interface Named {
  readonly path: string
  readonly label: string
  /** The kinds that have to be chosen for the setting to be there. */ readonly kinds: readonly Kind[]
}
interface Names {
  readonly labels: ReadonlyMap<string, readonly Named[]>
  readonly choices: ReadonlyMap<string, string>
}
let known: Names | undefined

function names(): Names {
  if (known === undefined) {
    const fields = configFields()
    const labels = new Map<string, Named[]>()
    for (const named of collect(fields, '', [])) labels.set(named.path, [...(labels.get(named.path) ?? []), named])
    known = { labels, choices: new Map(choicesOf(fields)) }
  }
  return known
}

function choicesOf(fields: readonly Field[]): readonly (readonly [string, string])[] {
  return fields.flatMap((field): readonly (readonly [string, string])[] => {
    const path = field.kind === 'variant' ? `${field.path}.type` : field.path
    const own = field.options.map((option) => [`${path} ${option.value}`, option.label] as const)
    return [...own, ...choicesOf(field.fields), ...field.options.flatMap((option) => choicesOf(option.fields))]
  })
}

function collect(fields: readonly Field[], group: string, kinds: readonly Kind[]): readonly Named[] {
  return fields.flatMap((field): readonly Named[] => {
    const label = group === '' ? field.label : `${group}: ${insideSentence(field.label)}`
    const own = { path: field.path, label: field.kind === 'variant' ? field.label : label, kinds }
    // One level of context is enough: "Warm-up: length", not "Learning rate: warm-up: length".
    const within =
      field.kind === 'variant'
        ? field.options.flatMap((option) =>
            collect(option.fields, field.label, [...kinds, { variant: field.path, kind: option.value }]),
          )
        : collect(field.fields, field.path.includes('.') ? field.label : '', kinds)
    return [own, ...within]
  })
}

/** Whether two runs trained on other images, or split them in another way. */
export const onOtherImages = (a: Pick<Run, 'facts'>, b: Pick<Run, 'facts'>): boolean =>
  a.facts !== null && b.facts !== null && a.facts.fingerprint !== b.facts.fingerprint

const saysNothingOfImages = /^data\.(augmentation|normalisation)\b/

/**
 * What differs between the images of a fork and those of its parent, in a sentence; empty where they are the same, or
 * not known yet.
 */
export function forkedImages(
  parent: Pick<Run, 'config' | 'facts'>,
  config: RunConfig,
  info: DatasetInfo | null,
): string {
  if (!onOtherImages(parent, { facts: info })) return ''
  const asked = differences([parent.config, config]).some(
    ({ path }) => path.startsWith('data.') && !saysNothingOfImages.test(path),
  )
  return asked
    ? 'Other images, or another split, than its parent’s: what it validates and tests on may be what the parent ' +
        'was trained on. The log of the run will say how many images.'
    : 'The images have changed since its parent was trained on them.'
}
