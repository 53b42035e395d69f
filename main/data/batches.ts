import { cutoutSpan, drawAugmentation, noDraw, reflected, type Draw } from '../../core/augment'
import type { DataConfig } from '../../core/config/data'
import type { DatasetFacts } from '../../core/facts'
import type { LabelledImages } from './rawImages'

/** Buffers that batches are written into again and again. */
export interface BatchBuffers {
  readonly images: Float32Array
  readonly labels: Int32Array
}

/** Writes the images at `indices` into `out`; `epoch` null leaves them as they are but for normalising. */
export type FillBatch = (split: LabelledImages, indices: ArrayLike<number>, epoch: number | null, seed: number, out: BatchBuffers) => void

/** Mean and divisor of each channel: what normalised = (pixel / 255 − mean) / std uses. A constant channel is only centred. */
export function normaliser(config: DataConfig, facts: DatasetFacts): { readonly mean: readonly number[]; readonly std: readonly number[] } {
  if (config.normalisation === 'none') return { mean: facts.mean.map(() => 0), std: facts.mean.map(() => 1) }
  return { mean: facts.mean, std: facts.std.map((std) => (std > 0 ? std : 1)) }
}

/**
 * Makes the function that turns bytes into network input. Tables and scratch space are made once here, so filling a batch allocates next to nothing.
 * Order: pad, crop, flip, rotate, normalise, cutout; the lookup comes first in fact, because it commutes with all but the fill values.
 */
export function batchFiller(config: DataConfig, facts: DatasetFacts): FillBatch {
  const { augmentation } = config
  const { pad, padding, rotation, cutout } = augmentation
  const [height, width, channels] = facts.shape
  const pixels = height * width * channels
  const table = lookupTable(config, facts)
  const empty = Float32Array.from({ length: channels }, (_, channel) => (padding === 'zeroBefore' ? (table[channel * 256] ?? 0) : 0))
  const rows = new Int32Array(height)
  const columns = new Int32Array(width)
  const scratch = new Float32Array(rotation > 0 ? pixels : 0)
  const draw = noDraw(pad)
  const changes = pad > 0 || augmentation.flip || rotation > 0 || cutout > 0
  const mirrored = padding === 'reflect'

  return (split, indices, epoch, seed, out) => {
    checkRoom(split, indices, pixels, out)
    for (let slot = 0; slot < indices.length; slot++) {
      const image = indices[slot] ?? 0
      out.labels[slot] = split.labels[image] ?? 0
      const from = image * pixels
      const to = slot * pixels
      if (epoch === null || !changes) {
        convert(split.images, from, table, channels, out.images, to, pixels)
        continue
      }
      drawAugmentation(augmentation, facts.shape, seed, epoch, image, draw)
      sources(rows, draw.top - pad, false, mirrored)
      sources(columns, draw.left - pad, draw.flip, mirrored)
      if (rotation > 0) {
        crop(split.images, from, rows, columns, table, empty, scratch, 0, channels)
        rotate(scratch, out.images, to, height, width, channels, draw.angle, empty)
      } else {
        crop(split.images, from, rows, columns, table, empty, out.images, to, channels)
      }
      if (cutout > 0) erase(out.images, to, height, width, channels, draw, cutout)
    }
  }
}

const fillers = new WeakMap<DataConfig, { readonly facts: DatasetFacts; readonly fill: FillBatch }>()

/** `batchFiller` for callers that hold no filler: remembers the one made for this config and these facts. */
export function fillBatch(
  split: LabelledImages, indices: ArrayLike<number>, epoch: number | null, seed: number, config: DataConfig, facts: DatasetFacts, out: BatchBuffers,
): void {
  let known = fillers.get(config)
  if (known?.facts !== facts) {
    known = { facts, fill: batchFiller(config, facts) }
    fillers.set(config, known)
  }
  known.fill(split, indices, epoch, seed, out)
}

/** Byte → network input, 256 entries for each channel. */
function lookupTable(config: DataConfig, facts: DatasetFacts): Float32Array {
  const { mean, std } = normaliser(config, facts)
  const table = new Float32Array(256 * mean.length)
  mean.forEach((channelMean, channel) => {
    for (let byte = 0; byte < 256; byte++) table[channel * 256 + byte] = (byte / 255 - channelMean) / (std[channel] ?? 1)
  })
  return table
}

