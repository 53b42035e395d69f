import { describe, expect, it } from 'vitest'
import { bestLead, smoothedLoss } from '../../content/explain/labels'
import { averagesInARow, normalised, runningMeans } from '../../content/explain/means'
import { type PlotFigure } from '../../content/explain/plot'
import { localSgd, sweptLoss, twoWells } from '../../content/explain/quadratics'
import {
  adamPath,
  clippedByNorm,
  clippedByUnit,
  clippedByValue,
  firstLamb,
  larsRatio,
  sgdPath,
  exampleUpdateRatios,
} from '../../content/explain/updates'
import { figureOf } from './plotFixtures'

const curve = ({ curves }: PlotFigure, name: string): readonly (number | null)[] => {
  const one = curves.find((other) => other.name === name)
  if (one === undefined)
    throw new Error(`there is no curve ${name} among ${curves.map((other) => other.name).join(', ')}`)
  return one.y
}

const valueAt = (figure: PlotFigure, name: string, x: number): number | null | undefined =>
  curve(figure, name)[figure.x.indexOf(x)]

const close = (found: readonly (number | null)[], expected: readonly (number | null)[]): void => {
  expect(found.length).toBe(expected.length)
  found.forEach((value, index) => {
    const wanted = expected[index] ?? null
    if (value === null || wanted === null) expect(value).toBe(wanted)
    else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)))
  })
}

describe('plots show', () => {
  it('rules that meet at the reference batch', () => {
    const figure = figureOf('linear-rule', { base: 0.2, reference: 256 })
    expect(['linear', 'fixed', 'square root'].map((name) => valueAt(figure, name, 256))).toEqual([0.2, 0.2, 0.2])
    expect(['linear', 'fixed', 'square root'].map((name) => valueAt(figure, name, 1024))).toEqual([0.8, 0.2, 0.4])
    expect(valueAt(figureOf('sum-or-mean'), 'sum, fixed rate per example', 128)).toBe(0.5)
  })

  it('the noise scale of Smith and Le', () => {
    const figure = figureOf('momentum-and-batch')
    close(
      [
        valueAt(figure, 'ηN/(B(1 − μ))', 128) ?? null,
        valueAt(figure, 'exact, with N/B − 1', 128) ?? null,
        valueAt(figure, 'without momentum', 128) ?? null,
      ],
      [312.5, 311.5, 31.25],
    )
  })

  it('one noise scale for a batch that grows and a rate that falls, with the cap and without', () => {
    for (const values of [{}, { cap: 1000, factor: 2 }, { cap: 40, milestones: [0.2, 0.5] }]) {
      const figure = figureOf('growing-batch', values)
      close(curve(figure, 'noise scale'), curve(figure, 'noise scale if the rate falls'))
    }
    const rates = curve(figureOf('growing-batch', { cap: 1000, factor: 2 }), 'rate')
    expect(new Set(rates)).toEqual(new Set([1]))
  })

  it('the regime of the reference batch, by updates', () => {
    const figure = figureOf('regime-adaptation', { adaptation: 'updates' })
    close(curve(figure, 'large batch, adapted'), curve(figure, 'reference batch'))
    expect(curve(figure, 'large batch').filter((rate) => rate !== null).length).toBe(400)
  })

  it('an average over as many images, once its decay is scaled', () => {
    const figure = figureOf('ema')
    close(curve(figure, 'this batch, decay scaled'), curve(figure, 'reference batch'))
  })

  it('noise that makes up for the batch, and is too much beside the square root rule', () => {
    const figure = figureOf('gradient-noise')
    expect(['noise added', 'square root rule', 'both', 'neither'].map((name) => valueAt(figure, name, 4096))).toEqual(
      [1, 1, 32, 1 / 32].map((value) => expect.closeTo(value, 9) as number),
    )
  })

  it("McCandlish's economy", () => {
    const figure = figureOf('gradient-noise-scale')
    close(
      [32, 128, 1024].flatMap((batch) => [
        valueAt(figure, 'updates', batch) ?? null,
        valueAt(figure, 'examples', batch) ?? null,
      ]),
      [5, 1.25, 2, 2, 1.125, 9],
    )
  })

  it('ghosts as one batch when they are as large', () => {
    const figure = figureOf('ghost-batch-norm', { ghost: 6 })
    close(curve(figure, 'in ghosts'), curve(figure, 'whole batch'))
    const sum = curve(figureOf('ghost-batch-norm', {}, 1), 'one after the other, full weight').reduce<number>(
      (total, weight) => total + (weight ?? 0),
      0,
    )
    expect(sum).toBeCloseTo(1 - 0.9 ** 32, 12)
  })

  it('that 128 in 40,000 leaves 64 images over, and 4,096 leaves 3,136', () => {
    const figure = figureOf('last-partial-batch')
    close(
      [128, 4096].map((size) => valueAt(figure, 'left out of an epoch', size) ?? null),
      [0.16, 7.84],
    )
  })

  it('a plateau that patience waits for', () => {
    const falls = (patience: number): number => new Set(curve(figureOf('plateau', { patience }), 'rate')).size - 1
    expect(falls(0)).toBeGreaterThan(falls(5))
    expect(falls(5)).toBeGreaterThan(1)
    // With none the rate is gone before the loss has come down.
    const last = (patience: number): number => curve(figureOf('plateau', { patience }), 'validation loss').at(-1) ?? NaN
    expect(last(0)).toBeGreaterThan(2 * last(5))
  })

  it('a run that a short patience ends before its first drop', () => {
    const ended = (patience: number): number =>
      curve(figureOf('early-stopping', { patience }), 'until it is ended').filter((value) => value !== null).length
    expect(ended(10)).toBeLessThan(50)
    expect(ended(40)).toBe(100)
  })

  it('a range test that ends sooner with a small batch', () => {
    const drawn = (batch: number): number =>
      curve(figureOf('rate-finder', { batch }), 'smoothed').filter((value) => value !== null).length
    expect(drawn(4)).toBeLessThan(drawn(4096))
  })

  it("power iteration's estimates, and the limit of the rate", () => {
    close(curve(figureOf('hessian'), 'estimate').slice(0, 4), [2, 3, 3.5, 3.6])
    close([valueAt(figureOf('hessian', { momentum: 0.5 }, 1), 'heavy ball', 0.1) ?? null], [30])
  })
})

