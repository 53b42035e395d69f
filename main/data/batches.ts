import { drawAugmentation, noDraw } from '../../core/augmentationDraws'
import type { DataConfig } from '../../core/config/data'
import type { DatasetInfo } from '../../core/datasetInfo'
import { crop, erase, frameFor, rotate, sources } from './augmentPixels'
import type { LabelledImages } from './rawImages'

/** Buffers that batches are written into again and again. */
export interface BatchBuffers {
  readonly images: Float32Array
  readonly labels: Int32Array
}

/** Writes the images at `indices` into `out`; `epoch` null leaves them as they are but for normalising. */
export type FillBatch = (
  split: LabelledImages,
  indices: ArrayLike<number>,
  epoch: number | null,
  seed: number,
  out: BatchBuffers,
) => void

/**
 * Mean and divisor of each channel: what normalised = (pixel / 255 − mean) / std uses. A constant channel is only
 * centred.
 */
export function normaliser(
  config: DataConfig,
  info: DatasetInfo,
): { readonly mean: readonly number[]; readonly std: readonly number[] } {
  if (config.normalisation === 'none') return { mean: info.mean.map(() => 0), std: info.mean.map(() => 1) }
  return { mean: info.mean, std: info.std.map((std) => (std > 0 ? std : 1)) }
}

/**
 * Makes the function that turns bytes into network input. Tables and scratch space are made once here, so filling a
 * batch allocates next to nothing. Order: pad, crop, flip, rotate, normalise, cutout; the lookup comes first in fact,
 * because it commutes with all but the fill values.
 */
export function batchFiller(config: DataConfig, info: DatasetInfo): FillBatch {
  const { augmentation } = config
  const { pad, padding, rotation, cutout } = augmentation
  const [height, width, channels] = info.shape
  const pixels = height * width * channels
  const table = lookupTable(config, info)
  const empty = Float32Array.from({ length: channels }, (_, channel) =>
    padding === 'zeroBefore' ? (table[channel * 256] ?? 0) : 0,
  )
  const rows = new Int32Array(height)
  const columns = new Int32Array(width)
  const frame = frameFor(rotation > 0 ? info.shape : [0, 0, channels], empty)
  const flat = { start: 0, rowLength: width * channels }
  const draw = noDraw(pad)
  const changes = pad > 0 || augmentation.flip || rotation > 0 || cutout > 0
  const mirrored = padding === 'reflect'

  return (split, indices, epoch, seed, out) => {
    checkRoom(split, indices, pixels, out)
    const places = split.subset?.places
    for (let slot = 0; slot < indices.length; slot++) {
      const image = indices[slot] ?? 0
      out.labels[slot] = split.labels[image] ?? 0
      const from = (places === undefined ? image : (places[image] ?? 0)) * pixels
      const to = slot * pixels
      if (epoch === null || !changes) {
        convert(split.images, from, table, channels, out.images, to, pixels)
        continue
      }
      drawAugmentation(augmentation, info.shape, seed, epoch, image, draw)
      sources(rows, draw.top - pad, false, mirrored)
      sources(columns, draw.left - pad, draw.flip, mirrored)
      if (rotation > 0) {
        crop(split.images, from, rows, columns, table, empty, frame.values, frame)
        rotate(frame, out.images, to, draw.angle)
      } else {
        flat.start = to
        crop(split.images, from, rows, columns, table, empty, out.images, flat)
      }
      if (cutout > 0) erase(out.images, to, info.shape, draw, cutout)
    }
  }
}

/** Byte → network input, 256 entries for each channel. */
function lookupTable(config: DataConfig, info: DatasetInfo): Float32Array {
  const { mean, std } = normaliser(config, info)
  const table = new Float32Array(256 * mean.length)
  mean.forEach((channelMean, channel) => {
    for (let byte = 0; byte < 256; byte++)
      table[channel * 256 + byte] = (byte / 255 - channelMean) / (std[channel] ?? 1)
  })
  return table
}

function checkRoom(split: LabelledImages, indices: ArrayLike<number>, pixels: number, out: BatchBuffers): void {
  if (out.images.length < indices.length * pixels || out.labels.length < indices.length) {
    throw new Error(
      `A batch of ${indices.length} images needs ${indices.length * pixels} values, ` +
        `its buffer has ${out.images.length}`,
    )
  }
  const count = split.labels.length
  for (let slot = 0; slot < indices.length; slot++) {
    const image = indices[slot] ?? -1
    if (!(image >= 0 && image < count)) throw new Error(`Image ${image} was asked for, the split has ${count}`)
  }
}

function convert(
  images: Uint8Array,
  from: number,
  table: Float32Array,
  channels: number,
  out: Float32Array,
  to: number,
  pixels: number,
): void {
  for (let channel = 0; channel < channels; channel++) {
    const base = channel * 256
    for (let i = channel; i < pixels; i += channels) out[to + i] = table[base + (images[from + i] ?? 0)] ?? 0
  }
}
