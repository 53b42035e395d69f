import { formatCount } from '../../core/numbers'
import type { PlotCurve, PlotFigure, PlotAxis } from '../../content/explain/plot'
import type { Scheme } from '../charts/colours'
import type { ChartTheme } from '../charts/chartTheme'
import { baseAxis, baseLayout } from '../charts/chartTheme'
import type { Axis, Drawing, LineTrace } from '../charts/plotly'

/** The accent, for what a page is about. */
export const accentOf = (scheme: Scheme): string => (scheme === 'light' ? '#4d5dcd' : '#919de3')

const dashes = ['dash', 'dot', 'dashdot'] as const

/** A line as SVG draws its dashes. */
export const dashArrays = { solid: undefined, dash: '6 4', dot: '1.5 2.5', dashdot: '6 2.5 1.5 2.5' } as const

/**
 * How each line of a figure is drawn: the accent for what the page is about, dashes of the ink for what it is compared
 * with.
 */
export function looksOf(
  curves: readonly PlotCurve[],
  theme: ChartTheme,
): readonly { readonly color: string; readonly dash: 'solid' | (typeof dashes)[number]; readonly width: number }[] {
  let others = 0
  return curves.map(({ role }) =>
    role === 'main'
      ? { color: accentOf(theme.scheme), dash: 'solid', width: 2 }
      : { color: theme.text, dash: dashes[others++ % dashes.length] ?? 'dash', width: 1.25 },
  )
}

/** A figure as lines, with the axes' titles always at the same places. */
export function drawFigure(
  { xAxis, yAxis, x, curves, marks = [] }: PlotFigure,
  { theme, legend, revision }: { readonly theme: ChartTheme; readonly legend: boolean; readonly revision: string },
): Drawing {
  const looks = looksOf(curves, theme)
  const drawn = curves.map((curve, index) => ({
    curve,
    trace: traceOf(x, curve, looks[index] ?? { color: theme.text, dash: 'solid', width: 1.25 }, theme),
  }))
  const places = (axis: PlotAxis, value: number): number => (axis.log === true ? Math.log10(value) : value)
  const points: LineTrace = {
    type: 'scatter',
    mode: 'markers',
    name: 'marks',
    x: marks.map((mark) => mark.x),
    y: marks.map((mark) => mark.y),
    showlegend: false,
    hoverinfo: 'skip',
    marker: { color: accentOf(theme.scheme), size: 7, line: { color: theme.surface, width: 1.5 } },
  }
  return {
    // What the page is about lies on top.
    traces: [
      ...drawn.filter(({ curve }) => curve.role === 'beside'),
      ...drawn.filter(({ curve }) => curve.role === 'main'),
    ]
      .map(({ trace }): LineTrace => trace)
      .concat(marks.length === 0 ? [] : [points]),
    points: x.length * curves.length,
    drawn: x.length * curves.length,
    layout: {
      ...baseLayout(theme, { l: 60, r: 18, t: legend ? 40 : 8, b: 38 }),
      uirevision: revision,
      showlegend: legend,
      legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom', font: { size: 11 } },
      xaxis: axisOf(xAxis, x, theme),
      yaxis: axisOf(
        yAxis,
        curves.flatMap(({ y }) => y.filter((value) => value !== null)),
        theme,
      ),
      annotations: marks.map(({ x: at, y, text }, index) => ({
        x: places(xAxis, at),
        y: places(yAxis, y),
        text,
        showarrow: true,
        arrowhead: 0,
        arrowwidth: 1,
        arrowcolor: theme.axis,
        ax: 0,
        ay: -20 - 16 * (index % 3),
        font: { size: 11, color: theme.text },
      })),
    },
  }
}

function traceOf(
  x: readonly number[],
  { name, y, shape = 'line' }: PlotCurve,
  look: ReturnType<typeof looksOf>[number],
  theme: ChartTheme,
): LineTrace {
  const common = {
    type: 'scatter',
    name,
    x,
    y,
    showlegend: true,
    hovertemplate: `${name}<br><b>%{y:.4~g}</b> at %{x:.4~g}<extra></extra>`,
  } as const
  if (shape === 'points')
    return {
      ...common,
      mode: 'markers',
      marker: {
        color: look.color,
        size: 8,
        symbol: look.dash === 'solid' ? 'circle' : 'circle-open',
        line: { color: look.dash === 'solid' ? theme.surface : look.color, width: 1.5 },
      },
    }
  return {
    ...common,
    mode: 'lines',
    line: {
      color: look.color,
      width: look.width,
      dash: look.dash,
      simplify: false,
      shape: shape === 'steps' ? 'hv' : 'linear',
    },
  }
}

function axisOf({ title, log = false, range, ticks }: PlotAxis, values: readonly number[], theme: ChartTheme): Axis {
  const common = { ...baseAxis(theme), title: { text: title, standoff: 6 }, nticks: 6 }
  const ends =
    range === undefined
      ? { autorange: true as const }
      : { range: log ? ([Math.log10(range[0]), Math.log10(range[1])] as const) : range, autorange: false }
  if (!log) return { ...common, ...ends, type: 'linear', rangemode: 'normal', tickformat: ',.5~g' }
  const positive = values.filter((value) => value > 0)
  const [lowest, highest] = positive.length === 0 ? [1, 10] : [Math.min(...positive), Math.max(...positive)]
  const powers = Math.log10(highest / lowest)
  if (ticks !== undefined)
    return { ...common, ...ends, type: 'log', tickmode: 'array', tickvals: ticks, ticktext: ticks.map(formatCount) }
  // Few powers of ten leave room for 2 and 5 between them; many do not have room for all.
  if (powers < 2.2) return { ...common, ...ends, type: 'log', dtick: powers < 0.7 ? 'D1' : 'D2', tickformat: ',~r' }
  const step = Math.ceil(powers / 6)
  const exponents = Array.from(
    { length: Math.floor(powers / step) + 3 },
    (_, index) => (Math.floor(Math.log10(lowest) / step) + index) * step,
  )
  return {
    ...common,
    ...ends,
    type: 'log',
    tickmode: 'array',
    tickvals: exponents.map((exponent) => 10 ** exponent),
    ticktext: exponents.map(powerOfTen),
  }
}

/** 0.001, 1, 10,000; further away by its exponent, where zeros would have to be counted. */
const powerOfTen = (exponent: number): string =>
  exponent < -4 || exponent > 5
    ? `1e${exponent}`.replace('-', '−')
    : exponent < 0
      ? (10 ** exponent).toFixed(-exponent)
      : formatCount(10 ** exponent)
