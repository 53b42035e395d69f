import type { Score } from '../../core/score'
import { runName } from '../../core/names'
import type { Run } from '../../core/run'
import { cutToWidth } from './terminal'

const finite = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value)

/** 0.8637 as "86.37 %". */
export const percent = (fraction: number | null | undefined): string =>
  finite(fraction) ? `${(100 * fraction).toFixed(2)} %` : '–'

/** A number to four significant digits, without trailing zeros. */
export const amount = (value: number | null | undefined, digits = 4): string =>
  finite(value) ? String(Number(value.toPrecision(digits))) : '–'

/** Whole numbers with their thousands apart. */
export const count = (value: number | null | undefined): string =>
  finite(value) ? value.toLocaleString('en-US', { maximumFractionDigits: 0 }) : '–'

/** A count with its word: "1 run", "2 runs". */
export const several = (value: number, one: string): string => `${count(value)} ${one}${value === 1 ? '' : 's'}`

/** Seconds as "0.15 s", "8.3 s", "4:05" or "1:02:03". */
export function duration(seconds: number | null | undefined): string {
  if (!finite(seconds)) return '–'
  if (seconds < 60) return `${seconds < 10 ? amount(seconds, 2) : Math.round(seconds)} s`
  const [whole, two] = [Math.round(seconds), (value: number) => String(value).padStart(2, '0')]
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** How far a piece of work is; nothing when it is done, so that its line goes. */
export const progressed = (message: string, fraction: number | null): string =>
  fraction === 1 ? '' : fraction === null ? `${message} …` : `${message} ${Math.round(100 * fraction)} %`

export const scored = (score: Score | null | undefined): string =>
  score == null ? '–' : `${percent(score.accuracy)} (loss ${amount(score.loss)})`

/** What a run is called in a table or a headline: its name, or its settings. */
export const titleOf = (run: Pick<Run, 'name' | 'config'> & Partial<Pick<Run, 'facts'>>): string =>
  runName({ ...run, facts: run.facts ?? null })

/** Rows as text columns; a column whose name ends in `#` is set flush right. */
export function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map((cell) => cutToWidth(cell, 44)))
  const widths = names.map((name, column) =>
    Math.max(name.replace(/#$/, '').length, ...shown.map((row) => [...(row[column] ?? '')].length)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const gap = ' '.repeat(Math.max(0, (widths[column] ?? 0) - [...cell].length))
        return names[column]?.endsWith('#') === true ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd()
  return [line(names.map((name) => name.replace(/#$/, ''))), ...shown.map(line)].join('\n')
}
