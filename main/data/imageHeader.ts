import { bmpHeader } from './bmp'
import { gifHeader } from './gif'
import { BrokenImage, formats, type ImageHeader } from './imageFile'
import { jpegHeader } from './jpeg'
import { webpHeader } from './webp'

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const largestPixels = 64_000_000

/**
 * Reads the header of an image, told by its first bytes whatever its name says. Null: a JPEG whose frame header lies
 * beyond `bytes` (`complete` false), so more of the file is needed. Throws BrokenImage, also for more than 64 million
 * pixels, and for more than `size` bytes can hold.
 */
export function imageHeader(bytes: Buffer, complete: boolean, size: number): ImageHeader | null {
  if (bytes.length === 0) throw new BrokenImage('is empty')
  const header = headerOf(bytes, complete)
  if (header === null) return null
  const { width, height, leastBytes } = header
  if (width === 0 || height === 0) throw new BrokenImage(`declares ${width}×${height} pixels, expected at least 1×1`)
  if (width * height > largestPixels)
    throw new BrokenImage(`declares ${width}×${height} pixels, expected at most ${largestPixels} in all`)
  if (leastBytes > size)
    throw new BrokenImage(
      `declares ${width}×${height} pixels, expected at least ${leastBytes} bytes for them, found ${size}`,
    )
  return header
}

function headerOf(bytes: Buffer, complete: boolean): ImageHeader | null {
  const start = bytes.toString('latin1', 0, 12)
  if (bytes.subarray(0, 8).equals(pngSignature)) return pngHeader(bytes)
  if (bytes.length > 2 && bytes.readUInt16BE(0) === 0xffd8) return jpegHeader(bytes, complete)
  if (start.startsWith('GIF87a') || start.startsWith('GIF89a')) return gifHeader(bytes)
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return webpHeader(bytes)
  if (start.startsWith('BM')) return bmpHeader(bytes)
  throw new BrokenImage(`is no ${formats} by its first bytes`)
}

const channelsOfColourType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

function pngHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < 29 || bytes.toString('latin1', 12, 16) !== 'IHDR')
    throw new BrokenImage('is a PNG without a whole header')
  const [depth, colourType] = [bytes[24] ?? 0, bytes[25] ?? 0]
  const channels = channelsOfColourType[colourType]
  if (channels === undefined) throw new BrokenImage(`is a PNG of colour type ${colourType}, expected 0, 2, 3, 4 or 6`)
  return {
    type: 'png',
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    grey: colourType === 0 || colourType === 4,
    interlaced: bytes[28] === 1,
    bits: depth * channels,
    orientation: 1,
    leastBytes: 0,
  }
}
