import type { DropoutPart } from '../../../core/network'
import { randomFor, type Random } from '../../../core/random'

/**
 * Writes the dropout mask of an update: each element 0 with probability `fraction`, otherwise 1/(1 − fraction)
 * (Srivastava et al. 2014, "inverted").
 */
export function fillDropoutMask(mask: Float32Array, fraction: number, seed: number, update: number): void {
  fillPart(mask, 0, mask.length, fraction, randomFor(seed, 'dropout', update))
}

/** The same for several dropout layers: each image's row holds what the layers see, one after another. */
export function fillDropoutMasks(
  mask: Float32Array,
  parts: readonly DropoutPart[],
  seed: number,
  update: number,
): void {
  const random = randomFor(seed, 'dropout', update)
  for (let at = 0; at < mask.length;) {
    for (const { width, fraction } of parts) {
      fillPart(mask, at, at + width, fraction, random)
      at += width
    }
  }
}

function fillPart(mask: Float32Array, from: number, to: number, fraction: number, random: Random): void {
  const kept = 1 / (1 - fraction)
  for (let i = from; i < to; i++) mask[i] = random.uniform() < fraction ? 0 : kept
}
