import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  FinderConfig,
  hasDiverged,
  lowestIndex,
  slideIndex,
  steepestIndex,
  suggestRates,
  sweepRates,
  usablePart,
  valleyIndex,
} from '../../core/lrFinder'
import { smooth } from '../../core/measure'
import { expectClose } from '../support/close'

const losses = [2.3, 2.3, 2.29, 2.28, 2.25, 2.2, 2.1, 1.9, 1.7, 1.5, 1.4, 1.45, 1.8, 2.6, 4]
const rates = losses.map((_, index) => 1e-5 * 10 ** (index / 3))

describe('the sweep', () => {
  it('multiplies the rate by the same factor each update, one step short of the end', () => {
    const sweep = sweepRates(FinderConfig.parse({}))
    expect(sweep).toHaveLength(100)
    expectClose(sweep[0] ?? NaN, 1e-7, 1e-12)
    expectClose(sweep[50] ?? NaN, 1e-3, 1e-9)
    expectClose(sweep[99] ?? NaN, 8.31764, 1e-6)
  })

  it('reaches the end when asked', () => {
    expectClose(sweepRates(FinderConfig.parse({ reachEnd: true }))[99] ?? NaN, 10, 1e-12)
  })

  it('goes in equal steps when it is linear', () => {
    expect(sweepRates(FinderConfig.parse({ start: 1, end: 11, updates: 10, spacing: 'linear' }))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ])
  })

  it('refuses a last rate that is not above the first', () => {
    expect(FinderConfig.safeParse({ start: 1, end: 1 }).error?.issues[0]).toMatchObject({
      path: ['end'],
      message: 'must be more than the first rate 1, found 1',
    })
  })

  it('stops above four times the lowest smoothed loss or at a loss that is not finite', () => {
    const lowest = Math.min(...losses)
    expect(losses.some((loss) => hasDiverged(loss, lowest, 4))).toBe(false)
    expect(hasDiverged(5.6, lowest, 4)).toBe(false)
    expect(hasDiverged(5.61, lowest, 4)).toBe(true)
    expect(hasDiverged(NaN, lowest, 4)).toBe(true)
    expect(hasDiverged(Infinity, Infinity, 4)).toBe(true)
  })
})

describe('the rules', () => {
  it('find the published points of the table', () => {
    expect(valleyIndex(losses)).toBe(4)
    expectClose(rates[valleyIndex(losses)] ?? NaN, 2.154e-4, 1e-3)
    expect(steepestIndex(rates, losses)).toBe(6)
    expectClose(rates[6] ?? NaN, 1e-3, 1e-9)
    expect(lowestIndex(losses)).toBe(10)
    expectClose((rates[10] ?? NaN) / 10, 2.154e-3, 1e-3)
  })

  it('find the valley of falling and of constant losses without wrapping around', () => {
    expect(valleyIndex(Array.from({ length: 12 }, (_, index) => 12 - index))).toBe(5)
    expect(valleyIndex([2, 2, 2, 2])).toBe(0)
    expect(valleyIndex([2, 1])).toBe(0)
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 }), (values) => {
        expect(valleyIndex(values)).toBeGreaterThanOrEqual(0)
        expect(valleyIndex(values)).toBeLessThan(values.length)
      }),
    )
  })

  it('slide to the left end of the last interval whose slopes differ', () => {
    // Flat for 20 points, then rising by ever more: 0.1 · k² from point 20 on.
    const curve = Array.from({ length: 30 }, (_, index) => 0.1 * Math.max(0, index - 20) ** 2)
    // The slopes at both ends are flat first for the interval 5 … 20 (central difference 0.05 at 20); 4 … 19 has none.
    expect(slideIndex(curve)).toBe(5)
    expect(slideIndex(Array.from({ length: 20 }, () => 1))).toBe(4)
    expect(slideIndex(losses)).toBeNull()
  })
})

describe('the suggestions of a sweep', () => {
  const sweep = sweepRates(FinderConfig.parse({}))
  // Flat at low rates, falls between 1e-4 and 1e-1, then rises steeply.
  const raw = sweep.map((rate) => 2.3 - 1.5 / (1 + (3e-3 / rate) ** 1.5) + (rate / 0.5) ** 2)
  const curve = smooth(raw, 0.5)

  it('leave out the first tenth, the last five points and what follows a loss that is not finite', () => {
    expect(usablePart(curve, 100)).toEqual({ start: 10, end: 95 })
    expect(usablePart([...curve.slice(0, 60), NaN, ...curve.slice(61)], 100)).toEqual({ start: 10, end: 60 })
    expect(usablePart(curve.slice(0, 8), 100)).toEqual({ start: 10, end: 10 })
  })

  it('lie in order along the fall, each at a point of the sweep', () => {
    const { steep, minimum, valley, slide } = suggestRates(sweep, curve, 100)
    for (const found of [steep, valley, slide]) expect(found?.rate).toBe(sweep[found?.index ?? -1])
    expect(minimum?.rate).toBe((sweep[minimum?.index ?? -1] ?? NaN) / 10)
    expect(curve[minimum?.index ?? -1]).toBe(Math.min(...curve.slice(10, 95)))
    expect(steep?.rate).toBeGreaterThan(1e-3)
    expect(steep?.rate).toBeLessThan(1e-2)
    expect(valley?.index).toBeLessThan(minimum?.index ?? 0)
  })

  it('are the same as over the cut-out part alone', () => {
    const broken = curve.map((loss, index) => (index >= 80 ? NaN : loss))
    expect(suggestRates(sweep, broken, 100).minimum?.index).toBe(10 + lowestIndex(curve.slice(10, 80)))
  })

  it('are none where the loss never falls, or there are too few points', () => {
    const none = { steep: null, minimum: null, valley: null, slide: null }
    expect(
      suggestRates(
        sweep,
        sweep.map(() => 2.3),
        100,
      ),
    ).toEqual(none)
    expect(
      suggestRates(
        sweep,
        sweep.map((_, index) => 2 + index),
        100,
      ),
    ).toEqual(none)
    expect(suggestRates(sweep.slice(0, 12), curve.slice(0, 12), 100)).toEqual(none)
    expect(suggestRates([], [], 100)).toEqual(none)
  })
})
