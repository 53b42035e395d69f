/** The arithmetic mean; NaN for no values. */
export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * The sample standard deviation (n − 1), as reported over seeds; NaN for fewer than two values.
 *
 * @planned
 */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return NaN
  const center = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1))
}

/** The middle value, or the mean of the middle two; NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] ?? NaN) : mean(sorted.slice(middle - 1, middle + 1))
}

/**
 * The median of the last five epochs (fewer if there are fewer): how Goyal et al. 2017 (1706.02677, §5.1) and Masters &
 * Luschi 2018 (1804.07612, §4) report accuracy.
 */
export const medianOfLastFive = (values: readonly number[]): number => median(values.slice(-5))

/** √(p(1 − p)/n): the standard error of an accuracy p in 0…1 measured on n images. */
export const accuracyStandardError = (accuracy: number, images: number): number =>
  Math.sqrt((accuracy * (1 - accuracy)) / images)

/**
 * 1.96 · √(SE_a² + SE_b²): the difference beyond which two single runs differ at 95 %, by sampling of the n test images
 * alone; seeds add to it.
 */
export const significantDifference = (accuracyA: number, accuracyB: number, images: number): number =>
  1.96 * Math.hypot(accuracyStandardError(accuracyA, images), accuracyStandardError(accuracyB, images))

/**
 * Accuracy on training images minus accuracy on unseen ones, both in 0…1.
 *
 * @planned
 */
export const generalizationGap = (trainAccuracy: number, testAccuracy: number): number => trainAccuracy - testAccuracy

/**
 * Spearman's ρ, the correlation of the ranks (ties get their average rank), as He, Liu & Tao 2019 (NeurIPS) use; null
 * where it is not defined.
 *
 * @planned
 */
export function spearman(xs: readonly number[], ys: readonly number[]): number | null {
  if (xs.length !== ys.length)
    throw new Error(`Spearman's correlation needs as many values on both sides, found ${xs.length} and ${ys.length}`)
  const [a, b] = [ranks(xs), ranks(ys)]
  const center = (xs.length + 1) / 2
  const products = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, index) => sum + (value - center) * ((v[index] ?? NaN) - center), 0)
  const spread = Math.sqrt(products(a, a) * products(b, b))
  return spread > 0 ? products(a, b) / spread : null
}

/** Ranks from 1, equal values sharing the average of theirs. */
export function ranks(values: readonly number[]): readonly number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value)
  const result = values.map(() => NaN)
  for (let first = 0; first < order.length;) {
    let end = first + 1
    while (end < order.length && order[end]?.value === order[first]?.value) end += 1
    for (const { index } of order.slice(first, end)) result[index] = (first + 1 + end) / 2
    first = end
  }
  return result
}

/**
 * The bias-corrected exponential average of a curve: a ← βa + (1 − β)x, shown as a/(1 − β^n); values that are not
 * finite stay as they are and are not averaged in.
 */
export function smooth(values: readonly number[], keep: number): readonly number[] {
  let average = 0
  let weight = 0
  return values.map((value) => {
    if (!Number.isFinite(value)) return value
    average = keep * average + (1 - keep) * value
    weight = keep * weight + (1 - keep)
    return average / weight
  })
}
