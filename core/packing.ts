import type { Points } from './events'
import { noPoints } from './events'

/** A trace as it crosses to the window: the bridge copies plain arrays one number at a time, and these as blocks of memory. NaN stands for null. */
export type PackedPoints = { readonly [Column in keyof Points]: Float64Array }

const columns = Object.keys(noPoints()) as (keyof Points)[]

/** A trace packed for the bridge. */
export const packPoints = (points: Points): PackedPoints =>
  Object.fromEntries(columns.map((column) => [column, Float64Array.from(points[column] as readonly (number | null)[], (value) => value ?? NaN)])) as PackedPoints

/** The trace that was packed, in arrays that can grow. */
export function unpackPoints(packed: PackedPoints): Points {
  const points = noPoints()
  for (const column of columns) (points[column] as (number | null)[]) = unpacked(packed[column])
  return points
}

// Numbers alone make an array that the engine keeps as plain doubles; one null in it and every number is an object of its own.
const unpacked = (values: Float64Array): (number | null)[] =>
  values.some(Number.isNaN) ? Array.from(values, (value) => (Number.isNaN(value) ? null : value)) : Array.from(values)
