import type { RunConfig } from '../../../core/config/config'
import { meanRate } from '../../../core/config/optimizer'
import type { Diagnosis } from '../../../core/events'
import { gradientMoments, rateToBatch } from '../../../core/noise'
import type { Batch, Learner, UpdateRates } from './learner'
import { updateRatios } from './measuredPieces'

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/**
 * Looks at a learner before one of its updates; what it returns looks again afterwards. Null for updates that the
 * config does not want measured.
 */
export function measureUpdate(
  learner: Learner,
  { diagnostics, optimizer }: RunConfig,
  batch: Batch,
  rates: UpdateRates,
  between?: () => void,
): (() => Diagnosis) | null {
  const update = batch.update + 1
  if (diagnostics.every === null || update % diagnostics.every !== 0) return null
  const before = diagnostics.updateRatio ? learner.read() : null
  const norms = diagnostics.gradientNoise ? learner.measure(batch, rates, between) : null
  return () => {
    const moments = norms && gradientMoments(norms)
    return {
      update,
      rateToBatch: rateToBatch(meanRate(optimizer, rates.learningRate, batch.count), batch.count),
      ratios: before && updateRatios(before, learner.read(), learner.weights),
      gradient: moments && { spread: finite(moments.spread), squaredNorm: finite(moments.squaredNorm) },
    }
  }
}
