import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accuracyStandardError,
  generalizationGap,
  mean,
  median,
  medianOfLastFive,
  ranks,
  significantDifference,
  smooth,
  spearman,
  standardDeviation,
} from '../../core/measure'
import { expectClose } from '../support/close'

describe('the reported accuracy', () => {
  it('is the median of the last five epochs, not the best', () => {
    const accuracies = [99, 80.1, 80.5, 79.9, 81, 80.2]
    expect(medianOfLastFive(accuracies)).toBe(80.2)
    expect(Math.max(...accuracies.slice(-5))).toBe(81)
  })

  it('uses the epochs that there are', () => {
    expect(medianOfLastFive([70, 80])).toBe(75)
    expect(medianOfLastFive([])).toBeNaN()
    expect(median([3, 1, 2, 10])).toBe(2.5)
  })
})

describe('spread', () => {
  it('is the sample standard deviation over seeds', () => {
    expect(mean([2, 4, 9])).toBe(5)
    expectClose(standardDeviation([2, 4, 9]), Math.sqrt(13), 1e-12)
    expect(standardDeviation([1])).toBeNaN()
  })

  it('gives the standard error of an accuracy and the difference that counts, in percentage points', () => {
    // The notes give 0.79, 0.90, 1.11 and 1.35: the last one is 1.355, cut where the others are rounded.
    for (const [accuracy, error, difference] of [
      [0.91, 0.286, 0.793],
      [0.88, 0.325, 0.901],
      [0.8, 0.4, 1.109],
      [0.395, 0.489, 1.355],
    ] as const) {
      expect(100 * accuracyStandardError(accuracy, 10_000)).toBeCloseTo(error, 3)
      expect(100 * significantDifference(accuracy, accuracy, 10_000)).toBeCloseTo(difference, 3)
    }
  })

  it('is a gap between training and unseen images', () => {
    expectClose(generalizationGap(0.999, 0.8004), 0.1986, 1e-9)
  })
})

describe("Spearman's correlation", () => {
  it('gives the published value', () => {
    expectClose(spearman([16, 32, 48], [0.9, 0.8, 0.85]) ?? NaN, -0.5, 1e-12)
  })

  it('gives ties the average of their ranks', () => {
    expect(ranks([10, 20, 10, 30])).toEqual([1.5, 3, 1.5, 4])
    // Pearson's correlation of the ranks (1.5, 1.5, 3) and (1, 2, 3).
    expectClose(spearman([1, 1, 2], [1, 2, 3]) ?? NaN, Math.sqrt(0.75), 1e-12)
  })

  it('is undefined where one side is constant', () => {
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull()
    expect(spearman([], [])).toBeNull()
    expect(() => spearman([1], [1, 2])).toThrow('found 1 and 2')
  })

  it('is 1 under any increasing map and turns round under a decreasing one', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 30 }), (values) => {
        expectClose(
          spearman(
            values,
            values.map((value) => value ** 3),
          ) ?? NaN,
          1,
          1e-12,
        )
        expectClose(
          spearman(
            values,
            values.map((value) => -value),
          ) ?? NaN,
          -1,
          1e-12,
        )
      }),
    )
  })
})

describe('smoothing', () => {
  it('is bias-corrected from the first value on', () => {
    const [first, second, third] = smooth([2, 3, 1], 0.98)
    expectClose(first ?? NaN, 2, 1e-12)
    expectClose(second ?? NaN, 2.505050505, 1e-9)
    expectClose(third ?? NaN, 1.9931982, 1e-7)
  })

  it('keeps a constant curve and any curve that it is told not to smooth', () => {
    for (const value of smooth([7, 7, 7, 7], 0.9)) expectClose(value, 7, 1e-12)
    expect(smooth([3, 1, 4], 0)).toEqual([3, 1, 4])
  })

  it('shows a value that is not finite and forgets it', () => {
    expect(smooth([2, NaN, 2], 0.5)).toEqual([2, NaN, 2])
  })
})
