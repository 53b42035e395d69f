import type { RunConfigInput } from '../../core/config/config'
import type { RunStatus } from '../../core/run'

/**
 * The settings that are trained, by a letter. Rates are constant, so that a longer plan is the same training for
 * longer.
 */
export const settings: Readonly<Record<string, RunConfigInput>> = {
  plain: { batchSize: 8, learningRate: { base: 0.05 } },
  partial: {
    batchSize: 10,
    learningRate: { base: 0.03 },
    optimizer: { type: 'adam' },
    checkpoints: { keepBest: 3 },
    data: { normalisation: 'none' },
  },
  stopping: {
    batchSize: 8,
    learningRate: { base: 0.3 },
    earlyStopping: { enabled: true, patience: 2, monitor: 'validationLoss' },
  },
  average: {
    batchSize: 9,
    learningRate: { base: 0.1 },
    regularisation: { average: { type: 'ema', decay: 0.9 } },
    data: { splitSeed: 7 },
  },
}

export const firstEpochs = 12
export const moreEpochs = 6
export const mostEpochs = 30

/** A complete set of settings: the kind's, on the images of a folder, for so many epochs. */
export const configFor = (kind: string, path: string, epochs: number): RunConfigInput => {
  const own = settings[kind] ?? {}
  return {
    name: kind,
    seed: 3,
    epochs,
    network: { type: 'mlp', hidden: [6] },
    engine: { backend: 'cpu' },
    ...own,
    checkpoints: { saveEverySeconds: 1, ...own.checkpoints },
    data: { source: { type: 'idx', path }, validationFraction: 0.25, ...own.data },
  }
}

/** What the test knows of a run because it asked for it. */
export interface Known {
  readonly kind: string
  /** Updates that the parent of a fork had done; 0 for a run of its own. */
  readonly from: number
  epochs: number
  isRemoved: boolean
  /** Whether it was asked for while its images were elsewhere, so that it may have failed for that alone. */
  lackedImages: boolean
  /** Where its images are by its own record. */
  path: string
  /** How it stood whenever it was extended. */
  readonly extensions: { readonly status: RunStatus; readonly epoch: number }[]
}

export const isBusy = (status: RunStatus): boolean =>
  ['queued', 'starting', 'running', 'pausing', 'stopping'].includes(status)

export type Wish = 'pause' | 'resume' | 'stop' | 'save' | 'kill' | 'extend' | 'fork' | 'remove' | 'restore' | 'purge'

/**
 * What must be answered to a wish about a run at rest, or null where both answers are right. Written down from what a
 * person expects, not from the product's own table.
 */
export function expected(
  wish: Wish,
  status: RunStatus,
  { isRemoved }: Known,
  { hasCheckpoint, hasImages }: { readonly hasCheckpoint: boolean; readonly hasImages: boolean },
): boolean | null {
  if (wish === 'restore' || wish === 'remove') return isBusy(status) ? null : true
  if (wish === 'purge') return isRemoved
  if (isRemoved) return false
  if (isBusy(status)) return null
  const hasEnded = ['finished', 'stopped', 'earlyStopped', 'diverged', 'failed'].includes(status)
  switch (wish) {
    case 'pause':
      return status === 'paused'
    case 'resume':
      return ['paused', 'interrupted', 'stopped', 'failed'].includes(status) ? hasImages : false
    case 'stop':
      return hasEnded ? status === 'stopped' : true
    case 'save':
      return false
    case 'kill':
      return status === 'interrupted'
    case 'extend':
      return hasCheckpoint && hasImages
    case 'fork':
      return hasCheckpoint && hasImages
  }
}

/** The epoch at which patience runs out on these validation losses (that of epoch 1 first); null where it does not. */
export function epochOfStop(losses: readonly number[], patience: number, extendedAt: readonly number[]): number | null {
  let best = Infinity
  let waited = 0
  for (const [index, loss] of losses.entries()) {
    if (extendedAt.includes(index)) waited = 0
    waited = loss < best ? 0 : waited + 1
    best = Math.min(best, loss)
    if (waited >= patience) return index + 1
  }
  return null
}

/** Numbers in 0…1 that a seed decides (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
