import { z } from 'zod'

const fixedConfig = z
  .strictObject({ type: z.literal('fixed') })
  .meta({ label: 'Fixed', help: 'The same rate for every batch size' })

const linearConfig = z.strictObject({ type: z.literal('linear') }).meta({
  label: 'Linear',
  help:
    'k times the batch gets k times the rate, which keeps rate / batch size; breaks early in training (warm up) ' +
    'and beyond a few thousand images',
  paper: 'Goyal et al., arXiv 1706.02677, §2.1 (0.1 · kn/256); Krizhevsky, arXiv 1404.5997, §5',
})

const squareRootConfig = z.strictObject({ type: z.literal('squareRoot') }).meta({
  label: 'Square root',
  help: 'k times the batch gets √k times the rate, which keeps the covariance of the weight update',
  paper: 'Hoffer et al., arXiv 1705.08741, §4; Krizhevsky, arXiv 1404.5997, §5',
})

const constantRatioConfig = z
  .strictObject({
    type: z.literal('constantRatio'),
    ratio: z
      .number()
      .positive()
      .max(100)
      .default(0.1 / 128)
      .meta({
        label: 'Rate per image',
        help: 'The rate is this times the batch size; the base rate and the reference batch play no part',
        step: 0.0001,
      }),
  })
  .meta({
    label: 'Constant ratio',
    help: 'Sets rate / batch size directly: the quantity that is said to control the width of the minimum',
    paper: 'Jastrzębski et al., arXiv 1711.04623; He, Liu & Tao, NeurIPS 2019 (bound the inverse ratio)',
  })

const datasetProportionalConfig = z.strictObject({ type: z.literal('datasetProportional') }).meta({
  label: 'Proportional to the data set',
  help:
    'The rate times batch size / training images, an early reading of the linear rule; no paper supports it and ' +
    'the rates are very small',
})

const momentumConfig = z.strictObject({ type: z.literal('momentum') }).meta({
  label: 'Momentum',
  help:
    'The rate stays, and a larger batch gets more momentum: B/(1 − μ) in place of the rate keeps the noise ' +
    'scale, 1 − μ = (1 − μ₀) · reference batch / batch',
  paper: 'Smith et al., arXiv 1711.00489, §3.2; Smith & Le, arXiv 1710.06451',
})

/**
 * How the base rate, or the momentum, follows the batch size; the reference batch is the one that the base rate is
 * quoted at.
 */
export const ScalingConfig = z.discriminatedUnion('type', [
  fixedConfig,
  linearConfig,
  squareRootConfig,
  constantRatioConfig,
  momentumConfig,
  datasetProportionalConfig,
])
export type ScalingConfig = z.output<typeof ScalingConfig>

/** What a scaling rule needs to know. */
export interface ScalingInputs {
  /** The rate at the reference batch, η0. */
  readonly base: number
  /** Images per update, B. */
  readonly batchSize: number
  /** The batch size that η0 is quoted at, B0. */
  readonly referenceBatch: number
  /** Training images, N. */
  readonly trainingImages: number
}

/**
 * The base rate after scaling: η0 (fixed, momentum), η0·B/B0 (linear), η0·√(B/B0) (square root), c·B (constant ratio)
 * or η0·B/N (proportional to the data set).
 */
export function scaledRate(
  config: ScalingConfig,
  { base, batchSize, referenceBatch, trainingImages }: ScalingInputs,
): number {
  switch (config.type) {
    case 'fixed':
    case 'momentum':
      return base
    case 'linear':
      return base * (batchSize / referenceBatch)
    case 'squareRoot':
      return base * Math.sqrt(batchSize / referenceBatch)
    case 'constantRatio':
      return config.ratio * batchSize
    case 'datasetProportional':
      return base * (batchSize / trainingImages)
  }
}

/**
 * The momentum after scaling, from the one at the reference batch: 1 − (1 − μ)·B0/B by the momentum rule, as it is by
 * the others.
 */
export const scaledMomentum = (
  config: ScalingConfig,
  momentum: number,
  { batchSize, referenceBatch }: Pick<ScalingInputs, 'batchSize' | 'referenceBatch'>,
): number => (config.type === 'momentum' ? momentumForBatch(momentum, batchSize, referenceBatch) : momentum)

/**
 * What the rate of a part of the network with its own batch size is multiplied by: the rule at that size over the rule
 * at the batch size.
 */
export const rateRatio = (config: ScalingConfig, inputs: ScalingInputs, otherBatch: number): number =>
  scaledRate(config, { ...inputs, batchSize: otherBatch }) / scaledRate(config, inputs)

/**
 * The mean-reduction rate η = η̃·m that makes the same update as the rate η̃ on summed gradients of m images (Masters &
 * Luschi 2018, 1804.07612, eqs. 3 and 5).
 */
export const meanRateOfSum = (sumRate: number, batchSize: number): number => sumRate * batchSize

/**
 * The sum-reduction rate η̃ = η/m that makes the same update as the rate η on the mean gradient of m images (Masters &
 * Luschi 2018, §2).
 *
 * @planned
 */
export const sumRateOfMean = (meanRate: number, batchSize: number): number => meanRate / batchSize

/** The coupled weight decay λ·m that decays as much with summed gradients as λ does with mean ones. */
export const sumDecayOfMean = (weightDecay: number, batchSize: number): number => weightDecay * batchSize

/**
 * The batch with momentum counted in, B/(1 − μ): the images whose gradients make up one displacement (Smith & Le 2017,
 * 1710.06451).
 */
export const effectiveBatch = (batchSize: number, momentum: number): number => batchSize / (1 - momentum)

/**
 * The batch at a new momentum that keeps the noise scale: B·(1 − μ)/(1 − μ′) (Smith et al. 2017, 1711.00489, §3.2).
 *
 * @planned
 */
export const batchForMomentum = (batchSize: number, momentum: number, newMomentum: number): number =>
  (batchSize * (1 - momentum)) / (1 - newMomentum)

/**
 * The momentum at a new batch that keeps the noise scale: 1 − (1 − μ)·B0/B, and 0 where even that is not little enough.
 */
export const momentumForBatch = (momentum: number, batchSize: number, referenceBatch: number): number =>
  Math.max(0, 1 - ((1 - momentum) * referenceBatch) / batchSize)

/**
 * The rate that a "decoupled" one of the airbench code (Jordan 2024) stands for: divided by 1 + 1/(1 − μ), that code's
 * own convention, beside the steady-state gain of momentum, 1/(1 − μ).
 */
export const coupledRate = (decoupled: number, momentum: number): number => decoupled / (1 + 1 / (1 - momentum))
