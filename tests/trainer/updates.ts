import * as tf from '@tensorflow/tfjs-core'
import { momentumOf, type OptimizerConfig } from '../../core/config/optimizer'
import type { WeightSpec } from '../../core/network'
import { applyUpdate } from '../../main/trainer/learner/applyUpdate'
import type { Ops } from '../../main/trainer/ops/ops'
import { initialSlots } from '../../main/trainer/learner/optimizers'
import { createVariables, disposeVariables, readVariables } from '../../main/trainer/learner/variables'

export const spec = (name: string, role: WeightSpec['role'], shape: readonly number[]): WeightSpec => ({
  name,
  role,
  shape,
  trainable: true,
  fanIn: 1,
  fanOut: 1,
})

/** A weight before the first update. */
export interface Start {
  readonly weight: WeightSpec
  readonly data: readonly number[]
}

/**
 * Weights after each update and all tensors behind the last, for gradients and rates that are given for each update.
 */
export function run(
  ops: Ops,
  config: OptimizerConfig,
  starts: readonly Start[],
  updates: readonly {
    readonly gradients: readonly (readonly number[])[]
    readonly rate: number
    readonly momentum?: number
  }[],
) {
  const variables = createVariables(
    new Map([
      ...starts.map(
        ({ weight, data }) => [weight.name, { shape: weight.shape, data: Float32Array.from(data) }] as const,
      ),
      ...initialSlots(
        config,
        starts.map(({ weight }) => weight),
        'momentum' in config && config.momentum > 0,
      ),
    ]),
  )
  const history = updates.map(({ gradients, rate, momentum }, update) => {
    const norm = tf.tidy(
      () =>
        applyUpdate(
          { network: { ops, variables }, optimizer: config, weights: starts.map(({ weight }) => weight) },
          starts.map(({ weight }, i) => ({ weight, gradient: tf.tensor([...gradients[i]!], [...weight.shape]) })),
          {
            learningRate: tf.scalar(rate),
            momentum: tf.scalar(momentum ?? momentumOf(config)),
            weightDecay: tf.scalar(config.weightDecay),
            momentumCorrection: tf.scalar(rate / (updates[update - 1]?.rate ?? rate)),
          },
        ).dataSync()[0]!,
    )
    return { norm, weights: starts.map(({ weight }) => [...readVariables(variables).get(weight.name)!.data]) }
  })
  const state = readVariables(variables)
  disposeVariables(variables)
  return { history, state, names: [...state.keys()] }
}
