import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { Download, Maximize2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { paintRawCurves, plotViewOf, withoutRawCurves } from './rawCurves'
import { saveCsv, saveImage } from './figures'
import { count } from '../format'
import type { ChartTheme } from './chartTheme'
import { screenInk } from './chartTheme'
import type { Axis, Drawing, LineTrace, PlotElement } from './plotly'
import { loadPlotly } from './plotly'
import type { Box } from './zoomBox'
import { followMouse } from './zoomBox'
import { useScheme } from '../components/Dot'
import { noteFault } from '../notifyFault'

/** What a drawing has to fit into. */
export interface DrawingFrame {
  readonly pixels: number
  readonly range: readonly [number, number] | null
  readonly theme: ChartTheme
  readonly legend: boolean
}

interface Props {
  /** Its heading, and its file's name when it is saved. */
  readonly name: string
  readonly height: number
  /** Changes whenever there is something else to draw. */
  readonly revision: string
  readonly draw: (frame: DrawingFrame) => Drawing
  /** The data behind it at full resolution. */
  readonly csv: () => Promise<string> | string
  /** What stands in the empty plot; empty when there are curves. */
  readonly veil?: string
  readonly tools?: ReactNode
  readonly onPick?: (x: string, y: string) => void
  /** The least time between two redraws, in ms: less for what follows a hand than for what follows a training. */
  readonly pace?: number
}

// A live chart is redrawn at most four times a second: more than that only costs training time.
const redrawMs = 250
// One frame.
const refineMs = 16
const sides = 70
const plotConfig = { displayModeBar: false, responsive: false, doubleClick: false, showTips: false, scrollZoom: false }

/**
 * What a chart is zoomed to: the part of the x axis in view in its shown unit, and the ranges of its axes as plotly
 * counts.
 */
interface Zoom {
  readonly range: readonly [number, number] | null
  readonly axes: { readonly x: Range | null; readonly y: Range | null }
  readonly revision: string
}
type Range = readonly [number, number]

const part = ([from, to]: Range, [begin, end]: Range): Range => [from + (to - from) * begin, from + (to - from) * end]

const zoomedTo = (zoom: Zoom | null, drawing: Drawing): Drawing => {
  if (zoom === null) return drawing
  const { layout } = drawing
  const within = (axis: Axis, range: Range | null): Axis =>
    range === null ? axis : { ...axis, range: [...range], autorange: false }
  return {
    ...drawing,
    layout: { ...layout, xaxis: within(layout.xaxis, zoom.axes.x), yaxis: within(layout.yaxis, zoom.axes.y) },
  }
}

/** A plot of a fixed height: there before its data, at the same place afterwards. */
export function ChartView({ name, height, revision, draw, csv, veil = '', tools, onPick, pace = redrawMs }: Props) {
  const scheme = useScheme()
  const { ref: measure, width } = useElementSize()
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const behind = useRef<readonly LineTrace[]>([])
  const refining = useRef<ReturnType<typeof setTimeout>>(undefined)
  const zoom = useRef<Zoom | null>(null)
  const drawn = useRef({ at: 0, revision: '', logarithmic: false })
  const [zoomed, setZoomed] = useState(false)
  const [counts, setCounts] = useState({ points: 0, drawn: 0 })
  const [failure, setFailure] = useState('')

  const compose = useEffectEvent((frame: Omit<DrawingFrame, 'range'>): Drawing => {
    const drawing = draw({ ...frame, range: zoom.current?.range ?? null })
    if (zoom.current === null || zoom.current.revision === drawing.layout.uirevision)
      return zoomedTo(zoom.current, drawing)
    // Another axis or scale: the old zoom means nothing on it.
    zoom.current = null
    setZoomed(false)
    return draw({ ...frame, range: null })
  })

  const paint = useEffectEvent((change: Readonly<Record<string, unknown>> = {}): void => {
    const element = box.current as PlotElement | null
    const view = element === null ? null : plotViewOf(element, change)
    if (canvas.current !== null && view !== null)
      paintRawCurves(canvas.current, behind.current, view, { width, height })
  })

  const redraw = useEffectEvent(async () => {
    const plotly = await loadPlotly()
    const element = box.current as PlotElement | null
    if (element === null || width < 40) return
    const { lines, rest: drawing } = withoutRawCurves(
      compose({ pixels: Math.max(50, width - sides), theme: screenInk(scheme), legend: false }),
    )
    const first = drawn.current.at === 0
    drawn.current = {
      at: performance.now(),
      revision: drawing.layout.uirevision,
      logarithmic: drawing.layout.xaxis.type === 'log',
    }
    // Categories have no range of numbers: there plotly's own zoom stays.
    const dragmode = drawing.layout.xaxis.type === 'category' ? 'zoom' : false
    await plotly.react(element, drawing.traces, { ...drawing.layout, width, height, dragmode }, plotConfig)
    behind.current = lines
    paint()
    setCounts({ points: drawing.points, drawn: drawing.drawn })
    if (!first) return
    // An axis that is dragged by itself moves plotly's lines at once.
    element.on('plotly_relayouting', (change) => paint(change))
    element.on('plotly_relayout', (change) => onRelayout(change))
    element.on('plotly_click', (click) => onClick(click))
  })

  const keepZoom = (x: Range | null, y: Range | null): void => {
    const shown = (value: number): number => (drawn.current.logarithmic ? 10 ** value : value)
    zoom.current = {
      range: x === null ? null : [shown(x[0]), shown(x[1])],
      axes: { x, y },
      revision: drawn.current.revision,
    }
  }

  const onRelayout = useEffectEvent((change: Readonly<Record<string, unknown>>) => {
    paint()
    const [from, to] = [change['xaxis.range[0]'], change['xaxis.range[1]']].map(Number)
    if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)) return
    keepZoom([from, to], zoom.current?.axes.y ?? null)
    // Plotly has just drawn the points that it has; those of the new range follow when that is on the screen.
    clearTimeout(refining.current)
    refining.current = setTimeout(() => {
      setZoomed(true)
      void redraw().catch(fail)
    }, refineMs)
  })

  const onBox = useEffectEvent((dragged: Box) => {
    const { xaxis, yaxis } = (box.current as PlotElement | null)?.layout ?? {}
    if (xaxis?.type === 'category' || xaxis?.range === undefined || yaxis?.range === undefined) return
    const x = dragged.x === null ? (zoom.current?.axes.x ?? null) : part(xaxis.range, dragged.x)
    // Upwards on the screen is downwards in its coordinates.
    const y =
      dragged.y === null ? (zoom.current?.axes.y ?? null) : part(yaxis.range, [1 - dragged.y[1], 1 - dragged.y[0]])
    keepZoom(x, y)
    setZoomed(true)
    void redraw().catch(fail)
  })

  const onClick = useEffectEvent((click: Readonly<Record<string, unknown>>) => {
    const point: unknown = Array.isArray(click.points) ? click.points[0] : undefined
    if (onPick !== undefined && typeof point === 'object' && point !== null && 'x' in point && 'y' in point)
      onPick(String(point.x), String(point.y))
  })

  const reset = useEffectEvent(async () => {
    zoom.current = null
    setZoomed(false)
    const plotly = await loadPlotly()
    if (box.current !== null) await plotly.relayout(box.current, { 'xaxis.autorange': true, 'yaxis.autorange': true })
    await redraw()
  })

  const fail = useEffectEvent((error: unknown) => setFailure(noteFault(`The chart ${name}`, error).message))

  useEffect(() => {
    const wait = Math.max(0, drawn.current.at + pace - performance.now())
    const timer = setTimeout(() => void redraw().catch(fail), drawn.current.at === 0 ? 0 : wait)
    return () => clearTimeout(timer)
  }, [revision, width, height, scheme, pace])

  useEffect(() => {
    const element = box.current
    const leave =
      element === null
        ? undefined
        : followMouse(element, { onBox: (dragged) => onBox(dragged), onDoubleClick: () => void reset().catch(fail) })
    return () => {
      leave?.()
      clearTimeout(refining.current)
      if (element !== null) void loadPlotly().then((plotly) => plotly.purge(element))
    }
  }, [])

  const composeForPaper = (theme: ChartTheme): Drawing =>
    draw({ pixels: 1200, range: zoom.current?.range ?? null, theme, legend: true })
  const shownVeil = failure === '' ? veil : `The plot could not be drawn: ${failure}`
  return (
    <section className="chart" aria-label={name}>
      <header>
        <h2
          className="heading"
          title={
            counts.points === 0
              ? undefined
              : `${count(counts.points)} values in view, ${count(counts.drawn)} drawn: the lowest and highest of ` +
                'every pixel'
          }
        >
          {name}
        </h2>
        <div className="tools">
          {tools}
          {zoomed && (
            <Tooltip label="Show everything again (double-click)">
              <ActionIcon size={22} aria-label="Reset the zoom" onClick={() => void reset().catch(fail)}>
                <Maximize2 size={13} />
              </ActionIcon>
            </Tooltip>
          )}
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon size={22} aria-label={`Save ${name}`}>
                <Download size={14} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => void saveImage(name, 'svg', composeForPaper)}>Figure as SVG</Menu.Item>
              <Menu.Item onClick={() => void saveImage(name, 'png', composeForPaper)}>Figure as PNG</Menu.Item>
              <Menu.Item onClick={() => void saveCsv(name, csv)}>All data as CSV</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </header>
      <div className="plot" ref={measure} style={{ height }}>
        <canvas ref={canvas} aria-hidden style={{ width, height }} />
        <div
          ref={box}
          role="img"
          aria-label={shownVeil === '' ? `${name}, ${count(counts.points)} values` : `${name}: ${shownVeil}`}
        />
        {shownVeil !== '' && <div className="veil">{shownVeil}</div>}
      </div>
    </section>
  )
}
