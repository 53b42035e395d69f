/** A curve as columns; x never falls, null in y is a gap. */
export interface Line { readonly x: readonly number[]; readonly y: readonly (number | null)[] }

/** The part of the x axis that is in view; `log` when equal widths on screen are equal ratios. */
export interface Span { readonly from: number; readonly to: number; readonly log: boolean }

const isFiniteNumber = (value: number | null | undefined): value is number => typeof value === 'number' && Number.isFinite(value)

/** The first index whose x is at least `value`; the length when there is none. */
export function lowerBound(x: readonly number[], value: number): number {
  let low = 0
  let high = x.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((x[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * At most two points per pixel of the span, and one beyond each edge so that lines run to the border: the lowest and the highest of every pixel column,
 * in their order, so that no spike is ever hidden. A column without a finite value is one gap. Few enough points come back as they are.
 */
export function bucket({ x, y }: Line, span: Span, pixels: number): Line {
  const begin = Math.max(0, lowerBound(x, span.from) - 1)
  const end = Math.min(x.length, lowerBound(x, span.to) + 2)
  if (end - begin <= 2 * pixels) return { x: x.slice(begin, end), y: y.slice(begin, end) }

  const column = columnOf(span, pixels)
  const kept: { x: number[]; y: (number | null)[] } = { x: [], y: [] }
  const keep = (index: number): void => {
    const value = y[index]
    kept.x.push(x[index] ?? NaN)
    kept.y.push(isFiniteNumber(value) ? value : null)
  }
  let current = column(x[begin] ?? 0)
  let first = begin
  let lowest = -1
  let highest = -1
  const flush = (): void => {
    if (lowest < 0) keep(first)
    else if (lowest === highest) keep(lowest)
    else { keep(Math.min(lowest, highest)); keep(Math.max(lowest, highest)) }
  }
  for (let index = begin; index < end; index++) {
    const here = column(x[index] ?? 0)
    if (here !== current) {
      flush()
      current = here
      first = index
      lowest = highest = -1
    }
    const value = y[index]
    if (!isFiniteNumber(value)) continue
    if (lowest < 0 || value < (y[lowest] ?? 0)) lowest = index
    if (highest < 0 || value > (y[highest] ?? 0)) highest = index
  }
  flush()
  return kept
}

// Everything left of the span shares column −1, everything right of it the last.
function columnOf({ from, to, log }: Span, pixels: number): (x: number) => number {
  const place = log ? (value: number) => Math.log(Math.max(value, Number.MIN_VALUE)) : (value: number) => value
  const start = place(from)
  const width = place(to) - start || 1
  return (value) => Math.max(-1, Math.min(pixels, Math.floor(((place(value) - start) / width) * pixels)))
}
