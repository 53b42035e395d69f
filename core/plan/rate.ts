import type { RunConfig } from '../config/config'
import type { Run } from '../run'
import { rateRatio, scaledRate } from '../scaling'
import type { PlateauState } from '../schedules/plateau'
import type { PlanNumbers } from './planNumbers'

/**
 * The rate that the schedule of a config starts from: its base rate after the scaling rule. NaN where the rule needs
 * the number of training images and it is not known.
 */
export const scaledRateOf = (
  { batchSize, learningRate: { base, referenceBatch, scaling } }: Pick<RunConfig, 'batchSize' | 'learningRate'>,
  trainingImages: number,
): number => scaledRate(scaling, { base, batchSize, referenceBatch, trainingImages })

/** The same of a run, on the data that it was started on; null while a rule waits for data that was never read. */
export function scaledRateOfRun({ config, facts: info }: Pick<Run, 'config' | 'facts'>): number | null {
  const rate = scaledRateOf(config, info?.counts.train ?? NaN)
  return Number.isNaN(rate) ? null : rate
}

/**
 * The rate η that an update is made with: the planned one, times what the schedule `plateau` has lowered it to so far
 * (1 in every other schedule). `update` counts from 0.
 */
export const rateAt = (
  { learningRate }: Pick<PlanNumbers, 'learningRate'>,
  { update, plateau }: { readonly update: number; readonly plateau: Pick<PlateauState, 'factor'> },
): number => plateau.factor * learningRate(update)

/**
 * What the rate of the dense layers is multiplied by where they have a batch size of their own: the scaling rule at
 * that size over the rule at the batch size; 1 where they have none.
 */
export const denseRateFactorOf = (
  {
    batch: { denseBatch },
    batchSize,
    learningRate: { base, referenceBatch, scaling },
  }: Pick<RunConfig, 'batch' | 'batchSize' | 'learningRate'>,
  trainingImages: number,
): number =>
  denseBatch === null ? 1 : rateRatio(scaling, { base, batchSize, referenceBatch, trainingImages }, denseBatch)
