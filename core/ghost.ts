/**
 * The sizes of the ghost batches of a batch, in order: ⌈B/g⌉ near-equal pieces, larger first (numpy.array_split's rule),
 * but never a piece of one image, whose variance is 0: an odd batch in ghosts of 2 has one ghost of 3. Hoffer et al. 2017, 1705.08741, Alg. 1.
 */
export const ghostSizes = (batch: number, ghost: number): readonly number[] => cut(batch, Math.max(1, Math.min(Math.ceil(batch / ghost), Math.floor(batch / 2))))

/** The sizes of ⌈B/size⌉ near-equal pieces of a batch, larger first. */
export const nearEqual = (batch: number, size: number): readonly number[] => cut(batch, Math.max(1, Math.ceil(batch / size)))

function cut(batch: number, count: number): readonly number[] {
  const size = Math.floor(batch / count)
  const larger = batch % count
  return Array.from({ length: count }, (_, index) => (index < larger ? size + 1 : size))
}

/** How the running statistics follow the ghosts of one update: each in turn at the full rate, or at the rate divided by their number. */
export type RunningConvention = 'sequential' | 'divided'

/** Running statistics after an update: keep · old + Σ weights[i] · (statistic of ghost i); the weights and keep sum to 1. */
export interface RunningWeights {
  readonly keep: number
  readonly weights: readonly number[]
}

/**
 * K exponential averages in a row as one sum: keep (1 − a)^K, weight a(1 − a)^(K − i) for ghost i = 1 … K, where a is the new-value weight η
 * (sequential, what Hoffer et al.'s published code does) or η/K (divided, what Composer does: one update forgets about as much as plain batch norm).
 */
export function runningWeights(ghosts: number, newValueWeight: number, convention: RunningConvention): RunningWeights {
  const rate = convention === 'sequential' ? newValueWeight : newValueWeight / ghosts
  return {
    keep: (1 - rate) ** ghosts,
    weights: Array.from({ length: ghosts }, (_, index) => rate * (1 - rate) ** (ghosts - 1 - index)),
  }
}

/**
 * What the weights of one update of the running statistics sum to in Algorithm 1 as we recall it printed, (1 − η)^g + Σ_{i=1…K} η(1 − η)^i for K ghosts of g images
 * (Hoffer et al. 2017, 1705.08741). It is not 1, so the statistics would drift away from the data: `runningWeights` has the exact form instead.
 */
export const printedWeightSum = (ghosts: number, ghostSize: number, newValueWeight: number): number =>
  Array.from({ length: ghosts }, (_, index) => newValueWeight * (1 - newValueWeight) ** (index + 1)).reduce((sum, weight) => sum + weight, (1 - newValueWeight) ** ghostSize)

/** n/(n − 1), what turns a biased variance of n values into the unbiased one that the running variance uses; 1 for a single value. */
export const unbiasing = (values: number): number => (values > 1 ? values / (values - 1) : 1)
