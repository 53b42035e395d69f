import { linearTicks, logTicks, type Tick } from './axis'
import { escaped } from './escaped'

/** One curve: x never falls, null in y is a gap. */
export interface SvgCurve {
  readonly label: string
  readonly colour: string
  readonly x: readonly number[]
  readonly y: readonly (number | null)[]
  /** `faint` lies behind and has no legend; `points` marks each value; `marks` draws no line between them. */
  readonly style: 'line' | 'faint' | 'points' | 'marks'
}

export interface SvgChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly curves: readonly SvgCurve[]
  /** Whether a logarithmic axis is worth it where values differ by much. */
  readonly mayBeLog: boolean
  /** Places on the x axis where something happened, each with a word for it. */
  readonly marks?: readonly { readonly x: number; readonly label: string; readonly colour: string }[]
}

interface Axis {
  readonly from: number
  readonly to: number
  readonly isLog: boolean
  readonly ticks: readonly Tick[]
}
interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

const isNumber = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value)
// More than this between the lowest and the highest value, and a linear axis shows only the highest.
const logFrom = 30

const extent = (lists: readonly (readonly (number | null)[])[]): readonly [number, number] => {
  let [low, high] = [Infinity, -Infinity]
  for (const list of lists) {
    for (const value of list) {
      if (!isNumber(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return [low, high]
}

function valueAxis(curves: readonly SvgCurve[], mayBeLog: boolean): Axis {
  const [low, high] = extent(curves.map(({ y }) => y))
  if (!(high >= low)) return { from: 0, to: 1, isLog: false, ticks: linearTicks(0, 1, 5) }
  if (mayBeLog && low > 0 && high / low > logFrom)
    return { from: low, to: high, isLog: true, ticks: logTicks(low, high) }
  const margin = (high > low ? high - low : Math.abs(high) || 1) * 0.05
  const from = low >= 0 && low - margin < 0 ? 0 : low - margin
  return { from, to: high + margin, isLog: false, ticks: linearTicks(from, high + margin, 7) }
}

/** A place on an axis, 0…1. */
const placeOn =
  ({ from, to, isLog }: Axis) =>
  (value: number): number =>
    isLog ? Math.log(Math.max(value, Number.MIN_VALUE) / from) / Math.log(to / from) : (value - from) / (to - from || 1)

/**
 * Keeps the lowest and the highest value of every pixel column, in order, and one gap of each: no spike is lost, and no
 * file is megabytes long.
 */
export function thinned(
  points: readonly (readonly [number, number] | null)[],
): readonly (readonly [number, number] | null)[] {
  const kept: (readonly [number, number] | null)[] = []
  let column: (readonly [number, number])[] = []
  let [pixel, gapPixel] = [-1, -2]
  const flush = (): void => {
    if (column.length <= 2) kept.push(...column)
    else {
      const lowest = column.reduce((least, point) => (point[1] < least[1] ? point : least))
      const highest = column.reduce((most, point) => (point[1] >= most[1] ? point : most))
      kept.push(...column.filter((point) => point === lowest || point === highest))
    }
    column = []
  }
  for (const point of points) {
    if (point === null) {
      if (gapPixel === pixel) continue
      flush()
      kept.push(null)
      gapPixel = pixel
    } else {
      const at = Math.floor(point[0])
      if (at !== pixel) flush()
      pixel = at
      column.push(point)
    }
  }
  flush()
  return kept
}

function drawCurve(curve: SvgCurve, toX: (value: number) => number, toY: (value: number) => number): string {
  const placed = curve.x.map((x, index) => {
    const y = curve.y[index]
    return isNumber(y) ? ([toX(x), toY(y)] as const) : null
  })
  const points = placed.filter((point) => point !== null)
  if (curve.style === 'marks')
    return points
      .map(([x, y]) => `<path d="M${x.toFixed(1)} ${(y - 6).toFixed(1)}l6 6-6 6-6-6z" fill="${curve.colour}"/>`)
      .join('')
  let isDown = false
  const path = thinned(placed)
    .map((point) => {
      if (point === null) {
        isDown = false
        return ''
      }
      const command = isDown ? 'L' : 'M'
      isDown = true
      return `${command}${point[0].toFixed(1)} ${point[1].toFixed(1)}`
    })
    .join('')
  const style =
    curve.style === 'faint'
      ? 'stroke-width="1" stroke-opacity="0.25"'
      : `stroke-width="${curve.style === 'points' ? 2.25 : 1.25}"`
  const line =
    path === '' ? '' : `<path d="${path}" fill="none" stroke="${curve.colour}" ${style} stroke-linejoin="round"/>`
  const dots =
    curve.style === 'points' && points.length <= 80
      ? points
          .map(([x, y]) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2.5" fill="${curve.colour}"/>`)
          .join('')
      : ''
  return line + dots
}

function drawAxes(
  frame: Frame,
  x: Axis,
  y: Axis,
  toX: (value: number) => number,
  toY: (value: number) => number,
  { xLabel, yLabel }: SvgChart,
): string {
  const { left, right, top, bottom } = frame
  const middle = (left + right) / 2
  return [
    ...y.ticks.map(
      ({ value, label }) =>
        `<path class="grid" d="M${left} ${toY(value).toFixed(1)}H${right}"/><text x="${left - 6}" ` +
        `y="${(toY(value) + 4).toFixed(1)}" text-anchor="end">${label}</text>`,
    ),
    ...x.ticks.map(
      ({ value, label }) =>
        `<path class="grid" d="M${toX(value).toFixed(1)} ${top}V${bottom}"/><text x="${toX(value).toFixed(1)}" ` +
        `y="${bottom + 16}" text-anchor="middle">${label}</text>`,
    ),
    `<text x="${middle}" y="${bottom + 34}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text transform="translate(12 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
  ].join('')
}

const drawMark = (
  { x, label, colour }: NonNullable<SvgChart['marks']>[number],
  { top, bottom }: Frame,
  toX: (value: number) => number,
): string =>
  `<path d="M${toX(x).toFixed(1)} ${top}V${bottom}" stroke="${colour}" stroke-dasharray="2 ` +
  `3"><title>${escaped(label)}</title></path><text x="${(toX(x) + 4).toFixed(1)}" y="${top + 10}" ` +
  `font-size="10">${escaped(label)}</text>`

/**
 * A chart as an inline SVG element for a page that styles `.grid` and text: no script, no link, nothing from elsewhere.
 */
export function svgChart(
  chart: SvgChart,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const frame: Frame = { left: 62, right: width - 12, top: 10, bottom: height - 42 }
  const [low, high] = extent(chart.curves.map(({ x }) => x))
  const from = Number.isFinite(low) && low > 0.2 * high ? low : Math.min(0, Number.isFinite(low) ? low : 0)
  const to = high > from ? high : from + 1
  const x: Axis = { from, to, isLog: false, ticks: linearTicks(from, to, 8) }
  const y = valueAxis(chart.curves, chart.mayBeLog)
  const toX = (value: number): number => frame.left + placeOn(x)(value) * (frame.right - frame.left)
  const toY = (value: number): number => frame.bottom - placeOn(y)(value) * (frame.bottom - frame.top)
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(chart.title)}">`,
    drawAxes(frame, x, y, toX, toY, chart),
    ...(chart.marks ?? []).map((mark) => drawMark(mark, frame, toX)),
    ...chart.curves.map((curve) => drawCurve(curve, toX, toY)),
    '</svg>',
  ].join('')
}
