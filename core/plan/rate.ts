import type { RunConfig } from '../config/config'
import type { Run } from '../run'
import { scaledRate } from '../scaling'

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
