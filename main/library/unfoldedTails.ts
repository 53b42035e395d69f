import type { Points, TrainEvent } from '../../core/events'
import { extendTrace, pointsAfter } from '../../core/fold'
import type { RunId } from '../../core/run'

/** The log's writer hands over its lines within a quarter of a second, and now and then a disk takes longer. */
const keptForMs = 10_000

/** What was told of runs lately, and may not be in their logs yet. */
export interface UnfoldedTails {
  readonly onEvent: (id: RunId, event: TrainEvent) => void
  /** Adds to a trace that was read from the log what the log does not have yet. */
  readonly complete: (id: RunId, trace: Points) => Points
}

export function createTails(now: () => number = () => performance.now()): UnfoldedTails {
  const tails = new Map<RunId, { readonly at: number; readonly points: Points }[]>()
  return {
    onEvent: (id, event) => {
      if (event.type === 'started') tails.delete(id)
      if (event.type !== 'advanced') return
      const kept = (tails.get(id) ?? []).filter(({ at }) => now() - at < keptForMs)
      tails.set(id, [...kept, { at: now(), points: event.points }])
    },
    complete: (id, trace) => {
      for (const { points } of tails.get(id) ?? []) extendTrace(trace, pointsAfter(trace, points))
      return trace
    },
  }
}
