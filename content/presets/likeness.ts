import type { RunConfig } from '../../core/config/config'
import type { Run } from '../../core/run'
import { presetNamed, presetNames, presetOf, type NamedPreset } from './all'
import { referenceText } from './preset'
import { parsedPreset } from './shrink'

/** Settings in which a run may differ from a preset's config and still repeat it, each with the reason. */
const free: readonly (readonly [path: string, reason: string])[] = [
  ['name', 'a name trains nothing'],
  ['seed', 'an experiment is repeated with other seeds'],
  ['data.source.path', "everybody's files lie elsewhere"],
  ['engine.backend', 'engines compute the same, but for rounding'],
  ['engine.capture', 'a captured step is the same step'],
  ['engine.threads', 'threads change the time'],
  ['engine.inputThread', 'who fills a batch changes the time'],
  ['checkpoints', 'what is kept changes no weight'],
  ['diagnostics', 'what is measured changes no weight'],
]

const isFree = (path: string): boolean => free.some(([own]) => path === own || path.startsWith(`${own}.`))

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The settings that make the experiment, by path, each as JSON. */
function essentials(value: unknown, path = ''): ReadonlyMap<string, string> {
  if (path !== '' && isFree(path)) return new Map()
  if (!isNode(value)) return new Map([[path, JSON.stringify(value)]])
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...essentials(inner, path === '' ? key : `${path}.${key}`)]),
  )
}

const keyOf = (settings: ReadonlyMap<string, string>): string =>
  JSON.stringify([...settings].sort(([a], [b]) => (a < b ? -1 : 1)))

interface Known {
  readonly config: RunConfig
  readonly settings: ReadonlyMap<string, string>
  readonly key: string
}
let known: ReadonlyMap<string, Known> | undefined

// Parsed once: there are some two hundred of them, and a table asks for them with every event of a run.
const configs = (): ReadonlyMap<string, Known> =>
  (known ??= new Map(
    presetNames().flatMap((name): [string, Known][] => {
      const found = presetNamed(name)
      if (found === null) return []
      const config = parsedPreset(found)
      const settings = essentials(config)
      return [[name, { config, settings, key: keyOf(settings) }]]
    }),
  ))

/** How a run compares with a preset's config that it could be taken for. */
export interface Likeness {
  readonly preset: NamedPreset
  /** The preset's config. */
  readonly config: RunConfig
  /** Paths of the settings that differ; with none, and nothing else in the way, the run repeats the config. */
  readonly differing: readonly string[]
  /**
   * Why it does not count although its settings are the same, such as that it went on from other weights; empty
   * otherwise.
   */
  readonly otherwise: string
}

/** Whether a run counts as the preset's config. */
export const repeats = ({ differing, otherwise }: Likeness): boolean => differing.length === 0 && otherwise === ''

const originOf = ({ origin }: Pick<Run, 'origin'>): string =>
  origin.type === 'fork'
    ? 'it went on from a checkpoint of another run'
    : origin.type === 'weights'
      ? 'it began with the weights of a file'
      : ''

const ownKeys = new WeakMap<RunConfig, { readonly settings: ReadonlyMap<string, string>; readonly key: string }>()

function own(config: RunConfig): { readonly settings: ReadonlyMap<string, string>; readonly key: string } {
  const found = ownKeys.get(config)
  if (found !== undefined) return found
  const settings = essentials(config)
  const made = { settings, key: keyOf(settings) }
  ownKeys.set(config, made)
  return made
}

/** What a sweep adds to the name of a config. */
const baseName = (name: string): string => name.split(' · ')[0] ?? name

/** A run held against one of the presets' configs; null where it has neither its name nor its settings. */
export function likenessTo(name: string, run: Pick<Run, 'config' | 'origin'>): Likeness | null {
  const [preset, asked] = [presetOf(name), configs().get(name)]
  if (preset === null || asked === undefined) return null
  const { settings, key } = own(run.config)
  if (key !== asked.key && baseName(run.config.name) !== name) return null
  const paths = [...new Set([...asked.settings.keys(), ...settings.keys()])].filter(
    (path) => asked.settings.get(path) !== settings.get(path),
  )
  return { preset, config: asked.config, differing: paths, otherwise: originOf(run) }
}

/**
 * The preset's config that a run repeats, whatever the run is called; or the one that it is named after, with what
 * differs; or null.
 */
export function likenessOf(run: Pick<Run, 'config' | 'origin'>): Likeness | null {
  const named = likenessTo(baseName(run.config.name), run)
  if (named !== null && named.differing.length === 0) return named
  const { key } = own(run.config)
  for (const [name, { key: other }] of configs()) if (other === key) return likenessTo(name, run)
  return named
}

/** "2 settings differ", or why it does not count; empty where it does. */
export function unlikeInWords(likeness: Likeness): string {
  const { differing, otherwise } = likeness
  if (differing.length > 0)
    return `${differing.length} ${differing.length === 1 ? 'setting differs' : 'settings differ'}`
  return otherwise
}

/**
 * What the source of a preset reports for its config, for a run that repeats it; for one that is only called so, what
 * keeps it from counting.
 */
export function sourceOf(run: Pick<Run, 'config' | 'origin'>): string {
  const likeness = likenessOf(run)
  if (likeness === null) return ''
  const {
    preset: { preset, config },
  } = likeness
  const number = preset.reference.find(
    (one) =>
      one.config === config.name && one.split === 'test' && (one.quantity === 'accuracy' || one.quantity === 'error'),
  )
  if (number === undefined) return ''
  return repeats(likeness) ? referenceText(number) : unlikeInWords(likeness)
}
