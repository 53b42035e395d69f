import { describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { planRun } from '../../core/plan/plan'
import { csvOfRuns } from '../../renderer/charts/csv'
import { usedNoiseScales, ratesToBatch } from '../../renderer/charts/usedNoise'
import { expectClose } from '../support/close'
import { fakeRun } from './fakeRun'

// 1,150 training images.
const images = 1150
const unrecorded = (traced: ReturnType<typeof fakeRun>): ReturnType<typeof fakeRun> => ({
  ...traced,
  trace: { ...traced.trace, momentum: traced.trace.momentum.map(() => null) },
})
const oneCycle: RunConfigInput = {
  learningRate: { base: 0.1, referenceBatch: 32, schedule: { type: 'oneCycle', inverseMomentum: true } },
}

describe('the noise as used', () => {
  it('is what was planned, with a batch that grows and a momentum that moves', () => {
    for (const config of [
      {},
      oneCycle,
      { batch: { growth: { type: 'milestones', factor: 2, milestones: [0.5] }, lastPartial: 'keep' } },
    ] as RunConfigInput[]) {
      const traced = fakeRun(1, config)
      const plan = planRun(traced.run.config, traced.run.facts!)
      expect(usedNoiseScales(traced)).toEqual(traced.trace.update.map((update) => plan.noiseScale(update - 1)))
      ratesToBatch(traced).forEach((ratio, update) =>
        expectClose(ratio!, plan.learningRate(update) / plan.batchSize(update), 1e-12),
      )
    }
  })

  it('follows the trace where it parts from the plan', () => {
    const { run, trace } = fakeRun(1)
    const fallen = {
      run,
      trace: {
        ...trace,
        learningRate: trace.learningRate.map((rate, index) => (index < 10 ? rate : rate / 4)),
        momentum: trace.momentum.map((one, index) => (index < 20 ? one : 0.5)),
      },
    }
    const scales = usedNoiseScales(fallen)
    // 0.1·1150/(32·0.1), a quarter of it, and a fifth of that.
    ;[
      [9, 35.9375],
      [10, 8.984375],
      [20, 1.796875],
    ].forEach(([index = 0, expected = 0]) => expectClose(scales[index]!, expected, 1e-9))
  })

  it('counts summed rates per image, whatever the batch', () => {
    const summed: RunConfigInput = {
      batchSize: 49,
      batch: { lastPartial: 'keep' },
      learningRate: { base: 2 ** -8, referenceBatch: 49 },
      optimizer: { type: 'sgd', momentum: 0.5, reduction: 'sum' },
    }
    const traced = fakeRun(1, summed)
    expect(new Set(traced.trace.batchSize)).toEqual(new Set([49, images % 49]))
    for (const scale of usedNoiseScales(traced)) expectClose(scale!, (2 ** -8 * images) / 0.5, 1e-12)
    for (const ratio of ratesToBatch(traced)) expectClose(ratio!, 2 ** -8, 1e-12)
  })

  it('leaves the averages of Adam out, which add no steps up', () => {
    expectClose(
      usedNoiseScales(
        fakeRun(1, { optimizer: { type: 'adam' }, learningRate: { base: 1e-3, referenceBatch: 32 } }),
      )[0]!,
      (1e-3 * images) / 32,
      1e-12,
    )
  })

  it("of a trace without momentum is the config's, and a gap where a schedule may have moved it", () => {
    const traced = fakeRun(1)
    expect(usedNoiseScales(unrecorded(traced))).toEqual(usedNoiseScales(traced))
    expect(new Set(usedNoiseScales(unrecorded(fakeRun(1, oneCycle))))).toEqual(new Set([null]))
    expect(ratesToBatch(unrecorded(fakeRun(1, oneCycle)))).toEqual(ratesToBatch(fakeRun(1, oneCycle)))
  })

  it('is what a chart saves as CSV', () => {
    const traced = fakeRun(1)
    const [heading, first] = csvOfRuns([{ traced, label: 'a' }], 'noiseScale', 'epoch').split('\r\n')
    expect(heading).toBe('run,label,split,update,epoch,noiseScale')
    expect(Number(first?.split(',').at(-1))).toBe(usedNoiseScales(traced)[0])
  })
})
