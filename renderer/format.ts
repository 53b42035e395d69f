import { formatBytes, formatDuration, formatPercent, none, significant } from '../core/numbers'

// A number and its unit never part at the end of a line.
const space = '\u00a0'

/** 0.8637 as "86.37 %". */
export const percent = (fraction: number | null | undefined, digits = 2): string =>
  formatPercent(fraction, digits, space)

/** A difference with its sign, its size written by `write`. */
export const signed = (difference: number, write: (size: number) => string): string =>
  `${difference > 0 ? '+' : difference < 0 ? '−' : '±'}${write(Math.abs(difference))}`

/** A difference of two fractions in percentage points, with its sign. */
export const percentagePoints = (difference: number): string =>
  signed(difference, (size) => `${(size * 100).toFixed(2)}${space}pp`)

/** A count short enough for a strip: 940, "1.2 k", "12.3 k", "4.57 M". */
export function compact(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none
  for (const [size, letter] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (Math.abs(value) >= size) return `${significant(value / size, 3)}${space}${letter}`
  }
  return significant(value, 3)
}

/** A count with a word for what is counted: "1 update", "1.2 k updates". */
export const compactCounted = (value: number, one: string, many = `${one}s`): string =>
  `${compact(value)}${space}${value === 1 ? one : many}`

/** A duration: "0.43 s", "51.3 s", "1 min 12 s", "2 h 05 min", "3 d 4 h". */
export const duration = (seconds: number | null | undefined): string => formatDuration(seconds, space)

/** Bytes in binary units: "3.1 GiB". */
export const bytes = (value: number | null | undefined): string => formatBytes(value, space)

/** How long ago: "just now", "5 min ago", "yesterday", "3 days ago", then the date. */
export function relativeDate(iso: string | null, now: number): string {
  if (iso === null) return none
  const then = Date.parse(iso)
  if (Number.isNaN(then)) return none
  const seconds = (now - then) / 1000
  // Another machine wrote it, or the clock was set back.
  if (seconds < -60) return iso.slice(0, 10)
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  const days = Math.floor(seconds / 86_400)
  if (days === 1) return 'yesterday'
  return days < 14 ? `${days} days ago` : iso.slice(0, 10)
}

// Made once: toLocaleString makes a format of its own for every row of a table.
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** The exact local date and time, for hovering. */
export const exactDate = (iso: string | null): string =>
  iso === null || Number.isNaN(Date.parse(iso)) ? '' : exact.format(new Date(iso))

/** A long name with its middle taken out, counted in characters as people see them. */
export function cutMiddle(name: string, length: number): string {
  // Far more code units than could be shown need no careful counting.
  const characters = [...name.slice(0, 4000)]
  if (characters.length <= length) return characters.join('')
  const head = Math.ceil((length - 1) / 2)
  return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (length - 1 - head)).join('')}`
}

/** A label inside a sentence: "Never beyond the rate (LARC)" begins small, "XLA" stays. */
export const insideSentence = (label: string): string =>
  label.replace(/^\p{Lu}(?=\p{Ll})/u, (first) => first.toLowerCase())
