import { describe, expect, it } from 'vitest'
import { samplePlan } from '../../core/job'
import { planRun } from '../../core/plan/plan'
import { ofFullBatches } from '../../renderer/editor/planCharts'
import { fakeRun } from './fakeRun'

describe('the samples of full batches', () => {
  it('leave the small last batch of every epoch out, also where the batch grows', () => {
    // 1,150 images: 9 batches of 120 and one of 70; from the second epoch on 4 of 240 and one of 190.
    const { run } = fakeRun(1, {
      batchSize: 120,
      epochs: 2,
      batch: { lastPartial: 'keep', growth: { type: 'milestones', factor: 2, milestones: [0.5] } },
      learningRate: { base: 0.1, referenceBatch: 120 },
    })
    const plan = planRun(run.config, run.facts!)
    const all = samplePlan(plan, 1)
    expect(all.batchSize).toEqual([...Array<number>(9).fill(120), 70, ...Array<number>(4).fill(240), 190])
    const full = ofFullBatches(plan, all)
    expect(full.update).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13])
    expect(new Set(full.batchSize)).toEqual(new Set([120, 240]))
    expect(Math.max(...full.noiseScale)).toBeCloseTo((0.1 * 1150) / (120 * 0.1), 9)
    expect(Math.max(...all.noiseScale)).toBeCloseTo((0.1 * 1150) / (70 * 0.1), 9)
  })

  it('are all of them where every batch is full', () => {
    const { run } = fakeRun(1)
    const plan = planRun(run.config, run.facts!)
    expect(ofFullBatches(plan, samplePlan(plan, 7))).toEqual(samplePlan(plan, 7))
  })
})
