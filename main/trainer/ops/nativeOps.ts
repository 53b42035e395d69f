import * as tf from '@tensorflow/tfjs-core'
import { ghostSizes } from '../../../core/ghost'
import { at, differentiable } from './differentiable'
import type { NativeAttribute, NativeBackend } from '../engine'
import type { Convolutions, Normalised, NormSettings, NormTensors, Ops } from './ops'
import { globalAveragePool, padChannels, split } from './portableOps'

/**
 * The operations of training as TensorFlow has them. tfjs's generic gradients take three element-wise passes for a relu
 * and a dozen for a softmax cross-entropy; these take one kernel each. A convolution's forward pass is cut into so many
 * parts of the batch, which a captured step computes side by side; its gradients are two operations that do not need
 * each other, and stay whole.
 */
export function nativeOps(backend: NativeBackend, convolutions: Convolutions): Ops {
  const run = callerOf(backend)
  return {
    conv2d: (x, filter, stride, padding) => conv2d(run, x, filter, stride, padding, convolutions),
    biasAdd: (x, bias) => biasAdd(run, x, bias),
    relu: (x) => relu(run, x),
    maxPool: (x, size, stride) => tf.maxPool(x, size, stride ?? size, stride === undefined ? 'valid' : 'same'),
    globalAveragePool,
    padChannels,
    batchNorm: (x, tensors, settings) => batchNorm(run, x, tensors, settings),
    batchNormInference: (x, tensors, epsilon) => batchNormInference(run, x, tensors, epsilon),
    softmaxCrossEntropy: (logits, labels) => softmaxCrossEntropy(run, logits, labels),
    norm: (tensors) => tf.sqrt(tf.mul<tf.Scalar>(summed(tensors.map((tensor) => run.one('L2Loss', [], [tensor]))), 2)),
    fence: () => {
      backend.executeMultipleOutputs('NoOp', [], [], 0)
    },
  }
}

/** Calls an operation on float32 tensors. */
interface Caller {
  readonly one: (operation: string, attributes: readonly NativeAttribute[], inputs: readonly tf.Tensor[]) => tf.Tensor
  readonly many: (
    operation: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ) => tf.Tensor[]
  readonly type: (name: string, type: 'float32' | 'int32') => NativeAttribute
  readonly integers: (name: string, value: readonly number[]) => NativeAttribute
  readonly number: (name: string, value: number) => NativeAttribute
  readonly boolean: (name: string, value: boolean) => NativeAttribute
  readonly text: (name: string, value: string) => NativeAttribute
}

function callerOf(backend: NativeBackend): Caller {
  const { binding } = backend
  const type: Caller['type'] = (name, value) => ({
    name,
    type: binding.TF_ATTR_TYPE,
    value: value === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT,
  })
  const element = type('T', 'float32')
  return {
    type,
    one: (operation, attributes, inputs) => backend.executeSingleOutput(operation, [element, ...attributes], inputs),
    many: (operation, attributes, inputs, outputs) =>
      backend.executeMultipleOutputs(operation, [element, ...attributes], inputs, outputs),
    integers: (name, value) => ({ name, type: binding.TF_ATTR_INT, value }),
    number: (name, value) => ({ name, type: binding.TF_ATTR_FLOAT, value }),
    boolean: (name, value) => ({ name, type: binding.TF_ATTR_BOOL, value }),
    text: (name, value) => ({ name, type: binding.TF_ATTR_STRING, value }),
  }
}

function conv2d(
  run: Caller,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  stride: number,
  padding: number,
  convolutions: Convolutions,
): tf.Tensor4D {
  const isSame = padding > 0 && stride === 1 && filter.shape[0] === 2 * padding + 1
  // TensorFlow's `same` pads a strided convolution unevenly; PyTorch's networks pad it evenly, for which tfjs-node has
  // no gradient.
  const isExplicit = padding > 0 && !isSame
  if (isExplicit && convolutions.padsFirst)
    return conv2d(
      run,
      tf.pad(x, [
        [0, 0],
        [padding, padding],
        [padding, padding],
        [0, 0],
      ]),
      filter,
      stride,
      0,
      convolutions,
    )
  const sizes = ghostSizes(x.shape[0], Math.ceil(x.shape[0] / convolutions.parts))
  if (sizes.length === 1 && !isExplicit) return tf.conv2d(x, filter, stride, isSame ? 'same' : 'valid')
  const attributes = [
    run.integers('strides', [1, stride, stride, 1]),
    run.text('padding', isExplicit ? 'EXPLICIT' : isSame ? 'SAME' : 'VALID'),
    run.integers('explicit_paddings', isExplicit ? [0, 0, padding, padding, padding, padding, 0, 0] : []),
    run.text('data_format', 'NHWC'),
    run.boolean('use_cudnn_on_gpu', true),
    run.integers('dilations', [1, 1, 1, 1]),
  ]
  const convolved = (images: tf.Tensor): tf.Tensor4D => run.one('Conv2D', attributes, [images, filter]) as tf.Tensor4D
  return differentiable([x, filter], () => ({
    value: sizes.length === 1 ? convolved(x) : tf.concat(split(x, sizes).map(convolved)),
    saved: [x, filter],
    gradient: (dy, [image = x, kernel = filter]) => {
      // First, so that TensorFlow hands it to another thread and goes on with the input's: every layer before waits for
      // that, none for this.
      const ofFilter = run.one('Conv2DBackpropFilter', attributes, [image, tf.tensor1d(filter.shape, 'int32'), dy])
      return [run.one('Conv2DBackpropInput', attributes, [tf.tensor1d(x.shape, 'int32'), kernel, dy]), ofFilter]
    },
  }))
}

