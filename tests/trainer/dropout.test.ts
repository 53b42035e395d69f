import { describe, expect, it } from 'vitest'
import { fillDropoutMasks } from '../../main/trainer/learner/dropout'

const mask = (fraction: number, seed: number, update: number): Float32Array => {
  const values = new Float32Array(10_000)
  fillDropoutMasks(values, [{ width: values.length, fraction }], seed, update)
  return values
}

describe('the mask of one layer', () => {
  it.each([0.1, 0.5, 0.8])('drops a fraction of %d and keeps the mean', (fraction) => {
    const values = mask(fraction, 1, 1)
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - fraction))]))
    const dropped = values.filter((value) => value === 0).length / values.length
    expect(Math.abs(dropped - fraction)).toBeLessThan(4 * Math.sqrt((fraction * (1 - fraction)) / values.length))
  })

  it('is a function of seed and update, another for each', () => {
    expect(mask(0.5, 1, 7)).toEqual(mask(0.5, 1, 7))
    expect(mask(0.5, 1, 8)).not.toEqual(mask(0.5, 1, 7))
    expect(mask(0.5, 2, 7)).not.toEqual(mask(0.5, 1, 7))
  })
})

describe('fillDropoutMasks', () => {
  it('gives each layer its own columns and its own fraction', () => {
    const values = new Float32Array(1000 * 30)
    fillDropoutMasks(
      values,
      [
        { width: 10, fraction: 0.5 },
        { width: 20, fraction: 0.2 },
      ],
      1,
      1,
    )
    const column = (from: number, to: number): Float32Array => values.filter((_, i) => i % 30 >= from && i % 30 < to)
    expect(new Set(column(0, 10))).toEqual(new Set([0, 2]))
    expect(new Set(column(10, 30))).toEqual(new Set([0, 1.25]))
    expect(Math.abs(column(0, 10).filter((value) => value === 0).length / 10_000 - 0.5)).toBeLessThan(0.02)
    expect(Math.abs(column(10, 30).filter((value) => value === 0).length / 20_000 - 0.2)).toBeLessThan(0.02)
  })

  it('is the mask of one layer where there is one', () => {
    const values = new Float32Array(10_000)
    fillDropoutMasks(values, [{ width: 100, fraction: 0.3 }], 4, 2)
    expect(values).toEqual(mask(0.3, 4, 2))
  })
})
