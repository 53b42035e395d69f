import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  batchForMomentum,
  coupledRate,
  effectiveBatch,
  meanRateOfSum,
  momentumForBatch,
  ScalingConfig,
  scaledRate,
  sumDecayOfMean,
  sumRateOfMean,
} from '../../core/scaling'
import { noiseScale } from '../../core/noise'
import { sgd } from '../reference/sgd'
import { expectClose } from '../support/close'

const rate = (type: string, batchSize: number, base: number, referenceBatch: number): number =>
  scaledRate(ScalingConfig.parse({ type }), { base, batchSize, referenceBatch, trainingImages: 40_000 })

describe('scaling rules', () => {
  const rows: readonly (readonly [
    rule: string,
    base: number,
    reference: number,
    rates: readonly (readonly [batch: number, rate: number])[],
  ])[] = [
    [
      'fixed',
      0.1,
      128,
      [
        [2, 0.1],
        [4096, 0.1],
      ],
    ],
    [
      'linear',
      0.1,
      256,
      [
        [32, 0.0125],
        [256, 0.1],
        [1024, 0.4],
        [8192, 3.2],
      ],
    ],
    [
      'linear',
      0.1,
      128,
      [
        [2, 0.0015625],
        [32, 0.025],
        [512, 0.4],
        [4096, 3.2],
      ],
    ],
    // Lin et al. 2018: 16 workers of 128; their two READMEs name two reference batches.
    ['linear', 0.1, 64, [[2048, 3.2]]],
    ['linear', 0.1, 128, [[2048, 1.6]]],
    [
      'squareRoot',
      0.1,
      128,
      [
        [2, 0.0125],
        [32, 0.05],
        [512, 0.2],
        [2048, 0.4],
        [4096, 0.5656854249],
      ],
    ],
    ['squareRoot', 0.1, 256, [[2048, 0.2828427125]]],
    [
      'datasetProportional',
      0.1,
      128,
      [
        [128, 0.00032],
        [2, 5e-6],
      ],
    ],
    ['datasetProportional', 1, 128, [[128, 0.0032]]],
    [
      'constantRatio',
      0.1,
      1,
      [
        [128, 0.1],
        [256, 0.2],
      ],
    ],
  ]
  for (const [rule, base, reference, rates] of rows) {
    it(`give the published rates: ${rule} from ${base} at ${reference}`, () => {
      for (const [batch, expected] of rates) expectClose(rate(rule, batch, base, reference), expected, 1e-9)
    })
  }

  it('change nothing at the reference batch', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('fixed', 'linear', 'squareRoot', 'momentum'),
        fc.integer({ min: 1, max: 65_536 }),
        fc.double({ min: 1e-6, max: 100, noNaN: true }),
        (rule, batch, base) => {
          expect(rate(rule, batch, base, batch)).toBe(base)
        },
      ),
    )
  })

  it('double the rate for four times the batch by the square root', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16_384 }), fc.integer({ min: 1, max: 4096 }), (batch, reference) => {
        expectClose(rate('squareRoot', 4 * batch, 0.1, reference), 2 * rate('squareRoot', batch, 0.1, reference), 1e-12)
      }),
    )
  })

  it('keep the noise scale of a batch ratio by the linear rule', () => {
    const noise = (learningRate: number, batchSize: number) =>
      noiseScale({ learningRate, batchSize, trainingImages: 40_000, momentum: 0.9 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), (batch) =>
        expectClose(noise(rate('linear', batch, 0.1, 128), batch), noise(0.1, 128), 1e-12),
      ),
    )
  })
})

describe('sum and mean reduction', () => {
  it('convert rates as Masters & Luschi do', () => {
    for (const [batch, expected] of [
      [2, 0.0078125],
      [8, 0.03125],
      [32, 0.125],
      [128, 0.5],
    ] as const)
      expect(meanRateOfSum(2 ** -8, batch)).toBe(expected)
    expectClose(sumRateOfMean(0.1, 128), 7.8125e-4, 1e-12)
    expectClose(sumDecayOfMean(5e-4, 128), 0.064, 1e-12)
  })

  it('make the same weights, momentum and coupled weight decay included', () => {
    const examples = fc.array(
      fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })),
      { minLength: 1, maxLength: 16 },
    )
    fc.assert(
      fc.property(
        examples,
        fc.double({ min: 0, max: 0.95, noNaN: true }),
        fc.double({ min: 0, max: 0.1, noNaN: true }),
        (images, momentum, weightDecay) => {
          const m = images.length
          // Two weights, ½(w − image)² per image and weight.
          const gradient = (weights: readonly number[], over: number) =>
            weights.map((weight, index) => images.reduce((sum, image) => sum + weight - (image[index] ?? 0), 0) / over)
          let mean = sgd.start([1, -2])
          let sum = sgd.start([1, -2])
          for (let update = 0; update < 5; update += 1) {
            mean = sgd.step(mean, gradient(mean.weights, m), {
              learningRate: 0.05,
              momentum,
              weightDecay,
              nesterov: false,
              decay: 'coupled',
            })
            sum = sgd.step(sum, gradient(sum.weights, 1), {
              learningRate: sumRateOfMean(0.05, m),
              momentum,
              weightDecay: sumDecayOfMean(weightDecay, m),
              nesterov: false,
              decay: 'coupled',
            })
          }
          mean.weights.forEach((weight, index) => expect(sum.weights[index]).toBeCloseTo(weight, 9))
        },
      ),
    )
  })

  it('differ when the weight decay is not multiplied by the batch', () => {
    const options = { momentum: 0, nesterov: false, decay: 'coupled' } as const
    const mean = sgd.step(sgd.start([1]), [0], { ...options, learningRate: 0.1, weightDecay: 0.01 })
    const sum = sgd.step(sgd.start([1]), [0], { ...options, learningRate: 0.1 / 128, weightDecay: 0.01 })
    expect(1 - (mean.weights[0] ?? 0)).toBeCloseTo(128 * (1 - (sum.weights[0] ?? 0)), 9)
  })
})

describe('momentum scaling', () => {
  it('counts momentum into the batch', () => {
    expectClose(effectiveBatch(128, 0.9), 1280, 1e-9)
    expectClose(effectiveBatch(256, 0.95), 5120, 1e-9)
  })

  it('takes five times the batch from momentum 0.9 to 0.98', () => {
    expectClose(batchForMomentum(640, 0.9, 0.98), 3200, 1e-9)
  })

  it('keeps the noise scale in both directions', () => {
    const noise = (batchSize: number, momentum: number) =>
      noiseScale({ learningRate: 0.1, batchSize, trainingImages: 50_000, momentum })
    fc.assert(
      fc.property(
        fc.integer({ min: 128, max: 8192 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (batch, momentum, other) => {
          expectClose(noise(batch, momentumForBatch(momentum, batch, 128)), noise(128, momentum), 1e-9)
          expectClose(noise(batchForMomentum(batch, momentum, other), other), noise(batch, momentum), 1e-9)
        },
      ),
    )
  })

  it('is undone for rates that a code quotes with 1 + 1/(1 − μ) in them', () => {
    expectClose(1 / coupledRate(1, 0.85), 7.667, 5e-5)
    expectClose(coupledRate(11.5, 0.85), 1.5, 1e-9)
  })

  it('stops at no momentum for a batch that is too small', () => {
    expect(momentumForBatch(0.5, 32, 128)).toBe(0)
  })
})
