import * as tf from '@tensorflow/tfjs-core'
import type { Batch, LearnerState } from '../../main/trainer/learner/learner'
import type { Parameters } from '../reference/perceptron'

/*
 * LeNet on 8×8 digits in tfjs's own words, without any of the trainer's layers, operations or rules, and Krizhevsky's
 * scheme of training it done by hand.
 */

const bodyNames = ['conv1.weight', 'conv1.bias', 'conv2.weight', 'conv2.bias']
const headNames = ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias', 'fc3.weight', 'fc3.bias']
export const lenetNames = [...bodyNames, ...headNames]

export const lenetIn = (state: LearnerState): Parameters =>
  Object.fromEntries(lenetNames.map((name) => [name, [...state.get(name)!.data]]))

function lossOf(weights: readonly tf.Tensor[], pixels: tf.Tensor4D, labels: tf.Tensor1D): tf.Scalar {
  const [c1, d1, c2, d2, f1, e1, f2, e2, f3, e3] = weights as [
    tf.Tensor4D,
    tf.Tensor,
    tf.Tensor4D,
    tf.Tensor,
    tf.Tensor2D,
    tf.Tensor,
    tf.Tensor2D,
    tf.Tensor,
    tf.Tensor2D,
    tf.Tensor,
  ]
  const block = (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor): tf.Tensor4D =>
    tf.maxPool(tf.relu(tf.add<tf.Tensor4D>(tf.conv2d(x, filter, 1, 'same'), bias)), 2, 2, 'valid')
  const features = tf.reshape(block(block(pixels, c1, d1), c2, d2), [pixels.shape[0], -1])
  const hidden = tf.relu(
    tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(features as tf.Tensor2D, f1), e1)) as tf.Tensor2D, f2), e2),
  )
  const scores = tf.add(tf.matMul(hidden as tf.Tensor2D, f3), e3)
  return tf.neg(
    tf.mean(tf.sum(tf.mul(tf.logSoftmax(scores as tf.Tensor2D), tf.cast(tf.oneHot(labels, 10), 'float32')), 1)),
  )
}

const gradientsOf = tf.grads((...tensors: tf.Tensor[]) =>
  lossOf(tensors.slice(2), tensors[0] as tf.Tensor4D, tensors[1] as tf.Tensor1D),
)

/** The gradient of the mean loss of some images of a batch. */
function lenetGradients(
  parameters: Parameters,
  shapes: LearnerState,
  batch: Batch,
  from: number,
  size: number,
): Parameters {
  const found = tf.tidy(
    () =>
      gradientsOf([
        tf.tensor4d(batch.images.slice(64 * from, 64 * (from + size)), [size, 8, 8, 1]),
        tf.tensor1d(batch.labels.slice(from, from + size), 'int32'),
        ...lenetNames.map((name) => tf.tensor([...parameters[name]!], [...shapes.get(name)!.shape])),
      ])
        .slice(2)
        .map((gradient) => [...gradient.dataSync()]) as never,
  ) as unknown as number[][]
  return Object.fromEntries(lenetNames.map((name, k) => [name, found[k]!]))
}

/** Updates some parameters by their gradients; `piece` counts the updates that the same layers had in this batch. */
export type Step = (parameters: Parameters, gradients: Parameters, part: 'body' | 'head', piece: number) => Parameters

/**
 * Krizhevsky's scheme: the dense layers are updated after each piece, the convolutions once with the mean gradient of
 * the pieces.
 */
export function krizhevskyUpdate(
  start: Parameters,
  shapes: LearnerState,
  batch: Batch,
  size: number,
  step: Step,
): Parameters {
  let parameters = start
  let body: Parameters = Object.fromEntries(bodyNames.map((name) => [name, start[name]!.map(() => 0)]))
  for (let piece = 0; piece * size < batch.count; piece++) {
    const gradients = lenetGradients(parameters, shapes, batch, piece * size, size)
    body = Object.fromEntries(
      bodyNames.map((name) => [name, body[name]!.map((sum, i) => sum + (gradients[name]![i]! * size) / batch.count)]),
    )
    parameters = step(parameters, Object.fromEntries(headNames.map((name) => [name, gradients[name]!])), 'head', piece)
  }
  return step(parameters, body, 'body', 0)
}
