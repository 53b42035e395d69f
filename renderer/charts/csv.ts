import { csvCell } from '../../core/csv'
import type { TracedRun } from '../../core/run'
import type { ChartKind, XAxis } from './columns'
import { xColumn, xOfMoment, yColumn } from './columns'

const lines = (rows: readonly (readonly unknown[])[]): string =>
  `${rows.map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`

/** Columns as CSV, one header line; shorter columns end in empty cells. */
export function csvOfColumns(columns: Readonly<Record<string, readonly unknown[]>>): string {
  const names = Object.keys(columns)
  const length = Math.max(0, ...Object.values(columns).map((column) => column.length))
  return lines([names, ...Array.from({ length }, (_, index) => names.map((name) => columns[name]?.[index]))])
}

/** The data behind a chart of runs at full resolution, in long form: one line per run, split and update (or epoch). */
export function csvOfRuns(
  runs: readonly { readonly traced: TracedRun; readonly label: string }[],
  kind: ChartKind,
  xAxis: XAxis,
): string {
  const rows: (readonly unknown[])[] = [['run', 'label', 'split', 'update', xAxis, kind]]
  for (const { traced, label } of runs) {
    const { run, trace } = traced
    if (kind !== 'distance') {
      const x = xColumn(traced, xAxis)
      const y = yColumn(traced, kind)
      const split = kind === 'loss' || kind === 'accuracy' ? 'train' : ''
      trace.update.forEach((update, index) => rows.push([run.id, label, split, update, x[index], y[index]]))
    }
    for (const { moment, validation, distance } of run.epochs) {
      const x = xOfMoment(moment, xAxis)
      if (kind === 'distance') rows.push([run.id, label, '', moment.update, x, distance])
      else if (kind === 'loss') rows.push([run.id, label, 'validation', moment.update, x, validation?.loss])
      else if (kind === 'accuracy')
        rows.push([
          run.id,
          label,
          'validation',
          moment.update,
          x,
          validation === null ? null : validation.accuracy * 100,
        ])
    }
    if (kind === 'loss' || kind === 'accuracy') {
      for (const test of [run.test.last, run.test.best]) {
        const moment = run.epochs.find(({ epoch }) => epoch === test?.epoch)?.moment
        if (test !== null && moment !== undefined)
          rows.push([
            run.id,
            label,
            'test',
            moment.update,
            xOfMoment(moment, xAxis),
            kind === 'loss' ? test.score.loss : test.score.accuracy * 100,
          ])
      }
    }
  }
  return lines(rows)
}
