import { newestCheckpoints } from '../../core/best'
import type { TrainEvent } from '../../core/events'
import type { Run } from '../../core/run'

export const timeNow = (): string => new Date().toISOString()

/** “the trainer was killed” with where the run can go on, as sentences. */
export function causeFrom(what: string, run: Run): string {
  const [last] = newestCheckpoints(run)
  const rest = last === undefined ? 'No checkpoint had been saved.' : `It can go on from update ${last.moment.update}.`
  const sentence = what.charAt(0).toUpperCase() + what.slice(1)
  return `${sentence}${/[.!?]$/.test(sentence) ? '' : '.'} ${rest}`
}

/** What a run is that was asked to come to an end. */
export const endingAs = { pause: { type: 'pausing' }, stop: { type: 'stopping' } } as const

/** Whether an event says that a trainer could not go on. */
export const isTrouble = (event: TrainEvent): boolean =>
  (event.type === 'paused' && event.cause !== '') || (event.type === 'ended' && event.reason === 'failed')

export const stoppedEvent = (run: Run): TrainEvent => ({
  type: 'ended',
  at: timeNow(),
  moment: run.moment,
  reason: 'stopped',
  message: 'stopped by hand',
})
