import { type Diffusion, diffusionOf } from '../../core/noise'
import type { Run } from '../../core/run'
import { significant } from '../../core/numbers'
import { bucket } from './bucket'
import type { XAxis } from './columns'
import { xOfMoment } from './columns'
import type { ChartTheme } from './chartTheme'
import { baseAxis, baseLayout } from './chartTheme'
import type { Drawing, LineTrace } from './plotly'
import { timeUnit } from './timeUnit'

/** The fit in words: "‖w − w₀‖ ≈ 0.52 + 1.93 ln t, r² = 0.998, over 12 epochs". */
export const fitInWords = ({ intercept, slope, r2, epochs }: Diffusion): string =>
  `‖w − w₀‖ ≈ ${significant(intercept, 3)} ${slope < 0 ? '−' : '+'} ${significant(Math.abs(slope), 3)} ln t, ` +
  `r² = ${r2.toFixed(3)}, over ${epochs} epochs`

interface Options {
  readonly xAxis: XAxis
  /** Over updates on a logarithmic axis, where diffusion is a straight line, whatever the other charts show. */
  readonly logTime: boolean
  readonly logX: boolean
  readonly colour: string
  readonly theme: ChartTheme
  readonly legend: boolean
  readonly pixels: number
  readonly range: readonly [number, number] | null
}

const axisTitles: Readonly<Record<XAxis, string>> = {
  update: 'updates',
  epoch: 'epochs',
  examples: 'examples seen',
  seconds: 'training time',
}

/**
 * How far the weights of a run have come at the end of each epoch, and the line a + b ln t fitted through its first
 * phase.
 */
export function drawDistance(
  run: Run,
  { xAxis, logTime, logX, colour, theme: ink, legend, pixels, range }: Options,
): Drawing {
  const axis = logTime ? 'update' : xAxis
  const isLog = logTime || logX
  const unit = axis === 'seconds' ? timeUnit(run.moment.seconds) : { divisor: 1, name: '' }
  const measured = run.epochs.filter(({ distance }) => distance !== null)
  const x = measured.map(({ moment }) => xOfMoment(moment, axis) / unit.divisor)
  const raw = bucket(
    { x, y: measured.map(({ distance }) => distance) },
    { from: range?.[0] ?? x[0] ?? 0, to: range?.[1] ?? x.at(-1) ?? 1, log: isLog },
    pixels,
  )
  const title = unit.name === '' ? axisTitles[axis] : `${axisTitles[axis]} (${unit.name})`
  const hover = (name: string): string =>
    `${name}<br><b>%{y:.4~g}</b> at %{x:.5~g} ${unit.name === '' ? axisTitles[axis] : unit.name}<extra></extra>`
  const points: LineTrace = {
    type: 'scatter',
    mode: raw.x.length <= 80 ? 'lines+markers' : 'lines',
    name: '‖w − w₀‖',
    x: raw.x,
    y: raw.y,
    showlegend: true,
    line: { color: colour, width: 1.5 },
    marker: { color: colour, size: 6, line: { color: ink.surface, width: 1 } },
    hovertemplate: hover('‖w − w₀‖'),
  }
  const diffusion = diffusionOf(run.epochs)
  const fitted = diffusion === null ? [] : [fitTrace(diffusion, run, axis, unit.divisor, ink, hover('a + b ln t'))]
  return {
    traces: [points, ...fitted],
    points: x.length,
    drawn: raw.x.length,
    layout: {
      ...baseLayout(ink, { l: 56, r: 14, t: legend ? 34 : 8, b: 36 }),
      uirevision: `distance ${axis} ${unit.name} ${isLog}`,
      showlegend: legend,
      legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom', font: { size: 11 } },
      xaxis: {
        ...baseAxis(ink),
        title: { text: title, standoff: 6 },
        type: isLog ? 'log' : 'linear',
        autorange: true,
        rangemode: 'normal',
        ...(isLog ? { dtick: 'D2', tickformat: '~s' } : {}),
      },
      yaxis: {
        ...baseAxis(ink),
        title: { text: '‖w − w₀‖', standoff: 6 },
        type: 'linear',
        autorange: true,
        rangemode: 'tozero',
      },
      annotations:
        diffusion === null
          ? []
          : [
              {
                text: fitInWords(diffusion),
                xref: 'paper',
                yref: 'paper',
                x: 1,
                y: 0.02,
                xanchor: 'right',
                yanchor: 'bottom',
                showarrow: false,
                font: { size: 11, color: ink.text },
              },
            ],
    },
  }
}

// Where the line is fitted it is whole; beyond, where the rate has fallen, it ends.
function fitTrace(
  diffusion: Diffusion,
  run: Run,
  axis: XAxis,
  divisor: number,
  theme: ChartTheme,
  hovertemplate: string,
): LineTrace {
  const phase = run.epochs.filter(({ distance }) => distance !== null).slice(0, diffusion.epochs)
  return {
    type: 'scatter',
    mode: 'lines',
    name: 'a + b ln t',
    showlegend: true,
    hovertemplate,
    x: phase.map(({ moment }) => xOfMoment(moment, axis) / divisor),
    y: phase.map(({ moment }) => diffusion.at(moment.update)),
    line: { color: theme.text, width: 1.25, dash: 'dash' },
  }
}