describe("scalar twins of the trainer's rules", () => {
  const sgd = { rate: () => 0.1, momentum: 0.9 }
  it('move as the vectors say', () => {
    close(
      sgdPath(1, () => 1, 3, { ...sgd, decay: { by: 0.01, type: 'coupled' } }),
      [0.899, 0.707201, 0.433874699],
    )
    close(
      sgdPath(1, () => 1, 3, { ...sgd, nesterov: true, decay: { by: 0.01, type: 'coupled' } }),
      [0.8081, 0.53475461, 0.18845501490000003],
    )
    close(
      sgdPath(1, () => 1, 3, { ...sgd, decay: { by: 0.01, type: 'decoupled' } }),
      [0.899, 0.708101, 0.436392899],
    )
    const falling = (buffer: 'outside' | 'inside' | 'corrected') =>
      sgdPath(0, () => 1, 4, { rate: (update) => (update < 2 ? 0.1 : 0.01), momentum: 0.9, buffer })
    close(falling('outside'), [-0.1, -0.29, -0.3171, -0.35149])
    close(falling('inside'), [-0.1, -0.29, -0.471, -0.6439])
    close(falling('corrected'), falling('outside'))
  })

  it('Adam: the mean over the root of the mean square, both corrected', () => {
    const motion = { rate: 1, beta1: 0.9, beta2: 0.999, epsilon: 0 }
    const path = adamPath(0, (_, update) => (update === 0 ? 1 : 10), 2, motion)
    // (0.1·0.9·1 + 0.1·10)/0.19 over √((0.001·0.999 + 0.001·100)/0.001999).
    close(path, [-1, -1 - 1.09 / 0.19 / Math.sqrt(0.100999 / 0.001999)])
    close(
      adamPath(2, () => 0, 2, { ...motion, epsilon: 1e-8, rate: 0.1, decay: { by: 0.5, type: 'decoupled' } }),
      [1.9, 1.805],
    )
    close(
      adamPath(2, () => 0, 1, { ...motion, rate: 0.1, decay: { by: 0.5, type: 'coupled' } }),
      [1.9],
    )
  })

  it('LARS, LAMB and clipping', () => {
    expect(larsRatio({ trust: 0.001, weightNorm: 5, gradientNorm: 1, decay: 5e-4 })).toBeCloseTo(0.004987531172, 9)
    const { ratio, lamb, adam } = firstLamb([3, 4], [0.6, 0.8], { rate: 0.001, decay: 0.01, epsilon: 1e-6 })
    expect(ratio).toBeCloseTo(3.415939738, 6)
    expect(lamb[0]).toBeCloseTo(2.9964815878, 8)
    expect(adam[1]).toBeCloseTo(4 - 0.00103999875, 8)
    expect(clippedByNorm([3, 4], 1)[0]).toBeCloseTo(0.59999988, 8)
    expect(clippedByValue([3, -4], 3.5)).toEqual([3, -3.5])
    close(
      [...clippedByUnit([0.6, 0.8], [3, 4], 0.01), ...clippedByUnit([0.3, 0.4], [0, 0.0005], 0.01)],
      [0.03, 0.04, 6e-6, 8e-6],
    )
  })

  it('workers that drift only where their bowls differ', () => {
    const bowls = [
      { curvature: 1, centre: 0 },
      { curvature: 3, centre: 2 },
    ]
    const after = (momentum: number) => {
      const { workers, together } = localSgd(bowls, 2, {
        rate: 0.1,
        momentum,
        from: 0,
        averages: (update) => update === 1,
      })
      return [...workers.map((one) => one[1] ?? NaN), together[1] ?? NaN]
    }
    close(after(0), [0.51, 0.51, 0.54])
    close(after(0.9), [0.78, 0.78, 0.81])
  })

  it('ratios that settle at √(2ηλ), from below and from above', () => {
    for (const length of [0.5, 20])
      expect(exampleUpdateRatios(200_000, { rate: 0.1, decay: 5e-3, length, gradient: 1 }).at(-1)).toBeCloseTo(
        Math.sqrt(2 * 0.1 * 5e-3),
        4,
      )
    expect(exampleUpdateRatios(1, { rate: 0.1, decay: 0, length: 2, gradient: 3 })[0]).toBeCloseTo(0.3 / 4, 12)
  })

  it('smoothed labels, means and ghosts', () => {
    expect(smoothedLoss([2, 1, 0.1], 0.1)).toBeCloseTo(0.5136966829, 9)
    const around = [-0.01, 0, 0.01].map((off) =>
      smoothedLoss([bestLead(0.1, 10) + off, ...Array.from({ length: 9 }, () => 0)], 0.1),
    )
    expect(around[1]).toBe(Math.min(...around))
    expect(runningMeans([1, 2, 6])).toEqual([1, 1.5, 3])
    close(
      normalised([1, 3, 5, 9, 2, 4], [2, 2, 2]).map((value) => Number(value.toFixed(6))),
      [-0.999995, 0.999995, -0.999999, 0.999999, -0.999995, 0.999995],
    )
    expect(normalised([1, 3, 5, 9, 2, 4], [6])[3]).toBeCloseTo(1.9364902207, 9)
    // 32 ghosts at a weight of 0.1 each leave 3 % of what was there, and 90 % at 0.1/32; after three ghosts of means 2,
    // 7, 3 the mean is 1.092.
    expect(averagesInARow(32, 0.1).keep).toBeCloseTo(0.03434, 5)
    expect(averagesInARow(32, 0.1 / 32).keep).toBeCloseTo(0.9047, 4)
    expect(
      averagesInARow(3, 0.1).weights.reduce((sum, weight, i) => sum + weight * ([2, 7, 3][i] ?? NaN), 0),
    ).toBeCloseTo(1.092, 9)
  })

  it('losses of a sweep and between two minima', () => {
    // One curvature 2 from ½·2·1 = 1: e² = (1 − 0.2)² + 0.01·2·4/8.
    close(sweptLoss([0.1, 0.1], { curvatures: [2], noise: 4, batchSize: 8 }), [1, 0.64 + 0.01])
    const loss = twoWells([
      { at: Float64Array.of(0), curvature: 2 },
      { at: Float64Array.of(10), curvature: 8 },
    ])
    close(
      [0, 10, 1, 9].map((w) => loss(Float64Array.of(w))),
      [0, 0, 1, 4],
    )
  })
})
