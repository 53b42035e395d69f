import * as tf from '@tensorflow/tfjs-core'
import type { OptimizerConfig } from '../../../core/config/optimizer'
import type { WeightSpec } from '../../../core/network'
import type { Pieces } from '../../../core/plan/pieces'
import { moveAverages } from './average'
import { at } from '../ops/differentiable'
import { pieceDone } from '../ops/pieces'
import { forward, type Network, type TrainingPass } from './network'
import { lossesOf } from './loss'
import { applyUpdate } from './applyUpdate'
import type { Rates } from './optimizers'
import { variable } from './variables'

/** Everything that changes from update to update: the inputs of the step, and, where it is captured, of the graph. */
export interface StepFeeds extends Rates {
  /** Normalised NHWC images. */
  readonly images: tf.Tensor4D
  readonly labels: tf.Tensor1D
  /** Where the network has dropout. */
  readonly dropoutMask: tf.Tensor2D | undefined
  /** With mixup: the classes of the images that were mixed in, and the share of the first. */
  readonly partners?: tf.Tensor1D | undefined
  readonly mixShare?: tf.Scalar | undefined
  /** With multiplicative noise: what each image's loss is weighted by; reported losses are not. */
  readonly lossWeights?: tf.Tensor1D | undefined
  /** With a moving average of weights: the share of the old average that is kept. */
  readonly averageKeep?: tf.Scalar | undefined
}

export interface Trainee {
  readonly network: Network
  readonly weights: readonly WeightSpec[]
  readonly optimizer: OptimizerConfig
  readonly labelSmoothing: number
}

/**
 * One update as a function of tensors: reads and assigns the network's variables, reads nothing on the host, and
 * returns [mean loss, images right, norm of the reduced gradient before clipping]. A captured step computes its pieces
 * one after the other, to hold the activations of one only, or side by side. The caller owns the result.
 */
export function trainingStep(
  trainee: Trainee,
  pieces: Pieces,
  order: 'inTurn' | 'sideBySide',
): (feeds: StepFeeds) => tf.Tensor1D {
  const { network, weights, optimizer } = trainee
  const trained = weights.filter(({ trainable }) => trainable)
  const sizes = pieces.map((ghosts) => ghosts.reduce((sum, size) => sum + size, 0))
  const batch = sizes.reduce((sum, size) => sum + size, 0)
  const ghostsPerUpdate = pieces.reduce((sum, ghosts) => sum + ghosts.length, 0)
  // The gradient of the sum, or of the mean, of the losses with respect to each of them.
  const share = optimizer.reduction === 'sum' ? 1 : 1 / batch

  return (feeds) =>
    tf.tidy(() => {
      let from = 0
      let sums: PieceSums | undefined
      const compute = (ghosts: readonly number[], i: number): PieceSums => {
        const size = at(sizes, i)
        const part = pieces.length === 1 ? feeds : sliced(feeds, from, size)
        from += size
        return gradientsOf(trainee, trained, part, { ghostSizes: ghosts, ghostsPerUpdate }, share)
      }
      const add = (piece: PieceSums): void => {
        if (pieces.length > 1) network.ops.fence()
        sums = sums ? addSums(sums, piece) : piece
        pieceDone()
      }
      if (order === 'inTurn') pieces.forEach((ghosts, i) => add(compute(ghosts, i)))
      else pieces.map(compute).forEach(add)
      if (!sums) throw new Error('An update needs at least one image')
      const { gradients } = sums
      const norm = applyUpdate(
        trainee,
        trained.map((weight, i) => ({ weight, gradient: at(gradients, i) })),
        feeds,
      )
      if (feeds.averageKeep) moveAverages(network.variables, weights, feeds.averageKeep)
      return tf.stack([tf.mul(sums.loss, 1 / batch), sums.correct, norm]) as tf.Tensor1D
    })
}

/**
 * Sums over the images of a piece; gradients in the order of the trained weights. A type alias, because `tf.tidy` takes
 * no interface.
 */
export type PieceSums = { readonly loss: tf.Tensor; readonly correct: tf.Tensor; readonly gradients: tf.Tensor[] }

export type Ghosts = Omit<TrainingPass, 'dropoutMask'>

/** The gradient of `share` times the loss of each image, with sums over the images. */
export function gradientsOf(
  { network, labelSmoothing }: Trainee,
  trained: readonly WeightSpec[],
  feeds: StepFeeds,
  ghosts: Ghosts,
  share: number,
): PieceSums {
  return tf.tidy(() => {
    const { images, labels, dropoutMask } = feeds
    let kept: { readonly logits: tf.Tensor2D; readonly reported: tf.Tensor1D } | undefined
    const { grads } = tf.engine().gradients(
      () => {
        const logits = forward(network, images, { ...ghosts, dropoutMask })
        const { followed, reported } = lossesOf(network.ops, logits, feeds, labelSmoothing)
        kept = { logits: tf.keep(logits), reported: tf.keep(reported) }
        return followed
      },
      trained.map(({ name }) => variable(network.variables, name)),
      shares(feeds, share),
    )
    if (!kept) throw new Error('The loss was not computed')
    const correct = countRight(kept.logits, labels)
    const loss = tf.sum(kept.reported)
    kept.logits.dispose()
    kept.reported.dispose()
    return { loss, correct, gradients: grads }
  })
}

/** What each image's loss counts. */
export const shares = ({ labels, lossWeights }: StepFeeds, share: number): tf.Tensor =>
  lossWeights ? tf.mul(lossWeights, share) : tf.fill([labels.size], share)

/** How many images a network takes for what they are. */
export const countRight = (logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor =>
  tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'))

/** The part of a batch from one image on; rates stay. */
export function sliced(feeds: StepFeeds, from: number, size: number): StepFeeds {
  return {
    ...feeds,
    images: tf.slice(feeds.images, [from, 0, 0, 0], [size, -1, -1, -1]),
    labels: tf.slice(feeds.labels, from, size),
    dropoutMask: feeds.dropoutMask && tf.slice(feeds.dropoutMask, [from, 0], [size, -1]),
    partners: feeds.partners && tf.slice(feeds.partners, from, size),
    lossWeights: feeds.lossWeights && tf.slice(feeds.lossWeights, from, size),
  }
}

const addSums = (sums: PieceSums, piece: PieceSums): PieceSums => ({
  loss: tf.add(sums.loss, piece.loss),
  correct: tf.add(sums.correct, piece.correct),
  gradients: sums.gradients.map((gradient, i) => tf.add(gradient, at(piece.gradients, i))),
})
