import type { TrainEvent } from './events'

/** How long updates take, as the events of a training tell it. */
export interface Pace {
  readonly update: number
  readonly seconds: number
  /** Seconds that the newest updates took, each; null before the first. */
  readonly secondsPerUpdate: number | null
}

export const noPace: Pace = { update: 0, seconds: 0, secondsPerUpdate: null }

/** The pace after one more event. */
export function paceAfter(pace: Pace, event: TrainEvent): Pace {
  if (event.type === 'started')
    return { update: event.moment.update, seconds: event.moment.seconds, secondsPerUpdate: null }
  if (event.type !== 'advanced') return pace
  const update = event.points.update.at(-1)
  const seconds = event.points.seconds.at(-1)
  if (update === undefined || seconds === undefined || update <= pace.update) return pace
  return { update, seconds, secondsPerUpdate: (seconds - pace.seconds) / (update - pace.update) }
}

// Nobody waits for less.
const worthSaying = 2

/** Seconds as an estimate that promises no more than it knows: 7 s, 40 s, 3 min. */
function about(seconds: number): string {
  if (seconds < 10) return `${Math.ceil(seconds)} s`
  if (seconds < 90) return `${5 * Math.ceil(seconds / 5)} s`
  return `${Math.ceil(seconds / 60)} min`
}

/**
 * What a training is said to do that was asked to pause or to stop: an update that is under way is finished first, and
 * nobody can look into it. `sinceUpdate` is the time in seconds since the update before it was heard of.
 */
export function comingToAnEnd(what: 'pause' | 'stop', { secondsPerUpdate }: Pace, sinceUpdate: number): string {
  const word = what === 'pause' ? 'Pausing' : 'Stopping'
  if (secondsPerUpdate === null) return `${word} after this update`
  if (secondsPerUpdate < worthSaying) return word
  const left = secondsPerUpdate - sinceUpdate
  return left < 1 ? `${word} after this update, any moment now` : `${word} after this update, about ${about(left)}`
}
