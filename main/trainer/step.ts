import * as tf from '@tensorflow/tfjs-core'
import type { OptimizerConfig } from '../../core/config/optimizer'
import { ghostSizes } from '../../core/ghost'
import type { WeightSpec } from '../../core/network'
import { at } from './differentiable'
import type { UpdateResult } from './learner'
import { forward, type Network } from './network'
import { applyUpdate, type Rates } from './optimizer'
import { variable } from './variables'

/** Everything that changes from update to update: the inputs of the step, and, where it is captured, of the graph. */
export interface StepFeeds extends Rates {
  /** Normalised NHWC images. */
  readonly images: tf.Tensor4D
  readonly labels: tf.Tensor1D
  /** Where the network has dropout. */
  readonly dropoutMask: tf.Tensor2D | undefined
}

export interface Trainee {
  readonly network: Network
  readonly weights: readonly WeightSpec[]
  readonly optimizer: OptimizerConfig
}

/** The ghost batches of each micro-batch of an update, in order: [[64, 64]] is one piece in two ghosts, [[64], [64]] two pieces. */
export type Pieces = readonly (readonly number[])[]

/** Cuts a batch into micro-batches (null: one) of near-equal size, and each into ghosts (null: one). */
export const piecesOf = (batch: number, microBatch: number | null, ghostSize: number | null): Pieces =>
  (microBatch === null ? [batch] : ghostSizes(batch, microBatch)).map((size) => (ghostSize === null ? [size] : ghostSizes(size, ghostSize)))

/**
 * One update as a function of tensors: reads and assigns the network's variables, reads nothing on the host, and returns
 * [mean loss, images right, norm of the reduced gradient before clipping]. The caller owns the result.
 */
export function trainingStep({ network, weights, optimizer }: Trainee, pieces: Pieces): (feeds: StepFeeds) => tf.Tensor1D {
  const trained = weights.filter(({ trainable }) => trainable)
  const sizes = pieces.map((ghosts) => ghosts.reduce((sum, size) => sum + size, 0))
  const batch = sizes.reduce((sum, size) => sum + size, 0)
  const ghostsPerUpdate = pieces.reduce((sum, ghosts) => sum + ghosts.length, 0)
  // The gradient of the sum, or of the mean, of the losses with respect to each of them.
  const share = optimizer.reduction === 'sum' ? 1 : 1 / batch

  return (feeds) => tf.tidy(() => {
    let from = 0
    let sums: PieceSums | undefined
    pieces.forEach((ghosts, i) => {
      const size = sizes[i] ?? 0
      const part = pieces.length === 1 ? feeds : sliced(feeds, from, size)
      from += size
      const piece = gradientsOf(network, trained, part, { ghostSizes: ghosts, ghostsPerUpdate }, share)
      // One after the other, also in a graph: otherwise the activations of all pieces would be held at once.
      if (pieces.length > 1) network.ops.fence()
      sums = sums ? addSums(sums, piece) : piece
    })
    if (!sums) throw new Error('An update needs at least one image')
    const { gradients } = sums
    const norm = applyUpdate(network.ops, optimizer, network.variables, trained.map((weight, i) => ({ weight, gradient: at(gradients, i) })), feeds)
    return tf.stack([tf.mul(sums.loss, 1 / batch), sums.correct, norm]) as tf.Tensor1D
  })
}

/** Sums over the images of a piece; gradients in the order of the trained weights. A type alias, because `tf.tidy` takes no interface. */
type PieceSums = { readonly loss: tf.Tensor; readonly correct: tf.Tensor; readonly gradients: tf.Tensor[] }

type Ghosts = { readonly ghostSizes: readonly number[]; readonly ghostsPerUpdate: number }

function gradientsOf(network: Network, trained: readonly WeightSpec[], feeds: StepFeeds, ghosts: Ghosts, share: number): PieceSums {
  return tf.tidy(() => {
    const { images, labels, dropoutMask } = feeds
    let logits: tf.Tensor2D | undefined
    const { value, grads } = tf.engine().gradients(
      () => {
        logits = tf.keep(forward(network, images, { ...ghosts, dropoutMask }))
        return network.ops.softmaxCrossEntropy(logits, labels)
      },
      trained.map(({ name }) => variable(network.variables, name)), tf.fill([labels.size], share),
    )
    const correct = logits ? countRight(logits, labels) : tf.scalar(NaN)
    logits?.dispose()
    return { loss: tf.sum(value), correct, gradients: grads }
  })
}

const countRight = (logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor =>
  tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'))

function sliced(feeds: StepFeeds, from: number, size: number): StepFeeds {
  return {
    ...feeds,
    images: tf.slice(feeds.images, [from, 0, 0, 0], [size, -1, -1, -1]),
    labels: tf.slice(feeds.labels, from, size),
    dropoutMask: feeds.dropoutMask && tf.slice(feeds.dropoutMask, [from, 0], [size, -1]),
  }
}

const addSums = (sums: PieceSums, piece: PieceSums): PieceSums => ({
  loss: tf.add(sums.loss, piece.loss),
  correct: tf.add(sums.correct, piece.correct),
  gradients: sums.gradients.map((gradient, i) => tf.add(gradient, at(piece.gradients, i))),
})

/** What an update computes, read from the tensor that a step returns: the one thing that comes back to the host. */
export function readResult(outputs: tf.Tensor1D): UpdateResult {
  const [loss = NaN, correct = NaN, gradientNorm = NaN] = outputs.dataSync()
  outputs.dispose()
  return { loss, correct, gradientNorm }
}
