import type { OwnInput } from '../evaluation'
import type { Moment } from '../moment'

/** What to measure of one checkpoint, or of two and the line between them. */
export interface FlatnessSettings {
  /** Training images to measure on at most, the same ones for every checkpoint of a data set. */
  readonly images: number
  /** Sizes of the box; Keskar et al. 2016 use 1e-3 and 5e-4. */
  readonly epsilons: readonly number[]
  /** Steps of each ascent within the box. */
  readonly ascentSteps: number
  /** Steps of each power iteration at most. */
  readonly powerSteps: number
  /** The places on the line between two checkpoints. */
  readonly places: readonly number[]
}

/** How sharp the minimum is in a box of one size; a lower bound. */
interface BoxSharpness {
  readonly epsilon: number
  readonly percent: number
  readonly iterations: number
}

/** One end of the Hessian's spectrum. */
export interface Curvature {
  readonly value: number
  /**
   * Power iteration's estimates, in order. A largest one that has not converged is too low, a smallest one too high.
   */
  readonly estimates: readonly number[]
  readonly converged: boolean
}

/** How flat the loss is around one checkpoint. */
export interface Flatness {
  readonly moment: Moment
  /** What its network was fed with. */
  readonly input: OwnInput
  readonly loss: number
  readonly accuracy: number
  readonly parameters: number
  readonly sharpness: readonly BoxSharpness[]
  readonly largest: Curvature
  readonly smallest: Curvature
  /**
   * The length of the differences that the curvature was measured by: 1e-3 · max(1, ‖w‖), or shorter where that is not
   * short enough.
   */
  readonly differenceLength: number
  /**
   * The curvature along the found direction with differences of a third of the length and of three times the length:
   * far from the value, single precision or kinks get in the way.
   */
  readonly otherLengths: readonly [number, number]
  /**
   * The rate of the last update, and the curvature beyond which full-batch descent at that rate diverges; null for
   * optimizers that are not SGD.
   */
  readonly learningRate: number
  readonly threshold: number | null
}

/** Losses and accuracies at one point of the line between two checkpoints: 0 is the first, 1 the second. */
export interface LinePoint {
  readonly place: number
  readonly trainLoss: number
  readonly trainAccuracy: number
  readonly testLoss: number | null
  readonly testAccuracy: number | null
}

/** What a flatness job answers. */
export interface FlatnessReport {
  readonly images: number
  readonly testImages: number
  readonly checkpoints: readonly Flatness[]
  /** Empty for one checkpoint. */
  readonly line: readonly LinePoint[]
  /** What somebody who reads the numbers must know, as sentences without a full stop. */
  readonly warnings: readonly string[]
}
