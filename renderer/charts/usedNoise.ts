import { amplifyingMomentum, meanRate, momentumOf } from '../../core/config/optimizer'
import { noiseScale, rateToBatch } from '../../core/noise'
import type { TracedRun } from '../../core/run'
import { cyclesMomentum } from '../../core/schedules/all'

/**
 * ηN/(B(1−μ)) of each update from the rate, batch size and momentum that it used; null where one of them is not known.
 */
export function usedNoiseScales({ run: { config, facts: info }, trace }: TracedRun): readonly (number | null)[] {
  const {
    optimizer,
    learningRate: { schedule },
  } = config
  const trainingImages = info?.counts.train
  // Older versions did not record the momentum. It is that of the config unless a schedule may have moved it.
  const unrecorded = cyclesMomentum(schedule) ? null : momentumOf(optimizer)
  return trace.learningRate.map((rate, index) => {
    const [batchSize, momentum] = [trace.batchSize[index], trace.momentum[index] ?? unrecorded]
    if (trainingImages === undefined || batchSize === undefined || momentum === null) return null
    return noiseScale({
      learningRate: meanRate(optimizer, rate, batchSize),
      trainingImages,
      batchSize,
      momentum: amplifyingMomentum(optimizer, momentum),
    })
  })
}

/** η/B of each update as used, per image. */
export const ratesToBatch = ({
  run: {
    config: { optimizer },
  },
  trace,
}: TracedRun): readonly (number | null)[] =>
  trace.learningRate.map((rate, index) => {
    const batchSize = trace.batchSize[index]
    return batchSize === undefined ? null : rateToBatch(meanRate(optimizer, rate, batchSize), batchSize)
  })
