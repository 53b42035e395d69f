import { describe, expect, it } from 'vitest'
import { drawJob } from '../../renderer/charts/figureJob'
import type { LineTrace } from '../../renderer/charts/plotly'
import { fakeRun } from './fakeRun'

describe('drawJob', () => {
  it('draws on white paper with a legend that tells the runs apart', () => {
    const drawing = drawJob({
      runs: [fakeRun(1, { batchSize: 32 }), fakeRun(2, { batchSize: 64 })],
      chart: 'accuracy',
      xAxis: 'epoch',
      format: 'svg',
      width: 900,
      height: 480,
    })
    expect(drawing.layout).toMatchObject({ showlegend: true, paper_bgcolor: '#ffffff' })
    const shown = (drawing.traces as readonly LineTrace[])
      .filter(({ showlegend }) => showlegend)
      .map(({ name }) => name)
    expect(new Set(shown)).toEqual(
      new Set(['B 32 · train', 'B 32 · validation', 'B 32 · test', 'B 64 · train', 'B 64 · validation', 'B 64 · test']),
    )
  })
})

describe('a chart that nobody knows', () => {
  it('is refused with the names of those that there are', () => {
    expect(() => drawJob({ runs: [fakeRun(1)], chart: 'nonsense', format: 'svg', width: 900, height: 480 })).toThrow(
      /nonsense.*loss, accuracy/,
    )
  })
})
