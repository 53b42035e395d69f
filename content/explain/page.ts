import type { RunConfigInput } from '../../core/config/config'
import { parsedPreset } from '../presets/shrink'
import type { DatasetInfo } from '../../core/datasetInfo'
import { contradictions, planRun, type Plan } from '../../core/plan/plan'
import type { Plot } from './plot'
import { shownNumber, type Table } from './table'

/** The chapters of the explanations, in order. */
export const groups = [
  'Schedules',
  'Warm-up',
  'Scaling rules',
  'Batch methods',
  'Optimizers',
  'Regularisation',
  'Early stopping',
  'Diagnostics',
] as const
type Group = (typeof groups)[number]

/** A formula in the part of TeX that `parseFormula` reads, with a few words where it needs them. */
interface ExplainedFormula {
  readonly tex: string
  readonly says?: string
}

interface PaperSource {
  readonly text: string
  readonly url?: string
}

/**
 * A setting that a page explains: a path of the config, with the value of it where only one is meant (for a variant,
 * its type).
 */
interface Setting {
  readonly path: string
  readonly value?: string
}

/** What an example can show of a plan. */
export type Shown = 'learningRate' | 'momentum' | 'batchSize' | 'noiseScale'

/** A small case that is a plan: a table of it, and a plot that follows its settings. */
export interface PlanExample {
  readonly type: 'plan'
  readonly says: string
  /** What there is to see in the plot. */
  readonly sees: string
  /** Planned on so many 32×32 colour images of ten classes. */
  readonly images: number
  readonly config: RunConfigInput
  readonly shows: Shown
  /** The updates whose values stand in the table; the plot shows them all. */
  readonly at: readonly number[]
}

/** Columns of what the real functions give for a small case. */
export interface ValuesExample {
  readonly type: 'values'
  readonly says: string
  readonly columns: readonly string[]
  readonly rows: () => readonly (readonly (string | number)[])[]
}

export type Example = PlanExample | ValuesExample

interface Text {
  readonly id: string
  readonly group: Group
  readonly title: string
  /** What it does, in a sentence or two. */
  readonly says: string
  readonly formulas: readonly ExplainedFormula[]
  /** What the letters stand for. */
  readonly symbols: readonly (readonly [symbol: string, meaning: string])[]
  readonly helps: string
  readonly breaks: string
  readonly sources: readonly PaperSource[]
  readonly settings: readonly Setting[]
  /** Presets that use it, by id. */
  readonly presets: readonly string[]
}

/**
 * One rule or method, explained. Every page has something to play with: an example that is a plan, or plots of its own.
 */
export type Page = Text &
  (
    | { readonly example: PlanExample; readonly plots?: readonly Plot[] }
    | { readonly example: ValuesExample; readonly plots: readonly [Plot, ...Plot[]] }
  )

const names: Readonly<Record<Shown, string>> = {
  learningRate: 'learning rate',
  momentum: 'momentum',
  batchSize: 'batch size',
  noiseScale: 'noise scale',
}

const info = (images: number): DatasetInfo => ({
  name: 'Example',
  classes: Array.from({ length: 10 }, (_, index) => `class ${index}`),
  shape: [32, 32, 3],
  counts: { train: images, validation: images, test: images },
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fingerprint: '',
})

/**
 * The plan of an example, or of a changed config on the same images: what its plot is drawn from; throws a sentence
 * where there is none.
 */
export function planOfExample(images: number, config: RunConfigInput): Plan {
  const parsed = parsedPreset(config)
  const [wrong] = contradictions(parsed, info(images))
  if (wrong !== undefined) throw new Error(`${wrong.path} ${wrong.message}`)
  return planRun(parsed, info(images))
}

/** An example's table, computed by the functions that train. */
export function tableOf(example: Example): Table {
  if (example.type === 'values')
    return { columns: example.columns, rows: example.rows().map((row) => row.map(shownNumber)) }
  const plan = planOfExample(example.images, example.config)
  return {
    columns: ['update', 'epoch', names[example.shows]],
    rows: example.at.map((update) =>
      [update, plan.clock.epochAt(update), plan[example.shows](update)].map(shownNumber),
    ),
  }
}
