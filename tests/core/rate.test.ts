import { describe, expect, it } from 'vitest'
import { denseRateFactorOf, rateAt, scaledRateOf, scaledRateOfRun } from '../../core/plan/rate'
import type { ScalingConfig } from '../../core/scaling'
import { configOf, infoOf, planOf } from '../support/planInfo'

const rules: readonly (readonly [ScalingConfig, number])[] = [
  [{ type: 'fixed' }, 0.1],
  [{ type: 'linear' }, 0.4],
  [{ type: 'squareRoot' }, 0.2],
  [{ type: 'constantRatio', ratio: 0.001 }, 0.512],
  [{ type: 'momentum' }, 0.1],
  [{ type: 'datasetProportional' }, 0.0512],
]

describe('the scaled rate', () => {
  it.each(rules)('by the rule $type is that of the plan', (scaling, rate) => {
    const config = configOf({ batchSize: 512, learningRate: { base: 0.1, referenceBatch: 128, scaling } })
    expect(scaledRateOf(config, 1000)).toBeCloseTo(rate, 12)
    expect(planOf(config, 1000).scaledRate).toBe(scaledRateOf(config, 1000))
    expect(planOf(config, 1000).learningRate(0)).toBe(scaledRateOf(config, 1000))
    expect(scaledRateOfRun({ config, facts: infoOf(1000) })).toBe(scaledRateOf(config, 1000))
  })

  it('of a run that never read its data is known, but for the rule that counts images', () => {
    const rateOf = (scaling: ScalingConfig): number | null =>
      scaledRateOfRun({ config: configOf({ batchSize: 512, learningRate: { scaling } }), facts: null })
    expect(rateOf({ type: 'linear' })).toBeCloseTo(0.4, 12)
    expect(rateOf({ type: 'datasetProportional' })).toBeNull()
  })
})

it('the rate of an update is the planned one, times what a plateau left of it', () => {
  const plan = { learningRate: (update: number) => 0.1 * (update + 1) }
  expect(rateAt(plan, { update: 0, plateau: { factor: 1 } })).toBe(0.1)
  expect(rateAt(plan, { update: 3, plateau: { factor: 0.25 } })).toBe(0.25 * (0.1 * 4))
})

it('dense layers of their own batch size have the rate of the scaling rule at that size', () => {
  const config = configOf({ batchSize: 512, learningRate: { referenceBatch: 64, scaling: { type: 'linear' } } })
  expect(denseRateFactorOf(config, 1000)).toBe(1)
  expect(denseRateFactorOf({ ...config, batch: { ...config.batch, denseBatch: 128 } }, 1000)).toBe(1 / 4)
})
