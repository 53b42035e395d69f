import { inflateSync } from 'node:zlib'
import { decode } from 'jpeg-js'
import { PNG } from 'pngjs'
import { BrokenImage, type ImageHeader } from './imageHeader'
import { reasonOf } from './refusal'

/**
 * Decodes an image into bytes in the order row, column, channel. 16 bits become 8; transparent pixels are laid over white, as viewers show them;
 * an orientation in EXIF is not applied, as in the common training libraries. Throws BrokenImage.
 */
export function decodeImage(bytes: Buffer, header: ImageHeader, channels: number): Uint8Array {
  const rgba = header.type === 'png' ? decodePng(bytes, header) : decodeJpeg(bytes)
  const pixels = header.width * header.height
  if (rgba.length !== 4 * pixels) throw new BrokenImage(`declares ${header.width}×${header.height} pixels, found ${rgba.length / 4} pixels`)
  const image = new Uint8Array(pixels * channels)
  for (let pixel = 0; pixel < pixels; pixel++) {
    const alpha = rgba[4 * pixel + 3] ?? 255
    for (let channel = 0; channel < channels; channel++) {
      const value = rgba[4 * pixel + channel] ?? 0
      image[pixel * channels + channel] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255)
    }
  }
  return image
}

function decodeJpeg(bytes: Buffer): Uint8Array {
  try {
    // Not tolerant: the rest of a truncated file would be filled with grey.
    return decode(bytes, { useTArray: true, formatAsRGBA: true, tolerantDecoding: false, maxResolutionInMP: 64, maxMemoryUsageInMB: 1024 }).data
  } catch (error) {
    throw new BrokenImage(`is a damaged JPEG (${reasonOf(error)})`)
  }
}

function decodePng(bytes: Buffer, header: ImageHeader): Uint8Array {
  try {
    checkPixelData(bytes, header)
    return PNG.sync.read(bytes).data
  } catch (error) {
    if (error instanceof BrokenImage) throw error
    throw new BrokenImage(`is a damaged PNG (${reasonOf(error)})`)
  }
}

/**
 * Inflates the pixels once to see that there are as many as declared. pngjs fills up what is missing without a word, and for interlaced images it
 * inflates without bound, so that a few bytes could become gigabytes.
 */
function checkPixelData(bytes: Buffer, header: ImageHeader): void {
  const data: Buffer[] = []
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  const expected = pixelDataBytes(header)
  let found = 0
  try {
    found = inflateSync(Buffer.concat(data), { maxOutputLength: expected }).length
  } catch (error) {
    throw new BrokenImage(`is a damaged PNG (expected ${expected} bytes of pixels: ${reasonOf(error)})`)
  }
  if (found !== expected) throw new BrokenImage(`is a damaged PNG (expected ${expected} bytes of pixels, found ${found})`)
}

// First column, first row, column step and row step of each Adam7 pass (PNG specification, 8.2).
const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const

/** Each row is a filter byte and its pixels, rounded up to whole bytes; an interlaced image is seven smaller ones. */
function pixelDataBytes({ width, height, bits, interlaced }: ImageHeader): number {
  const bytesIn = (columns: number, rows: number): number => (columns > 0 && rows > 0 ? rows * (Math.ceil((columns * bits) / 8) + 1) : 0)
  if (!interlaced) return bytesIn(width, height)
  return passes.reduce((sum, [left, top, across, down]) => sum + bytesIn(Math.ceil((width - left) / across), Math.ceil((height - top) / down)), 0)
}
