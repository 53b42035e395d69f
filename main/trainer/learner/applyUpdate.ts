import * as tf from '@tensorflow/tfjs-core'
import type { ClipConfig, OptimizerConfig } from '../../../core/config/optimizer'
import type { WeightSpec } from '../../../core/network'
import type { Network } from './network'
import { optimizerStepOf, type Rates } from './optimizers'
import { variable } from './variables'

/** A weight with the gradient of the batch's loss, summed or averaged over its images. */
export interface WeightGradient {
  readonly weight: WeightSpec
  readonly gradient: tf.Tensor
}

/** A network to be updated. Its weights may be more than those that have a gradient. */
export interface Updatable {
  readonly network: Pick<Network, 'ops' | 'variables'>
  readonly weights: readonly WeightSpec[]
  readonly optimizer: OptimizerConfig
}

/**
 * One update of the weights that have a gradient: clip, then the optimizer's rule. Returns the norm of their gradients
 * together, before clipping.
 */
export function applyUpdate(
  { network: { ops, variables }, weights, optimizer }: Updatable,
  gradients: readonly WeightGradient[],
  rates: Rates,
): tf.Scalar {
  const norm = ops.norm(gradients.map(({ gradient }) => gradient))
  const clip = clipper(optimizer.clip, norm, classifierOf(weights))
  const rule = optimizerStepOf(ops, optimizer, variables, rates)
  for (const one of gradients) {
    const value = variable(variables, one.weight.name)
    value.assign(rule(one.weight, value, clip(one, value)))
  }
  return norm
}

function clipper(
  clip: ClipConfig,
  norm: tf.Scalar,
  classifier: string,
): (one: WeightGradient, value: tf.Tensor) => tf.Tensor {
  switch (clip.type) {
    case 'none':
      return ({ gradient }) => gradient
    case 'norm': {
      const factor = tf.minimum(1, tf.div(clip.limit, tf.add(norm, 1e-6)))
      return ({ gradient }) => tf.mul(gradient, factor)
    }
    case 'value':
      return ({ gradient }) => tf.clipByValue(gradient, -clip.limit, clip.limit)
    case 'adaptive':
      return ({ weight, gradient }, value) =>
        layerOf(weight.name) === classifier ? gradient : clipUnits(gradient, value, clip.limit)
  }
}

const layerOf = (name: string): string => name.slice(0, name.lastIndexOf('.'))

/** The last layer of the network that has weights. */
const classifierOf = (weights: readonly WeightSpec[]): string => layerOf(weights.at(-1)?.name ?? '')

/**
 * Shortens the gradient of each output unit to limit · max(‖w‖, 1e-3); a vector of biases or of batch norm counts as
 * one unit (Brock et al. 2021, §4.1).
 */
function clipUnits(gradient: tf.Tensor, value: tf.Tensor, limit: number): tf.Tensor {
  const axes = Array.from({ length: Math.max(1, gradient.rank - 1) }, (_, axis) => axis)
  const lengths = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x), axes, true))
  const longest = tf.mul(tf.maximum(lengths(value), 1e-3), limit)
  return tf.mul(gradient, tf.minimum(1, tf.div(longest, tf.maximum(lengths(gradient), 1e-6))))
}
