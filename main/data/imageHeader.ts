/** What an image file says of itself before it is decoded. */
export interface ImageHeader {
  readonly type: 'png' | 'jpeg'
  readonly width: number
  readonly height: number
  readonly grey: boolean
  /** A PNG in seven passes (Adam7). */
  readonly interlaced: boolean
  /** Bits of a PNG pixel in all its channels; 0 for JPEG. */
  readonly bits: number
}

/** An image that is left out, with the reason as half a sentence. */
export class BrokenImage extends Error {
  override readonly name = 'BrokenImage'
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const largestPixels = 64_000_000

/**
 * Reads the header of a PNG or JPEG, told by its first bytes whatever its name says. Null: a JPEG whose frame header lies beyond `bytes`
 * (`complete` false), so more of the file is needed. Throws BrokenImage, also for more than 64 million pixels.
 */
export function imageHeader(bytes: Buffer, complete: boolean): ImageHeader | null {
  if (bytes.length === 0) throw new BrokenImage('is empty')
  const header = bytes.subarray(0, 8).equals(pngSignature) ? pngHeader(bytes)
    : bytes.length > 2 && bytes.readUInt16BE(0) === 0xffd8 ? jpegHeader(bytes, complete) : undefined
  if (header === undefined) throw new BrokenImage('is neither a PNG nor a JPEG by its first bytes')
  if (header === null) return null
  const { width, height } = header
  if (width === 0 || height === 0) throw new BrokenImage(`declares ${width}×${height} pixels, expected at least 1×1`)
  if (width * height > largestPixels) throw new BrokenImage(`declares ${width}×${height} pixels, expected at most ${largestPixels} in all`)
  return header
}

const channelsOfColourType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

function pngHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < 29 || bytes.toString('latin1', 12, 16) !== 'IHDR') throw new BrokenImage('is a PNG without a whole header')
  const [depth, colourType] = [bytes[24] ?? 0, bytes[25] ?? 0]
  const channels = channelsOfColourType[colourType]
  if (channels === undefined) throw new BrokenImage(`is a PNG of colour type ${colourType}, expected 0, 2, 3, 4 or 6`)
  return {
    type: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20),
    grey: colourType === 0 || colourType === 4, interlaced: bytes[28] === 1, bits: depth * channels,
  }
}

/** Walks the JPEG's segments to the frame header (ITU-T T.81, B.1.1.3 and B.2.2). */
function jpegHeader(bytes: Buffer, complete: boolean): ImageHeader | null {
  let at = 2
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) throw new BrokenImage('is a JPEG with a damaged header')
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xff) {
      at += 1
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) {
      return { type: 'jpeg', height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7), grey: bytes[at + 9] === 1, interlaced: false, bits: 0 }
    }
    if (marker === 0xd9 || marker === 0xda) throw new BrokenImage('is a JPEG without a frame header')
    const isAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)
    const length = isAlone ? 0 : bytes.readUInt16BE(at + 2)
    if (!isAlone && length < 2) throw new BrokenImage('is a JPEG with a damaged header')
    at += 2 + length
  }
  if (complete) throw new BrokenImage('is a JPEG that ends in its header')
  return null
}
