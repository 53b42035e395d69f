import { describe, expect, it } from 'vitest'
import { placeOn, withoutRawCurves } from '../../renderer/charts/rawCurves'
import { drawChart } from '../../renderer/charts/charts'
import { screenInk } from '../../renderer/charts/chartTheme'
import type { LineTrace } from '../../renderer/charts/plotly'
import { fakeRun } from './fakeRun'

const options = {
  kind: 'loss',
  xAxis: 'update',
  smoothing: 0.6,
  logX: false,
  logY: false,
  train: true,
  validation: true,
  pixels: 400,
  range: null,
  theme: screenInk('light'),
  legend: false,
} as const
const series = [{ traced: fakeRun(1), label: 'a', colour: '#0072b2', dash: 'solid' }] as const

describe('withoutRawCurves', () => {
  const drawing = drawChart(series, options)
  const { lines, rest } = withoutRawCurves(drawing)

  it(
    'takes the raw curve and the smoothed one behind the validation curve, and leaves those that answer a ' +
      'pointer, in their order',
    () => {
      expect(lines).toEqual(drawing.traces.slice(0, 2))
      expect(rest.traces.slice(1)).toEqual([{ ...drawing.traces[1], mode: 'none' }, ...drawing.traces.slice(2)])
    },
  )

  it('leaves the smoothed curve to plotly where nothing lies in front of it', () => {
    const alone = drawChart(series, { ...options, validation: false })
    expect(withoutRawCurves(alone).rest.traces[1]).toEqual(alone.traces[1])
  })

  it('leaves an unseen line that reaches as far as what it took', () => {
    const [raw, unseen] = [drawing.traces[0], rest.traces[0]] as unknown as readonly LineTrace[]
    const finite = raw?.y.filter((value) => value !== null) ?? []
    expect(unseen).toMatchObject({ hoverinfo: 'skip', showlegend: false, mode: 'none' })
    expect(unseen?.x).toEqual([Math.min(...(raw?.x ?? [])), Math.max(...(raw?.x ?? []))])
    expect(unseen?.y).toEqual([Math.min(...finite), Math.max(...finite)])
  })

  it('counts only what a logarithmic axis can show', () => {
    const traced = fakeRun(1)
    const zero = {
      ...traced,
      trace: { ...traced.trace, loss: traced.trace.loss.map((value, index) => (index === 3 ? 0 : value)) },
    }
    const [unseen] = withoutRawCurves(drawChart([{ ...series[0], traced: zero }], { ...options, logY: true })).rest
      .traces as readonly LineTrace[]
    expect(Math.min(...(unseen?.y as readonly number[]))).toBeGreaterThan(0)
  })

  it('leaves a drawing without lines behind as it is, and dashed ones to plotly', () => {
    const plain = drawChart(series, { ...options, smoothing: 0, validation: false })
    const dashed = drawChart([{ ...series[0], dash: 'dash' }], options)
    expect(withoutRawCurves(dashed)).toEqual({ lines: [], rest: dashed })
    expect(withoutRawCurves(plain)).toEqual({ lines: [], rest: plain })
  })
})

describe('placeOn', () => {
  it('measures along the axis from where its range begins', () => {
    expect(placeOn({ range: [10, 20], log: false }, 15)).toBe(0.5)
    expect(placeOn({ range: [20, 10], log: false }, 12.5)).toBe(0.75)
    expect(placeOn({ range: [-2, 2], log: true }, 1)).toBe(0.5)
  })

  it('has no place for gaps, and none on a logarithmic axis for what is not above zero', () => {
    expect(placeOn({ range: [0, 1], log: false }, null)).toBeNaN()
    expect(placeOn({ range: [0, 1], log: true }, 0)).toBe(-Infinity)
    expect(placeOn({ range: [0, 1], log: true }, -1)).toBeNaN()
  })
})
