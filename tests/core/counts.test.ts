import { describe, expect, it } from 'vitest'
import { epochBatches } from '../../core/plan/phases'
import { bytesFor } from '../../main/data/rawImages'
import { expectClose } from '../support/close'
import { configOf, planOf } from '../support/planInfo'

const images = 40_000

describe('the updates of an epoch of 40,000 images', () => {
  it.each([
    [128, 313, 312],
    [256, 157, 156],
    [512, 79, 78],
    [1024, 40, 39],
    [2048, 20, 19],
    [4096, 10, 9],
  ])('are, in batches of %d, %d with the last partial batch and %d without', (batchSize, kept, dropped) => {
    expect(planOf({ batchSize, batch: { lastPartial: 'keep' } }, images).updatesPerEpoch).toBe(kept)
    expect(planOf({ batchSize, batch: { lastPartial: 'drop' } }, images).updatesPerEpoch).toBe(dropped)
  })

  it.each([
    [128, 64],
    [256, 64],
    [512, 64],
    [1024, 64],
    [2048, 1088],
    [4096, 3136],
  ])('end, in batches of %d, with one of %d', (batchSize, rest) => {
    expect(epochBatches(configOf({ batchSize, batch: { lastPartial: 'keep' } }), images).rest).toBe(rest)
    const plan = planOf({ batchSize, batch: { lastPartial: 'keep' } }, images)
    expect(plan.batchSize(plan.updatesPerEpoch - 1)).toBe(rest)
  })

  it.each([
    [32, 250_000],
    [64, 125_000],
    [128, 62_600],
    [256, 31_400],
    [512, 15_800],
    [1024, 8_000],
    [2048, 4_000],
    [4096, 2_000],
  ])('add up, in 200 epochs of batches of %d, to %d', (batchSize, updates) => {
    expect(planOf({ batchSize, epochs: 200, batch: { lastPartial: 'keep' } }, images).updates).toBe(updates)
  })
})

describe('published runs', () => {
  it('have the updates and the drops of Masters & Luschi: 82 epochs of 50,000 images in batches of 128', () => {
    const plan = planOf(
      {
        batchSize: 128,
        epochs: 82,
        batch: { lastPartial: 'keep' },
        learningRate: { base: 0.1, schedule: { type: 'multiStep' } },
      },
      50_000,
    )
    expect(plan.updates).toBe(32_062)
    const drops = [16_031, 24_047].map((update) => plan.learningRate(update - 1) / plan.learningRate(update))
    for (const drop of drops) expectClose(drop, 10, 1e-9)
  })

  it('need a cycle in epochs: half of one of 4,000 updates is 200 epochs where an epoch has 10', () => {
    const plan = planOf(
      {
        batchSize: 4096,
        epochs: 400,
        batch: { lastPartial: 'keep' },
        learningRate: { schedule: { type: 'cyclic', period: 4000, unit: 'updates', factor: 10 } },
      },
      images,
    )
    expect(plan.clock.epochAt(2000)).toBe(200)
    expectClose(plan.learningRate(2000) / plan.learningRate(0), 10, 1e-9)
  })
})

describe('published files', () => {
  it('have the sizes that their readers expect', () => {
    expect(bytesFor('', 10_000, [32, 32, 3]) + 10_000).toBe(30_730_000)
    expect(16 + bytesFor('', 60_000, [28, 28, 1])).toBe(47_040_016)
    expect(8 + bytesFor('', 60_000, [1, 1, 1])).toBe(60_008)
    expect(16 + bytesFor('', 10_000, [28, 28, 1])).toBe(7_840_016)
    expect(8 + bytesFor('', 10_000, [1, 1, 1])).toBe(10_008)
  })
})
