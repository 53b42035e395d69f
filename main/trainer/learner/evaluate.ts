import * as tf from '@tensorflow/tfjs-core'
import { ghostSizes } from '../../../core/ghost'
import { at } from '../ops/differentiable'
import type { Between } from '../commands'
import type { Evaluated } from './learner'
import { forward, type Network } from './network'
import { split } from '../ops/portableOps'

/** Normalised NHWC images with their classes, of which the first `count` are used. */
export interface EvaluationBatch {
  readonly images: Float32Array
  readonly labels: Int32Array
  readonly count: number
}

// Fewer images are not worth a parallel part of their own.
const laneImages = 32

/**
 * The forward pass with running statistics and without dropout as a function of tensors: two rows, the loss of each
 * image and its predicted class. The images go through in up to so many parallel parts, which a captured pass computes
 * side by side. The caller owns the result.
 */
export const evaluationPass =
  (network: Network, parallelParts: number): ((images: tf.Tensor4D, labels: tf.Tensor1D) => tf.Tensor2D) =>
  (images, labels) =>
    tf.tidy(() => {
      const count = images.shape[0]
      const sizes = ghostSizes(count, Math.max(laneImages, Math.ceil(count / parallelParts)))
      const logits = joined(split(images, sizes).map((part) => forward(network, part, undefined)))
      const losses = network.ops.softmaxCrossEntropy(logits, labels)
      return tf.stack([losses, tf.cast(tf.argMax(logits, 1), 'float32')]) as tf.Tensor2D
    })

const joined = (parts: tf.Tensor2D[]): tf.Tensor2D => (parts.length === 1 ? at(parts, 0) : tf.concat(parts, 0))

/**
 * What the images of some batches cost and were taken for, in order. Sums are in double precision, so the cut into
 * batches does not show.
 */
export function evaluateBatches(
  pass: (batch: EvaluationBatch) => Float32Array,
  batches: Iterable<EvaluationBatch>,
  total: number,
  between?: Between,
): Evaluated {
  const predictions = new Uint16Array(total)
  let lossSum = 0
  let correct = 0
  let seen = 0
  for (const batch of batches) {
    between?.(seen, total)
    const rows = pass(batch)
    for (let i = 0; i < batch.count; i++) {
      const prediction = rows[batch.count + i] ?? 0
      lossSum += rows[i] ?? NaN
      if (prediction === batch.labels[i]) correct++
      predictions[seen++] = prediction
    }
  }
  between?.(total, total)
  return { loss: lossSum / seen, correct, predictions }
}

/** How often each true class (row) was taken for each class (column). */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (let i = 0; i < labels.length; i++) {
    const row = matrix[labels[i] ?? -1]
    const column = predictions[i] ?? -1
    if (row?.[column] === undefined)
      throw new Error(`Image ${i} has class ${labels[i]} and was taken for ${column}, but there are ${classes} classes`)
    row[column] = (row[column] ?? 0) + 1
  }
  return matrix
}
