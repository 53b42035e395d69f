import * as tf from '@tensorflow/tfjs-core'
import type { AdamConfig, LarsConfig, OptimizerConfig, SgdConfig } from '../../../core/config/optimizer'
import { sizeOf, type WeightSpec } from '../../../core/network'
import { averageSlot, averageWeight, momentumSlot, slotsOf, squareSlot, squareWeight } from '../../../core/tensors'
import type { HostTensor, LearnerState } from './learner'
import type { Ops } from '../ops/ops'
import { variable, type Variables } from './variables'

/** What may change from update to update: scalar tensors, so that a captured step takes them as feeds. */
export interface Rates {
  readonly learningRate: tf.Scalar
  /** μ, or β₁ where the optimizer averages gradients. */
  readonly momentum: tf.Scalar
  readonly weightDecay: tf.Scalar
  /** η over the η of the update before; used with momentum correction only. */
  readonly momentumCorrection: tf.Scalar
}

/** The new value of a weight; assigns the weight's slots on the way. */
export type OptimizerStep = (weight: WeightSpec, value: tf.Tensor, gradient: tf.Tensor) => tf.Tensor

/** The optimizer's slots before the first update. */
export const initialSlots = (
  config: OptimizerConfig,
  weights: readonly WeightSpec[],
  hasBuffer: boolean,
): LearnerState =>
  new Map(
    slotsOf(config, weights, hasBuffer).map(({ name, shape }): [string, HostTensor] => [
      name,
      { shape, data: new Float32Array(sizeOf(shape)) },
    ]),
  )

/** The rule of one update, for every weight in turn. */
export function optimizerStepOf(ops: Ops, config: OptimizerConfig, variables: Variables, rates: Rates): OptimizerStep {
  switch (config.type) {
    case 'sgd':
      return sgdRule(config, variables, rates)
    case 'lars':
      return larsRule(ops, config, variables, rates)
    case 'lamb':
    case 'adam':
    case 'adamw':
      return adamRule(ops, config, variables, rates)
  }
}

const decays = (config: OptimizerConfig, weight: WeightSpec): boolean =>
  config.weightDecay > 0 && (config.decayNormAndBias || weight.role === 'weight')

// w ← (1 − ηλ)w: decay beside the step (Loshchilov and Hutter 2017).
const keptShare = (rates: Rates): tf.Tensor => tf.sub(1, tf.mul(rates.learningRate, rates.weightDecay))

function sgdRule(config: SgdConfig, variables: Variables, rates: Rates): OptimizerStep {
  const share = config.weightDecay > 0 && config.decay === 'decoupled' ? keptShare(rates) : undefined
  return (weight, value, gradient) => {
    const direction =
      decays(config, weight) && config.decay === 'coupled'
        ? tf.add(gradient, tf.mul(value, rates.weightDecay))
        : gradient
    const kept = decays(config, weight) && share ? tf.mul(value, share) : value
    return tf.sub(kept, bufferedStep(config, direction, weight.name, variables, rates))
  }
}

/**
 * How far to go: v ← μv + g and ηv, or with the rate inside, v ← μv + ηg and v; with Nesterov one momentum step
 * further.
 */
function bufferedStep(
  config: SgdConfig | LarsConfig,
  gradient: tf.Tensor,
  name: string,
  variables: Variables,
  rates: Rates,
): tf.Tensor {
  const { learningRate, momentum } = rates
  const inside = config.rate === 'inside'
  const push = inside ? tf.mul(gradient, learningRate) : gradient
  const buffer = variables.get(momentumSlot(name))
  const direction = buffer ? withMomentum(push, buffer) : push
  return inside ? direction : tf.mul(direction, learningRate)

  function withMomentum(term: tf.Tensor, buffer: tf.Variable): tf.Tensor {
    const kept = inside && config.momentumCorrection ? tf.mul(momentum, rates.momentumCorrection) : momentum
    const moved = tf.add(tf.mul(buffer, kept), term)
    buffer.assign(moved)
    return config.nesterov ? tf.add(term, tf.mul(moved, momentum)) : moved
  }
}

