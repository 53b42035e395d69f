import { quantity } from '../../core/numbers'
import type { KeyboardEvent, PointerEvent } from 'react'
import { useRef, useState } from 'react'
import type { Point, PointUnit, Reach } from './points'
import { curveOf, gridOf, reachOf, snap, withMoved, withoutPoint, withPoint } from './points'

interface Props {
  readonly points: readonly Point[]
  readonly unit: PointUnit
  readonly between: 'linear' | 'hold'
  readonly relative: boolean
  /** Planned epochs, which the axis reaches to. */
  readonly epochs: number
  readonly change: (points: readonly Point[]) => void
}

/** What is being dragged: the axes stay as they were when it began. */
interface Drag {
  readonly points: readonly Point[]
  readonly index: number
  readonly reach: Reach
}

const [width, height] = [300, 150]
const edge = { left: 54, right: 12, top: 10, bottom: 30 }
const [innerWidth, innerHeight] = [width - edge.left - edge.right, height - edge.top - edge.bottom]
const mostHandles = 200
const unitNames: Readonly<Record<PointUnit, string>> = {
  updates: 'update',
  epochs: 'epoch',
  fraction: 'fraction of the run',
}
const arrows: Readonly<Record<string, readonly [at: number, value: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}

/**
 * The table as a curve that can be drawn: a click adds a point, dragging or the arrow keys move one, a double click or
 * Delete removes one.
 */
export function PointsPlot({ points: given, unit, between, relative, epochs, change }: Props) {
  const svg = useRef<SVGSVGElement>(null)
  const [drag, setDrag] = useState<Drag | null>(null)
  const points = drag?.points ?? given
  const reach = drag?.reach ?? reachOf(given, unit, epochs)
  const grid = gridOf(reach, unit)
  const place = ({ at, value }: Point): readonly [number, number] => [
    Number((edge.left + (at / reach.at) * innerWidth).toFixed(2)),
    Number((edge.top + (1 - value / reach.value) * innerHeight).toFixed(2)),
  ]
  const pointed = (event: PointerEvent): Point => {
    const box = svg.current?.getBoundingClientRect() ?? { left: 0, top: 0, width, height }
    const [x, y] = [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height]
    return snap(
      { at: ((x - edge.left) / innerWidth) * reach.at, value: (1 - (y - edge.top) / innerHeight) * reach.value },
      grid,
      reach,
    )
  }
  const focus = (index: number): void => {
    requestAnimationFrame(() => svg.current?.querySelectorAll<SVGElement>('.handle')[index]?.focus())
  }

  function begin(event: PointerEvent<SVGSVGElement>): void {
    if (event.button !== 0) return
    event.preventDefault()
    const handle = event.target instanceof SVGElement ? event.target.dataset.index : undefined
    const next = handle === undefined ? withPoint(given, pointed(event)) : { points: given, index: Number(handle) }
    svg.current?.setPointerCapture(event.pointerId)
    setDrag({ ...next, reach })
    focus(next.index)
  }
  function end(): void {
    setDrag(null)
    if (drag !== null && drag.points !== given) change(drag.points)
  }
  function remove(index: number): void {
    change(withoutPoint(given, index))
    focus(Math.max(0, index - 1))
  }
  function onKeyDown(event: KeyboardEvent, index: number): void {
    const point = given[index]
    const arrow = arrows[event.key]
    if (point === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Delete' || event.key === 'Backspace') remove(index)
    else if (event.key === 'Enter' || event.key === 'Insert') {
      const next = given[index + 1] ?? { at: reach.at, value: point.value }
      const added = withPoint(
        given,
        snap({ at: (point.at + next.at) / 2, value: (point.value + next.value) / 2 }, grid, reach),
      )
      change(added.points)
      focus(added.index)
    } else if (arrow !== undefined) {
      const far = event.shiftKey ? 10 : 1
      const to = {
        at: point.at + arrow[0] * far * grid.at,
        value: Math.max(0, Number((point.value + arrow[1] * far * grid.value).toPrecision(12))),
      }
      change(withMoved(given, index, to, grid))
    } else return
    event.preventDefault()
  }

  const marks = [0, 0.25, 0.5, 0.75, 1]
  return (
    <svg
      ref={svg}
      className="points-plot"
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label="The table of points as a curve"
      onPointerDown={begin}
      onPointerMove={(event) => {
        if (drag !== null) setDrag({ ...drag, points: withMoved(drag.points, drag.index, pointed(event), grid) })
      }}
      onPointerUp={end}
      onPointerCancel={() => setDrag(null)}
      onDoubleClick={(event) => {
        // The captured pointer belongs to the whole plot, so what lies under it has to be looked up.
        const under = document.elementFromPoint(event.clientX, event.clientY)
        if (under instanceof SVGElement && under.dataset.index !== undefined) remove(Number(under.dataset.index))
      }}
    >
      <rect className="ground" x={edge.left} y={edge.top} width={innerWidth} height={innerHeight} />
      {marks.map((mark) => {
        const [x, y] = place({ at: mark * reach.at, value: mark * reach.value })
        return (
          <g key={mark} className="marks">
            <path d={`M${edge.left} ${y}H${width - edge.right}M${x} ${edge.top}V${height - edge.bottom}`} />
            {mark !== 0.25 && mark !== 0.75 && (
              <text x={edge.left - 5} y={y + 3.5} textAnchor="end">
                {quantity(mark * reach.value)}
              </text>
            )}
            <text x={x} y={height - edge.bottom + 12} textAnchor={mark === 1 ? 'end' : 'middle'}>
              {quantity(mark * reach.at)}
            </text>
          </g>
        )
      })}
      <text className="name" x={edge.left + innerWidth / 2} y={height - 4} textAnchor="middle">
        {unitNames[unit]}
      </text>
      <text
        className="name"
        x={11}
        y={edge.top + innerHeight / 2}
        textAnchor="middle"
        transform={`rotate(-90 11 ${edge.top + innerHeight / 2})`}
      >
        {relative ? '× base rate' : 'rate'}
      </text>
      <path className="curve" d={curveOf(points, between, place, reach)} />
      {points.length <= mostHandles &&
        points.map((point, index) => {
          const [x, y] = place(point)
          const says = `${quantity(point.value)} at ${unitNames[unit]} ${quantity(point.at)}`
          return (
            <circle
              key={index}
              className="handle"
              cx={x}
              cy={y}
              r={5}
              data-index={index}
              data-held={drag?.index === index}
              tabIndex={0}
              role="slider"
              aria-label={`Point ${index + 1} of ${points.length}`}
              aria-valuemin={0}
              aria-valuemax={reach.value}
              aria-valuenow={point.value}
              aria-valuetext={says}
              onKeyDown={(event) => onKeyDown(event, index)}
            >
              <title>{says}</title>
            </circle>
          )
        })}
    </svg>
  )
}
