import type { Epoch } from '../../core/events'
import type { Score } from '../../core/score'
import type { Moment } from '../../core/moment'
import type { TracedRun } from '../../core/run'
import type { SampledCurve, DrawnLine, Span } from './bucket'
import { bucket } from './bucket'
import type { Dash } from './colours'
import { faded } from './colours'
import type { ChartKind, XAxis } from './columns'
import { smoothed, xColumn, xOfMoment, yColumn } from './columns'
import type { ChartTheme } from './chartTheme'
import { baseAxis, baseLayout } from './chartTheme'
import type { Drawing, LineTrace } from './plotly'
import { plainLabel } from './plotly'
import { timeUnit } from './timeUnit'

/** One run in a chart. */
export interface Series {
  readonly traced: TracedRun
  readonly label: string
  readonly colour: string
  readonly dash: Dash
}

/** How a chart of runs is drawn. */
export interface ChartOptions {
  readonly kind: ChartKind
  readonly xAxis: XAxis
  /** Share of the old average kept per update, 0 (off) … 0.999. */
  readonly smoothing: number
  readonly logX: boolean
  readonly logY: boolean
  readonly train: boolean
  readonly validation: boolean
  /** Width of the plotting area in pixels. */
  readonly pixels: number
  /** The part of the x axis in view, in the axis's shown unit; null shows all. */
  readonly range: readonly [number, number] | null
  readonly theme: ChartTheme
  readonly legend: boolean
}

const axisTitles: Readonly<Record<XAxis, string>> = {
  update: 'updates',
  epoch: 'epochs',
  examples: 'examples seen',
  seconds: 'training time',
}

const kinds: Readonly<
  Record<
    ChartKind,
    {
      readonly title: string
      readonly unit: string
      readonly splits: boolean
      readonly zero: boolean
      readonly format: string
    }
  >
> = {
  loss: { title: 'loss (nats)', unit: '', splits: true, zero: false, format: '.4~g' },
  accuracy: { title: 'accuracy (%)', unit: ' %', splits: true, zero: false, format: '.2f' },
  learningRate: { title: 'learning rate', unit: '', splits: false, zero: true, format: '.5~g' },
  gradientNorm: { title: 'gradient norm', unit: '', splits: false, zero: true, format: '.4~g' },
  imagesPerSecond: { title: 'images/s', unit: ' images/s', splits: false, zero: true, format: '.4~s' },
  batchSize: { title: 'batch size (images)', unit: ' images', splits: false, zero: true, format: 'd' },
  noiseScale: { title: 'ηN/(B(1−μ))', unit: '', splits: false, zero: true, format: '.4~g' },
  rateToBatch: { title: 'η/B', unit: '', splits: false, zero: true, format: '.4~g' },
  distance: { title: '‖w − w₀‖', unit: '', splits: false, zero: true, format: '.4~g' },
}

/** A chart's name as its heading and its file's name. */
export const chartName: Readonly<Record<ChartKind, string>> = {
  loss: 'Loss',
  accuracy: 'Accuracy',
  learningRate: 'Learning rate',
  batchSize: 'Batch size',
  noiseScale: 'Noise scale',
  rateToBatch: 'Rate over batch size',
  gradientNorm: 'Gradient norm',
  imagesPerSecond: 'Speed',
  distance: 'Distance from the initial weights',
}

// Beyond so many runs the raw curves step further back, and a column that a line may use is two pixels wide, that of a
// smoothed one three.
const crowd = 4
// Nothing is measured of these: they are drawn as they were used.
const asUsed: ReadonlySet<ChartKind> = new Set(['learningRate', 'batchSize', 'noiseScale', 'rateToBatch'])
// A marker is an element of its own in the page: they are for the few epochs that a person tells apart.
const markersAtMost = 160
interface Crowding {
  readonly crowded: boolean
  readonly markers: boolean
}

interface Layered {
  readonly per: 'raw' | 'behind' | 'update' | 'epoch' | 'run'
  readonly trace: LineTrace
}

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
    ...joined(layer('raw')),
    ...(together ? joined(layer('behind')) : layer('behind')),
    ...layer('update'),
    ...layer('epoch'),
    ...(together ? marked(tests) : tests),
  ]
  const { theme: ink, kind } = options
  // Plotly would number axes on which there is nothing from −1 to 6.
  const isEmpty = traces.every(({ x }) => x.length === 0)
  const marks = extensionMarks(series, options, unit.divisor)
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

/**
 * A line down the chart where a run was extended, with words over it, towards the middle; a run among several is told
 * by its colour, and in a crowd by nothing.
 */
