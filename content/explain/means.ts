/** The mean after each of some values, w̄ ← w̄ + (w − w̄)/(n + 1) (Izmailov et al. 2018, 1803.05407, Algorithm 1). */
export function runningMeans(values: readonly number[]): readonly number[] {
  let mean = 0
  return values.map((value, n) => (mean += (value - mean) / (n + 1)))
}

/**
 * Values normalised in pieces of the given sizes, each with its own mean and biased variance, (x − μ)/√(σ² + ε) (Hoffer
 * et al. 2017, 1705.08741, Algorithm 1).
 */
export function normalised(values: readonly number[], sizes: readonly number[], epsilon = 1e-5): readonly number[] {
  let from = 0
  return sizes.flatMap((size) => {
    const piece = values.slice(from, from + size)
    from += size
    const mean = piece.reduce((sum, value) => sum + value, 0) / piece.length
    const variance = piece.reduce((sum, value) => sum + (value - mean) ** 2, 0) / piece.length
    return piece.map((value) => (value - mean) / Math.sqrt(variance + epsilon))
  })
}

/**
 * What so many exponential averages in a row leave of the old value, (1 − a)^K, and the weight of each new one, a(1 −
 * a)^(K − i) for i = 1 … K.
 */
export const averagesInARow = (
  count: number,
  newValueWeight: number,
): { readonly keep: number; readonly weights: readonly number[] } => ({
  keep: (1 - newValueWeight) ** count,
  weights: Array.from({ length: count }, (_, index) => newValueWeight * (1 - newValueWeight) ** (count - 1 - index)),
})
