import { escaped } from './escaped'

/** A table; a heading that ends in `#` is a column of numbers. */
export function htmlTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  isChanged: (row: number) => boolean,
): string {
  const kind = headings.map((heading) => (heading.endsWith('#') ? ' class="n"' : ''))
  const head = headings
    .map((heading, index) => `<th${kind[index] ?? ''}>${escaped(heading.replace(/#$/, ''))}</th>`)
    .join('')
  const cells = (row: readonly string[]): string =>
    row.map((cell, index) => `<td${kind[index] ?? ''}>${escaped(cell)}</td>`).join('')
  const body = rows.map((row, at) => `<tr${isChanged(at) ? ' class="changed"' : ''}>${cells(row)}</tr>`).join('\n')
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}