function extensionMarks(
  series: readonly Series[],
  { xAxis, logX, theme: ink, legend }: ChartOptions,
  divisor: number,
): { readonly shapes: readonly object[]; readonly annotations: readonly object[] } | null {
  const marks =
    series.length > crowd
      ? []
      : series.flatMap(({ traced, colour }) =>
          (traced.run.extensions ?? []).flatMap(({ update, epochs }) => {
            const at = traced.trace.update.findLastIndex((done) => done <= update)
            const column = xColumn(traced, xAxis)
            const [x, end] = [column[at] ?? NaN, column[traced.trace.update.length - 1] ?? NaN].map(
              (each) => each / divisor,
            ) as [number, number]
            const text = `extended to ${epochs} epochs`
            const isLate = x > end * 0.6 || (logX && x > 1)
            return Number.isFinite(x) && (!logX || x > 0)
              ? [{ x, text, isLate, colour: series.length > 1 ? colour : ink.text }]
              : []
          }),
        )
  if (marks.length === 0) return null
  // Where a legend stands above the plot, the words go into it.
  const yanchor = legend ? 'top' : 'bottom'
  return {
    shapes: marks.map(({ x, colour }) => ({
      type: 'line',
      xref: 'x',
      yref: 'paper',
      x0: x,
      x1: x,
      y0: 0,
      y1: 1,
      line: { color: colour, width: 1, dash: 'dot' },
    })),
    annotations: marks.map(({ x, text, isLate, colour }) => ({
      xref: 'x',
      yref: 'paper',
      x: logX ? Math.log10(x) : x,
      y: 1,
      xanchor: isLate ? 'right' : 'left',
      yanchor,
      text,
      showarrow: false,
      font: { size: 10, color: colour },
    })),
  }
}

/**
 * Lines of one colour as one, with gaps between them: the faint ones only set a background, and plotly takes as long
 * for each trace as for hundreds of points.
 */
function joined(lines: readonly LineTrace[]): readonly LineTrace[] {
  const colours = [...new Set(lines.map(({ line }) => line?.color))]
  return colours.flatMap((colour) => {
    const alike = lines.filter(({ line }) => line?.color === colour)
    const [first] = alike
    if (first === undefined || alike.length === 1) return alike
    const all: { x: number[]; y: (number | null)[] } = { x: [], y: [] }
    for (const { x, y } of alike) {
      for (let index = 0; index < x.length; index++) {
        all.x.push(x[index] ?? 0)
        all.y.push(y[index] ?? null)
      }
      all.x.push(x.at(-1) ?? 0)
      all.y.push(null)
    }
    const { hovertemplate } = first
    // The faintest lines answer no pointer, and need no names.
    if (hovertemplate === undefined) return { ...first, ...all }
    const text = alike.flatMap(({ x, name }) => Array.from({ length: x.length + 1 }, () => name))
    return { ...first, ...all, text, hovertemplate: eachNamed(first.name, hovertemplate) }
  })
}

// A template begins with the name of its run; that of several takes each point's own.
const eachNamed = (name: string, template: string): string => `%{text}${template.slice(name.length)}`

/** Marks of several runs as one trace, each in its run's colour and with its run's name. */
function marked(traces: readonly LineTrace[]): readonly LineTrace[] {
  const [first] = traces
  if (first?.marker === undefined || first.hovertemplate === undefined || traces.length === 1) return traces
  return [
    {
      ...first,
      x: traces.flatMap(({ x }) => x),
      y: traces.flatMap(({ y }) => y),
      text: traces.flatMap(({ x, name }) => x.map(() => name)),
      hovertemplate: eachNamed(first.name, first.hovertemplate),
      marker: { ...first.marker, color: traces.flatMap(({ x, marker }) => x.map(() => marker?.color ?? '').flat()) },
    },
  ]
}

function tracesOf(
  series: Series,
  options: ChartOptions & Crowding,
  divisor: number,
  drawn: { points: number; drawn: number },
): readonly Layered[] {
  const { kind } = options
  if (kind === 'distance') return [epochLine(series, options, divisor, (epoch) => epoch.distance, '')]
  const { splits } = kinds[kind]
  const traces: Layered[] = []
  if (!splits || options.train) traces.push(...updateLines(series, { ...options, kind }, divisor, drawn))
  if (splits && options.validation) {
    traces.push(epochLine(series, options, divisor, ({ validation }) => scoreValue(validation, kind), 'validation'))
    const tests = testMarks(series, options, divisor)
    if (tests !== undefined) traces.push(tests)
  }
  return traces
}

