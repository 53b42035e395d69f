import type { DropoutPart } from '../../../core/network'
import { randomFor, type Random } from '../../../core/random'

/**
 * Writes the dropout mask of an update: each element 0 with the probability `fraction` of its layer, otherwise
 * 1/(1 − fraction) (Srivastava et al. 2014, "inverted"). Each image's row holds what the layers see, one after another.
 */
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
