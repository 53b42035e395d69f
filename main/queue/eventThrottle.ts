import type { Points, TrainEvent } from '../../core/events'
import { noPoints } from '../../core/events'
import type { AppEvent } from '../../core/protocol'
import type { QueueClock } from './clock'

/** Least time between two messages that training causes: ten a second. */
const intervalMs = 100

/** Messages that training causes by itself, over and over; all others answer a person and go out at once. */
type Steady = Extract<AppEvent, { type: 'run' | 'load' | 'progress' }>
const isSteady = (event: AppEvent): event is Steady =>
  event.type === 'run' || event.type === 'load' || event.type === 'progress'

const columns = Object.keys(noPoints()) as (keyof Points)[]

function joined(a: Points, b: Points): Points {
  const points = noPoints()
  for (const column of columns) (points[column] as (number | null)[]) = [...a[column], ...b[column]]
  return points
}

/** The same events with neighbouring pieces of the trace joined into one. */
function withEvents(events: readonly TrainEvent[], more: readonly TrainEvent[]): readonly TrainEvent[] {
  const all = [...events]
  for (const event of more) {
    const last = all.at(-1)
    if (event.type === 'advanced' && last?.type === 'advanced')
      all[all.length - 1] = { type: 'advanced', points: joined(last.points, event.points) }
    else all.push(event)
  }
  return all
}

export interface EventThrottle {
  readonly push: (event: AppEvent) => void
  /** Sends what is waiting, at once. */
  readonly drain: () => void
}

/**
 * Sends events on in their order, at most ten training messages a second: what waits for its turn grows instead of
 * multiplying.
 */
export function createEventThrottle(clock: QueueClock, emit: (event: AppEvent) => void): EventThrottle {
  let waiting: Steady[] = []
  let sentAt = -Infinity
  let isTimed = false

  function absorb(event: Steady): void {
    const at = waiting.findIndex((one) => one.type === event.type && one.id === event.id)
    const known = waiting[at]
    if (known === undefined) waiting.push(event)
    else
      waiting[at] =
        known.type === 'run' && event.type === 'run'
          ? { ...known, events: withEvents(known.events, event.events) }
          : event
  }

  function sendOne(): void {
    const next = waiting.shift()
    if (next === undefined) return
    sentAt = clock.now()
    emit(next)
  }

  function schedule(): void {
    if (isTimed || waiting.length === 0) return
    const wait = sentAt + intervalMs - clock.now()
    if (wait <= 0) sendOne()
    if (waiting.length === 0) return
    isTimed = true
    clock.after(Math.max(1, sentAt + intervalMs - clock.now()), () => {
      isTimed = false
      schedule()
    })
  }

  function drain(): void {
    const all = waiting
    waiting = []
    if (all.length > 0) sentAt = clock.now()
    for (const event of all) emit(event)
  }

  return {
    drain,
    push: (event) => {
      if (isSteady(event)) {
        absorb(event)
        schedule()
      } else {
        // A new status must not overtake the events that led to it.
        drain()
        emit(event)
      }
    },
  }
}
