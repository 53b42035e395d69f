import type { RunConfigInput } from '../config/config'
import { parsedPreset } from '../presets/shrink'
import type { DatasetFacts } from '../facts'
import { planRun, type Plan } from '../plan/plan'

/** The chapters of the explanations, in order. */
export const groups = ['Schedules', 'Warm-up', 'Scaling rules', 'Batch methods', 'Optimizers', 'Regularisation', 'Early stopping', 'Diagnostics'] as const
export type Group = (typeof groups)[number]

/** A formula in the part of TeX that `parseFormula` reads, with a few words where it needs them. */
export interface Formula {
  readonly tex: string
  readonly says?: string
}

export interface Source {
  readonly text: string
  readonly url?: string
}

/** A setting that a page explains: a path of the config, with the value of it where only one is meant (for a variant, its type). */
export interface Setting {
  readonly path: string
  readonly value?: string
}

/** What an example can show of a plan. */
export type Shown = 'learningRate' | 'momentum' | 'batchSize' | 'noiseScale'

/** Columns of what the real functions give for a small case. */
export type Example =
  | {
    readonly type: 'plan'
    readonly says: string
    /** Planned on so many 32×32 colour images of ten classes. */
    readonly images: number
    readonly config: RunConfigInput
    readonly shows: Shown
    /** The updates whose values stand in the table; a plot shows them all. */
    readonly at: readonly number[]
  }
  | {
    readonly type: 'values'
    readonly says: string
    readonly columns: readonly string[]
    readonly rows: () => readonly (readonly (string | number)[])[]
  }

/** One rule or method, explained. */
export interface Page {
  readonly id: string
  readonly group: Group
  readonly title: string
  /** What it does, in a sentence or two. */
  readonly says: string
  readonly formulas: readonly Formula[]
  /** What the letters stand for. */
  readonly symbols: readonly (readonly [symbol: string, meaning: string])[]
  readonly helps: string
  readonly breaks: string
  readonly sources: readonly Source[]
  readonly settings: readonly Setting[]
  /** Presets that use it, by id. */
  readonly presets: readonly string[]
  readonly example: Example
}

/** A table with its heading. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const names: Readonly<Record<Shown, string>> = { learningRate: 'learning rate', momentum: 'momentum', batchSize: 'batch size', noiseScale: 'noise scale' }

const facts = (images: number): DatasetFacts => ({
  name: 'Example', classes: Array.from({ length: 10 }, (_, index) => `class ${index}`), shape: [32, 32, 3],
  counts: { train: images, validation: images, test: images }, mean: [0, 0, 0], std: [1, 1, 1], fingerprint: '',
})

/** The plan of an example, or of a changed config on the same images: what its plot is drawn from. */
export const planOfExample = (images: number, config: RunConfigInput): Plan => planRun(parsedPreset(config), facts(images))

const shownNumber = (value: string | number): string => (typeof value === 'string' ? value : String(Number(value.toPrecision(6))))

/** An example's table, computed by the functions that train. */
export function tableOf(example: Example): Table {
  if (example.type === 'values') return { columns: example.columns, rows: example.rows().map((row) => row.map(shownNumber)) }
  const plan = planOfExample(example.images, example.config)
  return {
    columns: ['update', 'epoch', names[example.shows]],
    rows: example.at.map((update) => [update, plan.clock.epochAt(update), plan[example.shows](update)].map(shownNumber)),
  }
}
