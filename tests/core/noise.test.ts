import fc from 'fast-check'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import {
  averageNoise,
  batchEconomy,
  exactNoiseScale,
  fitDiffusion,
  gradientMoments,
  multiplicativeNoiseVariance,
  type NoiseAverage,
  noiseScale,
  plannedNoiseScales,
  noNoiseAverage,
  rateToBatch,
  simpleNoiseScale,
} from '../../core/noise'
import { ScheduleConfig, scheduleFor } from '../../core/schedules/all'
import { evenClock } from '../../core/schedules/schedule'
import { meanRate, OptimizerConfig } from '../../core/config/optimizer'
import { expectClose } from '../support/close'

describe('the noise scale', () => {
  const rows = [
    { learningRate: 0.1, trainingImages: 40_000, batchSize: 128, momentum: 0.9, expected: 312.5, exact: 311.5 },
    { learningRate: 0.1, trainingImages: 40_000, batchSize: 128, momentum: 0, expected: 31.25, exact: 31.15 },
    { learningRate: 0.8, trainingImages: 40_000, batchSize: 1024, momentum: 0.9, expected: 312.5, exact: 304.5 },
    { learningRate: 0.1, trainingImages: 50_000, batchSize: 128, momentum: 0.9, expected: 390.625, exact: 389.625 },
  ]
  for (const { expected, exact, ...inputs } of rows) {
    it(
      `is ${expected} at rate ${inputs.learningRate}, batch ${inputs.batchSize}, momentum ${inputs.momentum}, ` +
        `${inputs.trainingImages} images`,
      () => {
        expectClose(noiseScale(inputs), expected, 1e-9)
        expectClose(exactNoiseScale(inputs), exact, 1e-9)
      },
    )
  }

  it('is the same whether the batch grows or the rate falls', () => {
    const clock = evenClock(200, 391)
    const config = ScheduleConfig.parse({ type: 'multiStep', factor: 0.2, milestones: [60, 120, 160], unit: 'epochs' })
    const decayed = scheduleFor(config, 0.1, clock)
    const growth = scheduleFor(ScheduleConfig.parse({ ...config, factor: 5 }), 128, clock)
    const at = (learningRate: number, batchSize: number) =>
      noiseScale({ learningRate, batchSize, trainingImages: 50_000, momentum: 0.9 })
    for (const [epoch, expected, batch] of [
      [0, 390.625, 128],
      [60, 78.125, 640],
      [120, 15.625, 3200],
      [160, 3.125, 16_000],
    ] as const) {
      const update = clock.updateAt(epoch)
      expectClose(growth(update), batch, 1e-12)
      expectClose(at(decayed(update), 128), expected, 1e-9)
      expectClose(at(0.1, growth(update)), expected, 1e-9)
    }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: clock.updates - 1 }), (update) =>
        expectClose(at(0.1, growth(update)), at(decayed(update), 128), 1e-9),
      ),
    )
  })
})

describe('rate and batch', () => {
  it('give the ratios of Jastrzębski and the noise of Hoffer', () => {
    expectClose(rateToBatch(0.1, 128), 7.8125e-4, 1e-12)
    expectClose(rateToBatch(0.1, 50), 0.002, 1e-12)
    expectClose(rateToBatch(0.5, 250), 0.002, 1e-12)
    expectClose(1 / rateToBatch(0.1, 128), 1280, 1e-12)
    expect(multiplicativeNoiseVariance(4096, 128)).toBe(31)
  })

  // Masters & Luschi's η̃ = 2⁻⁸ at m = 2, 8, 32 and 128.
  it('count a summed rate per image, for the rule that follows the sum as it is', () => {
    const optimizer = (input: z.input<typeof OptimizerConfig>) => OptimizerConfig.parse(input)
    for (const [batch, rate] of [
      [2, 0.0078125],
      [8, 0.03125],
      [32, 0.125],
      [128, 0.5],
    ] as const) {
      expect(meanRate(optimizer({ type: 'sgd', reduction: 'sum' }), 2 ** -8, batch)).toBe(rate)
      for (const input of [
        { type: 'sgd' },
        { type: 'adam', reduction: 'sum' },
        { type: 'lamb', reduction: 'sum' },
      ] as const)
        expect(meanRate(optimizer(input), rate, batch)).toBe(rate)
    }
  })
})

