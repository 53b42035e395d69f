/** A curve as columns; x never falls; null or NaN in y is a gap. */
export interface SampledCurve {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number | null>
}

/** A curve as it is drawn; null in y is a gap. */
export interface DrawnLine {
  readonly x: readonly number[]
  readonly y: readonly (number | null)[]
}

/** The part of the x axis that is in view; `log` when equal widths on screen are equal ratios. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly log: boolean
}

/** The first index whose x is at least `value`; the length when there is none. */
export const lowerBound = (x: ArrayLike<number>, value: number): number => search(x, value, 0, x.length)

function search(x: ArrayLike<number>, value: number, from: number, to: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    if ((x[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * At most two points per pixel of the span, and one beyond each edge so that lines run to the border: the lowest and
 * the highest of every pixel column, in their order, so that no spike is ever hidden. A column without a finite value
 * is one gap. Few enough points come back as they are.
 */
export function bucket({ x, y }: SampledCurve, span: Span, pixels: number): DrawnLine {
  const begin = Math.max(0, lowerBound(x, span.from) - 1)
  const end = Math.min(x.length, lowerBound(x, span.to) + 2)
  const kept: { x: number[]; y: (number | null)[] } = { x: [], y: [] }
  const keep = (index: number): void => {
    const value = y[index] ?? NaN
    kept.x.push(x[index] ?? NaN)
    kept.y.push(Number.isFinite(value) ? value : null)
  }
  if (end - begin <= 2 * pixels) {
    for (let index = begin; index < end; index++) keep(index)
    return kept
  }
  const { columnOf, edgeOf } = columnsOf(span, pixels)
  let column = -2
  for (let first = begin; first < end;) {
    // Where a column ends is searched for: only y has to be looked at value by value. Rounding must not find the same
    // column twice.
    column = Math.min(pixels, Math.max(column + 1, columnOf(x[first] ?? 0)))
    const stop = column === pixels ? end : search(x, edgeOf(column + 1), first + 1, end)
    let lowest = -1
    let highest = -1
    let least = Infinity
    let most = -Infinity
    for (let index = first; index < stop; index++) {
      const value = y[index] ?? NaN
      if (value < least && value > -Infinity) {
        least = value
        lowest = index
      }
      if (value > most && value < Infinity) {
        most = value
        highest = index
      }
    }
    if (lowest < 0) keep(first)
    else {
      keep(Math.min(lowest, highest))
      if (lowest !== highest) keep(Math.max(lowest, highest))
    }
    first = stop
  }
  return kept
}

// Everything left of the span shares column −1, everything right of it the last.
function columnsOf(
  { from, to, log }: Span,
  pixels: number,
): { readonly columnOf: (x: number) => number; readonly edgeOf: (column: number) => number } {
  const place = log ? (value: number) => Math.log(Math.max(value, Number.MIN_VALUE)) : (value: number) => value
  const start = place(from)
  const width = place(to) - start || 1
  return {
    columnOf: (value) => Math.max(-1, Math.min(pixels, Math.floor(((place(value) - start) / width) * pixels))),
    edgeOf: (column) => {
      const at = start + (width * column) / pixels
      return log ? Math.exp(at) : at
    },
  }
}
