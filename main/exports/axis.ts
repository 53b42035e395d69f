/** One mark of an axis: where it is, and what it says. */
export interface Tick {
  readonly value: number
  readonly label: string
}

/** A number with as few digits as say it. */
const shown = (value: number): string => {
  if (value === 0) return '0'
  const size = Math.abs(value)
  return size >= 1e6 || size < 1e-3
    ? value
        .toExponential(2)
        .replace(/\.?0+e/, 'e')
        .replace('e+', 'e')
    : String(Number(value.toPrecision(6)))
}

/** Round marks (1, 2 or 5 times a power of ten) across a range: about `count` of them. */
export function linearTicks(from: number, to: number, count: number): readonly Tick[] {
  const width = to - from
  if (!(width > 0)) return [{ value: from, label: shown(from) }]
  const rough = width / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power
  const first = Math.ceil(from / step - 1e-9)
  const last = Math.floor(to / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const value = Number(((first + index) * step).toPrecision(12))
    return { value, label: shown(value) }
  })
}

/** Marks of a logarithmic axis: powers of ten, with 2 and 5 between them where there are few. */
export function logTicks(from: number, to: number): readonly Tick[] {
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))]
  const steps = last - first > 3 ? [1] : [1, 2, 5]
  const every = Math.max(1, Math.ceil((last - first) / 8))
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    .filter((power) => (power - first) % every === 0)
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(6))))
    .filter((value) => value >= from * 0.999 && value <= to * 1.001)
    .map((value) => ({ value, label: shown(value) }))
}