describe('the simple noise scale', () => {
  const norms = { smallBatch: 64, smallSquaredNorm: 4, bigBatch: 1024, bigSquaredNorm: 1.5 }

  it('comes from squared gradient norms at two batch sizes', () => {
    const moments = gradientMoments(norms)
    expectClose(moments.squaredNorm, 1.3333333, 1e-7)
    expectClose(moments.spread, 170.6666667, 1e-9)
    expectClose(simpleNoiseScale(moments) ?? NaN, 128, 1e-12)
    expectClose(moments.squaredNorm + moments.spread / 1024, 1.5, 1e-12)
    expectClose(moments.squaredNorm + moments.spread / 64, 4, 1e-12)
  })

  it('is unbiased: 4000 draws of 50 gradients of mean 0.1 and deviation 1 come near |G|² = 0.5 and S = 50', () => {
    const random = xoroshiro128plus(7)
    const uniform = (): number => ((random.next() >>> 0) + 0.5) / 2 ** 32
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    // The mean gradient of B images is itself normal, with deviation 1/√B.
    const squaredNorm = (batch: number): number =>
      Array.from({ length: 50 }, () => (0.1 + normal() / Math.sqrt(batch)) ** 2).reduce(
        (sum, square) => sum + square,
        0,
      )
    const draws = Array.from({ length: 4000 }, () =>
      gradientMoments({
        smallBatch: 8,
        smallSquaredNorm: squaredNorm(8),
        bigBatch: 64,
        bigSquaredNorm: squaredNorm(64),
      }),
    )
    expectClose(draws.reduce((sum, moments) => sum + moments.squaredNorm, 0) / 4000, 0.5, 0.03)
    expectClose(draws.reduce((sum, moments) => sum + moments.spread, 0) / 4000, 50, 0.02)
  })

  it('divides averages, and does not average quotients', () => {
    const estimates = [
      { spread: 100, squaredNorm: 4 },
      { spread: 200, squaredNorm: -1 },
      { spread: 300, squaredNorm: 3 },
    ]
    const average = estimates.reduce<NoiseAverage>((so, moments) => averageNoise(so, moments, 0.5), noNoiseAverage)
    expectClose(average.weight, 0.875, 1e-12)
    expectClose(
      simpleNoiseScale(average) ?? NaN,
      (0.125 * 100 + 0.25 * 200 + 0.5 * 300) / (0.125 * 4 - 0.25 + 0.5 * 3),
      1e-12,
    )
  })

  it('starts its averages at 0 and corrects for it: three ones at 0.9 are 0.271, and 1', () => {
    const average = [1, 1, 1].reduce<NoiseAverage>(
      (so, one) => averageNoise(so, { spread: one, squaredNorm: one }, 0.9),
      noNoiseAverage,
    )
    expectClose(average.spread, 0.271, 1e-12)
    expectClose(average.spread / average.weight, 1, 1e-12)
  })

  it('is unknown while the squared norm is not above 0', () => {
    expect(simpleNoiseScale(noNoiseAverage)).toBeNull()
    expect(simpleNoiseScale({ spread: 1, squaredNorm: -0.1 })).toBeNull()
  })

  it('refuses two batches of one size', () => {
    expect(() => gradientMoments({ ...norms, bigBatch: 64 })).toThrow(
      'The larger batch must be larger than 64, found 64',
    )
  })

  it('says what a batch size costs', () => {
    for (const [batch, rate, updates, examples] of [
      [32, 0.2, 5, 1.25],
      [128, 0.5, 2, 2],
      [1024, 0.8889, 1.125, 9],
    ] as const) {
      const economy = batchEconomy(batch, 128)
      expectClose(economy.rate, rate, batch === 1024 ? 5.7e-5 : 1e-12)
      expectClose(economy.updates, updates, 1e-12)
      expectClose(economy.examples, examples, 1e-12)
      expectClose((economy.updates - 1) * (economy.examples - 1), 1, 1e-12)
    }
  })
})

describe('the diffusion fit', () => {
  it('finds intercept and slope of a logarithmic distance', () => {
    const updates = [1, 10, 100, 1000]
    const fit = fitDiffusion(
      updates,
      updates.map((update) => 0.5 + 2 * Math.log(update)),
    )
    expectClose(fit?.intercept ?? NaN, 0.5, 1e-9)
    expectClose(fit?.slope ?? NaN, 2, 1e-9)
    expectClose(fit?.r2 ?? NaN, 1, 1e-9)
  })

  it('explains less of distances that are off the line', () => {
    // ln t = 0, 1, 2 and d = 0, 2, 1: slope ½, intercept ½, R² ¼.
    const fit = fitDiffusion([1, Math.E, Math.E ** 2], [0, 2, 1])
    expectClose(fit?.slope ?? NaN, 0.5, 1e-9)
    expectClose(fit?.intercept ?? NaN, 0.5, 1e-9)
    expectClose(fit?.r2 ?? NaN, 0.25, 1e-9)
  })

  it('leaves out update 0 and distances that are not finite, and needs two others', () => {
    expect(fitDiffusion([0, 1, 2], [5, 1, NaN])).toBeNull()
    expect(fitDiffusion([3, 3], [1, 2])).toBeNull()
    expect(fitDiffusion([0, 1, Math.E], [99, 0, 1])?.slope).toBeCloseTo(1, 9)
  })
})

describe('noiseScales', () => {
  it('divides averages, not averages quotients, and waits for a positive |G|²', () => {
    expect(plannedNoiseScales([{ spread: 6, squaredNorm: -1 }, null, { spread: 2, squaredNorm: 3 }], 0.5)).toEqual([
      null,
      null,
      (1.5 + 1) / (-0.25 + 1.5),
    ])
    expect(plannedNoiseScales([{ spread: 512 / 3, squaredNorm: 4 / 3 }], 0.9)[0]).toBeCloseTo(128, 9)
  })
})
