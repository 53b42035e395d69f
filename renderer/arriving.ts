import type { TrainEvent } from '../core/events'
import type { AppEvent } from '../core/protocol'
import type { RunId } from '../core/run'

const kept = new Map<RunId, TrainEvent[]>()

/**
 * Keeps what arrives of a run from now on, until it is asked for: its trace is on the way, and may be older than what
 * arrives meanwhile.
 */
export const keepArriving = (id: RunId): void => void kept.set(id, [])

/** What arrived since, in order. */
export function takeArrived(id: RunId): readonly TrainEvent[] {
  const events = kept.get(id) ?? []
  kept.delete(id)
  return events
}

/** Hears every event as it comes, before it waits for its turn to be shown. */
export function arrived(event: AppEvent): void {
  if (event.type === 'run') kept.get(event.id)?.push(...event.events)
}
