import { BrokenImage, ImageNotRead, type ImageHeader } from './imageFile'

/** Where the parts of a bitmap lie (Microsoft, BITMAPFILEHEADER and BITMAPINFOHEADER to BITMAPV5HEADER). */
interface Bitmap {
  readonly width: number
  readonly height: number
  readonly isTopDown: boolean
  readonly bits: number
  readonly palette: Buffer
  /** Bytes of a palette entry: blue, green, red, and in newer files one that means nothing. */
  readonly entryBytes: number
  /** Which bits of a pixel are red, green, blue and alpha, where it has no palette. */
  readonly masks: readonly number[]
  readonly rowBytes: number
  readonly pixelsAt: number
}

const headerSizes = [12, 40, 52, 56, 64, 108, 124]

function bitmapOf(bytes: Buffer): Bitmap {
  const size = bytes.length < 18 ? 0 : bytes.readUInt32LE(14)
  if (!headerSizes.includes(size) || bytes.length < 14 + size)
    throw new ImageNotRead(`is a BMP with a header of ${size} bytes, which is not read`)
  const isOld = size === 12
  const bits = bytes.readUInt16LE(isOld ? 24 : 28)
  const compression = isOld ? 0 : bytes.readUInt32LE(30)
  const hasMasks = compression === 3 && (bits === 16 || bits === 32)
  if (![1, 4, 8, 16, 24, 32].includes(bits) || (compression !== 0 && !hasMasks))
    throw new ImageNotRead(`is a BMP of ${bits} bits and compression ${compression}, which is not read`)
  const height = isOld ? bytes.readUInt16LE(20) : bytes.readInt32LE(22)
  const width = isOld ? bytes.readUInt16LE(18) : bytes.readInt32LE(18)
  if (width < 0) throw new BrokenImage(`declares a width of ${width}, expected at least 1`)
  const masksEnd = 14 + Math.max(size, hasMasks ? 52 : 0)
  if (bytes.length < masksEnd) throw new BrokenImage('is a BMP that ends in its header')
  const entryBytes = isOld ? 3 : 4
  const colours = bits > 8 ? 0 : Math.min(1 << bits, (isOld ? 0 : bytes.readUInt32LE(46)) || 1 << bits)
  const alpha = hasMasks && size >= 56 ? bytes.readUInt32LE(66) : 0
  const masks = hasMasks
    ? [54, 58, 62].map((at) => bytes.readUInt32LE(at))
    : bits === 16
      ? [0x7c00, 0x3e0, 0x1f]
      : [0xff0000, 0xff00, 0xff]
  return {
    width,
    height: Math.abs(height),
    isTopDown: height < 0,
    bits,
    entryBytes,
    palette: bytes.subarray(14 + size, 14 + size + colours * entryBytes),
    masks: [...masks, alpha],
    rowBytes: Math.ceil((width * bits) / 32) * 4,
    pixelsAt: bytes.readUInt32LE(10),
  }
}

const coloursOf = ({ palette, entryBytes }: Bitmap): number => Math.floor(palette.length / entryBytes)

export function bmpHeader(bytes: Buffer): ImageHeader {
  const bitmap = bitmapOf(bytes)
  const { palette, entryBytes, width, height } = bitmap
  const grey =
    coloursOf(bitmap) > 0 &&
    Array.from({ length: coloursOf(bitmap) }, (_, i) => i * entryBytes).every(
      (at) => palette[at] === palette[at + 1] && palette[at] === palette[at + 2],
    )
  // Some writers leave the padding of the last row away.
  return {
    type: 'bmp',
    width,
    height,
    grey,
    interlaced: false,
    bits: 0,
    orientation: 1,
    leastBytes: bitmap.pixelsAt + Math.max(0, bitmap.rowBytes * height - 3),
  }
}

/** What a masked part of a pixel is of the most that it can be, as a byte. */
function scaled(pixel: number, mask: number): number {
  if (mask === 0) return 255
  const shift = 31 - Math.clz32(mask & -mask)
  return Math.round((((pixel & mask) >>> shift) * 255) / (mask >>> shift))
}

/** Decodes an uncompressed bitmap into RGBA, the upper row first. */
export function decodeBmp(bytes: Buffer): Uint8Array {
  const bitmap = bitmapOf(bytes)
  const { width, height, bits, palette, entryBytes, masks, rowBytes, pixelsAt, isTopDown } = bitmap
  const out = new Uint8Array(4 * width * height)
  const colours = coloursOf(bitmap)
  for (let y = 0; y < height; y++) {
    const row = pixelsAt + (isTopDown ? y : height - 1 - y) * rowBytes
    for (let x = 0; x < width; x++) {
      const to = 4 * (y * width + x)
      const at = row + ((x * bits) >> 3)
      if (bits <= 8) {
        const index = ((bytes[at] ?? 0) >> (8 - bits - ((x * bits) & 7))) & ((1 << bits) - 1)
        if (index >= colours) throw new BrokenImage(`is a damaged BMP (it uses colour ${index} of ${colours})`)
        for (let channel = 0; channel < 3; channel++) out[to + channel] = palette[index * entryBytes + 2 - channel] ?? 0
        out[to + 3] = 255
      } else {
        const pixel =
          (bytes[at] ?? 0) |
          ((bytes[at + 1] ?? 0) << 8) |
          (((bytes[at + 2] ?? 0) << 16) & (bits > 16 ? -1 : 0)) |
          (((bytes[at + 3] ?? 0) << 24) & (bits > 24 ? -1 : 0))
        for (let channel = 0; channel < 4; channel++) out[to + channel] = scaled(pixel, masks[channel] ?? 0)
      }
    }
  }
  return out
}
