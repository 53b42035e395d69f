/*
 * How numbers are written for people, everywhere. `space` stands between a number and its unit: the window gives one
 * that does not break. Sizes have binary units (KiB, MiB, GiB), as memory and nvidia-smi have them.
 */

/** What stands where a number is missing. */
export const none = '–'

/** A number to so many significant digits, without trailing zeros and without an exponent between 1e-4 and 1e6. */
export function significant(value: number | null | undefined, digits = 4): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return none
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e7)
    return value
      .toExponential(Math.max(0, digits - 1))
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
  return String(Number(value.toPrecision(digits)))
}

/** A learning rate, loss or norm. */
export const quantity = (value: number | null | undefined): string => significant(value, 4)

const isFinite = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value)

/** A fraction as a percentage: 0.8637 as "86.37 %". */
export const formatPercent = (fraction: number | null | undefined, digits = 2, space = ' '): string =>
  isFinite(fraction) ? `${(100 * fraction).toFixed(digits)}${space}%` : none

// Made once: toLocaleString makes a format of its own at every call.
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A whole number with its thousands apart: "40,000". */
export const formatCount = (value: number | null | undefined): string =>
  isFinite(value) ? grouped.format(value) : none

/** A count with its word: "1 run", "1,200 runs". */
export const formatCounted = (value: number, one: string, many = `${one}s`): string =>
  `${formatCount(value)} ${value === 1 ? one : many}`

/** Seconds as people say them: "0.43 s", "51.3 s", "1 min 12 s", "2 h 05 min", "3 d 4 h". */
export function formatDuration(seconds: number | null | undefined, space = ' '): string {
  if (!isFinite(seconds)) return none
  if (seconds < 59.95) return `${seconds < 1 ? significant(seconds, 2) : seconds.toFixed(1)}${space}s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)}${space}min${whole % 60 === 0 ? '' : ` ${whole % 60}${space}s`}`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60)
    return `${Math.floor(minutes / 60)}${space}h ${String(minutes % 60).padStart(2, '0')}${space}min`
  const hours = Math.round(seconds / 3600)
  return `${Math.floor(hours / 24)}${space}d ${hours % 24}${space}h`
}

/** Seconds as a clock shows them, for lines and columns of the command line: "0.15 s", "8.3 s", "4:05", "1:02:03". */
export function formatClock(seconds: number | null | undefined): string {
  if (!isFinite(seconds)) return none
  if (seconds < 60) return `${seconds < 10 ? significant(seconds, 2) : Math.round(seconds)} s`
  const [whole, two] = [Math.round(seconds), (value: number) => String(value).padStart(2, '0')]
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes in binary units: "3.1 GiB". */
export function formatBytes(value: number | null | undefined, space = ' '): string {
  if (!isFinite(value)) return none
  let size = value
  let unit = 0
  while (size >= 1024 && unit < byteUnits.length - 1) {
    size /= 1024
    unit++
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 1 : 0)}${space}${byteUnits[unit] ?? 'B'}`
}
