import { cellsOf, typedNumber } from '../../core/typed'

/** A point of a table schedule. */
export interface Point {
  readonly at: number
  readonly value: number
}

/** What pasted text stands for: points, or why it is none, naming the line. */
export type Pasted =
  { readonly ok: true; readonly points: readonly Point[] } | { readonly ok: false; readonly problem: string }

export type PointUnit = 'updates' | 'epochs' | 'fraction'

const mostPoints = 10_000
/**
 * Two columns, position and rate, as they are copied from a spreadsheet or a CSV file: tabs, semicolons, commas or
 * blanks between them, one header line skipped.
 */
export function parsePoints(text: string, unit: PointUnit = 'epochs'): Pasted {
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
  const rows = lines.map(({ line, number }) => ({ cells: cellsOf(line), number }))
  const isHeader = (rows[0]?.cells ?? []).every((cell) => !/^[-+]?\.?\d/.test(cell))
  const points: Point[] = []
  for (const { cells, number } of isHeader ? rows.slice(1) : rows) {
    const read = rowOf(cells, unit, points.at(-1))
    if (typeof read === 'string') return { ok: false, problem: `Line ${number} ${read}` }
    points.push(read)
  }
  if (points.length === 0) return { ok: false, problem: 'There are no points: each line needs a position and a rate' }
  if (points.length > mostPoints)
    return { ok: false, problem: `There are ${points.length} points, at most ${mostPoints} are allowed` }
  return { ok: true, points }
}

/**
 * A row's point, or what is wrong with the row. Only updates are whole, so that only there “1.000” may be a thousand.
 */
function rowOf(cells: readonly string[], unit: PointUnit, before: Point | undefined): Point | string {
  const read = cells.map((cell, column) =>
    typedNumber(cell, { kind: column === 0 && unit === 'updates' ? 'integer' : 'number', isShare: false }),
  )
  const comma = cells.find(
    (cell, column) =>
      /^[-+]?\d+,\d+(e[-+]?\d+)?$/i.test(cell) && read[column]?.ok === true && !Number.isInteger(read[column].value),
  )
  if (comma !== undefined) return `has a decimal comma in ${comma}: write ${comma.replace(',', '.')}`
  const unclear = read.find((one) => !one.ok && one.isUnclear)
  if (unclear?.ok === false) return `has a number that ${unclear.problem}`
  if (cells.length !== 2)
    return `has ${cells.length} column${cells.length === 1 ? '' : 's'}, expected 2: a position and a rate`
  const [at, value] = read.map((one) => (one.ok ? one.value : null))
  const wrong = cells.find((_, column) => read[column]?.ok !== true)
  if (at === undefined || at === null || value === undefined || value === null)
    return (
      `has ${wrong === undefined || wrong === '' ? 'an empty cell' : `“${wrong.slice(0, 30)}”`} where a number ` +
      'is expected'
    )
  if (at < 0 || at > 1e9) return `has the position ${at}, expected 0 to 1e9`
  if (value < 0 || value > 1e6) return `has the rate ${value}, expected 0 to 1e6`
  return before !== undefined && at <= before.at
    ? `has the position ${at}, which does not come after ${before.at}`
    : { at, value }
}

/** The points of a draft's value; null where anything in it is not one. */
export function pointsFrom(value: unknown): readonly Point[] | null {
  if (!Array.isArray(value)) return null
  const points = (value as readonly unknown[]).flatMap((one): Point[] => {
    if (typeof one !== 'object' || one === null || !('at' in one) || !('value' in one)) return []
    return typeof one.at === 'number' && typeof one.value === 'number' ? [{ at: one.at, value: one.value }] : []
  })
  return points.length === value.length && points.length > 0 ? points : null
}

/** What the plot's axes reach to; both begin at 0. */
export interface Reach {
  readonly at: number
  readonly value: number
}

// 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 or 10 times a power of ten, not below the given number.
function roundUp(number: number): number {
  const power = 10 ** Math.floor(Math.log10(number))
  const steps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]
  return Number(((steps.find((step) => step * power >= number * (1 - 1e-9)) ?? 10) * power).toPrecision(3))
}

/** Room for the points and a quarter more, at least up to the run's end where that is known. */
export function reachOf(points: readonly Point[], unit: PointUnit, epochs: number): Reach {
  const last = Math.max(0, ...points.slice(-1).map(({ at }) => at))
  const highest = points.reduce((most, { value }) => Math.max(most, value), 0)
  const at =
    unit === 'fraction'
      ? Math.max(1, last)
      : unit === 'epochs' && last <= epochs
        ? epochs
        : roundUp(last > 0 ? 1.25 * last : 1000)
  return { at, value: roundUp(highest > 0 ? 1.25 * highest : 0.1) }
}

/** The smallest step by which a drawn point moves on each axis: about a two-hundredth of it, and whole updates. */
export function gridOf(reach: Reach, unit: PointUnit): Reach {
  const fine = (extent: number): number => 10 ** Math.floor(Math.log10(extent / 100) + 1e-9)
  return { at: unit === 'updates' ? Math.max(1, fine(reach.at)) : fine(reach.at), value: fine(reach.value) }
}

const snapped = (number: number, step: number, most: number): number =>
  Number(Math.min(most, Math.max(0, Math.round(number / step) * step)).toPrecision(12))

/** The nearest place on the grid. */
export const snap = ({ at, value }: Point, grid: Reach, reach: Reach): Point => ({
  at: snapped(at, grid.at, reach.at),
  value: snapped(value, grid.value, reach.value),
})

/** The table with one more point; a point at the same position gives way. */
export function withPoint(
  points: readonly Point[],
  added: Point,
): { readonly points: readonly Point[]; readonly index: number } {
  const left = points.filter(({ at }) => at < added.at)
  return { points: [...left, added, ...points.filter(({ at }) => at > added.at)], index: left.length }
}

/** The table with a point moved, kept a step away from its neighbours so that the order stays. */
export function withMoved(points: readonly Point[], index: number, to: Point, grid: Reach): readonly Point[] {
  const old = points[index]
  if (old === undefined) return points
  const [before, after] = [points[index - 1], points[index + 1]]
  const [lowest, highest] = [
    before === undefined ? 0 : before.at + grid.at,
    after === undefined ? Infinity : after.at - grid.at,
  ]
  // Between two neighbours that are closer than that there is no place but its own.
  const at = lowest > highest ? old.at : Number(Math.min(highest, Math.max(lowest, to.at)).toPrecision(12))
  return points.map((point, i) => (i === index ? { at, value: to.value } : point))
}

/** The table without a point; its last one stays, for a table cannot be empty. */
export const withoutPoint = (points: readonly Point[], index: number): readonly Point[] =>
  points.length < 2 ? points : points.filter((_, i) => i !== index)

/** The curve as the path of an SVG with the origin at the top left: held before the first point and after the last. */
export function curveOf(
  points: readonly Point[],
  between: 'linear' | 'hold',
  place: (point: Point) => readonly [x: number, y: number],
  reach: Reach,
): string {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return ''
  const shown = [
    { at: 0, value: first.value },
    ...points,
    ...(last.at < reach.at ? [{ at: reach.at, value: last.value }] : []),
  ].map(place)
  return shown.map(([x, y], i) => (i === 0 ? `M${x} ${y}` : between === 'hold' ? `H${x}V${y}` : `L${x} ${y}`)).join('')
}
