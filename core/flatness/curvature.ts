import { dot, type Landscape, moved, norm, unit } from './landscape'

/**
 * The length r of the differences in a Hessian-vector product of a network in single precision: 1e-3 · max(1, ‖w‖); the
 * result should not change from r/3 to 3r.
 */
export const differenceLength = (weights: Float64Array): number => 1e-3 * Math.max(1, norm(weights))

/**
 * H·v by central difference, (∇f(w + r·v) − ∇f(w − r·v))/(2r) for ‖v‖ = 1, and in proportion for other lengths; its
 * error is of order r².
 */
export function hessianVector(
  { gradient }: Landscape,
  weights: Float64Array,
  vector: Float64Array,
  length: number,
): Float64Array {
  const step = unit(vector)
  const ahead = gradient(moved(weights, step, length))
  const behind = gradient(moved(weights, step, -length))
  const factor = norm(vector) / (2 * length)
  return ahead.map((value, i) => factor * (value - (behind[i] ?? 0)))
}

/** v ↦ M·v for a symmetric matrix M that may never be written down. */
export type Multiply = (vector: Float64Array) => Float64Array

/** What power iteration found: the eigenvalue of largest size, with its sign. */
export interface Eigen {
  readonly value: number
  /** Of length 1. */
  readonly vector: Float64Array
  /** The Rayleigh quotient v·Mv of each iteration, in order; the last is the value. */
  readonly estimates: readonly number[]
  /**
   * Whether ‖Mv − λv‖ came below the tolerance; otherwise the iterations ran out, and the estimate lies somewhere
   * inside the spectrum.
   */
  readonly converged: boolean
}

/** When power iteration stops. */
export interface PowerOptions {
  readonly iterations: number
  /** ‖Mv − λv‖ over |λ|; the error of λ is about its square. */
  readonly tolerance: number
}

/**
 * Power iteration for the eigenvalue of largest size: λ = v·Mv, then v ← Mv/‖Mv‖, from a start that is not orthogonal
 * to its eigenvector (as Jastrzębski et al. 2017, 1711.04623, and the code of Li et al. 2018 do).
 */
export const powerIteration = (multiply: Multiply, start: Float64Array, options: PowerOptions): Eigen =>
  farthestFrom(0, multiply, start, options)

// Iterates M − shift·I, but speaks of M: a change that is small beside the shift may be large beside the eigenvalue.
function farthestFrom(
  shift: number,
  multiply: Multiply,
  start: Float64Array,
  { iterations, tolerance }: PowerOptions,
): Eigen {
  let vector = unit(start)
  const estimates: number[] = []
  for (let i = 0; i < iterations; i++) {
    const product = multiply(vector)
    const value = dot(vector, product)
    estimates.push(value)
    const next = moved(product, vector, -shift)
    // Where the product is 0 there is nowhere to go: v is an eigenvector.
    if (norm(moved(product, vector, -value)) <= tolerance * Math.abs(value) || norm(next) === 0)
      return { value, vector, estimates, converged: true }
    vector = unit(next)
  }
  return { value: estimates.at(-1) ?? NaN, vector, estimates, converged: false }
}

/** The two ends of a spectrum. */
export interface Spectrum {
  readonly largest: Eigen
  readonly smallest: Eigen
}

/**
 * The other end of the spectrum, given the eigenvalue λ of largest size: power iteration on M − λ·I, because what is
 * farthest from one end is the other. (The loss-landscape code of Li et al. 2018 shifts by 0.51·λ, which fails where no
 * eigenvalue is near 0 or below.) Slow where many eigenvalues lie near that end.
 */
export function spectrumEnds(first: Eigen, multiply: Multiply, start: Float64Array, options: PowerOptions): Spectrum {
  const second = farthestFrom(first.value, multiply, start, options)
  return first.value >= second.value ? { largest: first, smallest: second } : { largest: second, smallest: first }
}

/** How an optimizer moves, as far as its stability on a quadratic is concerned. */
export interface Motion {
  readonly learningRate: number
  /** μ, 0 for plain gradient descent. */
  readonly momentum: number
  readonly nesterov: boolean
}

/**
 * The curvature above which gradient descent with the full gradient diverges on a quadratic: 2/η without momentum, (2 +
 * 2μ)/η with heavy-ball momentum and (2 + 2μ)/(η(1 + 2μ)) with Nesterov's (Cohen et al. 2021, 2103.00065); the noise of
 * small batches makes it lower.
 */
export const stabilityThreshold = ({ learningRate, momentum, nesterov }: Motion): number =>
  (2 + 2 * momentum) / (learningRate * (nesterov ? 1 + 2 * momentum : 1))
