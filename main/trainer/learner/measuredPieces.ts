import * as tf from '@tensorflow/tfjs-core'
import type { RunConfig } from '../../../core/config/config'
import { nearEqual } from '../../../core/ghost'
import type { GradientNorms } from '../../../core/noise'
import type { WeightSpec } from '../../../core/network'
import type { Layer } from '../../../core/networks/layer'
import { piecesOf, upTo } from '../../../core/plan/pieces'
import { at, meanOf } from '../ops/differentiable'
import { pieceDone } from '../ops/pieces'
import type { LearnerState } from './learner'
import type { TrainingPass } from './network'
import { gradientsOf, sliced, type StepFeeds, type Trainee } from './step'

/** The ghosts of some images that share no batch norm statistics with the rest of their batch. */
type Part = Pick<TrainingPass, 'ghostSizes' | 'denseGhostSizes'>

/**
 * How the gradient of a batch is measured: in pieces of `sizes` images, each a part of its own, or, where there is only
 * one part, the losses of some of its images.
 */
export interface MeasuredPieces {
  readonly parts: readonly Part[]
  readonly sizes: readonly number[]
}

/**
 * The pieces that the gradient of a batch is measured in, with the batch norm statistics that training uses. Ghosts are
 * independent draws and are pieces as they are; without batch norm any cut will do, and what is not cut in training is
 * cut in quarters. Batch norm over the whole batch ties all its images together: then the batch goes through as one,
 * and the pieces are the losses of quarters of it, so that their mean still is the gradient of training; what the
 * shared statistics vary by is then not in S. Null for a batch of one image.
 */
export function measuredIn({ batch }: RunConfig, layers: readonly Layer[], count: number): MeasuredPieces | null {
  if (count < 2) return null
  const ghosts = piecesOf(batch, count).flat()
  const dense = batch.denseBatch === null ? ghosts : upTo(batch.denseBatch, count)
  const first = layers.findIndex(({ type }) => type === 'dense')
  const tied = [
    ...(hasNorm(layers.slice(0, first)) ? [ghosts] : []),
    ...(hasNorm(layers.slice(first)) ? [dense] : []),
  ].map(endsOf)
  const quarters = nearEqual(count, Math.min(4, count))
  if (tied.length === 0) {
    const sizes = ghosts.length > 1 ? ghosts : quarters
    return { sizes, parts: sizes.map((size) => ({ ghostSizes: [size] })) }
  }
  const ends = tied.reduce((some, others) => some.filter((end) => others.includes(end)))
  const parts = ends.map((end, i) => ({
    ghostSizes: between(ends[i - 1] ?? 0, end, ghosts),
    denseGhostSizes: between(ends[i - 1] ?? 0, end, dense),
  }))
  return { parts, sizes: parts.length > 1 ? ends.map((end, i) => end - (ends[i - 1] ?? 0)) : quarters }
}

const hasNorm = (layers: readonly Layer[]): boolean =>
  layers.some(
    (layer) =>
      layer.type === 'batchNorm' || (layer.type === 'residual' && (hasNorm(layer.body) || hasNorm(layer.shortcut))),
  )

function endsOf(sizes: readonly number[]): number[] {
  let end = 0
  return sizes.map((size) => (end += size))
}

function between(from: number, to: number, sizes: readonly number[]): number[] {
  const ends = endsOf(sizes)
  return sizes.filter((_, i) => at(ends, i) > from && at(ends, i) <= to)
}

/**
 * [mean of |g_i|² over the pieces, |mean over the images|²] of mean gradients before clipping and weight decay
 * (McCandlish et al. 2018, 1812.06162, App. A.1). Artificial noise on the losses is left out: it is not the data's.
 * Assigns nothing. The caller owns the result.
 */
export function measuringPass(trainee: Trainee, { parts, sizes }: MeasuredPieces): (feeds: StepFeeds) => tf.Tensor1D {
  const trained = trainee.weights.filter(({ trainable }) => trainable)
  const count = sizes.reduce((sum, size) => sum + size, 0)
  return (feeds) =>
    tf.tidy(() => {
      const batch = { ...feeds, lossWeights: undefined }
      const squares: tf.Tensor[] = []
      let mean: tf.Tensor[] | undefined
      let from = 0
      for (const [piece, size] of sizes.entries()) {
        const images =
          parts.length > 1 ? sliced(batch, from, size) : { ...batch, lossWeights: onesWithin(count, from, size) }
        const pass = { ...at(parts, parts.length > 1 ? piece : 0), ghostsPerUpdate: 1, keepStatistics: true }
        const { gradients } = gradientsOf(trainee, trained, images, pass, 1 / size)
        from += size
        trainee.network.ops.fence()
        pieceDone()
        squares.push(tf.square(trainee.network.ops.norm(gradients)))
        const shares = gradients.map((gradient) => tf.mul(gradient, size / count))
        mean = mean ? mean.map((total, i) => tf.add(total, at(shares, i))) : shares
      }
      return tf.stack([meanOf(squares), tf.square(trainee.network.ops.norm(mean ?? []))]) as tf.Tensor1D
    })
}

const onesWithin = (length: number, from: number, size: number): tf.Tensor1D =>
  tf.tensor1d(Array.from({ length }, (_, i) => (i >= from && i < from + size ? 1 : 0)))

/**
 * What a measuring pass found, with the batch sizes that it belongs to: of pieces that differ the harmonic mean,
 * because E|g_i|² = |G|² + S/b_i.
 */
export const gradientNorms = (found: ArrayLike<number>, { sizes }: MeasuredPieces): GradientNorms => ({
  smallBatch: sizes.length / sizes.reduce((sum, size) => sum + 1 / size, 0),
  bigBatch: sizes.reduce((sum, size) => sum + size, 0),
  smallSquaredNorm: found[0] ?? NaN,
  bigSquaredNorm: found[1] ?? NaN,
})

/** ‖Δw‖/‖w‖ of each layer's weights (not of biases and batch norm) between two states; null where the weights are 0. */
export function updateRatios(
  before: LearnerState,
  after: LearnerState,
  weights: readonly WeightSpec[],
): Record<string, number | null> {
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
