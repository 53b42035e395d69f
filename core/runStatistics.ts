import { median, medianOfLastFive } from './measure'
import type { Run } from './run'

/** Seconds of training per epoch, averaged; null before the first. */
export const secondsPerEpoch = (run: Run): number | null =>
  run.epochs.length === 0 ? null : run.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0) / run.epochs.length

/** The accuracy on test of the checkpoint that validation chose; else that of the last weights. */
export const testAccuracy = (run: Run): number | null =>
  run.test.best?.score.accuracy ?? run.test.last?.score.accuracy ?? null

/** The median validation accuracy of the last five epochs, as the papers report it. */
export function lastFiveAccuracy(run: Run): number | null {
  const values = run.epochs.flatMap(({ validation }) => (validation === null ? [] : [validation.accuracy]))
  return values.length === 0 ? null : medianOfLastFive(values)
}

/** Share of the planned updates that is done, 0…1. */
export const doneFraction = (run: Run): number => (run.updates === 0 ? 0 : Math.min(1, run.moment.update / run.updates))

/** Images per second lately: over the last epoch that was measured, or since the start of a run that has none. */
export function speedOf(run: Run): number | null {
  const last = run.epochs.slice(-3).map((epoch) => epoch.train.images / epoch.seconds)
  if (last.length > 0) return median(last)
  return run.moment.seconds > 0.2 ? run.moment.examples / run.moment.seconds : null
}

/** Training seconds still to go, at the speed so far; null before there is one. */
export function secondsLeft(run: Run): number | null {
  const { update, seconds } = run.moment
  if (update === 0 || seconds <= 0 || run.updates === 0) return null
  const recent = run.epochs.slice(-3)
  const first = recent[0]
  const from =
    first === undefined
      ? undefined
      : (run.epochs[run.epochs.length - recent.length - 1]?.moment ?? {
          update: first.moment.update - Math.round(first.train.images / first.batchSize),
          seconds: first.moment.seconds - first.seconds,
        })
  const rate =
    from !== undefined && update > from.update && seconds > from.seconds
      ? (seconds - from.seconds) / (update - from.update)
      : seconds / update
  return Math.max(0, run.updates - update) * rate
}