// The smoothed curve in front, the raw one faint behind it; without smoothing the raw curve is all there is.
function updateLines(
  { traced, label, colour, dash }: Series,
  options: ChartOptions & Crowding & { readonly kind: Exclude<ChartKind, 'distance'> },
  divisor: number,
  drawn: { points: number; drawn: number },
): readonly Layered[] {
  const { kind, smoothing, pixels } = options
  const x = xColumn(traced, options.xAxis)
  const [from, to] = options.range?.map((value) => value * divisor) ?? []
  const span: Span = { from: from ?? x[0] ?? 0, to: to ?? x.at(-1) ?? 1, log: options.logX }
  const noisy = !asUsed.has(kind)
  const lineOf = (y: SampledCurve['y'], columns = pixels): DrawnLine => {
    const line = bucket({ x, y }, span, columns)
    return divisor === 1 ? line : { x: line.x.map((value) => value / divisor), y: line.y }
  }
  const raw = lineOf(yColumn(traced, kind))
  drawn.points += x.length
  drawn.drawn += raw.x.length
  const name = plainLabel(kinds[kind].splits ? `${label} · train` : label)
  // Where validation is drawn too it lies in front, so the many updates step back.
  const behind = kinds[kind].splits && options.validation && traced.run.epochs.length > 0
  // In a crowd it is the line in front whose dashes tell runs of one colour apart.
  const stroke = behind && options.crowded && !options.legend ? 'solid' : dash
  const line = (data: DrawnLine, width: number, color: string, faint: boolean): Layered => ({
    per: faint ? 'raw' : behind ? 'behind' : 'update',
    trace: {
      type: 'scatter',
      mode: 'lines',
      name,
      x: data.x,
      y: data.y,
      legendgroup: traced.run.id,
      showlegend: !faint,
      line: { color, width, dash: stroke, simplify: noisy, shape: kind === 'batchSize' ? 'hv' : 'linear' },
      ...(faint || behind ? { behind: true as const } : {}),
      ...(faint ? { hoverinfo: 'skip' as const } : { hovertemplate: hover(name, options) }),
    },
  })
  if (!noisy || smoothing === 0) return [line(raw, kinds[kind].splits ? 1 : 1.5, colour, false)]
  const smooth = lineOf(smoothed(traced, kind, smoothing), options.crowded ? Math.ceil((pixels * 2) / 3) : pixels)
  const front = line(
    smooth,
    options.crowded ? 1 : 1.25,
    behind ? faded(colour, options.crowded ? 0.4 : 0.6) : colour,
    false,
  )
  return [line(raw, 1, faded(colour, options.crowded ? 0.12 : 0.2), true), front]
}

function epochLine(
  { traced, label, colour, dash }: Series,
  options: ChartOptions & Crowding,
  divisor: number,
  value: (epoch: Epoch) => number | null,
  split: string,
): Layered {
  const epochs = traced.run.epochs
  const markers = options.markers || epochs.length === 1
  const x = epochs.map(({ moment }) => xOfMoment(moment, options.xAxis) / divisor)
  const span: Span = {
    from: options.range?.[0] ?? x[0] ?? 0,
    to: options.range?.[1] ?? x.at(-1) ?? 1,
    log: options.logX,
  }
  const line = bucket({ x, y: epochs.map(value) }, span, options.pixels)
  const name = plainLabel(split === '' ? label : `${label} · ${split}`)
  return {
    per: 'epoch',
    trace: {
      type: 'scatter',
      mode: markers ? 'lines+markers' : 'lines',
      name,
      legendgroup: traced.run.id,
      showlegend: true,
      x: line.x,
      y: line.y,
      line: { color: colour, width: 2.25, dash },
      hovertemplate: hover(name, options),
      ...(markers
        ? {
            marker: {
              color: colour,
              size: options.crowded ? 3 : 6,
              line: { color: options.theme.surface, width: options.crowded ? 0 : 1 },
            },
          }
        : {}),
    },
  }
}

const scoreValue = (score: Score | null, kind: ChartKind): number | null =>
  score === null ? null : kind === 'accuracy' ? score.accuracy * 100 : score.loss

function testMarks({ traced, label, colour }: Series, options: ChartOptions, divisor: number): Layered | undefined {
  const { last, best } = traced.run.test
  const marks = [last, best].flatMap((test) => {
    const moment: Moment | undefined = traced.run.epochs.find(({ epoch }) => epoch === test?.epoch)?.moment
    return test === null || moment === undefined
      ? []
      : [{ x: xOfMoment(moment, options.xAxis) / divisor, y: scoreValue(test.score, options.kind) }]
  })
  if (marks.length === 0) return undefined
  const name = plainLabel(`${label} · test`)
  return {
    per: 'run',
    trace: {
      type: 'scatter',
      mode: 'markers',
      name,
      legendgroup: traced.run.id,
      showlegend: true,
      x: marks.map(({ x }) => x),
      y: marks.map(({ y }) => y),
      marker: { color: colour, size: 10, symbol: 'diamond', line: { color: options.theme.surface, width: 1.5 } },
      hovertemplate: hover(name, options),
    },
  }
}

const hover = (name: string, { kind, xAxis }: ChartOptions): string =>
  `${name}<br><b>%{y:${kinds[kind].format}}</b>${kinds[kind].unit} at %{x:.5~g} ` +
  `${xAxis === 'seconds' ? '' : axisTitles[xAxis]}<extra></extra>`
