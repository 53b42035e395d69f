import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { bucket, lowerBound } from '../../renderer/charts/bucket'

const line = (y: readonly (number | null)[]) => ({ x: y.map((_, index) => index), y })
const all = (length: number) => ({ from: 0, to: length - 1, log: false })
const finite = (values: readonly (number | null)[]) => values.filter((value): value is number => value !== null)

describe('bucket', () => {
  it('gives few points back as they are, gaps included', () => {
    expect(bucket(line([1, null, 3]), all(3), 10)).toEqual(line([1, null, 3]))
  })

  it('draws at most two points per pixel and one beyond each edge', () => {
    const y = Array.from({ length: 50_000 }, (_, index) => Math.sin(index))
    expect(bucket(line(y), all(y.length), 400).x.length).toBeLessThanOrEqual(2 * 400 + 4)
    const zoomed = bucket(line(y), { from: 10_000, to: 40_000, log: false }, 300)
    expect(zoomed.x.length).toBeLessThanOrEqual(2 * 300 + 4)
    expect(zoomed.x[0]).toBeLessThan(10_000)
    expect(zoomed.x.at(-1)).toBeGreaterThan(40_000)
  })

  it('never hides a spike, wherever it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9_999 }),
        fc.boolean(),
        fc.integer({ min: 20, max: 900 }),
        (at, up, pixels) => {
          const y = Array.from({ length: 10_000 }, (_, index) => (index === at ? (up ? 100 : -100) : index % 3))
          const drawn = bucket(line(y), all(y.length), pixels)
          const place = drawn.y.indexOf(up ? 100 : -100)
          expect(place).toBeGreaterThanOrEqual(0)
          expect(drawn.x[place]).toBe(at)
        },
      ),
    )
  })

  it('never hides a spike among 50,000 points at any zoom that has it in view, on either kind of axis', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 49_999 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 50_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 50, max: 900 }),
        (at, up, log, width, share, pixels) => {
          const y = Float64Array.from({ length: 50_000 }, (_, index) =>
            index === at ? (up ? 1e6 : -1e6) : Math.sin(index),
          )
          const x = y.map((_, index) => index + 1)
          const from = Math.max(1, at + 1 - width * share)
          const drawn = bucket({ x, y }, { from, to: from + width, log }, pixels)
          const place = drawn.y.indexOf(up ? 1e6 : -1e6)
          expect(drawn.x[place]).toBe(at + 1)
          expect(drawn.x.length).toBeLessThanOrEqual(2 * pixels + 4)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes NaN in typed columns for the gap that null is in plain ones', () => {
    const y = Array.from({ length: 4_000 }, (_, index) => (index % 7 < 3 ? null : index % 11))
    const typed = Float64Array.from(y, (value) => value ?? NaN)
    for (const pixels of [100, 3_000])
      expect(bucket({ x: line(y).x, y: typed }, all(y.length), pixels)).toEqual(bucket(line(y), all(y.length), pixels))
  })

  it('keeps points in their order, and only points that exist', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), { minLength: 1, maxLength: 3_000 }),
        fc.integer({ min: 1, max: 50 }),
        (y, pixels) => {
          const drawn = bucket(line(y), all(y.length), pixels)
          drawn.x.forEach((x, index) => {
            expect(drawn.y[index]).toBe(y[x] ?? null)
            if (index > 0) expect(x).toBeGreaterThan(drawn.x[index - 1]!)
          })
          if (finite(y).length > 0) {
            expect(Math.max(...finite(drawn.y))).toBe(Math.max(...finite(y)))
            expect(Math.min(...finite(drawn.y))).toBe(Math.min(...finite(y)))
          }
        },
      ),
    )
  })

  it('shows more when it is drawn again for a smaller part', () => {
    const y = Array.from({ length: 20_000 }, (_, index) => index % 17)
    const whole = bucket(line(y), all(y.length), 200)
    const part = bucket(line(y), { from: 5_000, to: 5_200, log: false }, 200)
    const inPart = (x: number) => x >= 5_000 && x <= 5_200
    expect(part.x.filter(inPart)).toHaveLength(201)
    expect(whole.x.filter(inPart).length).toBeLessThan(10)
  })

  it('leaves a gap where a pixel holds nothing finite, NaN and infinity included', () => {
    const y = Array.from({ length: 1_000 }, (_, index) =>
      index >= 400 && index < 600 ? (index % 2 === 0 ? NaN : Infinity) : 1,
    )
    const drawn = bucket(line(y), all(y.length), 50)
    expect(drawn.y.some((value) => value === null)).toBe(true)
    expect(finite(drawn.y).every((value) => value === 1)).toBe(true)
  })

  it('spreads pixels by ratio on a logarithmic axis', () => {
    const x = Array.from({ length: 10_000 }, (_, index) => index + 1)
    const drawn = bucket({ x, y: x }, { from: 1, to: 10_000, log: true }, 100)
    const below100 = drawn.x.filter((value) => value < 100).length
    expect(below100).toBeGreaterThan(40)
  })

  it('draws at most two points per pixel of 50,000', () => {
    const drawn = bucket(line(Array.from({ length: 50_000 }, (_, index) => Math.sin(index))), all(50_000), 800)
    expect(drawn.x.length).toBeGreaterThan(800)
    expect(drawn.x.length).toBeLessThanOrEqual(2 * 800 + 2)
  })
})

describe('lowerBound', () => {
  it('finds the first place that is not below a value', () => {
    expect([0, 1, 2, 3, 9].map((value) => lowerBound([1, 2, 2, 5], value))).toEqual([0, 0, 1, 3, 4])
  })
})
