import type { RefObject } from 'react'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useScheme } from '../components/Dot'
import { noteFault } from '../notifyFault'
import type { ChartTheme } from './chartTheme'
import { screenInk } from './chartTheme'
import { ChartZoom } from './chartZoom'
import type { Drawing, LineTrace, PlotElement } from './plotly'
import { loadPlotly } from './plotly'
import { paintRawCurves, plotViewOf, withoutRawCurves } from './rawCurves'
import type { Box } from './zoomBox'
import { followMouse } from './zoomBox'

/** What a drawing has to fit into. */
export interface DrawingFrame {
  readonly pixels: number
  readonly range: readonly [number, number] | null
  readonly theme: ChartTheme
  readonly legend: boolean
}

interface PlotOptions {
  /** The name of the chart in reports of faults. */
  readonly name: string
  readonly width: number
  readonly height: number
  /** Changes whenever there is something else to draw. */
  readonly revision: string
  readonly draw: (frame: DrawingFrame) => Drawing
  readonly onPick: ((x: string, y: string) => void) | undefined
  /** The least time between two redraws in ms. */
  readonly pace: number
}

interface Plot {
  /** Where plotly draws, and the canvas behind it for raw curves. */
  readonly box: RefObject<HTMLDivElement | null>
  readonly canvas: RefObject<HTMLCanvasElement | null>
  readonly isZoomed: boolean
  /** Values in view, and how many of them are drawn. */
  readonly counts: { readonly points: number; readonly drawn: number }
  /** Why it could not be drawn; empty when it could. */
  readonly failure: string
  readonly resetZoom: () => void
  /** The part of the x axis in view now. */
  readonly rangeInView: () => readonly [number, number] | null
}

// One frame.
const refineMs = 16
const sides = 70
const plotConfig = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false, scrollZoom: false }

type Change = Readonly<Record<string, unknown>>

/** Draws with plotly into `box`, anew at every revision and size, and zooms into what is dragged over. */
export function usePlot({ name, width, height, revision, draw, onPick, pace }: PlotOptions): Plot {
  const scheme = useScheme()
  const box = useRef<HTMLDivElement>(null)
  const { canvas, paint, setLines } = useRawCurves(box, { width, height })
  const refining = useRef<ReturnType<typeof setTimeout>>(undefined)
  const drawnAt = useRef(0)
  const [zoom] = useState(() => new ChartZoom())
  const [isZoomed, setZoomed] = useState(false)
  const [counts, setCounts] = useState({ points: 0, drawn: 0 })
  const [failure, setFailure] = useState('')

  const redraw = useEffectEvent(async () => {
    const plotly = await loadPlotly()
    const element = box.current as PlotElement | null
    if (element === null || width < 40) return
    const frame = { pixels: Math.max(50, width - sides), theme: screenInk(scheme), legend: false }
    const { lines, rest: drawing } = withoutRawCurves(zoom.compose((range) => draw({ ...frame, range })))
    setZoomed(zoom.isOn)
    const isFirst = drawnAt.current === 0
    drawnAt.current = performance.now()
    // Categories have no range of numbers: there plotly's own zoom stays.
    const dragmode = drawing.layout.xaxis.type === 'category' ? 'zoom' : false
    await plotly.react(element, drawing.traces, { ...drawing.layout, width, height, dragmode }, plotConfig)
    setLines(lines)
    paint()
    setCounts({ points: drawing.points, drawn: drawing.drawn })
    if (!isFirst) return
    // An axis that is dragged by itself moves plotly's lines at once.
    element.on('plotly_relayouting', (change) => paint(change))
    element.on('plotly_relayout', (change) => onRelayout(change))
    element.on('plotly_click', (click) => pick(click, onPickNow))
  })
  const fail = useEffectEvent((error: unknown) => setFailure(noteFault(`The chart ${name}`, error).message))
  const redrawNow = (): void => void redraw().catch(fail)
  const onPickNow = useEffectEvent((x: string, y: string) => onPick?.(x, y))

  const onRelayout = useEffectEvent((change: Change) => {
    paint()
    const [from = NaN, to = NaN] = [change['xaxis.range[0]'], change['xaxis.range[1]']].map(Number)
    if (Number.isNaN(from) || Number.isNaN(to)) return
    zoom.toX([from, to])
    // Plotly has just drawn the points that it has; those of the new range follow when that is on the screen.
    clearTimeout(refining.current)
    refining.current = setTimeout(redrawNow, refineMs)
  })

  const onBox = useEffectEvent((dragged: Box) => {
    const { xaxis, yaxis } = (box.current as PlotElement | null)?.layout ?? {}
    if (xaxis?.type === 'category' || xaxis?.range === undefined || yaxis?.range === undefined) return
    zoom.toBox(dragged, { x: xaxis.range, y: yaxis.range })
    redrawNow()
  })

  const reset = useEffectEvent(async () => {
    zoom.clear()
    const plotly = await loadPlotly()
    if (box.current !== null) await plotly.relayout(box.current, { 'xaxis.autorange': true, 'yaxis.autorange': true })
    await redraw()
  })
  const resetZoom = (): void => void reset().catch(fail)

  useEffect(() => {
    const wait = Math.max(0, drawnAt.current + pace - performance.now())
    const timer = setTimeout(redrawNow, drawnAt.current === 0 ? 0 : wait)
    return () => clearTimeout(timer)
  }, [revision, width, height, scheme, pace])

  useEffect(() => {
    const element = box.current
    const leave = element === null ? undefined : followMouse(element, { onBox, onDoubleClick: resetZoom })
    return () => {
      leave?.()
      clearTimeout(refining.current)
      if (element !== null) void loadPlotly().then((plotly) => plotly.purge(element))
    }
  }, [])

  return { box, canvas, isZoomed, counts, failure, resetZoom, rangeInView: () => zoom.range }
}

/** The canvas behind the plot, on which the curves are painted that plotly is not given. */
function useRawCurves(
  box: RefObject<HTMLDivElement | null>,
  size: { readonly width: number; readonly height: number },
) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const lines = useRef<readonly LineTrace[]>([])
  const paint = useEffectEvent((change: Change = {}): void => {
    const element = box.current as PlotElement | null
    const view = element === null ? null : plotViewOf(element, change)
    if (canvas.current !== null && view !== null) paintRawCurves(canvas.current, lines.current, view, size)
  })
  const setLines = (painted: readonly LineTrace[]): void => {
    lines.current = painted
  }
  return { canvas, paint, setLines }
}

function pick(click: Change, onPick: (x: string, y: string) => void): void {
  const point: unknown = Array.isArray(click.points) ? click.points[0] : undefined
  if (typeof point === 'object' && point !== null && 'x' in point && 'y' in point)
    onPick(String(point.x), String(point.y))
}
