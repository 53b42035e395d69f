import { inflateSync } from 'node:zlib'
import { PNG } from 'pngjs'
import { errorText } from '../../core/errorText'
import { decodeBmp } from './bmp'
import { decodeGif } from './gif'
import { BrokenImage, type ImageHeader } from './imageFile'
import { decodeJpeg } from './jpeg'
import { webpDecoder } from './webp'

/**
 * Decodes an image into bytes in the order row, column, channel, as it is stored. 16 bits become 8; transparent pixels
 * are laid over white, as viewers show them. Throws BrokenImage.
 */
export async function decodeImage(bytes: Buffer, header: ImageHeader, channels: number): Promise<Uint8Array> {
  // Only WebP has to wait: for its decoder to be made ready.
  const rgba = header.type === 'webp' ? (await webpDecoder())(bytes) : rgbaOf(bytes, header)
  const pixels = header.width * header.height
  if (rgba.length !== 4 * pixels)
    throw new BrokenImage(`declares ${header.width}×${header.height} pixels, found ${rgba.length / 4} pixels`)
  const image = new Uint8Array(pixels * channels)
  for (let pixel = 0; pixel < pixels; pixel++) {
    const alpha = rgba[4 * pixel + 3] ?? 255
    for (let channel = 0; channel < channels; channel++) {
      const value = rgba[4 * pixel + channel] ?? 0
      image[pixel * channels + channel] =
        alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255)
    }
  }
  return image
}

function rgbaOf(bytes: Buffer, header: ImageHeader): Uint8Array {
  switch (header.type) {
    case 'png':
      return decodePng(bytes, header)
    case 'jpeg':
      return decodeJpeg(bytes)
    case 'bmp':
      return decodeBmp(bytes)
    case 'gif':
      return decodeGif(bytes)
    case 'webp':
      throw new Error('A WebP is decoded by webpDecoder')
  }
}

function decodePng(bytes: Buffer, header: ImageHeader): Uint8Array {
  try {
    return PNG.sync.read(checkedPng(bytes, header)).data
  } catch (error) {
    if (error instanceof BrokenImage) throw error
    throw new BrokenImage(`is a damaged PNG (${errorText(error)})`)
  }
}

/**
 * Inflates the pixels once to see that there are as many as declared. pngjs fills up what is missing without a word,
 * and for interlaced images it inflates without bound, so that a few bytes could become gigabytes. Comes back with the
 * PNG up to its end: what was put behind it means nothing to viewers, and pngjs takes it for damage.
 */
function checkedPng(bytes: Buffer, header: ImageHeader): Buffer {
  const data: Buffer[] = []
  let at = 8
  for (let type = ''; type !== 'IEND' && at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    type = bytes.toString('latin1', at + 4, at + 8)
    if (type === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  const expected = pixelDataBytes(header)
  let found = 0
  try {
    found = inflateSync(Buffer.concat(data), { maxOutputLength: expected }).length
  } catch (error) {
    throw new BrokenImage(`is a damaged PNG (expected ${expected} bytes of pixels: ${errorText(error)})`)
  }
  if (found !== expected)
    throw new BrokenImage(`is a damaged PNG (expected ${expected} bytes of pixels, found ${found})`)
  return bytes.subarray(0, at)
}

// First column, first row, column step and row step of each Adam7 pass (PNG specification, 8.2).
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** Each row is a filter byte and its pixels, rounded up to whole bytes; an interlaced image is seven smaller ones. */
function pixelDataBytes({ width, height, bits, interlaced }: ImageHeader): number {
  const bytesIn = (columns: number, rows: number): number =>
    columns > 0 && rows > 0 ? rows * (Math.ceil((columns * bits) / 8) + 1) : 0
  if (!interlaced) return bytesIn(width, height)
  return passes.reduce(
    (sum, [left, top, across, down]) =>
      sum + bytesIn(Math.ceil((width - left) / across), Math.ceil((height - top) / down)),
    0,
  )
}
