import type { EarlyStoppingConfig, Monitor } from './config/stopping'
import type { Checkpoint, Epoch } from './events'
import type { Run } from './run'
import { monitored, ranked } from './stopping'

/** What decides which checkpoint stands for a run. */
interface Judged {
  readonly config: { readonly earlyStopping: Pick<EarlyStoppingConfig, 'monitor'> }
  readonly checkpoints: readonly Checkpoint[]
}

/**
 * A run's checkpoints in the order in which they stand for it: those that validation judged, best first, then the one
 * that it ended with, its last one, and the others from the newest on. A run reads the first that can be read; the ones
 * behind it are what is left where that one is damaged.
 */
export function bestCheckpoints({ config, checkpoints }: Judged): readonly Checkpoint[] {
  const { monitor } = config.earlyStopping
  const whole = checkpoints.filter(isJudged)
  const judged = [
    ...ranked(monitor, whole.filter(isBest)),
    ...ranked(
      monitor,
      whole.filter((one) => !isBest(one)),
    ),
  ]
  const others = checkpoints.filter((one) => !judged.includes(one))
  return [...judged, ...others.sort((a, b) => orderOf(a) - orderOf(b) || b.moment.update - a.moment.update)]
}

/**
 * The checkpoint that stands for a run wherever none is named: the best by validation; where nothing was validated the
 * final or the last one.
 */
export const bestCheckpoint = (run: Judged): Checkpoint | undefined => bestCheckpoints(run)[0]

/**
 * A run's checkpoints in the order in which it goes on from them: the newest first, and of one moment the last before
 * its copies. One that is ahead of the record comes after all others: a trainer that began before it took back what had
 * been recorded up to it, so the trace would miss those updates.
 */
export function newestCheckpoints({ checkpoints, moment }: Pick<Run, 'checkpoints' | 'moment'>): readonly Checkpoint[] {
  const isAhead = (one: Checkpoint): number => (one.moment.update > moment.update ? 1 : 0)
  return [...checkpoints].sort(
    (a, b) =>
      isAhead(a) - isAhead(b) ||
      b.moment.update - a.moment.update ||
      orderOf(a, ['last', 'final']) - orderOf(b, ['last', 'final']),
  )
}

/**
 * The epoch that was best by what validation measured; the first of equals, and undefined where nothing was measured.
 */
export function bestEpoch({ epochs }: Pick<Run, 'epochs'>, monitor: Monitor = 'validationAccuracy'): Epoch | undefined {
  const rises = monitor === 'validationAccuracy'
  let best: { readonly epoch: Epoch; readonly value: number } | undefined
  for (const epoch of epochs) {
    const value = monitored(monitor, epoch.validation)
    if (
      value !== null &&
      Number.isFinite(value) &&
      (best === undefined || (rises ? value > best.value : value < best.value))
    )
      best = { epoch, value }
  }
  return best?.epoch
}

const isBest = ({ kinds }: Checkpoint): boolean => kinds.includes('best')

// In the middle of an epoch the score is that of the epoch before, which says nothing of these weights.
const isJudged = ({ moment }: Checkpoint): boolean => moment.position === 0

function orderOf({ kinds }: Checkpoint, order: readonly Checkpoint['kinds'][number][] = ['final', 'last']): number {
  const at = order.findIndex((kind) => kinds.includes(kind))
  return at < 0 ? order.length : at
}
