import * as tf from '@tensorflow/tfjs-core'
import type { Slice } from '../../../core/flatness/line'
import type { Landscape } from '../../../core/flatness/landscape'
import { sizeOf, weightsOf, type WeightSpec } from '../../../core/network'
import type { ImageShape, Layer } from '../../../core/networks/layer'
import { evaluateBatches, evaluationPass, type EvaluationBatch } from '../learner/evaluate'
import type { Evaluated, HostTensor, LearnerState } from '../learner/learner'
import { forward, type Network } from '../learner/network'
import type { NormTensors, Ops } from '../ops/ops'
import { createVariables, disposeVariables, variable, type Variables } from '../learner/variables'

/**
 * A network at one set of weights, seen as a function of all its trained weights: mean cross-entropy over fixed images,
 * in evaluation mode.
 */
export interface NetworkLandscape extends Landscape {
  /** The trained weights that it was made with, one tensor behind another. */
  readonly weights: Float64Array
  readonly slices: readonly Slice[]
  /** The network's tensors with other trained weights; running statistics stay. */
  readonly stateAt: (weights: Float64Array) => LearnerState
  /** Loss, images right and predictions, in the order of the images. */
  readonly score: (weights: Float64Array) => Evaluated
  readonly dispose: () => void
}

/** What a landscape is made of: a network, a checkpoint's tensors and the images to measure on. */
export interface Scene {
  readonly ops: Ops
  readonly layers: readonly Layer[]
  readonly shape: ImageShape
  /** Tensors of the network; others, such as an optimizer's, are ignored. */
  readonly state: LearnerState
  readonly batches: readonly EvaluationBatch[]
}

/**
 * The loss of a network and its gradient with batch norm's running statistics as they are, without dropout, label
 * smoothing or weight decay (what Keskar et al. 2016, 1609.04836, and Li et al. 2018, 1712.09913, compare). Sums over
 * images are in double precision, the network itself computes in single.
 */
export function networkLandscape({ ops, layers, shape, state, batches }: Scene): NetworkLandscape {
  const specs = weightsOf(layers, shape)
  const trained = specs.filter(({ trainable }) => trainable)
  const slices = slicesOf(trained)
  const own = new Map(specs.map(({ name }): [string, HostTensor] => [name, tensorOf(state, name)]))
  const variables = createVariables(own)
  const network: Network = { ops: { ...ops, batchNormInference: fixedNorm }, layers, variables }
  const images = batches.reduce((sum, { count }) => sum + count, 0)
  if (images === 0) throw new Error('A loss needs at least one image')

  const pass = evaluationPass(network, 1)
  const rowsOf = (batch: EvaluationBatch): Float32Array => {
    const rows = tf.tidy(() => {
      const { x, labels } = tensorsOf(batch, shape)
      return pass(x, labels)
    })
    const data = rows.dataSync<'float32'>()
    rows.dispose()
    return data
  }
  const score = (weights: Float64Array): Evaluated => {
    assign(variables, trained, slices, weights)
    return evaluateBatches(rowsOf, batches, images)
  }

  return {
    weights: flattened(own, trained, slices),
    slices,
    score,
    stateAt: (weights) =>
      new Map([
        ...own,
        ...trained.map(({ name, shape: tensor }, i): [string, HostTensor] => [
          name,
          { shape: tensor, data: part(weights, slices[i]) },
        ]),
      ]),
    loss: (weights) => score(weights).loss,
    gradient: (weights) => {
      assign(variables, trained, slices, weights)
      const total = new Float64Array(weights.length)
      for (const batch of batches) addGradient(total, network, trained, slices, batch, { shape, share: 1 / images })
      return total
    },
    dispose: () => disposeVariables(variables),
  }
}

/** Adds the gradient of `share` times the loss of each image of a batch. */
function addGradient(
  total: Float64Array,
  network: Network,
  trained: readonly WeightSpec[],
  slices: readonly Slice[],
  batch: EvaluationBatch,
  { shape, share }: { readonly shape: ImageShape; readonly share: number },
): void {
  const gradients = tf.tidy(() => {
    const { x, labels } = tensorsOf(batch, shape)
    const { grads } = tf.engine().gradients(
      () => network.ops.softmaxCrossEntropy(forward(network, x, undefined), labels),
      trained.map(({ name }) => variable(network.variables, name)),
      tf.fill([batch.count], share),
    )
    return grads
  })
  gradients.forEach((gradient, i) => {
    const from = slices[i]?.from ?? 0
    gradient.dataSync<'float32'>().forEach((value, k) => {
      total[from + k] = (total[from + k] ?? 0) + value
    })
    gradient.dispose()
  })
}

// The engines' own operation has no gradient, which training never asks of it.
const fixedNorm = (
  x: tf.Tensor4D,
  { gamma, beta, runningMean, runningVariance }: NormTensors,
  epsilon: number,
): tf.Tensor4D =>
  tf.add(tf.mul(tf.sub(x, runningMean), tf.mul(gamma, tf.rsqrt(tf.add(runningVariance, epsilon)))), beta)

const tensorsOf = (
  { images, labels, count }: EvaluationBatch,
  shape: ImageShape,
): { readonly x: tf.Tensor4D; readonly labels: tf.Tensor1D } => ({
  x: tf.tensor4d(images.subarray(0, count * sizeOf(shape)), [count, ...shape]),
  labels: tf.tensor1d(labels.subarray(0, count), 'int32'),
})

function slicesOf(trained: readonly WeightSpec[]): readonly Slice[] {
  let from = 0
  return trained.map(({ shape }) => {
    const slice = { shape, from }
    from += sizeOf(shape)
    return slice
  })
}

function flattened(state: LearnerState, trained: readonly WeightSpec[], slices: readonly Slice[]): Float64Array {
  const weights = new Float64Array(trained.reduce((sum, { shape }) => sum + sizeOf(shape), 0))
  trained.forEach(({ name }, i) => weights.set(tensorOf(state, name).data, slices[i]?.from ?? 0))
  return weights
}

const part = (weights: Float64Array, slice: Slice | undefined): Float32Array =>
  slice ? Float32Array.from(weights.subarray(slice.from, slice.from + sizeOf(slice.shape))) : new Float32Array()

function assign(
  variables: Variables,
  trained: readonly WeightSpec[],
  slices: readonly Slice[],
  weights: Float64Array,
): void {
  trained.forEach(({ name, shape }, i) =>
    tf.tidy(() => {
      variable(variables, name).assign(tf.tensor(part(weights, slices[i]), [...shape], 'float32'))
    }),
  )
}

function tensorOf(state: LearnerState, name: string): HostTensor {
  const tensor = state.get(name)
  if (!tensor) throw new Error(`The checkpoint has no tensor ${name}`)
  return tensor
}
