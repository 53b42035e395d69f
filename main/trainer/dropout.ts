import { randomFor } from '../../core/random'

/** Writes the dropout mask of an update: each element 0 with probability `fraction`, otherwise 1/(1 − fraction) (Srivastava et al. 2014, "inverted"). */
export function fillDropoutMask(mask: Float32Array, fraction: number, seed: number, update: number): void {
  const random = randomFor(seed, 'dropout', update)
  const kept = 1 / (1 - fraction)
  for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < fraction ? 0 : kept
}
