import { useElementSize } from '@mantine/hooks'
import { Name } from './Name'

const sample = 'abcdefghijklmnopqrstuvwxyz 0123456789'
const widths = new Map<string, number>()

// The mean width of a character in a font; a name that is wider than that still ends in an ellipsis.
function characterWidth(font: string): number {
  const known = widths.get(font)
  if (known !== undefined) return known
  const context = document.createElement('canvas').getContext('2d')
  if (context === null) return 7
  context.font = font
  const width = context.measureText(sample).width / sample.length
  widths.set(font, width)
  return width
}

/** How many characters fit into a width of the window's own font. */
export const fittingCharacters = (width: number, bold = false): number =>
  Math.max(
    8,
    Math.floor(width / characterWidth(`${bold ? '600 ' : ''}13px ${getComputedStyle(document.body).fontFamily}`)),
  )

/** A name that takes the room that there is, its middle taken out where that is too little. */
export function FittedName({ text, bold = false }: { readonly text: string; readonly bold?: boolean }) {
  const { ref, width } = useElementSize<HTMLSpanElement>()
  return (
    <span ref={ref} className="fit">
      <Name text={text} length={width === 0 ? 400 : fittingCharacters(width, bold)} />
    </span>
  )
}
