import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { BrokenImage, ImageNotRead, type ImageHeader } from './imageFile'

/** Reads the header of a WebP (RFC 9649): its first chunk says how large it is and whether it moves. */
export function webpHeader(bytes: Buffer): ImageHeader {
  if (bytes.length < 30) throw new BrokenImage('is a WebP without a whole header')
  const chunk = bytes.toString('latin1', 12, 16)
  const size = sizeIn(chunk, bytes)
  if (size === null)
    throw new BrokenImage(
      `is a WebP that begins with a chunk “${chunk.replace(/[^ -~]/g, '?')}”, expected VP8, VP8L or VP8X`,
    )
  if (chunk === 'VP8X' && ((bytes[20] ?? 0) & 2) !== 0) throw new ImageNotRead('is a moving WebP, which is not read')
  return { type: 'webp', ...size, grey: false, interlaced: false, bits: 0, orientation: 1, leastBytes: 0 }
}

function sizeIn(chunk: string, bytes: Buffer): { readonly width: number; readonly height: number } | null {
  if (chunk === 'VP8 ') return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
  if (chunk === 'VP8X') return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) }
  if (chunk !== 'VP8L') return null
  const sizes = bytes.readUInt32LE(21)
  return { width: 1 + (sizes & 0x3fff), height: 1 + ((sizes >>> 14) & 0x3fff) }
}

interface Decoder {
  readonly decode: (bytes: Uint8Array) => { readonly data: Uint8ClampedArray } | null
}
type DecoderModule = (options: object) => Promise<Decoder>

let loading: Promise<Decoder> | null = null

/** libwebp as WebAssembly (Squoosh's, Apache 2.0), made ready when the first WebP is met. */
async function load(): Promise<Decoder> {
  // It hands its result over in the browser's class for pixels.
  const global = globalThis as { ImageData?: unknown }
  global.ImageData ??= class {
    constructor(
      readonly data: Uint8ClampedArray,
      readonly width: number,
      readonly height: number,
    ) {}
  }
  const { default: make } = (await import('@jsquash/webp/codec/dec/webp_dec.js')) as { default: DecoderModule }
  const program = new WebAssembly.Module(
    readFileSync(createRequire(import.meta.url).resolve('@jsquash/webp/codec/dec/webp_dec.wasm')),
  )
  const instantiateWasm = (imports: WebAssembly.Imports, on: (instance: WebAssembly.Instance) => void): object => {
    const instance = new WebAssembly.Instance(program, imports)
    on(instance)
    return instance.exports
  }
  return await make({ noInitialRun: true, instantiateWasm })
}

/** Makes a decoder of WebP into RGBA. */
export async function webpDecoder(): Promise<(bytes: Buffer) => Uint8Array> {
  loading ??= load()
  const decoder = await loading
  return (bytes) => {
    const image = decoder.decode(bytes)
    if (image === null) throw new BrokenImage('is a damaged WebP')
    return new Uint8Array(image.data.buffer, image.data.byteOffset, image.data.byteLength)
  }
}
