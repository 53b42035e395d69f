import { describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { examplesAt, imagesUsed, phaseOfEpoch } from '../../core/plan/phases'
import { expectClose } from '../support/close'
import { planOf } from '../support/planInfo'

type Rate = RunConfigInput['learningRate']

const constant: Rate = { base: 0.1, schedule: { type: 'constant' } }

const dropping: Rate = {
  base: 0.1,
  schedule: { type: 'multiStep', factor: 0.2, milestones: [60, 120, 160], unit: 'epochs' },
}

const smith = (input: RunConfigInput, cap: number | null = null): RunConfigInput => ({
  epochs: 200,
  learningRate: constant,
  ...input,
  batch: {
    lastPartial: 'keep',
    growth: { type: 'milestones', factor: 5, milestones: [60, 120, 160], unit: 'epochs', cap },
  },
})

describe('a growing batch', () => {
  // Smith et al. 2017: N = 50 000, B = 128, η = 0.1, μ = 0.9, factor 5 at epochs 60, 120 and 160 of 200.
  it.each<[string, RunConfigInput, number]>([
    [
      'of the same size makes as many updates as ever',
      { epochs: 200, learningRate: dropping, batch: { lastPartial: 'keep' } },
      78_200,
    ],
    ['makes fewer', smith({}), 29_000],
    ['with a cap makes a few more', smith({}, 5120), 29_240],
    ['that starts large makes far fewer', smith({ batchSize: 640 }, 5120), 6_500],
    [
      'that starts larger still, with more momentum, makes the fewest',
      smith({ batchSize: 3200, optimizer: { type: 'sgd', momentum: 0.98 } }, 5120),
      2_360,
    ],
  ])('%s', (_, input, updates) => {
    expect(planOf(input, 50_000).updates).toBe(updates)
  })

  it('has the noise scale of the falling rate in every epoch, capped or not', () => {
    const falling = planOf({ epochs: 200, learningRate: dropping, batch: { lastPartial: 'drop' } }, 50_000)
    for (const cap of [null, 5120, 700]) {
      const config = smith({}, cap)
      const growing = planOf({ ...config, batch: { ...config.batch, lastPartial: 'drop' } }, 50_000)
      const scales = [0, 60, 120, 160].map((epoch) => growing.noiseScale(growing.clock.updateAt(epoch)))
      scales.forEach((scale, i) => expectClose(scale, [390.625, 78.125, 15.625, 3.125][i] ?? NaN, 1e-9))
      for (let epoch = 0; epoch < 200; epoch++) {
        expectClose(
          growing.noiseScale(growing.clock.updateAt(epoch)),
          falling.noiseScale(falling.clock.updateAt(epoch)),
          1e-9,
        )
      }
    }
  })

  it('grows at the milestones, and lets the rate fall where it meets the cap', () => {
    const plan = planOf(smith({}, 5120), 50_000)
    const at = (epoch: number) => plan.clock.updateAt(epoch)
    expect([0, 59, 60, 119, 120, 160, 199].map((epoch) => plan.batchSize(at(epoch)))).toEqual([
      128, 128, 640, 640, 3200, 5120, 5120,
    ])
    expectClose(plan.learningRate(at(159)), 0.1, 1e-12)
    expectClose(plan.learningRate(at(160)), (0.1 * 5120) / 16_000, 1e-12)
    expect(plan.phases.map(({ firstUpdate }) => firstUpdate)).toEqual([0, 23_460, 28_200, 28_840])
  })

  it('uses every image once an epoch when the last batch is kept, whatever the phase', () => {
    const plan = planOf(smith({}), 50_000)
    for (const epoch of [0, 59, 60, 120, 199]) {
      const first = plan.clock.updateAt(epoch)
      const updates = phaseOfEpoch(plan.phases, epoch).updatesPerEpoch
      const images = Array.from({ length: updates }, (_, i) => plan.batchSize(first + i)).reduce(
        (sum, size) => sum + size,
        0,
      )
      expect(images).toBe(50_000)
      expect(imagesUsed(phaseOfEpoch(plan.phases, epoch))).toBe(50_000)
    }
    const dropped = planOf(
      { ...smith({}), batch: { growth: { type: 'milestones', factor: 5, milestones: [60], unit: 'epochs' } } },
      50_000,
    )
    expect(imagesUsed(phaseOfEpoch(dropped.phases, 60))).toBe(78 * 640)
  })

  it('knows how many images were seen before each update', () => {
    const plan = planOf(
      {
        epochs: 4,
        batchSize: 10,
        batch: { lastPartial: 'keep', growth: { type: 'milestones', factor: 3, milestones: [1, 3], unit: 'epochs' } },
      },
      95,
    )
    let seen = 0
    for (let update = 0; update < plan.updates; update++) {
      expect(examplesAt(plan.phases, update)).toBe(seen)
      seen += plan.batchSize(update)
    }
    expect(seen).toBe(4 * 95)
  })

  it('never has more images than there are', () => {
    const plan = planOf(smith({}), 1000)
    expect(plan.phases.map(({ batchSize }) => batchSize)).toEqual([128, 640, 1000, 1000])
    expectClose(plan.phases[3]?.rateFactor ?? NaN, 1000 / 16_000, 1e-12)
  })

  it('reads fractions as whole epochs, and leaves out what lies at or beyond the end', () => {
    const plan = planOf(
      {
        epochs: 10,
        batchSize: 10,
        batch: { growth: { type: 'milestones', factor: 2, milestones: [0.05, 0.5, 1], unit: 'fraction' } },
      },
      1000,
    )
    expect(plan.phases.map(({ firstEpoch, epochs, batchSize }) => [firstEpoch, epochs, batchSize])).toEqual([
      [0, 1, 10],
      [1, 4, 20],
      [5, 5, 40],
    ])
  })
})

describe('regime adaptation', () => {
  const large: RunConfigInput = {
    batchSize: 4096,
    learningRate: {
      base: 0.1,
      referenceBatch: 128,
      schedule: { type: 'multiStep', milestones: [81, 122, 164], unit: 'epochs' },
    },
    epochs: 200,
  }

  it('stretches the epochs and the milestones by the ratio of the batches', () => {
    const plan = planOf({ ...large, batch: { regimeAdaptation: 'epochs', lastPartial: 'keep' } }, 50_000)
    expect(plan.epochs).toBe(6400)
    expect(plan.updatesPerEpoch).toBe(13)
    // Hoffer et al. 2017: 81, 122 and 164 become 2592, 3904 and 5248.
    for (const [epoch, update, rate] of [
      [2592, 33_696, 0.01],
      [3904, 50_752, 1e-3],
      [5248, 68_224, 1e-4],
    ] as const) {
      expect(plan.clock.updateAt(epoch)).toBe(update)
      expectClose(plan.learningRate(update), rate, 1e-9)
      expectClose(plan.learningRate(update - 1), 10 * rate, 1e-9)
    }
  })

  it('keeps the number of updates and the schedule of the reference batch', () => {
    const plan = planOf({ ...large, batch: { regimeAdaptation: 'updates', lastPartial: 'keep' } }, 50_000)
    expect(plan.epochs).toBe(Math.ceil((200 * 391) / 13))
    for (const [update, rate] of [
      [31_671, 0.01],
      [47_702, 1e-3],
      [64_124, 1e-4],
    ] as const) {
      expectClose(plan.learningRate(update), rate, 1e-9)
      expectClose(plan.learningRate(update - 1), 10 * rate, 1e-9)
    }
  })

  it('changes nothing at the reference batch', () => {
    const off = planOf({ ...large, batchSize: 128 }, 50_000)
    for (const regimeAdaptation of ['epochs', 'updates'] as const) {
      const plan = planOf({ ...large, batchSize: 128, batch: { regimeAdaptation } }, 50_000)
      expect([plan.epochs, plan.updates]).toEqual([off.epochs, off.updates])
      for (const update of [0, 31_589, 31_590, 60_000, off.updates - 1])
        expect(plan.learningRate(update)).toBe(off.learningRate(update))
    }
  })

  it('holds the last rate where epochs are rounded up', () => {
    const plan = planOf(
      {
        batchSize: 300,
        epochs: 3,
        learningRate: { base: 0.1, referenceBatch: 100, schedule: { type: 'cosine' } },
        batch: { regimeAdaptation: 'updates' },
      },
      1000,
    )
    expect(plan.updates).toBe(30)
    const odd = planOf(
      {
        batchSize: 350,
        epochs: 3,
        learningRate: { base: 0.1, referenceBatch: 100, schedule: { type: 'cosine' } },
        batch: { regimeAdaptation: 'updates' },
      },
      1000,
    )
    expect(odd.updates).toBe(30)
    const more = planOf(
      {
        batchSize: 260,
        epochs: 3,
        learningRate: { base: 0.1, referenceBatch: 100, schedule: { type: 'cosine' } },
        batch: { regimeAdaptation: 'updates', lastPartial: 'keep' },
      },
      1000,
    )
    expect(more.updates).toBe(32)
    expect(more.learningRate(31)).toBe(more.learningRate(29))
  })
})

describe('momentum correction', () => {
  it('is the ratio of two rates in a row, and 1 unless asked for', () => {
    const learningRate: Rate = { base: 0.1, schedule: { type: 'multiStep', milestones: [5], unit: 'updates' } }
    const plan = planOf({ learningRate, optimizer: { type: 'sgd', rate: 'inside', momentumCorrection: true } }, 5000)
    expect([0, 1, 4, 6].map(plan.momentumCorrection)).toEqual([1, 1, 1, 1])
    expectClose(plan.momentumCorrection(5), 0.1, 1e-12)
    expect(planOf({ learningRate, optimizer: { type: 'sgd', rate: 'inside' } }, 5000).momentumCorrection(5)).toBe(1)
  })

  it('is 1 behind a rate of 0', () => {
    const plan = planOf(
      {
        learningRate: { base: 0.1, warmup: { type: 'gradual', from: 'rate', start: 0 } },
        optimizer: { type: 'sgd', rate: 'inside', momentumCorrection: true },
      },
      5000,
    )
    expect(plan.learningRate(0)).toBe(0)
    expect(plan.momentumCorrection(1)).toBe(1)
    expectClose(plan.momentumCorrection(2), 2, 1e-12)
  })
})

describe('simulated workers', () => {
  it('are averaged after every update before the switch, and after every H-th of the run behind it', () => {
    const plan = planOf(
      {
        batchSize: 100,
        epochs: 4,
        batch: { workers: { type: 'postLocal', workers: 4, averageEvery: 3, switchAt: 0.5 } },
      },
      500,
    )
    expect(Array.from({ length: 20 }, (_, update) => (plan.averagesWorkers(update) ? 1 : 0)).join('')).toBe(
      '11111111110100100100',
    )
    expect(plan.ghostSizes).toEqual([25, 25, 25, 25])
    expect(planOf({}, 500).averagesWorkers(0)).toBe(false)
  })

  it('go their own ways from the epoch that is meant, up to rounding', () => {
    // 0.55 · 100 is 55.00000000000001.
    const plan = planOf(
      {
        batchSize: 100,
        epochs: 100,
        batch: { workers: { type: 'postLocal', workers: 4, averageEvery: 1000, switchAt: 0.55 } },
      },
      500,
    )
    expect([54, 55].map((epoch) => plan.averagesWorkers(plan.clock.updateAt(epoch)))).toEqual([true, false])
  })
})
