import { describe, expect, it } from 'vitest'
import { epochOrder, permutation, randomFor } from '../../core/random'

describe('randomFor', () => {
  it('repeats itself for the same seed, purpose and indices', () => {
    const draw = (...indices: number[]) => {
      const random = randomFor(7, 'augment', ...indices)
      return [random.uniform(), random.normal(), random.integer(10)]
    }
    expect(draw(1, 2)).toEqual(draw(1, 2))
    expect(draw(1, 2)).not.toEqual(draw(2, 1))
    expect(draw(1, 2)).not.toEqual(draw(1, 3))
  })

  it('tells seeds beyond 32 bits apart', () => {
    expect(randomFor(1, 'order').uniform()).not.toBe(randomFor(1 + 2 ** 32, 'order').uniform())
  })

  it('is uniform over first draws of neighbouring streams, which is how augmentation uses it', () => {
    const bins = new Array<number>(10).fill(0)
    let sum = 0
    let previous = 0
    let product = 0
    const count = 20_000
    for (let image = 0; image < count; image++) {
      const value = randomFor(1, 'augment', 0, image).uniform()
      bins[Math.floor(value * 10)]! += 1
      product += (value - 0.5) * (previous - 0.5)
      previous = value
      sum += value
    }
    // χ² with 9 degrees of freedom stays below 27.9 with probability 0.999.
    expect(bins.reduce((chi, seen) => chi + (seen - count / 10) ** 2 / (count / 10), 0)).toBeLessThan(27.9)
    expect(Math.abs(sum / count - 0.5)).toBeLessThan(0.01)
    expect(Math.abs(product / count / (1 / 12))).toBeLessThan(0.03)
  })

  it('draws normals with mean 0 and variance 1', () => {
    const random = randomFor(3, 'weights')
    const values = Array.from({ length: 50_000 }, random.normal)
    const mean = values.reduce((a, b) => a + b) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.02)
    expect(Math.abs(values.reduce((a, b) => a + b * b, 0) / values.length - 1)).toBeLessThan(0.03)
  })
})

describe('epochOrder', () => {
  it('visits every image once, in another order each epoch', () => {
    const first = epochOrder(1, 0, 1000)
    expect([...first].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(epochOrder(1, 0, 1000)).toEqual(first)
    expect(epochOrder(1, 1, 1000)).not.toEqual(first)
  })

  it('puts every image in every place equally often', () => {
    const seen = new Array<number>(25).fill(0)
    for (let epoch = 0; epoch < 5000; epoch++) {
      const order = permutation(randomFor(9, 'order', epoch), 5)
      order.forEach((image, place) => {
        seen[image * 5 + place]! += 1
      })
    }
    // 25 cells, each 1000 expected with σ ≈ 28; five σ is far out.
    for (const count of seen) expect(Math.abs(count - 1000)).toBeLessThan(142)
  })
})
