import { averagePrefix, slotPrefix, workerPrefix } from './checkpoint'
import type { RunConfig } from './config/config'
import type { OptimizerConfig } from './config/optimizer'
import { networkFor, weightsOf, type WeightSpec } from './network'
import type { ImageShape } from './networks/layer'
import { hasMomentum } from './plan/plan'

/** A tensor by its name in checkpoints. */
export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
}

/** Names of an optimizer's slots, called as in PyTorch's optimizer state. */
export const momentumSlot = (weight: string): string => `${slotPrefix}momentum_buffer.${weight}`
export const averageSlot = (weight: string): string => `${slotPrefix}exp_avg.${weight}`
export const squareSlot = (weight: string): string => `${slotPrefix}exp_avg_sq.${weight}`
// 1 − β^t, kept as the average of ones: it stays right when β₁ changes on the way.
export const averageWeight = `${slotPrefix}exp_avg_weight`
export const squareWeight = `${slotPrefix}exp_avg_sq_weight`

/** A weight or running statistic in the average over updates or epochs (EMA, SWA). */
export const averaged = (name: string): string => `${averagePrefix}${name}`
/** How often SWA has visited the weights. */
export const averageCount = averaged('count')

/**
 * What a tensor of the network, or of its optimizer, is called for one worker: `optimizer.worker0.fc.weight`,
 * `optimizer.worker0.momentum_buffer.fc.weight`.
 */
export const workerName = (worker: number, name: string): string =>
  `${workerPrefix(worker)}${name.startsWith(slotPrefix) ? name.slice(slotPrefix.length) : name}`

/**
 * The optimizer's slots. SGD and LARS use a buffer where they are given one: where updates have momentum at any time.
 */
export function slotsOf(
  config: OptimizerConfig,
  weights: readonly WeightSpec[],
  hasBuffer: boolean,
): readonly TensorSpec[] {
  const forEach = (slot: (weight: string) => string): TensorSpec[] =>
    weights.filter(({ trainable }) => trainable).map(({ name, shape }) => ({ name: slot(name), shape }))
  if ('momentum' in config) return hasBuffer ? forEach(momentumSlot) : []
  return [
    ...forEach(averageSlot),
    ...forEach(squareSlot),
    { name: averageWeight, shape: [] },
    { name: squareWeight, shape: [] },
  ]
}

/**
 * Every tensor that training with a config changes, and that each of its checkpoints therefore holds, for images of a
 * shape in so many classes.
 */
export function tensorsOf(config: RunConfig, shape: ImageShape, classes: number): readonly TensorSpec[] {
  const weights = weightsOf(networkFor(config.network, config.networkOptions, shape, classes), shape)
  const slots = slotsOf(config.optimizer, weights, hasMomentum(config))
  const {
    batch: { workers },
    regularisation: { average },
  } = config
  return [
    ...weights.map(({ name, shape: own }) => ({ name, shape: own })),
    ...(workers.type === 'none'
      ? slots
      : Array.from({ length: workers.workers }, (_, worker) =>
          [...weights, ...slots].map((one) => ({ name: workerName(worker, one.name), shape: one.shape })),
        ).flat()),
    ...(average.type === 'none' ? [] : weights.map(({ name, shape: own }) => ({ name: averaged(name), shape: own }))),
    ...(average.type === 'swa' ? [{ name: averageCount, shape: [] }] : []),
  ]
}

type Shapes = ReadonlyMap<string, Pick<TensorSpec, 'shape'>>

const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`
const listed = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`

/** Whether evaluating needs a tensor, or only going on with training. */
const isMeasured = ({ name }: TensorSpec): boolean => !name.startsWith(slotPrefix) || name.startsWith(averagePrefix)

/**
 * What is wrong with the tensors of a checkpoint, as the end of a sentence; empty where they are those of its config.
 * For going on with training every one has to be there, for anything else the weights, running statistics and averages;
 * what is there has its shape, and is of the network.
 */
export function tensorFault(found: Shapes, expected: readonly TensorSpec[], use: 'training' | 'weights'): string {
  const needed = use === 'training' ? expected : expected.filter(isMeasured)
  const missing = needed.filter(({ name }) => !found.has(name)).map(({ name }) => name)
  if (missing.length > 0) return `lacks ${missing.length === 1 ? 'the tensor' : 'the tensors'} ${listed(missing)}`
  for (const { name, shape } of expected) {
    const own = found.get(name)?.shape
    if (own !== undefined && own.join() !== shape.join())
      return `has a tensor ${name} of shape ${shown(own)}, its network needs ${shown(shape)}`
  }
  const known = new Set(expected.map(({ name }) => name))
  const extra = [...found.keys()].filter(
    (name) => !known.has(name) && (use === 'training' || !name.startsWith(slotPrefix)),
  )
  return extra.length === 0
    ? ''
    : `has ${extra.length === 1 ? 'a tensor' : 'tensors'} that its network does not have: ${listed(extra)}`
}
