import type { RunConfig } from '../../core/config/config'
import { notesResults } from '../../content/notes'
import { presetNamed, smallSuffix } from '../../content/presets/all'
import { likenessTo, repeats, type Likeness } from '../../content/presets/likeness'
import type { Preset, ReferenceNumber } from '../../content/presets/preset'
import { parsedPreset, placeholders } from '../../content/presets/shrink'
import type { Run } from '../../core/run'
import { duration, percent } from '../format'
import { secondsPerEpoch, testAccuracy } from '../../core/runStatistics'
import { formatCount } from '../../core/numbers'

const stands = new Set<string>(Object.values(placeholders))

/** A preset's config as it is opened in the editor; null where there is none of that name. */
export function configOf(preset: Preset, name: string, small: boolean): RunConfig | null {
  const found = presetNamed(`${preset.id}/${name}${small ? smallSuffix : ''}`)
  return found === null ? null : parsedPreset(found)
}

/**
 * The config with the data set where the latest run of this library found it, in place of a preset's stand-in for a
 * path.
 */
export function withOwnData(config: RunConfig, runs: readonly Run[]): RunConfig {
  const { source } = config.data
  if (!('path' in source) || !stands.has(source.path)) return config
  const latest = runs.reduce<Run | undefined>((best, run) => {
    const own = run.config.data.source
    const fits = run.facts !== null && own.type === source.type && 'path' in own
    return fits && (best === undefined || best.createdAt < run.createdAt) ? run : best
  }, undefined)
  const own = latest?.config.data.source
  return own === undefined || !('path' in own)
    ? config
    : { ...config, data: { ...config.data, source: { ...source, path: own.path } as RunConfig['data']['source'] } }
}

/** A run held against a config of a preset. */
export interface OwnRun {
  readonly run: Run
  readonly likeness: Likeness
}

/**
 * The latest run that repeats a preset's config, at its source's size or in small; where there is none, the latest that
 * is only called so, with what differs.
 */
export function ownOrNamed(preset: Preset, name: string, runs: readonly Run[]): OwnRun | null {
  const full = `${preset.id}/${name}`
  let best: OwnRun | null = null
  for (const run of runs) {
    if (run.removedAt !== null) continue
    const likeness =
      [full, `${full}${smallSuffix}`].map((one) => likenessTo(one, run)).find((one) => one !== null) ?? null
    if (likeness === null) continue
    const [counts, before] = [repeats(likeness), best !== null && repeats(best.likeness)]
    if (best === null || (counts && !before) || (counts === before && best.run.createdAt < run.createdAt))
      best = { run, likeness }
  }
  return best
}

/** The latest run that repeats a preset's config; null where none does, whatever it is called. */
export function ownRun(preset: Preset, name: string, runs: readonly Run[]): Run | null {
  const own = ownOrNamed(preset, name, runs)
  return own !== null && repeats(own.likeness) ? own.run : null
}

/** What a run of one's own has where its source reports a number; empty where it has nothing to put beside it. */
export function ownNumber(run: Run, { quantity, split }: Pick<ReferenceNumber, 'quantity' | 'split'>): string {
  const accuracy =
    split === 'test' ? testAccuracy(run) : split === 'train' ? (run.epochs.at(-1)?.train.accuracy ?? null) : null
  switch (quantity) {
    case 'accuracy':
      return accuracy !== null ? percent(accuracy) : ''
    case 'error':
      return accuracy !== null ? `${percent(1 - accuracy)} error` : ''
    case 'updates':
      return run.moment.update > 0 ? formatCount(run.moment.update) : ''
    case 'secondsPerEpoch':
      return secondsPerEpoch(run) === null ? '' : duration(secondsPerEpoch(run))
    // No run's record has it: `flatnessCommand` measures it.
    case 'sharpness':
      return ''
  }
}

/** The notes' own results for a preset of theirs, as written; none for a paper's. */
export const notesOf = (preset: Preset): typeof notesResults =>
  notesResults.filter(({ experiment }) => preset.id === `notes/${experiment}`)

const plain = /^[\w@%+=:,./-]+$/

/** A word as a shell takes it: as it is where nothing in it has a meaning there. */
function quoted(word: string, platform: string): string {
  if (platform === 'win32') return /^[\w@+=:,.\\/-]+$/.test(word) ? word : `"${word}"`
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/**
 * The command that measures the sharpness of some configs' final checkpoints; a config without one is named in
 * capitals, to be replaced.
 */
export function flatnessCommand(
  preset: Preset,
  names: readonly string[],
  runs: readonly Run[],
  { library, platform }: { readonly library: string; readonly platform: string },
): string {
  const checkpoints = names.map((name) => {
    const run = ownRun(preset, name, runs)
    const final = run?.checkpoints.findLast(({ kinds }) => kinds.includes('final')) ?? run?.checkpoints.at(-1)
    return run === null || final === undefined ? `RUN-OF-${name.toUpperCase()}/final` : `${run.id}/${final.name}`
  })
  return [
    'npx batchlab flatness',
    ...checkpoints,
    ...(library === '' ? [] : ['--dir', quoted(library, platform)]),
  ].join(' ')
}
