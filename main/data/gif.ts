import { BrokenImage, type ImageHeader } from './imageFile'

/*
 * The first frame of a GIF (CompuServe, GIF89a Specification, 1990). The libraries for it are old, read all frames, and
 * write warnings to stdout, where the command line's JSON goes.
 */

/** Walks past a chain of sub-blocks; hands each on. */
function subBlocks(bytes: Buffer, from: number, on: (block: Buffer) => void): number {
  let at = from
  for (;;) {
    const length = bytes[at]
    if (length === undefined || at + 1 + length > bytes.length)
      throw new BrokenImage('is a damaged GIF (it ends too soon)')
    if (length === 0) return at + 1
    on(bytes.subarray(at + 1, at + 1 + length))
    at += 1 + length
  }
}

const screenBytes = 13

export function gifHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < screenBytes) throw new BrokenImage('is a GIF without a whole header')
  return {
    type: 'gif',
    width: bytes.readUInt16LE(6),
    height: bytes.readUInt16LE(8),
    grey: false,
    interlaced: false,
    bits: 0,
    orientation: 1,
    leastBytes: screenBytes,
  }
}

interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly isInterlaced: boolean
  readonly palette: Buffer
  /** The colour that lets what lies below through; -1 for none. */
  readonly transparent: number
  readonly codeBits: number
  readonly data: Buffer
}

const paletteBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1))

function firstFrame(bytes: Buffer): Frame {
  const flags = bytes[10] ?? 0
  const global = bytes.subarray(screenBytes, screenBytes + paletteBytes(flags))
  let at = screenBytes + paletteBytes(flags)
  let transparent = -1
  for (;;) {
    const kind = bytes[at]
    if (kind === 0x21) {
      const label = bytes[at + 1]
      at = subBlocks(bytes, at + 2, (block) => {
        if (label === 0xf9 && block.length >= 4) transparent = ((block[0] ?? 0) & 1) === 1 ? (block[3] ?? -1) : -1
      })
    } else if (kind === 0x2c && at + 11 <= bytes.length) {
      const own = bytes[at + 9] ?? 0
      const local = bytes.subarray(at + 10, at + 10 + paletteBytes(own))
      const chunks: Buffer[] = []
      const codesAt = at + 10 + paletteBytes(own)
      subBlocks(bytes, codesAt + 1, (block) => chunks.push(block))
      return {
        left: bytes.readUInt16LE(at + 1),
        top: bytes.readUInt16LE(at + 3),
        width: bytes.readUInt16LE(at + 5),
        height: bytes.readUInt16LE(at + 7),
        isInterlaced: (own & 0x40) !== 0,
        palette: local.length > 0 ? local : global,
        transparent,
        codeBits: bytes[codesAt] ?? 0,
        data: Buffer.concat(chunks),
      }
    } else {
      throw new BrokenImage('is a damaged GIF (it has no image)')
    }
  }
}

/** The variable-length codes of LZW (appendix F) as colour numbers; throws where there are fewer than `count`. */
function unpacked({ data, codeBits }: Frame, count: number): Uint8Array {
  if (codeBits < 1 || codeBits > 8) throw new BrokenImage(`is a damaged GIF (its codes begin at ${codeBits} bits)`)
  const [clear, end] = [1 << codeBits, (1 << codeBits) + 1]
  // Each code is another code and one colour more.
  const [before, last, length] = [new Uint16Array(4096), new Uint8Array(4096), new Uint16Array(4096)]
  for (let code = 0; code < clear; code++) [last[code], length[code]] = [code, 1]
  const out = new Uint8Array(count)
  let [filled, next, width, previous, first] = [0, end + 1, codeBits + 1, -1, 0]
  let [held, bits] = [0, 0]
  for (const byte of data) {
    held |= byte << bits
    bits += 8
    while (bits >= width) {
      const code = held & ((1 << width) - 1)
      held >>>= width
      bits -= width
      if (code === clear) {
        ;[next, width, previous] = [end + 1, codeBits + 1, -1]
        continue
      }
      if (code === end || filled >= count) return whole(out, filled)
      if (code > next || (code === next && previous === -1) || code === end)
        throw new BrokenImage(`is a damaged GIF (it uses code ${code} before it is made)`)
      // A code that is being made right now is the previous one and its own first colour.
      const isNew = code === next
      let from = isNew ? previous : code
      const many = (length[from] ?? 0) + (isNew ? 1 : 0)
      const start = filled
      let to = start + (length[from] ?? 0)
      for (; from >= 0 && to > start; from = before[from] ?? 0) {
        first = last[from] ?? 0
        if (--to < count) out[to] = first
      }
      if (isNew && start + many - 1 < count) out[start + many - 1] = first
      filled = Math.min(count, start + many)
      if (previous !== -1 && next < 4096) {
        ;[before[next], last[next], length[next]] = [previous, first, (length[previous] ?? 0) + 1]
        next++
        if (next === 1 << width && width < 12) width++
      }
      previous = code
    }
  }
  return whole(out, filled)
}

function whole(out: Uint8Array, filled: number): Uint8Array {
  if (filled < out.length) throw new BrokenImage(`is a damaged GIF (expected ${out.length} pixels, found ${filled})`)
  return out
}

// First row and step of each pass of an interlaced image (appendix E).
const passes = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const

/** Decodes the first frame into RGBA of the whole screen; what it does not cover is transparent. */
export function decodeGif(bytes: Buffer): Uint8Array {
  const [width, height] = [bytes.readUInt16LE(6), bytes.readUInt16LE(8)]
  const frame = firstFrame(bytes)
  if (frame.width * frame.height > 4 * width * height || frame.width === 0 || frame.height === 0) {
    throw new BrokenImage(
      `is a damaged GIF (its image has ${frame.width}×${frame.height} pixels, its screen ${width}×${height})`,
    )
  }
  const indices = unpacked(frame, frame.width * frame.height)
  const rows = frame.isInterlaced
    ? passes.flatMap(([from, step]) =>
        Array.from({ length: Math.max(0, Math.ceil((frame.height - from) / step)) }, (_, i) => from + i * step),
      )
    : Array.from({ length: frame.height }, (_, row) => row)
  const out = new Uint8Array(4 * width * height)
  rows.forEach((row, stored) => {
    const y = frame.top + row
    if (y >= height) return
    for (let x = frame.left, from = stored * frame.width; x < Math.min(width, frame.left + frame.width); x++, from++) {
      const index = indices[from] ?? 0
      if (index === frame.transparent) continue
      const to = 4 * (y * width + x)
      if (3 * index + 3 > frame.palette.length)
        throw new BrokenImage(`is a damaged GIF (it uses colour ${index} of ${frame.palette.length / 3})`)
      out.set(frame.palette.subarray(3 * index, 3 * index + 3), to)
      out[to + 3] = 255
    }
  })
  return out
}
