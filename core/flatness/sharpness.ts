import { highestIn, type SearchOptions } from './ascent'
import { type Landscape, moved } from './landscape'
import { projectedOn, pseudoInverse, within } from './subspace'

/** The half widths of the box C_ε around weights: |z_i| ≤ ε(|w_i| + 1) (Keskar et al. 2016, 1609.04836, metric 2.1). */
export const sharpnessBox = (weights: Float64Array, epsilon: number): Float64Array =>
  weights.map((weight) => epsilon * (Math.abs(weight) + 1))

/** φ = 100·(max f − f)/(1 + f), in percent (Keskar et al. 2016, 1609.04836, metric 2.1). */
export const sharpnessOf = (loss: number, highest: number): number => (100 * (highest - loss)) / (1 + loss)

/** A sharpness with what it was found by. The maximum is searched, so it is a lower bound. */
export interface Sharpness {
  /** φ, in percent. */
  readonly percent: number
  readonly loss: number
  readonly highest: number
  /** Steps taken, over all starts. */
  readonly iterations: number
  /** Losses and gradients computed. */
  readonly evaluations: number
}

/** The sharpness of a box of size ε and how its maximum is searched. */
export interface SharpnessOptions extends SearchOptions {
  /** 1e-3 and 5e-4 in the paper. */
  readonly epsilon: number
}

/**
 * Sharpness in the full space, where the box is around each weight (Keskar et al. 2016, 1609.04836, metric 2.1 with A =
 * I).
 */
export const sharpness = (landscape: Landscape, weights: Float64Array, options: SharpnessOptions): Sharpness =>
  measured(
    { loss: (z) => landscape.loss(moved(weights, z, 1)), gradient: (z) => landscape.gradient(moved(weights, z, 1)) },
    sharpnessBox(weights, options.epsilon),
    options,
  )

/**
 * Sharpness in the subspace of A's columns, where the weights are w + A·z and the box is around A⁺w (Keskar et al.
 * 2016, 1609.04836, metric 2.1).
 *
 * @planned
 */
export const subspaceSharpness = (
  landscape: Landscape,
  weights: Float64Array,
  columns: readonly Float64Array[],
  options: SharpnessOptions,
): Sharpness =>
  measured(
    {
      loss: (z) => landscape.loss(within(weights, columns, z)),
      gradient: (z) => projectedOn(columns, landscape.gradient(within(weights, columns, z))),
    },
    sharpnessBox(pseudoInverse(columns, weights), options.epsilon),
    options,
  )

function measured(landscape: Landscape, box: Float64Array, options: SharpnessOptions): Sharpness {
  const { here, ...found } = highestIn(landscape, box, options)
  return { percent: sharpnessOf(here, found.highest), loss: here, ...found }
}
