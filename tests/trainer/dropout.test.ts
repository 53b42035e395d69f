import { describe, expect, it } from 'vitest'
import { fillDropoutMask } from '../../main/trainer/dropout'

const mask = (fraction: number, seed: number, update: number): Float32Array => {
  const values = new Float32Array(10_000)
  fillDropoutMask(values, fraction, seed, update)
  return values
}

describe('fillDropoutMask', () => {
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
