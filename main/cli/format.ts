import type { Score } from '../../core/score'
import { formatPercent, none, significant } from '../../core/numbers'
import { cutToWidth } from './terminal'

/** How far a piece of work is; nothing when it is done, so that its line goes. */
export const progressed = (message: string, fraction: number | null): string =>
  fraction === 1 ? '' : fraction === null ? `${message} …` : `${message} ${Math.round(100 * fraction)} %`

export const scored = (score: Score | null | undefined): string =>
  score == null ? none : `${formatPercent(score.accuracy)} (loss ${significant(score.loss)})`

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
