import type { Points } from './events'
import { noPoints } from './events'

/**
 * A trace as it crosses to the window: the bridge copies plain arrays one number at a time, and these as blocks of
 * memory. NaN stands for null.
 */
export type PackedPoints = { readonly [Column in keyof Points]: Float64Array }

const columns = Object.keys(noPoints()) as (keyof Points)[]

/** A trace packed for the bridge. */
export const packPoints = (points: Points): PackedPoints =>
  Object.fromEntries(columns.map((column) => [column, packed(points[column])])) as PackedPoints

function packed(values: readonly (number | null)[]): Float64Array {
  const array = new Float64Array(values.length)
  for (let index = 0; index < values.length; index++) array[index] = values[index] ?? NaN
  return array
}

/** The trace that was packed, in arrays that can grow. */
export function unpackPoints(packed: PackedPoints): Points {
  const points = noPoints()
  for (const column of columns) (points[column] as (number | null)[]) = unpacked(packed[column])
  return points
}

// A plain loop: an iterator over half a million numbers is seen.
function unpacked(values: Float64Array): (number | null)[] {
  const array: (number | null)[] = []
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN
    array.push(Number.isNaN(value) ? null : value)
  }
  return array
}
