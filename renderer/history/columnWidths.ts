import type { Widths } from './columns'
import { runColumns } from './columns'

const padding = 12
// The arrow that says which way a column is sorted, with its gap.
const arrow = 14

let known: Widths | undefined

/** How wide each column has to be for the widest that it shows, in the window's own font; measured once. */
export function columnWidths(): Widths {
  known ??= measured()
  return known
}

function measured(): Widths {
  const ruler = document.createElement('div')
  ruler.className = 'ruler'
  const line = (text: string, kind: string): HTMLElement => {
    const made = document.createElement('span')
    made.className = kind
    made.textContent = text
    ruler.append(made)
    return made
  }
  const columns = runColumns.map(({ id, title, widest, widestShort, beside }) => ({
    id,
    beside,
    title: title === '' ? undefined : line(title, 'runs-title'),
    whole: widest.map((text) => line(text, '')),
    short: (widestShort ?? widest).map((text) => line(text, '')),
  }))
  document.body.append(ruler)
  const widthOf = (some: HTMLElement): number => some.getBoundingClientRect().width
  const widths = (which: 'whole' | 'short'): Readonly<Record<string, number>> =>
    Object.fromEntries(
      columns.map(({ id, beside, title, [which]: cells }) => [
        id,
        Math.ceil(
          padding +
            Math.max(title === undefined ? 0 : widthOf(title) + arrow, beside + Math.max(0, ...cells.map(widthOf))),
        ) + 1,
      ]),
    )
  const found = { whole: widths('whole'), short: widths('short') }
  ruler.remove()
  return found
}
