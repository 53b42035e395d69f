import type { Axis, Drawing } from './plotly'
import type { Box } from './zoomBox'

type Range = readonly [number, number]

/** The axes of a drawing that a zoom holds on. */
interface ZoomedAxes {
  readonly revision: string
  readonly logarithmic: boolean
}

const within = (axis: Axis, range: Range | null): Axis =>
  range === null ? axis : { ...axis, range: [...range], autorange: false }
const part = ([from, to]: Range, [begin, end]: Range): Range => [from + (to - from) * begin, from + (to - from) * end]

/** What a chart is zoomed to: ranges of its axes as plotly counts, for as long as it keeps those axes. */
export class ChartZoom {
  private x: Range | null = null
  private y: Range | null = null
  private axes: ZoomedAxes = { revision: '', logarithmic: false }

  /** The part of the x axis in view in its shown unit; null shows all. */
  get range(): Range | null {
    if (this.x === null || !this.axes.logarithmic) return this.x
    return [10 ** this.x[0], 10 ** this.x[1]]
  }

  get isOn(): boolean {
    return this.x !== null || this.y !== null
  }

  clear(): void {
    this.x = null
    this.y = null
  }

  toX(x: Range): void {
    this.x = x
  }

  /** Zooms into a part of what is shown. */
  toBox(box: Box, shown: { readonly x: Range; readonly y: Range }): void {
    if (box.x !== null) this.x = part(shown.x, box.x)
    // Upwards on the screen is downwards in its coordinates.
    if (box.y !== null) this.y = part(shown.y, [1 - box.y[1], 1 - box.y[0]])
  }

  /** Draws what is in view. On another axis or scale an old zoom means nothing: it ends. */
  compose(draw: (range: Range | null) => Drawing): Drawing {
    const { isOn } = this
    let drawing = draw(this.range)
    if (isOn && this.axes.revision !== drawing.layout.uirevision) {
      this.clear()
      drawing = draw(null)
    }
    const { layout } = drawing
    this.axes = { revision: layout.uirevision, logarithmic: layout.xaxis.type === 'log' }
    return {
      ...drawing,
      layout: { ...layout, xaxis: within(layout.xaxis, this.x), yaxis: within(layout.yaxis, this.y) },
    }
  }
}
