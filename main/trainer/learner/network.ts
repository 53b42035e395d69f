import * as tf from '@tensorflow/tfjs-core'
import type { Layer } from '../../../core/networks/layer'
import type { Ops } from '../ops/ops'
import { variable, type Variables } from './variables'

/**
 * What a forward pass needs to know while training; without it the network uses its running statistics and drops
 * nothing.
 */
export interface TrainingPass {
  /** Sizes of the ghost batches of these images, in order. */
  readonly ghostSizes: readonly number[]
  /** Those of the dense layers and all behind them, where they have a batch of their own. */
  readonly denseGhostSizes?: readonly number[] | undefined
  /** Ghost batches in the whole update, which is more than one forward pass when gradients are accumulated. */
  readonly ghostsPerUpdate: number
  /** 0 or 1/(1 − fraction) for each image and each feature that a dropout layer sees, where the network has dropout. */
  readonly dropoutMask: tf.Tensor2D | undefined
  /** Leave the running statistics as they are. */
  readonly keepStatistics?: boolean
  /** Weight of the batch's statistics in the running ones, in place of what the layers say. */
  readonly newValueWeight?: number
}

/** A network's layers with what they compute with. */
export interface Network {
  readonly ops: Ops
  readonly layers: readonly Layer[]
  readonly variables: Variables
}

/** Class scores of NHWC images. While training, each batch norm also assigns its new running statistics. */
export const forward = (network: Network, images: tf.Tensor4D, training: TrainingPass | undefined): tf.Tensor2D =>
  forwardPart(network, network.layers, images, training) as tf.Tensor2D

/** Some of a network's layers, in order. A mask's columns go to the dropout layers from left to right. */
export function forwardPart(
  network: Network,
  layers: readonly Layer[],
  x: tf.Tensor,
  training: TrainingPass | undefined,
): tf.Tensor {
  const mask = training?.dropoutMask
  let from = 0
  let pass = training
  return layers.reduce((now, layer) => {
    if (layer.type === 'dense' && training?.denseGhostSizes)
      pass = { ...training, ghostSizes: training.denseGhostSizes }
    if (layer.type !== 'dropout' || !mask) return apply(network, layer, now, pass)
    const width = now.size / (now.shape[0] ?? 1)
    const own = width === mask.shape[1] ? mask : tf.slice(mask, [0, from], [-1, width])
    from += width
    return tf.mul(now, tf.reshape(own, now.shape))
  }, x)
}

const through = (
  network: Network,
  layers: readonly Layer[],
  x: tf.Tensor,
  training: TrainingPass | undefined,
): tf.Tensor => layers.reduce((now, layer) => apply(network, layer, now, training), x)

function apply(network: Network, layer: Layer, x: tf.Tensor, training: TrainingPass | undefined): tf.Tensor {
  const { ops, variables } = network
  const weight = <T extends tf.Tensor>(name: string): T => variable(variables, name) as tf.Tensor as T
  const withBias = <T extends tf.Tensor>(y: T, of: { readonly name: string; readonly bias: boolean }): T =>
    of.bias ? ops.biasAdd(y, weight<tf.Tensor1D>(`${of.name}.bias`)) : y
  switch (layer.type) {
    case 'conv': {
      const padding = layer.padding === 'same' ? Math.floor(layer.kernel / 2) : 0
      return withBias(ops.conv2d(x as tf.Tensor4D, weight(`${layer.name}.weight`), layer.stride, padding), layer)
    }
    case 'dense':
      return withBias(tf.matMul(x as tf.Tensor2D, weight<tf.Tensor2D>(`${layer.name}.weight`)), layer)
    case 'batchNorm':
      return tf.reshape(normalise(network, layer, asImages(x), training), x.shape)
    case 'relu':
      return ops.relu(x)
    case 'maxPool':
      return ops.maxPool(x as tf.Tensor4D, layer.size, layer.stride)
    case 'globalAveragePool':
      return ops.globalAveragePool(x as tf.Tensor4D)
    case 'flatten':
      return tf.reshape(x, [x.shape[0] ?? 0, x.size / (x.shape[0] ?? 1)])
    case 'dropout':
      return x
    case 'scale':
      return tf.mul(x, layer.factor)
    case 'padChannels':
      return ops.padChannels(x as tf.Tensor4D, layer.stride, layer.channels)
    case 'residual':
      return tf.add(through(network, layer.body, x, training), through(network, layer.shortcut, x, training))
  }
}

const asImages = (x: tf.Tensor): tf.Tensor4D =>
  x.rank === 4 ? (x as tf.Tensor4D) : tf.reshape(x, [x.shape[0] ?? 0, 1, 1, x.shape[1] ?? 0])

type NormLayer = Extract<Layer, { type: 'batchNorm' }>

function normalise(
  { ops, variables }: Network,
  layer: NormLayer,
  x: tf.Tensor4D,
  training: TrainingPass | undefined,
): tf.Tensor4D {
  const mean = variable(variables, `${layer.name}.running_mean`)
  const variance = variable(variables, `${layer.name}.running_var`)
  const tensors = {
    gamma: variable(variables, `${layer.name}.weight`) as tf.Tensor as tf.Tensor1D,
    beta: variable(variables, `${layer.name}.bias`) as tf.Tensor as tf.Tensor1D,
    runningMean: mean as tf.Tensor as tf.Tensor1D,
    runningVariance: variance as tf.Tensor as tf.Tensor1D,
  }
  if (!training) return ops.batchNormInference(x, tensors, layer.epsilon)
  const { y, runningMean, runningVariance } = ops.batchNorm(x, tensors, {
    epsilon: layer.epsilon,
    newValueWeight:
      training.newValueWeight ??
      (layer.ghostStatistics === 'divided' ? layer.newValueWeight / training.ghostsPerUpdate : layer.newValueWeight),
    ghostSizes: training.ghostSizes,
  })
  if (!training.keepStatistics) {
    mean.assign(runningMean)
    variance.assign(runningVariance)
  }
  runningMean.dispose()
  runningVariance.dispose()
  return y
}
