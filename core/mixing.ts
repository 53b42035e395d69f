import { multiplicativeNoiseVariance } from './noise'
import { permutation, randomFor, type Random } from './random'

/** How the images of a batch are mixed in pairs: image i becomes share · image i + (1 − share) · image partners[i]. */
export interface Mixture {
  /** ½ … 1: the share of the image whose class counts as the right one. */
  readonly share: number
  readonly partners: Uint32Array
}

/**
 * The mixture of an update's batch: one share from Beta(α, α) and one random order of partners (Zhang et al. 2017,
 * 1710.09412), a pure function of (seed, update). Shares below ½ are mirrored: the pairs that result are the same, only
 * named the other way round.
 */
export function mixtureOf(alpha: number, seed: number, update: number, count: number): Mixture {
  const random = randomFor(seed, 'mix', update)
  const drawn = beta(random, alpha)
  return { share: Math.max(drawn, 1 - drawn), partners: permutation(random, count) }
}

/** A draw from Beta(α, α) as a ratio of two draws from Gamma(α). */
export function beta(random: Random, alpha: number): number {
  const a = gamma(random, alpha)
  const b = gamma(random, alpha)
  // Both underflow for a tiny α, where one of the two images is all there is.
  return a + b > 0 ? a / (a + b) : random.uniform() < 0.5 ? 0 : 1
}

// Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; below 1 by their own reduction to shape +
// 1.
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random.uniform() ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/**
 * Writes the weights z ~ N(1, σ²) of an update's images, a pure function of (seed, update) (Hoffer et al. 2017,
 * 1705.08741, §4).
 */
export function fillLossWeights(weights: Float32Array, variance: number, seed: number, update: number): void {
  const random = randomFor(seed, 'noise', update)
  const deviation = Math.sqrt(variance)
  for (let i = 0; i < weights.length; i++) weights[i] = 1 + deviation * random.normal()
}

/**
 * σ² of a batch: the config's own, or what gives it the noise of the reference batch, B/B₀ − 1, but nothing below 0 (a
 * smaller last batch has enough).
 */
export const noiseVariance = (given: number | null, batch: number, referenceBatch: number): number =>
  given ?? Math.max(0, multiplicativeNoiseVariance(batch, referenceBatch))
