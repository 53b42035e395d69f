import * as tf from '@tensorflow/tfjs-core'
import { averagePrefix } from '../../../core/checkpoint'
import type { AverageConfig } from '../../../core/config/regularisation'
import type { WeightSpec } from '../../../core/network'
import { averageCount, averaged } from '../../../core/tensors'
import type { HostTensor, LearnerState } from './learner'
import { variable, type Variables } from './variables'

/**
 * The slots of averaged weights before the first update: copies of the initial weights and running statistics, and for
 * SWA the number of visits so far.
 */
export function initialAverages(config: AverageConfig, initial: LearnerState): LearnerState {
  if (config.type === 'none') return new Map()
  const copies = [...initial].map(([name, { shape, data }]): [string, HostTensor] => [
    averaged(name),
    { shape, data: data.slice() },
  ])
  return new Map(config.type === 'swa' ? [...copies, [averageCount, { shape: [], data: new Float32Array(1) }]] : copies)
}

/** ŵ ← dŵ + (1 − d)w for every tensor of the network, running statistics included; part of the step. */
export function moveAverages(variables: Variables, weights: readonly WeightSpec[], keep: tf.Scalar): void {
  const taken = tf.sub(1, keep)
  for (const { name } of weights) {
    const average = variable(variables, averaged(name))
    average.assign(tf.add(average, tf.mul(tf.sub(variable(variables, name), average), taken)))
  }
}

/**
 * The share of the old average that an update of `batch` images keeps: d, or d^(B/B₀) where it is stated for the
 * reference batch.
 */
export const averageKeep = (config: AverageConfig, batch: number, referenceBatch: number): number =>
  config.type === 'ema' ? (config.scaleWithBatch ? config.decay ** (batch / referenceBatch) : config.decay) : 1

/**
 * SWA's slots after one more visit: w̄ ← w̄ + (w − w̄)/(n + 1) (Izmailov et al. 2018, 1803.05407); running statistics
 * are not averaged. An EMA, which moved with the updates, has none.
 */
export function visited(state: LearnerState, weights: readonly WeightSpec[]): LearnerState {
  const count = state.get(averageCount)?.data[0]
  if (count === undefined) return new Map()
  const next = new Map<string, HostTensor>([[averageCount, { shape: [], data: Float32Array.of(count + 1) }]])
  for (const { name, trainable, shape } of weights) {
    const average = state.get(averaged(name))?.data
    const now = state.get(name)?.data
    if (!trainable || !average || !now) continue
    next.set(averaged(name), { shape, data: average.map((mean, i) => mean + ((now[i] ?? 0) - mean) / (count + 1)) })
  }
  return next
}

/**
 * Whether the end of an epoch (epochs done, counted from 1) changes the average: SWA visits the weights, and the
 * statistics of either may be estimated anew.
 */
export const visits = (config: AverageConfig, epoch: number, epochs: number): boolean =>
  config.type === 'swa'
    ? epoch > config.start * epochs + 1e-9
    : config.type === 'ema' && config.statistics === 'reestimated'

/**
 * The tensors of the network that evaluations should use: its averages where the config wants them and there are any,
 * otherwise null.
 */
export function averagesToEvaluate(config: AverageConfig, state: LearnerState): LearnerState | null {
  if (config.type === 'none' || config.evaluated === 'last') return null
  if (config.type === 'swa' && state.get(averageCount)?.data[0] === 0) return null
  const averages = averagesIn(state)
  return averages.size === 0 ? null : averages
}

/** The averages of a state under the network's own names. */
export const averagesIn = (state: LearnerState): LearnerState =>
  new Map(
    [...state].flatMap(([name, tensor]): [string, HostTensor][] =>
      name.startsWith(averagePrefix) && name !== averageCount ? [[name.slice(averagePrefix.length), tensor]] : [],
    ),
  )

/** Running statistics as slots of the averaged network. */
export const asAverages = (statistics: LearnerState): LearnerState =>
  new Map([...statistics].map(([name, tensor]) => [averaged(name), tensor]))
