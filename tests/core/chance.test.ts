import { describe, expect, it } from 'vitest'
import { chanceNote, isAtChance, upperTail } from '../../core/chance'

/** The same sum with exact whole numbers, for p = 1/classes. */
function exactTail(k: number, n: number, classes: number): number {
  const scale = 10n ** 30n
  const power = (base: bigint, exponent: number): bigint => base ** BigInt(exponent)
  let [choose, sum] = [1n, 0n]
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += choose * power(BigInt(classes - 1), n - i)
    choose = (choose * BigInt(n - i)) / BigInt(i + 1)
  }
  return Number((sum * scale) / power(BigInt(classes), n)) / 1e30
}

describe('the upper tail of a binomial', () => {
  it('is the exact one', () => {
    for (const [n, classes] of [
      [1, 2],
      [10, 2],
      [40, 3],
      [100, 10],
      [360, 10],
      [500, 100],
    ] as const) {
      for (let k = 0; k <= n; k += Math.max(1, Math.floor(n / 37))) {
        const exact = exactTail(k, n, classes)
        expect(Math.abs(upperTail(k, n, 1 / classes) - exact), `${k} of ${n}, ${classes}`).toBeLessThan(
          1e-11 + 1e-9 * exact,
        )
      }
    }
  })

  it('holds for very many images', () => {
    expect(upperTail(100_000, 1_000_000, 0.1)).toBeCloseTo(0.5, 2)
    expect(upperTail(100_600, 1_000_000, 0.1)).toBeCloseTo(0.0228, 2)
    expect(upperTail(0, 1_000_000, 0.1)).toBe(1)
    expect(upperTail(1_000_000, 1_000_000, 0.1)).toBe(0)
  })
})

describe('chance level', () => {
  it.each<[string, number, number, number, boolean]>([
    ['a tenth of 10,000 images of ten classes', 0.1, 10_000, 10, true],
    ['10.5 % of 10,000', 0.105, 10_000, 10, true],
    ['10.7 % of 10,000', 0.107, 10_000, 10, false],
    ['a tenth of 360', 36 / 360, 360, 10, true],
    ['13 % of 360', 47 / 360, 360, 10, true],
    ['14 % of 360', 50 / 360, 360, 10, false],
    ['60 % of 20 of two classes', 0.6, 20, 2, true],
    ['75 % of 20 of two classes', 0.75, 20, 2, false],
    ['97 %', 0.97, 360, 10, false],
    ['nothing right', 0, 360, 10, true],
    ['no images', 0, 0, 10, false],
    ['one class', 1, 10, 1, false],
  ])('%s', (_, accuracy, images, classes, expected) => {
    expect(isAtChance({ accuracy, images }, classes)).toBe(expected)
  })

  it('is said with the number of classes, and only where it is so', () => {
    expect(chanceNote({ accuracy: 0.1, images: 360 }, 10)).toBe('at chance level (guessing among 10 classes)')
    expect([
      chanceNote({ accuracy: 0.9, images: 360 }, 10),
      chanceNote(null, 10),
      chanceNote({ accuracy: 0.1, images: 360 }, undefined),
    ]).toEqual(['', '', ''])
  })
})
