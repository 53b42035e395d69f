import type { FigureRequest } from '../../core/figure'
import { Settings } from '../../core/protocol'
import { chartName } from './chartKinds'
import { drawChart } from './charts'
import { runColour, dashesFor, withColours } from './colours'
import type { ChartKind, XAxis } from './columns'
import { paperInk } from './chartTheme'
import { autoLabels } from '../names'
import type { Drawing } from './plotly'

/** A figure that the command line asks for; what it leaves open is as in a window whose settings nobody changed. */
export interface WindowFigureJob extends FigureRequest {
  readonly xAxis?: XAxis
  readonly smoothing?: number
}

const kinds = Object.keys(chartName) as readonly ChartKind[]

/** The same drawing as the window's, on white paper with its legend. */
export function drawJob({ runs, chart, width, ...job }: WindowFigureJob): Drawing {
  const kind = kinds.find((one) => one === chart)
  if (kind === undefined) throw new Error(`There is no chart ${JSON.stringify(chart)}; there are ${kinds.join(', ')}`)
  const usual = Settings.parse({})
  const records = runs.map(({ run }) => run)
  const colours = withColours({}, records)
  const dashes = dashesFor(
    colours,
    records.map(({ id }) => id),
  )
  const labels = autoLabels(records)
  const series = runs.map((traced, index) => ({
    traced,
    label: labels[index] ?? '',
    colour: runColour(colours, traced.run.id, 'light'),
    dash: dashes[index] ?? 'solid',
  }))
  return drawChart(series, {
    kind,
    xAxis: job.xAxis ?? usual.xAxis,
    smoothing: job.smoothing ?? usual.smoothing,
    logX: false,
    logY: false,
    train: true,
    validation: true,
    pixels: Math.max(50, width - 70),
    range: null,
    theme: paperInk,
    legend: true,
  })
}
