import * as zlib from 'node:zlib'

const table = new Uint32Array(256).map((_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 as zlib, PNG and Python's `zlib.crc32` compute it (IEEE 802.3), in plain JavaScript. */
export const portableCrc32 = (bytes: Uint8Array): number => {
  let value = 0xffffffff
  for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0)
  return (value ^ 0xffffffff) >>> 0
}

// Node has its own from 20.15 on; Electron 25 has Node 18.
const native: unknown = 'crc32' in zlib ? zlib.crc32 : undefined

export const crc32: (bytes: Uint8Array) => number =
  typeof native === 'function' ? (native as (bytes: Uint8Array) => number) : portableCrc32
