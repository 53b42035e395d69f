/** `count` points from `from` to `to` at equal distances, both ends included. */
export const evenPoints = (count: number, from: number, to: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => (count === 1 ? from : from + ((to - from) * i) / (count - 1)))

/**
 * The places α of the 25-point plot between two minima: −1 to 2 in steps of 1/8, with one minimum at 0 and the other at
 * 1 (Keskar et al. 2016, 1609.04836, Figure 3).
 */
export const interpolationPlaces: readonly number[] = evenPoints(25, -1, 2)

/**
 * The places along each of the two directions of a loss surface: 51 from −1 to 1 (Li et al. 2018, 1712.09913).
 *
 * @planned
 */
export const surfacePlaces: readonly number[] = evenPoints(51, -1, 1)

/**
 * w(α) = α·w_L + (1 − α)·w_S, on the line through two sets of weights (Goodfellow, Vinyals & Saxe 2014, 1412.6544, §3).
 */
export const interpolated = (small: Float64Array, large: Float64Array, place: number): Float64Array =>
  small.map((weight, i) => place * (large[i] ?? NaN) + (1 - place) * weight)

/** Where a tensor lies in the flattened weights, and its shape; the last axis counts output units. */
export interface Slice {
  readonly shape: readonly number[]
  readonly from: number
}

// Keeps a filter whose direction was drawn as 0 from dividing by 0, as the paper's own code does.
const tiny = 1e-10

/**
 * A direction in which each filter, the weights of one output unit, is as long as that filter of the network: d ←
 * d·‖w‖/(‖d‖ + 1e-10); tensors of one dimension (biases, batch norm) do not move at all (Li et al. 2018, 1712.09913,
 * §4, and their code).
 *
 * @planned
 */
export function filterNormalised(
  direction: Float64Array,
  weights: Float64Array,
  slices: readonly Slice[],
): Float64Array {
  const result = new Float64Array(direction.length)
  for (const { shape, from } of slices) {
    if (shape.length < 2) continue
    const units = shape.at(-1) ?? 1
    const to = from + shape.reduce((product, size) => product * size, 1)
    for (let first = from; first < from + units; first++) {
      const factor = lengthEvery(weights, first, to, units) / (lengthEvery(direction, first, to, units) + tiny)
      for (let i = first; i < to; i += units) result[i] = (direction[i] ?? 0) * factor
    }
  }
  return result
}

function lengthEvery(values: Float64Array, from: number, to: number, step: number): number {
  let sum = 0
  for (let i = from; i < to; i += step) sum += (values[i] ?? 0) ** 2
  return Math.sqrt(sum)
}
