import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ghostSizes, printedWeightSum, runningWeights, unbiasing, type RunningConvention } from '../../core/ghost'
import { expectClose } from './close'

const x = [1, 3, 5, 9, 2, 4]
const epsilon = 1e-5
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const biased = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2))
const normalised = (values: readonly number[]): readonly number[] => values.map((value) => (value - mean(values)) / Math.sqrt(biased(values) + epsilon))

/** Plain batch norm with γ = 1 and β = 0, ghost by ghost. */
function ghostNorm(values: readonly number[], sizes: readonly number[], convention: RunningConvention, variance: 'biased' | 'unbiased') {
  let start = 0
  const ghosts = sizes.map((size) => values.slice(start, (start += size)))
  const { keep, weights } = runningWeights(ghosts.length, 0.1, convention)
  const running = (old: number, statistics: readonly number[]) => statistics.reduce((sum, statistic, index) => sum + (weights[index] ?? NaN) * statistic, keep * old)
  return {
    output: ghosts.flatMap(normalised),
    means: ghosts.map(mean),
    mean: running(0, ghosts.map(mean)),
    variance: running(1, ghosts.map((ghost) => biased(ghost) * (variance === 'unbiased' ? unbiasing(ghost.length) : 1))),
  }
}

describe('ghost sizes', () => {
  const rows: readonly (readonly [batch: number, ghost: number, sizes: readonly number[]])[] = [
    [300, 128, [100, 100, 100]], [129, 128, [65, 64]], [257, 128, [86, 86, 85]], [1000, 128, Array.from({ length: 8 }, () => 125)], [64, 128, [64]],
    [10, 4, [4, 3, 3]], [128, 128, [128]], [4096, 128, Array.from({ length: 32 }, () => 128)], [3, 2, [3]], [5, 2, [3, 2]], [1, 128, [1]], [4, 1, [2, 2]],
  ]
  for (const [batch, ghost, sizes] of rows) {
    it(`cut ${batch} by ${ghost} into near-equal pieces`, () => expect(ghostSizes(batch, ghost)).toEqual(sizes))
  }

  // The authors' code has ⌊B/g⌋ pieces, at least one, where there are ⌈B/g⌉ here.
  it.each([[300, [150, 150]], [129, [129]], [257, [129, 128]], [1000, [143, 143, 143, 143, 143, 143, 142]], [64, [64]]])('are those of the authors\' code for %d images in ghosts as much larger', (batch, sizes) => {
    expect(ghostSizes(batch, Math.ceil(batch / Math.max(1, Math.floor(batch / 128))))).toEqual(sizes)
  })

  it('leave no ghost of one image, where cutting off fixed pieces does', () => {
    for (const [batch, largest] of [[129, 65], [257, 86], [1000, 125], [300, 100]] as const) {
      expect(ghostSizes(batch, 128)[0]).toBe(largest)
      expect(Math.min(...ghostSizes(batch, 128))).toBeGreaterThan(1)
    }
  })

  it('follow the batch there is: the last 848 of 50,000 images in batches of 2,048 are four ghosts of 212, not eight of 106', () => {
    expect(ghostSizes(50_000 % 2048, 256)).toEqual([212, 212, 212, 212])
  })

  it('sum to the batch, differ by at most one, larger first, and never leave one image alone', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 8192 }), fc.integer({ min: 2, max: 8192 }), (batch, ghost) => {
      const sizes = ghostSizes(batch, ghost)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(batch)
      expect([...sizes].sort((a, b) => b - a)).toEqual(sizes)
      const [largest = 0, smallest = 0] = [sizes[0], sizes.at(-1)]
      expect(largest - smallest).toBeLessThanOrEqual(1)
      expect(smallest).toBeGreaterThanOrEqual(2)
      expect(largest).toBeLessThanOrEqual(ghost === 2 && batch % 2 === 1 ? 3 : ghost)
    }))
  })
})

