import { describe, expect, it } from 'vitest'
import { diffusionOf } from '../../core/noise'
import type { Run } from '../../core/run'
import { drawDistance, fitInWords } from '../../renderer/charts/distanceDrawing'
import { screenInk } from '../../renderer/charts/chartTheme'
import { fakeRun } from './fakeRun'

/** A run whose weights diffuse as 0.5 + 2 ln t, at a rate for each epoch. */
function diffusing(rates: readonly number[], batches: readonly number[] = rates.map(() => 32)): Run {
  const { run } = fakeRun(1, { epochs: rates.length })
  const [first] = run.epochs
  if (first === undefined) throw new Error('no epoch')
  return {
    ...run,
    epochs: rates.map((learningRate, i) => {
      const update = 10 * (i + 1)
      return {
        ...first,
        epoch: i + 1,
        moment: { ...first.moment, epoch: i + 1, update, examples: 32 * update, seconds: i + 1 },
        learningRate,
        batchSize: batches[i] ?? 32,
        distance: 0.5 + 2 * Math.log(update),
      }
    }),
  }
}

const options = {
  xAxis: 'epoch',
  logTime: true,
  logX: false,
  colour: '#0072b2',
  theme: screenInk('light'),
  legend: false,
  pixels: 400,
  range: null,
} as const

describe('the diffusion fit of a run', () => {
  it('goes through the first phase only, and ends where the rate falls or the batch grows', () => {
    const run = diffusing([0.1, 0.1, 0.1, 0.1, 0.01, 0.01])
    const bent: Run = { ...run, epochs: run.epochs.map((epoch, i) => (i < 4 ? epoch : { ...epoch, distance: 9 })) }
    expect(diffusionOf(bent.epochs)).toMatchObject({ epochs: 4 })
    expect(diffusionOf(bent.epochs)?.slope).toBeCloseTo(2, 9)
    expect(diffusionOf(bent.epochs)?.intercept).toBeCloseTo(0.5, 9)
    expect(diffusionOf(diffusing([0.1, 0.1, 0.1, 0.1], [32, 32, 32, 64]).epochs)?.epochs).toBe(3)
    expect(diffusionOf(diffusing([0.02, 0.06, 0.1, 0.1]).epochs)?.epochs).toBe(4)
  })

  it('is none with fewer than three points, or where the rate falls from the start', () => {
    expect(diffusionOf(diffusing([0.1, 0.1]).epochs)).toBeNull()
    expect(diffusionOf(diffusing([0.1, 0.09, 0.08, 0.07]).epochs)).toBeNull()
    const run = diffusing([0.1, 0.1, 0.1])
    expect(diffusionOf(run.epochs.map((epoch, i) => (i === 1 ? { ...epoch, distance: null } : epoch)))).toBeNull()
    expect(drawDistance(diffusing([0.1, 0.1]), options).traces).toHaveLength(1)
    expect(drawDistance(diffusing([0.1, 0.1]), options).layout.annotations).toEqual([])
  })
})

describe('the chart of the distance', () => {
  it('keeps every point beside the line, over the logarithm of updates', () => {
    const drawing = drawDistance(diffusing([0.1, 0.1, 0.1, 0.01]), options)
    const [points, line] = drawing.traces
    if (points?.type !== 'scatter' || line?.type !== 'scatter') throw new Error('two lines expected')
    expect(points.x).toEqual([10, 20, 30, 40])
    expect(points.mode).toBe('lines+markers')
    expect(line.x).toEqual([10, 20, 30])
    line.y.forEach((value, i) => expect(value).toBeCloseTo(0.5 + 2 * Math.log(10 * (i + 1)), 9))
    expect(drawing.layout.xaxis).toMatchObject({ type: 'log', title: { text: 'updates' } })
    expect(drawing.points).toBe(4)
  })

  it('writes slope and r² beside the line', () => {
    const run = diffusing([0.1, 0.1, 0.1])
    const fit = diffusionOf(run.epochs)
    expect(fit && fitInWords(fit)).toBe('‖w − w₀‖ ≈ 0.5 + 2 ln t, r² = 1.000, over 3 epochs')
    expect(drawDistance(run, options).layout.annotations).toMatchObject([
      { text: '‖w − w₀‖ ≈ 0.5 + 2 ln t, r² = 1.000, over 3 epochs' },
    ])
    expect(fitInWords({ intercept: 1.23456, slope: -0.5, r2: 0.87654, epochs: 7, at: () => 0 })).toBe(
      '‖w − w₀‖ ≈ 1.23 − 0.5 ln t, r² = 0.877, over 7 epochs',
    )
  })

  it('stands on the shared axis when it is told to', () => {
    const drawing = drawDistance(diffusing([0.1, 0.1, 0.1]), { ...options, logTime: false })
    expect(drawing.traces.map((trace) => trace.x)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(drawing.layout.xaxis).toMatchObject({ type: 'linear', title: { text: 'epochs' } })
  })
})
