import { sourceOf } from '../../content/presets/likeness'
import type { Run, TracedRun } from '../../core/run'
import { runName } from '../../core/names'
import { formatClock, formatCount, formatPercent, significant } from '../../core/numbers'

/** One run of a sweep, as the table at its end shows it. Accuracies are fractions. */
export interface SweepResult {
  readonly run: string
  readonly name: string
  readonly status: Run['status']
  readonly batchSize: number
  /** The highest that any update used. */
  readonly learningRate: number
  readonly updates: number
  readonly seconds: number
  /** In the last epoch. */
  readonly validation: number | null
  /** With the last weights, and with those that validation chose. */
  readonly test: { readonly last: number | null; readonly chosen: number | null }
  /**
   * What the preset's source reports for this config, or why the run is not counted as it; empty where it reports
   * nothing.
   */
  readonly source: string
}

export const resultOf = ({ run, trace }: TracedRun): SweepResult => ({
  run: run.id,
  name: runName(run),
  status: run.status,
  batchSize: run.config.batchSize,
  learningRate: trace.learningRate.reduce((highest, rate) => Math.max(highest, rate), 0),
  updates: run.moment.update,
  seconds: run.moment.seconds,
  validation: run.epochs.at(-1)?.validation?.accuracy ?? null,
  test: { last: run.test.last?.score.accuracy ?? null, chosen: run.test.best?.score.accuracy ?? null },
  source: sourceOf(run),
})

const columns = [
  'run',
  'batch#',
  'highest rate#',
  'updates#',
  'training#',
  'validation#',
  'test#',
  'test, chosen#',
  'source#',
  'status',
] as const

/** The results as names of columns and rows; the source's column is there if there is a source. */
export function sweepTable(results: readonly SweepResult[]): {
  readonly names: readonly string[]
  readonly rows: readonly (readonly string[])[]
} {
  const hasSource = results.some(({ source }) => source !== '')
  const kept = (cells: readonly string[]): readonly string[] =>
    cells.filter((_, column) => hasSource || columns[column] !== 'source#')
  return {
    names: kept(columns),
    rows: results.map(({ name, status, batchSize, learningRate, updates, seconds, validation, test, source }) =>
      kept([
        name,
        formatCount(batchSize),
        significant(learningRate),
        formatCount(updates),
        formatClock(seconds),
        formatPercent(validation),
        formatPercent(test.last),
        formatPercent(test.chosen),
        source,
        status,
      ]),
    ),
  }
}

/** A table as Markdown; a column whose name ends in `#` is set flush right. */
export const markdownTable = ({ names, rows }: ReturnType<typeof sweepTable>): string =>
  [
    names.map((name) => name.replace(/#$/, '')),
    names.map((name) => (name.endsWith('#') ? '---:' : '---')),
    ...rows.map((row) => row.map((cell) => cell.replace(/[\\`*_[\]<>|~#!$&]/g, '\\$&'))),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