describe('ghost batch norm', () => {
  it('normalises each ghost by itself', () => {
    const { output, means } = ghostNorm(x, ghostSizes(6, 2), 'sequential', 'unbiased')
    expect(means).toEqual([2, 7, 3])
    const variances = [[1, 3], [5, 9], [2, 4]].map(biased)
    expect(variances).toEqual([1, 4, 1])
    expect(variances.map((variance) => variance * unbiasing(2))).toEqual([2, 8, 2])
    ;[-0.999995, 0.999995, -0.99999875, 0.99999875, -0.999995, 0.999995].forEach((expected, index) => expectClose(output[index] ?? NaN, expected, 1e-8))
  })

  it('is plain batch norm bit for bit when the ghost is the batch', () => {
    const { output } = ghostNorm(x, ghostSizes(6, 6), 'divided', 'unbiased')
    expect(output).toEqual(normalised(x))
    ;[-1.1618941324, -0.3872980441, 0.3872980441, 1.9364902207, -0.7745960883, 0].forEach((expected, index) => expectClose(output[index] ?? NaN, expected, 1e-8))
  })

  const rows = [
    { convention: 'sequential', variance: 'unbiased', ghost: 2, expected: [1.092, 1.811] },
    { convention: 'sequential', variance: 'biased', ghost: 2, expected: [1.092, 1.27] },
    { convention: 'divided', variance: 'unbiased', ghost: 2, expected: [0.38785185, 1.29003704] },
    { convention: 'sequential', variance: 'unbiased', ghost: 6, expected: [0.4, 1.7] },
  ] as const
  for (const { convention, variance, ghost, expected } of rows) {
    it(`follows the ${variance} statistics of ghosts of ${ghost}: ${convention}`, () => {
      const running = ghostNorm(x, ghostSizes(6, ghost), convention, variance)
      expectClose(running.mean, expected[0], 1e-8)
      expectClose(running.variance, expected[1], 1e-8)
    })
  }

  it('is not the average of the ghosts\' statistics taken as one value', () => {
    const { keep, weights: [weight = NaN] } = runningWeights(1, 0.1, 'sequential')
    expectClose(keep * 0 + weight * mean([2, 7, 3]), 0.4, 1e-9)
    expectClose(keep * 1 + weight * mean([2, 8, 2]), 1.3, 1e-9)
  })

  it('splits the batch variance into the ghosts\' variances and the variance of their means', () => {
    expect(mean([[1, 3], [5, 9], [2, 4]].map(biased)) + biased([2, 7, 3])).toBeCloseTo(biased(x), 12)
    expectClose(biased(x), 6.6667, 1e-5)
  })
})

describe('running weights', () => {
  it('sum to 1 with what is kept', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 64 }), fc.double({ min: 0.001, max: 1, noNaN: true }), fc.constantFrom('sequential', 'divided'), (ghosts, rate, convention) => {
      const { keep, weights } = runningWeights(ghosts, rate, convention)
      expect(weights).toHaveLength(ghosts)
      expectClose(keep + weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-9)
    }))
  })

  it('are K exponential averages in a row', () => {
    const { keep, weights } = runningWeights(4, 0.3, 'sequential')
    const statistics = [5, -1, 2, 8]
    const oneByOne = statistics.reduce((running, statistic) => 0.7 * running + 0.3 * statistic, 10)
    expectClose(statistics.reduce((sum, statistic, index) => sum + (weights[index] ?? NaN) * statistic, keep * 10), oneByOne, 1e-12)
  })

  it('keep little of the old statistic with 32 ghosts in a row, and most of it divided', () => {
    expectClose(runningWeights(32, 0.1, 'sequential').keep, 0.03434, 1.5e-4)
    expectClose(runningWeights(32, 0.1, 'divided').keep, 0.9047, 5.5e-5)
  })

  it('do not sum to 1 as the paper prints them', () => {
    expectClose(printedWeightSum(3, 2, 0.1), 1.0539, 1e-9)
    const { keep, weights } = runningWeights(3, 0.1, 'sequential')
    expectClose(weights.reduce((sum, weight) => sum + weight, keep), 1, 1e-12)
  })
})
