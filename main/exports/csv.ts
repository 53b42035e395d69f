import { csvCell } from '../../core/csv'
import type { Points } from '../../core/events'
import { noPoints } from '../../core/events'
import type { Run } from '../../core/run'

const columns = Object.keys(noPoints()) as (keyof Points)[]

/** A trace as CSV, one line per update, at full resolution; the columns are those of the trace. */
export function traceCsv(trace: Points): string {
  const lines = trace.update.map((_, index) => columns.map((column) => csvCell(trace[column][index])).join(','))
  return `${[columns.join(','), ...lines].join('\n')}\n`
}

const epochColumns: Readonly<Record<string, (epoch: Run['epochs'][number]) => number | null | undefined>> = {
  epoch: ({ epoch }) => epoch,
  update: ({ moment }) => moment.update,
  examples: ({ moment }) => moment.examples,
  trainLoss: ({ train }) => train.loss,
  trainAccuracy: ({ train }) => train.accuracy,
  validationLoss: ({ validation }) => validation?.loss,
  validationAccuracy: ({ validation }) => validation?.accuracy,
  learningRate: ({ learningRate }) => learningRate,
  batchSize: ({ batchSize }) => batchSize,
  seconds: ({ seconds }) => seconds,
  distance: ({ distance }) => distance,
}

/** The epochs of a run as CSV, one line per epoch; accuracies are fractions, `seconds` is the time of the epoch. */
export function epochsCsv(run: Run): string {
  const lines = run.epochs.map((epoch) =>
    Object.values(epochColumns)
      .map((value) => csvCell(value(epoch)))
      .join(','),
  )
  return `${[Object.keys(epochColumns).join(','), ...lines].join('\n')}\n`
}
