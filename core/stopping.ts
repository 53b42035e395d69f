import { z } from 'zod'
import type { EarlyStoppingConfig, Monitor } from './config/stopping'
import type { Checkpoint } from './events'
import type { Score } from './score'

/** What early stopping remembers between epochs; it lies in every checkpoint, so a resumed run forgets nothing. */
export const StoppingState = z.strictObject({
  /** Best monitored value so far; null before the first evaluation. */
  best: z.number().nullable(),
  /** Epochs done when it was reached. */
  bestEpoch: z.number().int(),
  /** Epochs since then. */
  waited: z.number().int(),
})
export type StoppingState = z.output<typeof StoppingState>

export const notYet: StoppingState = { best: null, bestEpoch: 0, waited: 0 }

/** The value that a monitor reads from a validation score; null where there is none or it is not finite. */
export const monitored = (monitor: Monitor, score: Score | null): number | null =>
  score === null ? null : monitor === 'validationAccuracy' ? score.accuracy : score.loss

/** Whether `value` is better than `best` by more than `delta`; accuracy should rise, loss should fall. */
const isBetter = (monitor: Monitor, value: number, best: number | null, delta: number): boolean =>
  best === null || (monitor === 'validationAccuracy' ? value > best + delta : value < best - delta)

/** The state after one more epoch, and whether patience has run out. */
export function watchEpoch(
  config: EarlyStoppingConfig,
  state: StoppingState,
  epoch: number,
  score: Score | null,
): { readonly state: StoppingState; readonly improved: boolean; readonly stop: boolean } {
  const value = monitored(config.monitor, score)
  const improved = value !== null && isBetter(config.monitor, value, state.best, config.minimumDelta)
  const next = improved ? { best: value, bestEpoch: epoch, waited: 0 } : { ...state, waited: state.waited + 1 }
  return { state: next, improved, stop: config.enabled && next.waited >= config.patience }
}

/**
 * Checkpoints in the order of the monitor, best first; the earlier epoch wins a tie. Those never evaluated are left
 * out.
 */
export function ranked(monitor: Monitor, checkpoints: readonly Checkpoint[]): readonly Checkpoint[] {
  const sign = monitor === 'validationAccuracy' ? -1 : 1
  return checkpoints
    .filter(({ validation }) => monitored(monitor, validation) !== null)
    .slice()
    .sort(
      (a, b) =>
        sign * ((monitored(monitor, a.validation) ?? 0) - (monitored(monitor, b.validation) ?? 0)) ||
        a.moment.update - b.moment.update,
    )
}

/**
 * Names of the checkpoints that retention lets go: bests beyond `keepBest`. The last, periodic, manual and final ones
 * stay.
 */
export function superfluous(monitor: Monitor, keepBest: number, checkpoints: readonly Checkpoint[]): readonly string[] {
  const bests = checkpoints.filter(({ kinds }) => kinds.includes('best'))
  const kept = new Set(
    ranked(monitor, bests)
      .slice(0, keepBest)
      .map(({ name }) => name),
  )
  return bests
    .filter(({ name, kinds }) => !kept.has(name) && kinds.every((kind) => kind === 'best'))
    .map(({ name }) => name)
}
