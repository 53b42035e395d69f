import * as tf from '@tensorflow/tfjs-core'
import { slotPrefix } from '../../core/checkpoint'
import type { OptimizerConfig } from '../../core/config/optimizer'
import { sizeOf, type WeightSpec } from '../../core/network'
import type { HostTensor, LearnerState } from './learner'
import type { Ops } from './ops'
import { variable, type Variables } from './variables'

/** What may change from update to update: scalar tensors, so that a captured step takes them as feeds. */
export interface Rates {
  readonly learningRate: tf.Scalar
  readonly momentum: tf.Scalar
  readonly weightDecay: tf.Scalar
}

/** The momentum buffer of a weight, called as in PyTorch's optimizer state. */
export const momentumSlot = (weight: string): string => `${slotPrefix}momentum_buffer.${weight}`

/** The optimizer's slots before the first update. Without momentum there are none. */
export const initialSlots = (config: OptimizerConfig, weights: readonly WeightSpec[]): LearnerState =>
  new Map(hasMomentum(config)
    ? weights.filter(({ trainable }) => trainable)
      .map(({ name, shape }): [string, HostTensor] => [momentumSlot(name), { shape, data: new Float32Array(sizeOf(shape)) }])
    : [])

const hasMomentum = (config: OptimizerConfig): boolean => config.momentum > 0

/** A weight with the gradient of the batch's loss, summed or averaged over its images. */
export interface Pull {
  readonly weight: WeightSpec
  readonly gradient: tf.Tensor
}

/** One update of every weight: clip, decay, momentum, step. Returns the norm of all gradients together, before clipping. */
export function applyUpdate(ops: Ops, config: OptimizerConfig, variables: Variables, pulls: readonly Pull[], rates: Rates): tf.Scalar {
  const norm = ops.norm(pulls.map(({ gradient }) => gradient))
  const clip = clipper(config, norm)
  const keptShare = config.weightDecay > 0 && config.decay === 'decoupled' ? tf.sub(1, tf.mul(rates.learningRate, rates.weightDecay)) : undefined
  for (const { weight, gradient } of pulls) {
    const value = variable(variables, weight.name)
    const decays = config.weightDecay > 0 && (config.decayNormAndBias || weight.role === 'weight')
    const clipped = clip(gradient)
    const direction = decays && config.decay === 'coupled' ? tf.add(clipped, tf.mul(value, rates.weightDecay)) : clipped
    const kept = decays && keptShare ? tf.mul(value, keptShare) : value
    value.assign(tf.sub(kept, sgdStep(config, direction, weight.name, variables, rates)))
  }
  return norm
}

function clipper(config: OptimizerConfig, norm: tf.Scalar): (gradient: tf.Tensor) => tf.Tensor {
  const { clip } = config
  switch (clip.type) {
    case 'none': return (gradient) => gradient
    case 'norm': {
      const factor = tf.minimum(1, tf.div(clip.limit, tf.add(norm, 1e-6)))
      return (gradient) => tf.mul(gradient, factor)
    }
    case 'value': return (gradient) => tf.clipByValue(gradient, -clip.limit, clip.limit)
  }
}

/** How far to go: v ← μv + g and ηv, or with the rate inside, v ← μv + ηg and v; with Nesterov one momentum step further. */
function sgdStep(config: OptimizerConfig, gradient: tf.Tensor, name: string, variables: Variables, rates: Rates): tf.Tensor {
  const { learningRate, momentum } = rates
  const push = config.rate === 'inside' ? tf.mul(gradient, learningRate) : gradient
  const direction = hasMomentum(config) ? withMomentum(push) : push
  return config.rate === 'inside' ? direction : tf.mul(direction, learningRate)

  function withMomentum(term: tf.Tensor): tf.Tensor {
    const buffer = variable(variables, momentumSlot(name))
    const moved = tf.add(tf.mul(buffer, momentum), term)
    buffer.assign(moved)
    return config.nesterov ? tf.add(term, tf.mul(moved, momentum)) : moved
  }
}
