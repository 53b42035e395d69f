import { describe, expect, it } from 'vitest'
import { beta, fillLossWeights, mixtureOf, noiseVariance } from '../../core/mixing'
import { randomFor } from '../../core/random'

const moments = (values: ArrayLike<number>): { mean: number; variance: number } => {
  const list = Array.from(values)
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length
  return { mean, variance: list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length }
}

describe('beta', () => {
  it.each([0.01, 0.2, 1, 4])('has the mean and the variance of Beta(%d, same)', (alpha) => {
    const random = randomFor(3, 'mix', 0)
    const { mean, variance } = moments(Array.from({ length: 20_000 }, () => beta(random, alpha)))
    const expected = 1 / (4 * (2 * alpha + 1))
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / 20_000))
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.04)
  })
})

describe('mixtureOf', () => {
  it('pairs every image once and keeps at least half of each', () => {
    for (let update = 0; update < 50; update++) {
      const { share, partners } = mixtureOf(0.4, 1, update, 7)
      expect([...partners].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(share).toBeGreaterThanOrEqual(0.5)
      expect(share).toBeLessThanOrEqual(1)
    }
  })

  it('is a function of seed and update, another for each', () => {
    expect(mixtureOf(1, 1, 5, 32)).toEqual(mixtureOf(1, 1, 5, 32))
    expect(mixtureOf(1, 1, 6, 32)).not.toEqual(mixtureOf(1, 1, 5, 32))
    expect(mixtureOf(1, 2, 5, 32)).not.toEqual(mixtureOf(1, 1, 5, 32))
  })
})

describe('fillLossWeights', () => {
  const weights = (variance: number, seed: number, update: number): Float32Array => {
    const filled = new Float32Array(20_000)
    fillLossWeights(filled, variance, seed, update)
    return filled
  }

  it.each([0.5, 31])('has mean 1 and variance %d', (variance) => {
    const found = moments(weights(variance, 1, 1))
    expect(Math.abs(found.mean - 1)).toBeLessThan(4 * Math.sqrt(variance / 20_000))
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.05)
  })

  it('is a function of seed and update, another for each, and all ones without variance', () => {
    expect(weights(1, 1, 7)).toEqual(weights(1, 1, 7))
    expect(weights(1, 1, 8)).not.toEqual(weights(1, 1, 7))
    expect(weights(1, 2, 7)).not.toEqual(weights(1, 1, 7))
    expect(new Set(weights(0, 1, 1))).toEqual(new Set([1]))
  })
})

describe('noiseVariance', () => {
  it.each([
    [null, 4096, 128, 31],
    [null, 128, 128, 0],
    [null, 64, 128, 0],
    [2.5, 4096, 128, 2.5],
  ])('given %s at batch %d of reference %d is %d', (given, batch, reference, expected) => {
    expect(noiseVariance(given, batch, reference)).toBe(expected)
  })
})
