import type { TracedRun } from '../core/run'
import { drawChart } from './charts'
import { colourOf, dashesFor, withColours } from './colours'
import type { ChartKind, XAxis } from './columns'
import { paperInk } from './ink'
import { autoLabels } from './names'
import type { Drawing } from './plotly'

/** A figure that the command line asks for. */
export interface FigureJob {
  readonly runs: readonly TracedRun[]
  readonly chart: ChartKind
  readonly xAxis: XAxis
  readonly format: 'svg' | 'png'
  /** CSS pixels; a PNG has twice as many each way. */
  readonly width: number
  readonly height: number
  readonly smoothing: number
}

/** The same drawing as the window's, on white paper with its legend. */
export function drawJob({ runs, chart, xAxis, width, smoothing }: FigureJob): Drawing {
  const records = runs.map(({ run }) => run)
  const colours = withColours({}, records)
  const dashes = dashesFor(colours, records.map(({ id }) => id))
  const labels = autoLabels(records)
  const series = runs.map((traced, index) => ({ traced, label: labels[index] ?? '', colour: colourOf(colours, traced.run.id, 'light'), dash: dashes[index] ?? 'solid' }))
  return drawChart(series, {
    kind: chart, xAxis, smoothing, logX: false, logY: false, train: true, validation: true, pixels: Math.max(50, width - 70), range: null, ink: paperInk, legend: true,
  })
}