function checkRoom(split: LabelledImages, indices: ArrayLike<number>, pixels: number, out: BatchBuffers): void {
  if (out.images.length < indices.length * pixels || out.labels.length < indices.length) {
    throw new Error(`A batch of ${indices.length} images needs ${indices.length * pixels} values, its buffer has ${out.images.length}`)
  }
  const count = split.labels.length
  for (let slot = 0; slot < indices.length; slot++) {
    const image = indices[slot] ?? -1
    if (!(image >= 0 && image < count)) throw new Error(`Image ${image} was asked for, the split has ${count}`)
  }
}

function convert(images: Uint8Array, from: number, table: Float32Array, channels: number, out: Float32Array, to: number, pixels: number): void {
  for (let channel = 0; channel < channels; channel++) {
    const base = channel * 256
    for (let i = channel; i < pixels; i += channels) out[to + i] = table[base + (images[from + i] ?? 0)] ?? 0
  }
}

/** For each output position along an axis, the image pixel that lands there, −1 for padding. */
function sources(into: Int32Array, shift: number, flip: boolean, mirrored: boolean): void {
  const size = into.length
  for (let i = 0; i < size; i++) {
    const position = (flip ? size - 1 - i : i) + shift
    const inside = position >= 0 && position < size
    into[i] = inside ? position : mirrored ? reflected(position, size) : -1
  }
}

function crop(
  images: Uint8Array, from: number, rows: Int32Array, columns: Int32Array, table: Float32Array, empty: Float32Array,
  out: Float32Array, to: number, channels: number,
): void {
  const width = columns.length
  let at = to
  for (let y = 0; y < rows.length; y++) {
    const row = rows[y] ?? -1
    const start = from + row * width * channels
    for (let x = 0; x < width; x++) {
      const column = columns[x] ?? -1
      if (row < 0 || column < 0) {
        for (let channel = 0; channel < channels; channel++) out[at++] = empty[channel] ?? 0
        continue
      }
      const pixel = start + column * channels
      for (let channel = 0; channel < channels; channel++) out[at++] = table[channel * 256 + (images[pixel + channel] ?? 0)] ?? 0
    }
  }
}

/** Turns an image about its centre by bilinear sampling; what comes from outside is `empty`. */
function rotate(
  image: Float32Array, out: Float32Array, to: number, height: number, width: number, channels: number, angle: number, empty: Float32Array,
): void {
  const cosine = Math.cos(angle)
  const sine = Math.sin(angle)
  const middleRow = (height - 1) / 2
  const middleColumn = (width - 1) / 2
  let at = to
  for (let y = 0; y < height; y++) {
    const dy = y - middleRow
    for (let x = 0; x < width; x++) {
      const dx = x - middleColumn
      const column = cosine * dx - sine * dy + middleColumn
      const row = sine * dx + cosine * dy + middleRow
      const left = Math.floor(column)
      const top = Math.floor(row)
      const right = column - left
      const below = row - top
      if (left >= 0 && top >= 0 && left + 1 < width && top + 1 < height) {
        const pixel = (top * width + left) * channels
        const under = pixel + width * channels
        for (let channel = 0; channel < channels; channel++) {
          const upper = (image[pixel + channel] ?? 0) * (1 - right) + (image[pixel + channels + channel] ?? 0) * right
          const lower = (image[under + channel] ?? 0) * (1 - right) + (image[under + channels + channel] ?? 0) * right
          out[at++] = upper * (1 - below) + lower * below
        }
      } else {
        for (let channel = 0; channel < channels; channel++) {
          const fill = empty[channel] ?? 0
          const upper = pixelAt(image, top, left, height, width, channels, channel, fill) * (1 - right)
            + pixelAt(image, top, left + 1, height, width, channels, channel, fill) * right
          const lower = pixelAt(image, top + 1, left, height, width, channels, channel, fill) * (1 - right)
            + pixelAt(image, top + 1, left + 1, height, width, channels, channel, fill) * right
          out[at++] = upper * (1 - below) + lower * below
        }
      }
    }
  }
}

const pixelAt = (
  image: Float32Array, row: number, column: number, height: number, width: number, channels: number, channel: number, fill: number,
): number => (row < 0 || column < 0 || row >= height || column >= width ? fill : (image[(row * width + column) * channels + channel] ?? 0))

/** After normalising, so that 0 is the mean colour. */
function erase(out: Float32Array, to: number, height: number, width: number, channels: number, draw: Draw, side: number): void {
  const [top, bottom] = cutoutSpan(draw.cutoutRow, side, height)
  const [left, right] = cutoutSpan(draw.cutoutColumn, side, width)
  for (let y = top; y < bottom; y++) out.fill(0, to + (y * width + left) * channels, to + (y * width + right) * channels)
}
