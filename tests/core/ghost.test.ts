import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ghostSizes, sizesInWords, unbiasing } from '../../core/ghost'

describe('ghost sizes', () => {
  const rows: readonly (readonly [batch: number, ghost: number, sizes: readonly number[]])[] = [
    [300, 128, [100, 100, 100]],
    [129, 128, [65, 64]],
    [257, 128, [86, 86, 85]],
    [1000, 128, Array.from({ length: 8 }, () => 125)],
    [64, 128, [64]],
    [10, 4, [4, 3, 3]],
    [128, 128, [128]],
    [4096, 128, Array.from({ length: 32 }, () => 128)],
    [3, 2, [3]],
    [5, 2, [3, 2]],
    [1, 128, [1]],
    [4, 1, [2, 2]],
  ]
  for (const [batch, ghost, sizes] of rows) {
    it(`cut ${batch} by ${ghost} into near-equal pieces`, () => expect(ghostSizes(batch, ghost)).toEqual(sizes))
  }

  // The authors' code has ⌊B/g⌋ pieces, at least one, where there are ⌈B/g⌉ here.
  it.each([
    [300, [150, 150]],
    [129, [129]],
    [257, [129, 128]],
    [1000, [143, 143, 143, 143, 143, 143, 142]],
    [64, [64]],
  ])("are those of the authors' code for %d images in ghosts as much larger", (batch, sizes) => {
    expect(ghostSizes(batch, Math.ceil(batch / Math.max(1, Math.floor(batch / 128))))).toEqual(sizes)
  })

  it('leave no ghost of one image, where cutting off fixed pieces does', () => {
    for (const [batch, largest] of [
      [129, 65],
      [257, 86],
      [1000, 125],
      [300, 100],
    ] as const) {
      expect(ghostSizes(batch, 128)[0]).toBe(largest)
      expect(Math.min(...ghostSizes(batch, 128))).toBeGreaterThan(1)
    }
  })

  it(
    'follow the batch there is: the last 848 of 50,000 images in batches of 2,048 are four ghosts of 212, not ' +
      'eight of 106',
    () => {
      expect(ghostSizes(50_000 % 2048, 256)).toEqual([212, 212, 212, 212])
    },
  )

  it('sum to the batch, differ by at most one, larger first, and never leave one image alone', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8192 }), fc.integer({ min: 2, max: 8192 }), (batch, ghost) => {
        const sizes = ghostSizes(batch, ghost)
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(batch)
        expect([...sizes].sort((a, b) => b - a)).toEqual(sizes)
        const [largest = 0, smallest = 0] = [sizes[0], sizes.at(-1)]
        expect(largest - smallest).toBeLessThanOrEqual(1)
        expect(smallest).toBeGreaterThanOrEqual(2)
        expect(largest).toBeLessThanOrEqual(ghost === 2 && batch % 2 === 1 ? 3 : ghost)
      }),
    )
  })
})

describe('running statistics', () => {
  it('have the variance that is unbiased', () => expect([1, 2, 3].map(unbiasing)).toEqual([1, 2, 1.5]))
})

describe('sizesInWords', () => {
  it('puts equal neighbours together, and only those', () => {
    expect(sizesInWords(ghostSizes(1024, 128))).toBe('8 × 128')
    expect(sizesInWords(ghostSizes(1143, 143))).toBe('7 × 143 + 1 × 142')
    expect(sizesInWords([30, 20, 30])).toBe('1 × 30 + 1 × 20 + 1 × 30')
    expect(sizesInWords([64])).toBe('1 × 64')
  })
})
