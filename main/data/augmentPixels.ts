/*
 * How one image is moved: cropped, mirrored, turned, cut out. These loops run for every pixel of every update, so they
 * are written for three channels and for any number, and without a question asked inside: what lies outside an image is
 * a frame of real numbers around it.
 */
import { cutoutSpan, reflected, type AugmentationDraw } from '../../core/augmentationDraws'
import type { DatasetInfo } from '../../core/datasetInfo'

type Shape = DatasetInfo['shape']

/** Where the rows of an image lie in a buffer. */
export interface PixelPlace {
  readonly start: number
  readonly rowLength: number
}

/**
 * An image with one pixel of `empty` before it and two behind, in both directions: all that bilinear sampling can reach
 * from one pixel outside.
 */
export interface FramedPixels extends PixelPlace {
  readonly shape: Shape
  readonly values: Float32Array
}

export function frameFor(shape: Shape, empty: Float32Array): FramedPixels {
  const [height, width, channels] = shape
  const rowLength = (width + 3) * channels
  const values = Float32Array.from({ length: (height + 3) * rowLength }, (_, i) => empty[i % channels] ?? 0)
  return { shape, values, rowLength, start: rowLength + channels }
}

/** For each output position along an axis, the image pixel that lands there, −1 for padding. */
export function sources(into: Int32Array, shift: number, flip: boolean, mirrored: boolean): void {
  const size = into.length
  for (let i = 0; i < size; i++) {
    const position = (flip ? size - 1 - i : i) + shift
    const inside = position >= 0 && position < size
    into[i] = inside ? position : mirrored ? reflected(position, size) : -1
  }
}

/**
 * Writes the pixels at `rows` and `columns` of an image of bytes as network input, through the table of 256 entries for
 * each channel.
 */
export function crop(
  images: Uint8Array,
  from: number,
  rows: Int32Array,
  columns: Int32Array,
  table: Float32Array,
  empty: Float32Array,
  out: Float32Array,
  { start, rowLength }: PixelPlace,
): void {
  const channels = empty.length
  const width = columns.length
  const copyRow = channels === 3 ? copyRow3 : copyRowOf
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y] ?? -1
    const to = start + y * rowLength
    if (row < 0) for (let i = 0; i < width * channels; i++) out[to + i] = empty[i % channels] ?? 0
    else copyRow(images, from + row * width * channels, columns, table, empty, out, to)
  }
}

type CopyRow = (
  images: Uint8Array,
  row: number,
  columns: Int32Array,
  table: Float32Array,
  empty: Float32Array,
  out: Float32Array,
  to: number,
) => void

const copyRow3: CopyRow = (images, row, columns, table, empty, out, to) => {
  const [empty0 = 0, empty1 = 0, empty2 = 0] = empty
  let at = to
  for (let x = 0; x < columns.length; x++) {
    const column = columns[x] ?? -1
    if (column < 0) {
      out[at] = empty0
      out[at + 1] = empty1
      out[at + 2] = empty2
    } else {
      const pixel = row + column * 3
      out[at] = table[images[pixel] ?? 0] ?? 0
      out[at + 1] = table[256 + (images[pixel + 1] ?? 0)] ?? 0
      out[at + 2] = table[512 + (images[pixel + 2] ?? 0)] ?? 0
    }
    at += 3
  }
}

const copyRowOf: CopyRow = (images, row, columns, table, empty, out, to) => {
  const channels = empty.length
  let at = to
  for (let x = 0; x < columns.length; x++) {
    const column = columns[x] ?? -1
    for (let channel = 0; channel < channels; channel++) {
      out[at++] =
        (column < 0 ? empty[channel] : table[channel * 256 + (images[row + column * channels + channel] ?? 0)]) ?? 0
    }
  }
}

/**
 * Turns the image in a frame about its centre, counter-clockwise, by bilinear sampling; what comes from outside is the
 * frame.
 */
export function rotate(frame: FramedPixels, out: Float32Array, to: number, angle: number): void {
  const {
    shape: [height, width, channels],
  } = frame
  const cosine = Math.cos(angle)
  const sine = Math.sin(angle)
  const middleRow = (height - 1) / 2
  const middleColumn = (width - 1) / 2
  const sample = channels === 3 ? sample3 : sampleOf
  for (let y = 0; y < height; y++) {
    const dy = y - middleRow
    for (let x = 0; x < width; x++) {
      const dx = x - middleColumn
      const column = cosine * dx - sine * dy + middleColumn
      const row = sine * dx + cosine * dy + middleRow
      // One pixel outside everything is `empty`, as it is further out.
      sample(
        frame,
        column < -1 ? -1 : column > width ? width : column,
        row < -1 ? -1 : row > height ? height : row,
        out,
        to + (y * width + x) * channels,
      )
    }
  }
}

type Sample = (frame: FramedPixels, column: number, row: number, out: Float32Array, to: number) => void

const sample3: Sample = ({ values, start, rowLength }, column, row, out, to) => {
  // Both are at least −1, where cutting off is rounding down.
  const left = ((column + 1) | 0) - 1
  const top = ((row + 1) | 0) - 1
  const right = column - left
  const below = row - top
  const lowerRight = right * below
  const lowerLeft = below - lowerRight
  const upperRight = right - lowerRight
  const upperLeft = 1 - right - lowerLeft
  const p = start + top * rowLength + left * 3
  const q = p + rowLength
  out[to] =
    (values[p] ?? 0) * upperLeft +
    (values[p + 3] ?? 0) * upperRight +
    (values[q] ?? 0) * lowerLeft +
    (values[q + 3] ?? 0) * lowerRight
  out[to + 1] =
    (values[p + 1] ?? 0) * upperLeft +
    (values[p + 4] ?? 0) * upperRight +
    (values[q + 1] ?? 0) * lowerLeft +
    (values[q + 4] ?? 0) * lowerRight
  out[to + 2] =
    (values[p + 2] ?? 0) * upperLeft +
    (values[p + 5] ?? 0) * upperRight +
    (values[q + 2] ?? 0) * lowerLeft +
    (values[q + 5] ?? 0) * lowerRight
}

const sampleOf: Sample = ({ values, start, rowLength, shape: [, , channels] }, column, row, out, to) => {
  const left = Math.floor(column)
  const top = Math.floor(row)
  const right = column - left
  const below = row - top
  const pixel = start + top * rowLength + left * channels
  const under = pixel + rowLength
  for (let channel = 0; channel < channels; channel++) {
    const upper = (values[pixel + channel] ?? 0) * (1 - right) + (values[pixel + channels + channel] ?? 0) * right
    const lower = (values[under + channel] ?? 0) * (1 - right) + (values[under + channels + channel] ?? 0) * right
    out[to + channel] = upper * (1 - below) + lower * below
  }
}

/** Zeros over a square. After normalising, so that 0 is the mean colour. */
export function erase(
  out: Float32Array,
  to: number,
  [height, width, channels]: Shape,
  draw: AugmentationDraw,
  side: number,
): void {
  const [top, bottom] = cutoutSpan(draw.cutoutRow, side, height)
  const [left, right] = cutoutSpan(draw.cutoutColumn, side, width)
  for (let y = top; y < bottom; y++)
    out.fill(0, to + (y * width + left) * channels, to + (y * width + right) * channels)
}
