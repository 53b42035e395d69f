import type { Points } from '../../core/events'
import type { Moment } from '../../core/moment'
import { epochBatches } from '../../core/plan/phases'
import type { Settings } from '../../core/protocol'
import type { Run, TracedRun } from '../../core/run'
import { smoothInPlace } from './smoothing'
import { usedNoiseScales, ratesToBatch } from './usedNoise'

export type XAxis = Settings['xAxis']

/** What a chart shows of each update or epoch. */
export type ChartKind =
  | 'loss'
  | 'accuracy'
  | 'learningRate'
  | 'gradientNorm'
  | 'imagesPerSecond'
  | 'batchSize'
  | 'noiseScale'
  | 'rateToBatch'
  | 'distance'

/** Updates per epoch that a run's config asks for; 1 while its data set is not known. */
const updatesPerEpoch = (run: Run): number => {
  if (run.facts === null) return Math.max(1, run.updates / run.config.epochs)
  const { full, rest } = epochBatches(run.config, run.facts.counts.train)
  return Math.max(1, full + (rest > 0 ? 1 : 0))
}

/**
 * Fractional epochs of any update, from the epochs on record: right for forks and extended runs too, whose epochs
 * differ in length.
 */
function epochClock(run: Run): (update: number) => number {
  const length = updatesPerEpoch(run)
  const anchors = run.epochs.map(({ moment }) => ({ update: moment.update, epoch: moment.epoch }))
  const first = anchors[0] ?? { update: run.moment.epoch * length, epoch: run.moment.epoch }
  const last = anchors.at(-1) ?? first
  let at = 0
  return (update) => {
    if (update <= first.update) return Math.max(0, first.epoch - (first.update - update) / length)
    if (update >= last.update) return last.epoch + (update - last.update) / length
    // Calls come in rising order, so the search goes on from the last hit.
    while ((anchors[at]?.update ?? Infinity) > update && at > 0) at--
    while ((anchors[at + 1]?.update ?? Infinity) < update) at++
    const from = anchors[at] ?? first
    const to = anchors[at + 1] ?? last
    return from.epoch + ((to.epoch - from.epoch) * (update - from.update)) / Math.max(1, to.update - from.update)
  }
}

function examplesColumn({ run, trace }: TracedRun): number[] {
  const examples: number[] = []
  let sum = 0
  for (const size of trace.batchSize) examples.push((sum += size))
  // A fork's trace begins in the middle: what came before is known from the run's moments.
  const known =
    [run.moment, ...run.epochs.map(({ moment }) => moment)].find(({ update }) => update === trace.update.at(-1)) ??
    run.epochs[0]?.moment
  const at = known === undefined ? -1 : trace.update.indexOf(known.update)
  const before = known === undefined || at < 0 ? 0 : known.examples - (examples[at] ?? 0)
  return before > 0 ? examples.map((value) => value + before) : examples
}

/** Where each update stands on an x axis. */
export function xColumn(traced: TracedRun, axis: XAxis): readonly number[] {
  const { trace, run } = traced
  switch (axis) {
    case 'update':
      return trace.update
    case 'seconds':
      return trace.seconds
    case 'examples':
      return remembered(trace, 'examples', run.epochs.length, () => examplesColumn(traced))
    case 'epoch':
      return remembered(trace, 'epoch', run.epochs.length, () => trace.update.map(epochClock(run)))
  }
}

/** Where a moment stands on an x axis. */
export function xOfMoment(moment: Moment, axis: XAxis): number {
  switch (axis) {
    case 'update':
      return moment.update
    case 'seconds':
      return moment.seconds
    case 'examples':
      return moment.examples
    case 'epoch':
      return moment.epoch
  }
}

/** The value of each update, in the chart's unit; NaN where nothing finite was measured. */
export const yColumn = (traced: TracedRun, kind: Exclude<ChartKind, 'distance'>): Float64Array =>
  // Numbers side by side: in arrays that may hold null each is an object of its own, and every zoom looks at all of
  // them.
  remembered(traced.trace, `values ${kind}`, 0, () => {
    const { trace } = traced
    switch (kind) {
      case 'accuracy':
        return numbers(trace.accuracy, 100)
      case 'imagesPerSecond':
        return numbers(speedColumn(trace))
      case 'noiseScale':
        return numbers(usedNoiseScales(traced))
      case 'rateToBatch':
        return numbers(ratesToBatch(traced))
      default:
        return numbers(trace[kind])
    }
  })

function numbers(values: readonly (number | null)[], factor = 1): Float64Array {
  const column = new Float64Array(values.length)
  for (let index = 0; index < values.length; index++) column[index] = (values[index] ?? NaN) * factor
  return column
}

/** Updates that a speed is averaged over: a clock is too coarse for a single short update. */
const speedWindow = 20

function speedColumn(trace: Points): readonly (number | null)[] {
  let images = 0
  return trace.seconds.map((now, index) => {
    const begin = Math.max(0, index - speedWindow)
    images += index === 0 ? 0 : (trace.batchSize[index] ?? 0)
    if (index > speedWindow) images -= trace.batchSize[begin] ?? 0
    const spent = now - (trace.seconds[begin] ?? now)
    return spent > 0 ? images / spent : null
  })
}

/** The smoothed curve at full resolution; NaN where there is a gap. */
export const smoothed = (traced: TracedRun, kind: Exclude<ChartKind, 'distance'>, smoothing: number): Float64Array =>
  remembered(traced.trace, `smooth ${kind} ${smoothing}`, 0, () =>
    smoothInPlace(yColumn(traced, kind).slice(), smoothing),
  )

// Traces grow in place and are long; a column is computed anew only when its trace has grown (or been cut), not for
// every zoom and hover.
const memory = new WeakMap<
  Points,
  Map<string, { readonly length: number; readonly last: number; readonly epochs: number; readonly column: unknown }>
>()

function remembered<T>(trace: Points, name: string, epochs: number, compute: () => T): T {
  const columns = memory.get(trace) ?? new Map()
  memory.set(trace, columns)
  const length = trace.update.length
  const last = trace.update.at(-1) ?? 0
  const known = columns.get(name)
  if (known !== undefined && known.length === length && known.last === last && known.epochs === epochs)
    return known.column as T
  const column = compute()
  // One smoothing at a time: dragging the slider must not fill the memory.
  if (name.startsWith('smooth'))
    for (const other of columns.keys())
      if (other.startsWith(name.split(' ').slice(0, 2).join(' '))) columns.delete(other)
  columns.set(name, { length, last, epochs, column })
  return column
}
