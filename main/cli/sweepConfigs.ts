import type { RunConfig } from '../../core/config/config'
import { combinations, gridFrom, gridProblem } from '../../core/sweep'
import { readConfig, withSettings } from './configInput'
import { badInput } from './failure'
import { presetFamily } from './presetFiles'

/** What a sweep was asked to train. */
export interface SweepRequest {
  readonly file: string | undefined
  readonly presets: readonly string[]
  readonly set: readonly string[]
  readonly grids: readonly string[]
  readonly seeds: number
}

// A sweep longer than this was meant otherwise.
const mostRuns = 10_000

/** Every config of a sweep, complete and named: configs × combinations of the grids × seeds, seeds fastest. */
export async function sweepConfigs({ file, presets, set, grids, seeds }: SweepRequest): Promise<readonly RunConfig[]> {
  const names = presets.flatMap(presetFamily)
  const bases =
    names.length === 0
      ? [await readConfig(file, { preset: undefined, set })]
      : await Promise.all(names.map(async (preset) => await readConfig(file, { preset, set })))
  const varied = combinations(settingsOfEach(grids))
  if (bases.length * varied.length * seeds > mostRuns)
    throw badInput(`This sweep has ${bases.length * varied.length * seeds} runs: expected at most ${mostRuns}`)
  const all = bases.flatMap((base) =>
    varied.flatMap((settings) =>
      Array.from({ length: seeds }, (_, index) => {
        const seed = base.seed + index
        return { ...withSettings(base, settings), seed, name: nameOf(base, settings, seeds > 1 ? seed : null) }
      }),
    ),
  )
  // A value that is named twice is trained once.
  const first = new Map(all.map((config) => [JSON.stringify(config), config]))
  return [...first.values()]
}

/** The settings of each grid; two grids of one setting would only undo each other. */
function settingsOfEach(grids: readonly string[]): readonly (readonly string[])[] {
  const all = grids.map(settingsOf)
  const paths = all.map(([first = '']) => first.slice(0, first.indexOf('=')))
  const twice = paths.find((path, index) => paths.indexOf(path) < index)
  if (twice !== undefined) throw badInput(`--grid ${twice} is given twice: name all of its values in one`)
  return all
}

function settingsOf(text: string): readonly string[] {
  const settings = gridFrom(text)
  if (settings.length === 0) throw badInput(`--grid expects PATH=VALUE,VALUE,…, found “${text.slice(0, 60)}”`)
  const problem = gridProblem(settings)
  if (problem !== null) throw badInput(`--grid ${text.slice(0, 60)}: ${problem}`)
  if (settings.some((setting) => setting.startsWith('seed=')))
    throw badInput('--grid seed=…: say how many seeds with --seeds')
  return settings
}

/** The base's name and what is different; a run that was not named is called after what is different alone. */
const nameOf = ({ name }: RunConfig, settings: readonly string[], seed: number | null): string =>
  [
    ...(name === '' ? [] : [name]),
    ...settings.map((setting) => setting.replace('=', ' ')),
    ...(seed === null ? [] : [`seed ${seed}`]),
  ]
    .join(' · ')
    .slice(0, 300)
