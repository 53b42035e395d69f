import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linearTicks, logTicks } from '../../main/exports/axis'
import { svgChart, thinned, type SvgChart } from '../../main/exports/svgChart'

const chart = (y: readonly (number | null)[], more: Partial<SvgChart> = {}): SvgChart => ({
  title: 'Loss',
  xLabel: 'epochs',
  yLabel: 'loss',
  mayBeLog: false,
  curves: [{ label: 'run', colour: '#0072b2', x: y.map((_, index) => index), y, style: 'line' }],
  ...more,
})
const size = { width: 500, height: 300 }
const pathsOf = (svg: string): readonly string[] =>
  [...svg.matchAll(/<path d="([^"]+)" fill="none"/g)].map(([, path]) => path!)

describe('linearTicks', () => {
  it.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 20, 5, [0, 5, 10, 15, 20]],
    [0.37, 0.41, 4, [0.37, 0.38, 0.39, 0.4, 0.41]],
    [-3, 3, 3, [-2, 0, 2]],
    [2, 2, 5, [2]],
  ])('marks %d to %d with round numbers', (from, to, count, expected) => {
    expect(linearTicks(from, to, count).map(({ value }) => value)).toEqual(expected)
  })

  it('stays inside the range and never marks it with a thousand numbers', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        (from, width) => {
          const ticks = linearTicks(from, from + width, 5)
          expect(ticks.length).toBeGreaterThan(0)
          expect(ticks.length).toBeLessThan(12)
          for (const { value } of ticks) {
            expect(value).toBeGreaterThanOrEqual(from - width * 1e-6)
            expect(value).toBeLessThanOrEqual(from + width * (1 + 1e-6))
          }
        },
      ),
    )
  })
})

describe('logTicks', () => {
  it('marks powers of ten, with 2 and 5 between few of them', () => {
    expect(logTicks(1e-5, 1e2).map(({ value }) => value)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100])
    expect(logTicks(0.04, 0.6).map(({ value }) => value)).toEqual([0.05, 0.1, 0.2, 0.5])
  })
})

describe('thinned', () => {
  it('keeps the lowest and the highest point of every pixel and all gaps', () => {
    const points = [[1.1, 5], [1.2, 9], [1.3, 2], [1.4, 6], [2.0, 3], null, [2.5, 4]] as const
    expect(thinned(points)).toEqual([[1.2, 9], [1.3, 2], [2.0, 3], null, [2.5, 4]])
  })

  it('loses no extreme value of a long curve', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 400 }),
        (values) => {
          const kept = thinned(values.map((value, index) => [index / 10, value] as const)).map((point) => point![1])
          expect(Math.min(...kept)).toBe(Math.min(...values))
          expect(Math.max(...kept)).toBe(Math.max(...values))
          expect(kept.length).toBeLessThanOrEqual(2 * (Math.floor((values.length - 1) / 10) + 1))
        },
      ),
    )
  })
})

describe('svgChart', () => {
  it('draws a straight line from corner to corner of its frame', () => {
    const [path] = pathsOf(svgChart(chart([0, 1]), size))
    // x: 62 to 488. y: 0 at the bottom (258); 1 a twenty-first of the height (248) below the top, the margin above it.
    expect(path).toBe('M62.0 258.0L488.0 21.8')
  })

  it('breaks the line at a value that was not finite', () => {
    expect(pathsOf(svgChart(chart([1, 2, null, 2, 1]), size))[0]!.match(/M/g)).toHaveLength(2)
    expect(pathsOf(svgChart(chart([1, NaN, 1]), size))[0]!.match(/M/g)).toHaveLength(2)
  })

  it('turns to factors where values differ by more than thirtyfold', () => {
    const svg = svgChart(chart([1, 0.1, 0.01], { mayBeLog: true }), size)
    expect(svg).toContain('>0.01<')
    const heights = [...pathsOf(svg)[0]!.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y))
    expect(heights[1]! - heights[0]!).toBeCloseTo(heights[2]! - heights[1]!, 0)
  })

  it('is valid for no values at all, for one, and for equal ones', () => {
    for (const y of [[], [3], [3, 3, 3], [null, null], [0]]) {
      const svg = svgChart(chart(y, { mayBeLog: true }), size)
      expect(svg).not.toMatch(/NaN|Infinity|undefined/)
      expect(svg).toMatch(/^<svg [^>]+>.*<\/svg>$/)
    }
  })

  it('escapes what it is called', () => {
    const svg = svgChart(chart([1, 2], { title: '"><script>', xLabel: '<img src=x onerror=alert(1)>' }), size)
    expect(svg).not.toContain('<script')
    expect(svg).not.toContain('<img')
  })
})