function biasAdd<T extends tf.Tensor>(run: Caller, x: T, bias: tf.Tensor1D): T {
  const format = run.text('data_format', 'NHWC')
  return differentiable([x, bias], () => ({
    value: run.one('BiasAdd', [format], [x, bias]) as T,
    saved: [],
    // As rows of channels: in a graph oneDNN merges the gradients of a convolution's bias and filter, and its sum is
    // rounded otherwise.
    gradient: (dy) => [
      tf.clone(dy),
      run.one('BiasAddGrad', [format], [tf.reshape(dy, [dy.size / bias.size, bias.size])]),
    ],
  }))
}

function relu<T extends tf.Tensor>(run: Caller, x: T): T {
  return differentiable([x], () => {
    const value: T = tf.relu(x)
    return { value, saved: [value], gradient: (dy, saved) => [run.one('ReluGrad', [], [dy, at(saved, 0)])] }
  })
}

function softmaxCrossEntropy(run: Caller, logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return differentiable([logits], () => {
    const outputs = run.many('SparseSoftmaxCrossEntropyWithLogits', [run.type('Tlabels', 'int32')], [logits, labels], 2)
    return {
      value: at(outputs, 0) as tf.Tensor1D,
      saved: [at(outputs, 1)],
      gradient: (dy, saved) => [tf.mul(tf.expandDims(dy, 1), at(saved, 0))],
    }
  })
}

function batchNorm(run: Caller, x: tf.Tensor4D, tensors: NormTensors, settings: NormSettings): Normalised {
  const { gamma, beta } = tensors
  const { epsilon, newValueWeight, ghostSizes } = settings
  const attributes = [
    run.type('U', 'float32'),
    run.number('epsilon', epsilon),
    run.text('data_format', 'NHWC'),
    run.boolean('is_training', true),
  ]
  const forward = [...attributes, run.number('exponential_avg_factor', newValueWeight)]
  let { runningMean, runningVariance } = tensors
  const y = differentiable([x, gamma, beta], () => {
    const saved: tf.Tensor[] = []
    const parts = split(x, ghostSizes).map((ghost) => {
      // Where the new statistics replace the old ones altogether, TensorFlow wants no old ones.
      const old = newValueWeight === 1 ? [tf.tensor1d([]), tf.tensor1d([])] : [runningMean, runningVariance]
      const outputs = run.many('FusedBatchNormV3', forward, [ghost, gamma, beta, ...old], 6)
      runningMean = at(outputs, 1) as tf.Tensor1D
      runningVariance = at(outputs, 2) as tf.Tensor1D
      saved.push(ghost, ...outputs.slice(3))
      return at(outputs, 0) as tf.Tensor4D
    })
    tf.keep(runningMean)
    tf.keep(runningVariance)
    return {
      value: joined(parts),
      saved: [gamma, ...saved],
      gradient: (dy, kept) => normGradient(run, attributes, dy, kept, ghostSizes),
    }
  })
  return { y, runningMean, runningVariance }
}

function batchNormInference(
  run: Caller,
  x: tf.Tensor4D,
  { gamma, beta, runningMean, runningVariance }: NormTensors,
  epsilon: number,
): tf.Tensor4D {
  const attributes = [
    run.type('U', 'float32'),
    run.number('epsilon', epsilon),
    run.text('data_format', 'NHWC'),
    run.boolean('is_training', false),
  ]
  return at(
    run.many('FusedBatchNormV3', attributes, [x, gamma, beta, runningMean, runningVariance], 6),
    0,
  ) as tf.Tensor4D
}

// `saved` holds γ, then for each ghost its input and the three tensors that TensorFlow reserves for the gradient.
function normGradient(
  run: Caller,
  attributes: readonly NativeAttribute[],
  dy: tf.Tensor4D,
  saved: readonly tf.Tensor[],
  ghostSizes: readonly number[],
): tf.Tensor[] {
  const gradients = split(dy, ghostSizes).map((dyGhost, i) => {
    const first = 1 + 4 * i
    return run.many(
      'FusedBatchNormGradV3',
      attributes,
      [dyGhost, at(saved, first), at(saved, 0), ...saved.slice(first + 1, first + 4)],
      5,
    )
  })
  const outputs = (index: number): tf.Tensor[] => gradients.map((gradient) => at(gradient, index))
  return [joined(outputs(0)), summed(outputs(1)), summed(outputs(2))]
}

const joined = <T extends tf.Tensor>(parts: readonly T[]): T =>
  parts.length === 1 ? at(parts, 0) : tf.concat([...parts], 0)

// Not with AddN, which adds in another order in a graph than by itself.
const summed = (parts: readonly tf.Tensor[]): tf.Tensor =>
  parts.length === 1 ? at(parts, 0) : tf.sum(tf.stack([...parts]), 0)
