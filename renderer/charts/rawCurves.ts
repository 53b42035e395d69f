import type { Axis, Drawing, LineTrace, PlotElement, Trace } from './plotly'

/** Lines that lie behind everything else of a drawing, and what is left for plotly to draw. */
export interface RawCurves {
  readonly lines: readonly LineTrace[]
  readonly rest: Drawing
}

const isRawCurve = (trace: Trace): trace is LineTrace =>
  trace.type === 'scatter' && trace.behind === true && (trace.line?.dash ?? 'solid') === 'solid'

/**
 * Takes the lines that lie behind out of a drawing. On the screen they are painted on a canvas: as elements of the page
 * they take longer than all that lies in front of them. Those that answer a pointer stay for that, without a line; for
 * the others an unseen line stays, so that the axes hold them as before.
 */
export function withoutRawCurves(drawing: Drawing): RawCurves {
  const lines = drawing.traces.filter(isRawCurve)
  if (lines.length === 0) return { lines, rest: drawing }
  const { xaxis, yaxis } = drawing.layout
  const mute = lines.filter(({ hoverinfo }) => hoverinfo === 'skip')
  const unseen: LineTrace = {
    type: 'scatter',
    mode: 'none',
    name: '',
    showlegend: false,
    hoverinfo: 'skip',
    x: extremes(
      mute.map(({ x }) => x),
      xaxis,
    ),
    y: extremes(
      mute.map(({ y }) => y),
      yaxis,
    ),
  }
  const left = drawing.traces
    .filter((trace) => !mute.includes(trace as LineTrace))
    .map((trace): Trace => (isRawCurve(trace) ? { ...trace, mode: 'none' } : trace))
  return { lines, rest: { ...drawing, traces: mute.length === 0 ? left : [unseen, ...left] } }
}

// A logarithmic axis has no place for what is not above zero.
function extremes(columns: readonly (readonly (number | null)[])[], { type }: Axis): number[] {
  let [least, most] = [Infinity, -Infinity]
  for (const column of columns) {
    for (const value of column) {
      if (value === null || !Number.isFinite(value) || (type === 'log' && value <= 0)) continue
      if (value < least) least = value
      if (value > most) most = value
    }
  }
  return least > most ? [] : [least, most]
}

interface AxisView {
  readonly range: readonly [number, number]
  readonly log: boolean
}

/**
 * Where a plot's area lies in its element, in CSS pixels, and what its axes show: a logarithmic one in exponents of
 * ten.
 */
export interface PlotView {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly x: AxisView
  readonly y: AxisView
}

/**
 * What a plot shows, or is about to: a change names the ends of ranges as plotly's events do. Null while it shows no
 * numbers.
 */
export function plotViewOf(plot: PlotElement, change: Readonly<Record<string, unknown>> = {}): PlotView | null {
  const area = plot.querySelector('.nsewdrag')
  const axis = (name: 'xaxis' | 'yaxis'): AxisView | null => {
    const { range, type } = plot.layout?.[name] ?? {}
    if (range === undefined || type === 'category') return null
    const end = (index: 0 | 1): number => Number(change[`${name}.range[${index}]`] ?? range[index])
    return { range: [end(0), end(1)], log: type === 'log' }
  }
  const [x, y] = [axis('xaxis'), axis('yaxis')]
  if (area === null || x === null || y === null) return null
  const side = (name: string): number => Number(area.getAttribute(name))
  return { left: side('x'), top: side('y'), width: side('width'), height: side('height'), x, y }
}

/** A value's place along an axis, as a part of its length from where its range begins; NaN where it has none. */
export const placeOn = ({ range: [from, to], log }: AxisView, value: number | null): number =>
  value === null ? NaN : ((log ? Math.log10(value) : value) - from) / (to - from)

/** Paints lines on a canvas over a plot's area, and nothing beyond it. */
export function paintRawCurves(
  canvas: HTMLCanvasElement,
  lines: readonly LineTrace[],
  view: PlotView,
  size: { readonly width: number; readonly height: number },
): void {
  const ratio = window.devicePixelRatio
  const pixels = { width: Math.round(size.width * ratio), height: Math.round(size.height * ratio) }
  // To set a canvas's size, even to the same, makes it anew.
  if (canvas.width !== pixels.width || canvas.height !== pixels.height) Object.assign(canvas, pixels)
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, size.width, size.height)
  context.save()
  context.beginPath()
  context.rect(view.left, view.top, view.width, view.height)
  context.clip()
  // As plotly draws its own.
  context.lineJoin = 'miter'
  context.miterLimit = 2
  for (const { x, y, line } of lines) {
    context.beginPath()
    let isDown = false
    for (let index = 0; index < x.length; index++) {
      const across = view.left + view.width * placeOn(view.x, x[index] ?? null)
      const down = view.top + view.height * (1 - placeOn(view.y, y[index] ?? null))
      if (!Number.isFinite(across) || !Number.isFinite(down)) isDown = false
      else if (isDown) context.lineTo(across, down)
      else {
        context.moveTo(across, down)
        isDown = true
      }
    }
    context.lineWidth = line?.width ?? 1
    context.strokeStyle = line?.color ?? ''
    context.stroke()
  }
  context.restore()
}
