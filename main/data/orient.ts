/** Whether turning swaps height and width. */
export const isOnItsSide = (orientation: number): boolean => orientation >= 5

/**
 * Turns and mirrors an image (bytes: row, column, channel) so that it stands upright: orientation as in Exif (CIPA
 * DC-008), where 6 is a quarter turn to the right and 8 one to the left.
 */
export function upright(
  image: Uint8Array,
  height: number,
  width: number,
  channels: number,
  orientation: number,
): Uint8Array {
  if (orientation === 1) return image
  const isSwapped = isOnItsSide(orientation)
  const [rows, columns] = isSwapped ? [width, height] : [height, width]
  const flipsRows = [3, 4, 6, 7].includes(orientation)
  const flipsColumns = [2, 3, 7, 8].includes(orientation)
  const out = new Uint8Array(image.length)
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [row, column] = isSwapped ? [x, y] : [y, x]
      const from =
        ((flipsRows ? height - 1 - row : row) * width + (flipsColumns ? width - 1 - column : column)) * channels
      const to = (y * columns + x) * channels
      for (let channel = 0; channel < channels; channel++) out[to + channel] = image[from + channel] ?? 0
    }
  }
  return out
}