// a/b where both norms are above 0, 1 elsewhere: a layer of zeros must be able to leave zero.
const ratioOrOne = (weightNorm: tf.Tensor, otherNorm: tf.Tensor, ratio: tf.Tensor): tf.Tensor =>
  tf.where(tf.logicalAnd(tf.greater(weightNorm, 0), tf.greater(otherNorm, 0)), ratio, tf.onesLike(ratio))

/** The gradient times τ‖w‖/(‖g‖ + λ‖w‖ + 1e-8), then as SGD (You et al. 2017, Algorithm 1). */
function larsRule(ops: Ops, config: LarsConfig, variables: Variables, rates: Rates): OptimizerStep {
  return (weight, value, gradient) => {
    const decayed = decays(config, weight) ? tf.add(gradient, tf.mul(value, rates.weightDecay)) : gradient
    if (weight.role !== 'weight' && !config.trustNormAndBias)
      return tf.sub(value, bufferedStep(config, decayed, weight.name, variables, rates))
    const weightNorm = ops.norm([value])
    const gradientNorm = ops.norm([gradient])
    const decayNorm = decays(config, weight) ? tf.mul(weightNorm, rates.weightDecay) : 0
    const local = ratioOrOne(
      weightNorm,
      gradientNorm,
      tf.div(tf.mul(weightNorm, config.trust), tf.add(tf.add(gradientNorm, decayNorm), 1e-8)),
    )
    const ratio = config.limitToRate ? tf.minimum(tf.div(local, rates.learningRate), 1) : local
    return tf.sub(value, bufferedStep(config, tf.mul(decayed, ratio), weight.name, variables, rates))
  }
}

/**
 * Adam with decay in the gradient, AdamW with decay beside the step, LAMB with decay in the direction and a ratio of
 * norms.
 */
function adamRule(ops: Ops, config: AdamConfig, variables: Variables, rates: Rates): OptimizerStep {
  const { learningRate, momentum: beta1 } = rates
  const rest1 = tf.sub(1, beta1)
  const correction1 = moved(variable(variables, averageWeight), beta1, rest1)
  const correction2 = moved(variable(variables, squareWeight), config.beta2, 1 - config.beta2)
  const share = config.type === 'adamw' && config.weightDecay > 0 ? keptShare(rates) : undefined

  return (weight, value, gradient) => {
    const decay = decays(config, weight) ? tf.mul(value, rates.weightDecay) : undefined
    const pull = decay && config.type === 'adam' ? tf.add(gradient, decay) : gradient
    const average = moved(variable(variables, averageSlot(weight.name)), beta1, tf.mul(pull, rest1))
    const square = moved(
      variable(variables, squareSlot(weight.name)),
      config.beta2,
      tf.mul(tf.square(pull), 1 - config.beta2),
    )
    const adam = tf.div(tf.div(average, correction1), tf.add(tf.sqrt(tf.div(square, correction2)), config.epsilon))
    if (config.type !== 'lamb') return tf.sub(decay && share ? tf.mul(value, share) : value, tf.mul(adam, learningRate))
    const direction = decay ? tf.add(adam, decay) : adam
    if (weight.role !== 'weight' && !config.trustNormAndBias) return tf.sub(value, tf.mul(direction, learningRate))
    const weightNorm = ops.norm([value])
    const directionNorm = ops.norm([direction])
    return tf.sub(
      value,
      tf.mul(direction, tf.mul(learningRate, ratioOrOne(weightNorm, directionNorm, tf.div(weightNorm, directionNorm)))),
    )
  }
}

function moved(slot: tf.Variable, kept: tf.Tensor | number, added: tf.Tensor | number): tf.Tensor {
  const next = tf.add(tf.mul(slot, kept), added)
  slot.assign(next)
  return next
}
