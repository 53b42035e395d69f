import type { Epoch } from '../../core/events'
import type { Score } from '../../core/score'
import type { Moment } from '../../core/moment'
import type { TracedRun } from '../../core/run'
import type { DrawnLine, SampledCurve, Span } from './bucket'
import { bucket } from './bucket'
import { axisTitles, kinds } from './chartKinds'
import type { ChartTheme } from './chartTheme'
import type { Dash } from './colours'
import { faded } from './colours'
import type { ChartKind, XAxis } from './columns'
import { smoothed, xColumn, xOfMoment, yColumn } from './columns'
import type { LineTrace } from './plotly'
import { plainLabel } from './plotly'

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

// Nothing is measured of these: they are drawn as they were used.
const asUsed: ReadonlySet<ChartKind> = new Set(['learningRate', 'batchSize', 'noiseScale', 'rateToBatch'])
/** What many runs in one chart change of each. */
interface Crowding {
  readonly crowded: boolean
  readonly markers: boolean
}

/** A trace and the layer that it lies in. */
export interface Layered {
  readonly per: 'raw' | 'behind' | 'update' | 'epoch' | 'run'
  readonly trace: LineTrace
}

/** What a chart draws of one run; counts what it bucketed into `drawn`. */
export function tracesOf(
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
