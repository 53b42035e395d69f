/**
 * A function of one flattened weight vector, such as the loss of a network on a fixed set of images, and its gradient;
 * neither changes its argument.
 */
export interface Landscape {
  readonly loss: (weights: Float64Array) => number
  readonly gradient: (weights: Float64Array) => Float64Array
}

/** a · b. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

/** The Euclidean length ‖a‖. */
export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a))

/** w + by · direction, as a new vector. */
export const moved = (weights: Float64Array, direction: Float64Array, by: number): Float64Array =>
  weights.map((weight, i) => weight + by * (direction[i] ?? 0))

/** A vector of length 1 in the direction of a; a itself where it is 0. */
export function unit(a: Float64Array): Float64Array {
  const length = norm(a)
  return length > 0 ? a.map((value) => value / length) : a.slice()
}
