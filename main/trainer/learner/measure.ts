import * as tf from '@tensorflow/tfjs-core'
import { ghostSizes } from '../../../core/ghost'
import type { GradientNorms } from '../../../core/noise'
import type { WeightSpec } from '../../../core/network'
import { at, meanOf } from '../ops/differentiable'
import type { LearnerState } from './learner'
import { gradientsOf, sliced, type StepFeeds, type Trainee } from './step'

/** The equal pieces that a batch's gradient is measured in, 0 or at least 2 of them: by ghosts, else by micro-batches, else quarters. What is left over is not used. */
export function measuredPieces(batch: number, ghostSize: number | null, microBatch: number | null): { readonly size: number; readonly count: number } {
  const size = Math.min(...ghostSizes(batch, ghostSize ?? microBatch ?? Math.ceil(batch / 4)))
  const count = Math.floor(batch / size)
  return count < 2 ? { size: 0, count: 0 } : { size, count }
}

/**
 * [mean of |g_i|² over the pieces, |mean of g_i|²] of mean gradients before clipping and weight decay, each piece with its own batch norm statistics
 * (McCandlish et al. 2018, 1812.06162, App. A.1). Assigns nothing. The caller owns the result.
 */
export function measuringPass(trainee: Trainee, { size, count }: { readonly size: number; readonly count: number }): (feeds: StepFeeds) => tf.Tensor1D {
  const trained = trainee.weights.filter(({ trainable }) => trainable)
  return (feeds) => tf.tidy(() => {
    const squares: tf.Tensor[] = []
    let sum: tf.Tensor[] | undefined
    for (let piece = 0; piece < count; piece++) {
      const pass = { ghostSizes: [size], ghostsPerUpdate: 1, keepStatistics: true }
      const { gradients } = gradientsOf(trainee, trained, sliced(feeds, piece * size, size), pass, 1 / size)
      trainee.network.ops.fence()
      squares.push(tf.square(trainee.network.ops.norm(gradients)))
      sum = sum ? sum.map((total, i) => tf.add(total, at(gradients, i))) : gradients
    }
    const mean = (sum ?? []).map((total) => tf.mul(total, 1 / count))
    return tf.stack([meanOf(squares), tf.square(trainee.network.ops.norm(mean))]) as tf.Tensor1D
  })
}

/** What a measuring pass found, with the batch sizes that it belongs to. */
export const gradientNorms = (found: ArrayLike<number>, { size, count }: { readonly size: number; readonly count: number }): GradientNorms =>
  ({ smallBatch: size, bigBatch: size * count, smallSquaredNorm: found[0] ?? NaN, bigSquaredNorm: found[1] ?? NaN })

/** ‖Δw‖/‖w‖ of each layer's weights (not of biases and batch norm) between two states; null where the weights are 0. */
export function updateRatios(before: LearnerState, after: LearnerState, weights: readonly WeightSpec[]): Record<string, number | null> {
  const ratios: [string, number | null][] = []
  for (const { name, role } of weights) {
    const [from, to] = [before.get(name)?.data, after.get(name)?.data]
    if (role !== 'weight' || !from || !to) continue
    let moved = 0
    let length = 0
    for (let i = 0; i < from.length; i++) {
      const value = from[i] ?? 0
      moved += ((to[i] ?? 0) - value) ** 2
      length += value * value
    }
    const ratio = Math.sqrt(moved / length)
    ratios.push([name.slice(0, name.lastIndexOf('.')), Number.isFinite(ratio) ? ratio : null])
  }
  return Object.fromEntries(ratios)
}
