import { axisTitles, kinds } from './chartKinds'
import { baseAxis, baseLayout } from './chartTheme'
import { extensionMarks } from './extensionMarks'
import { joinTraces, joinMarks } from './joinedTraces'
import type { Drawing, LineTrace } from './plotly'
import type { ChartOptions, Layered, Series } from './runTraces'
import { tracesOf } from './runTraces'
import { timeUnit } from './timeUnit'

// Beyond so many runs the raw curves step further back, and a column that a line may use is two pixels wide, that of a
// smoothed one three.
const crowd = 4
// A marker is an element of its own in the page: they are for the few epochs that a person tells apart.
const markersAtMost = 160
/** Traces and layout of a chart of runs: pure, used by the window's charts and by the figures of the command line. */
export function drawChart(series: readonly Series[], options: ChartOptions): Drawing {
  const seconds = Math.max(0, ...series.map(({ traced }) => traced.trace.seconds.at(-1) ?? traced.run.moment.seconds))
  const unit = options.xAxis === 'seconds' ? timeUnit(seconds) : { divisor: 1, name: '' }
  const drawn = { points: 0, drawn: 0 }
  const crowded = series.length > crowd
  const epochs = series.reduce((sum, { traced }) => sum + traced.run.epochs.length, 0)
  const crowding = {
    crowded,
    markers: epochs <= markersAtMost,
    pixels: crowded ? Math.ceil(options.pixels / 2) : options.pixels,
  }
  const lines = series.flatMap((one) => tracesOf(one, { ...options, ...crowding }, unit.divisor, drawn))
  const layer = (wanted: Layered['per']): readonly LineTrace[] =>
    lines.filter(({ per }) => per === wanted).map(({ trace }) => trace)
  // Updates of all runs at the back, the raw ones first, epochs in front of them, tests on top. In a crowd what lies
  // behind is one line for each colour, and all tests are one set of marks; a figure's legend names each by itself.
  const together = crowded && !options.legend
  const tests = layer('run')
  const traces = [
    ...joinTraces(layer('raw')),
    ...(together ? joinTraces(layer('behind')) : layer('behind')),
    ...layer('update'),
    ...layer('epoch'),
    ...(together ? joinMarks(tests) : tests),
  ]
  const { theme: ink, kind } = options
  // Plotly would number axes on which there is nothing from −1 to 6.
  const isEmpty = traces.every(({ x }) => x.length === 0)
  const marks = extensionMarks(crowded ? [] : series, options, unit.divisor)
  const xTitle = unit.name === '' ? axisTitles[options.xAxis] : `${axisTitles[options.xAxis]} (${unit.name})`
  return {
    traces,
    ...drawn,
    layout: {
      ...baseLayout(ink, { l: 64, r: 14, t: options.legend ? 34 : marks === null ? 8 : 16, b: 36 }),
      uirevision: `${kind} ${options.xAxis} ${unit.name} ${options.logX} ${options.logY}`,
      showlegend: options.legend,
      legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom', font: { size: 11 } },
      xaxis: {
        ...baseAxis(ink),
        title: { text: xTitle, standoff: 6 },
        type: options.logX ? 'log' : 'linear',
        autorange: true,
        rangemode: 'normal',
        showticklabels: !isEmpty,
      },
      ...marks,
      yaxis: {
        ...baseAxis(ink),
        title: { text: kinds[kind].title, standoff: 6 },
        type: options.logY ? 'log' : 'linear',
        autorange: true,
        rangemode: kinds[kind].zero ? 'tozero' : 'normal',
        exponentformat: kind === 'rateToBatch' || kind === 'learningRate' ? 'e' : 'SI',
        showticklabels: !isEmpty,
      },
    },
  }
}
