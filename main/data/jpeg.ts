import { decode } from 'jpeg-js'
import { errorText } from '../../core/errorText'
import { BrokenImage, type ImageHeader } from './imageFile'

/**
 * A marker with its segment: what follows the length, as far as there are bytes. Markers are those of ITU-T T.81, table
 * B.1.
 */
interface Segment {
  readonly marker: number
  readonly data: Buffer
  /** Where the next marker, or the scan's coded data, begins. */
  readonly end: number
}

const [startOfScan, endOfImage] = [0xda, 0xd9]
const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** The segment at `at`; null where the bytes end before it does. */
function segmentAt(bytes: Buffer, at: number): Segment | null {
  let from = at
  if (bytes[from] !== undefined && bytes[from] !== 0xff) throw new BrokenImage('is a JPEG with a damaged header')
  while (bytes[from + 1] === 0xff) from++
  const marker = bytes[from + 1]
  if (marker === undefined) return null
  if (marker === endOfImage || marker === 0x01 || isRestart(marker))
    return { marker, data: bytes.subarray(0, 0), end: from + 2 }
  if (from + 4 > bytes.length) return null
  const length = bytes.readUInt16BE(from + 2)
  if (length < 2) throw new BrokenImage('is a JPEG with a damaged header')
  const end = from + 2 + length
  return end > bytes.length ? null : { marker, data: bytes.subarray(from + 4, end), end }
}

/**
 * Walks the JPEG's segments to the frame header (B.2.2). Null: it lies beyond `bytes`, which are not all of the file.
 */
export function jpegHeader(bytes: Buffer, complete: boolean): ImageHeader | null {
  let orientation = 1
  for (let segment = segmentAt(bytes, 2); segment !== null; segment = segmentAt(bytes, segment.end)) {
    const { marker, data } = segment
    if (marker === endOfImage || marker === startOfScan) throw new BrokenImage('is a JPEG without a frame header')
    if (marker === 0xe1) orientation = exifOrientation(data) ?? orientation
    if (isFrame(marker)) return { ...frameOf(marker, data), orientation }
  }
  if (complete) throw new BrokenImage('is a JPEG that ends in its header')
  return null
}

function frameOf(marker: number, data: Buffer): Omit<ImageHeader, 'orientation'> {
  const count = data[5] ?? 0
  if (data.length < 6 + 3 * count || count === 0) throw new BrokenImage('is a JPEG with a damaged header')
  if (marker > 0xc2)
    throw new BrokenImage(
      `is a JPEG that is lossless, hierarchical or arithmetically coded, expected a baseline or progressive one`,
    )
  if (data[0] !== 8) throw new BrokenImage(`has ${data[0]} bits per sample, expected 8`)
  const [height, width] = [data.readUInt16BE(1), data.readUInt16BE(3)]
  const sampling = Array.from({ length: count }, (_, i) => data[6 + 3 * i + 1] ?? 0).map((byte) => ({
    across: byte >> 4,
    down: byte & 15,
  }))
  const [across, down] = [Math.max(...sampling.map((one) => one.across)), Math.max(...sampling.map((one) => one.down))]
  const blocks = sampling.reduce(
    (sum, one) =>
      sum +
      Math.ceil((Math.ceil(width / 8) * one.across) / Math.max(1, across)) *
        Math.ceil((Math.ceil(height / 8) * one.down) / Math.max(1, down)),
    0,
  )
  // Each block of eight by eight samples takes at least one bit in the file.
  return {
    type: 'jpeg',
    width,
    height,
    grey: count === 1,
    interlaced: false,
    bits: 0,
    leastBytes: Math.floor(blocks / 8),
  }
}

/** The orientation in an APP1 segment with Exif in it (CIPA DC-008, tag 274 of the first directory). */
function exifOrientation(data: Buffer): number | null {
  if (data.toString('latin1', 0, 6) !== 'Exif\0\0') return null
  const tiff = data.subarray(6)
  const order = tiff.toString('latin1', 0, 2)
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return null
  const short = (at: number): number =>
    at + 2 > tiff.length ? 0 : order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at)
  const directory = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  for (let i = 0, entries = short(directory); i < entries && directory + 14 + 12 * i <= tiff.length; i++) {
    const entry = directory + 2 + 12 * i
    const value = short(entry + 8)
    if (short(entry) === 274) return value >= 1 && value <= 8 ? value : null
  }
  return null
}

const isClosed = (bytes: Buffer): boolean =>
  bytes.length > 2 && bytes.readUInt16BE(bytes.length - 2) === 0xff00 + endOfImage

/** Everything between the frame and the end of the image that decides how it is decoded. */
interface Scans {
  /** Red, green and blue as they are, where it is not luminance and two differences of colour. */
  readonly isRgb: boolean
  /** Where the image ends, its last marker included. */
  readonly end: number
  readonly hasEnd: boolean
  /** Whether every coefficient of every component was sent to its last bit. */
  readonly isWhole: boolean
}

/**
 * As libjpeg has it (jdapimin.c): JFIF is never RGB, Adobe's marker says so, and without either the components' names
 * do.
 */
function isRgb(ids: readonly number[], jfif: boolean, adobe: number | null): boolean {
  // Inks are stored upside down where Adobe's marker stands, and either way where it does not.
  if (ids.length !== 1 && ids.length !== 3 && (ids.length !== 4 || adobe === null))
    throw new BrokenImage(`is a JPEG of ${ids.length} colours without Adobe's marker, which is not read`)
  return ids.length === 3 && !jfif && (adobe !== null ? adobe === 0 : String.fromCharCode(...ids) === 'RGB')
}

/**
 * Walks all segments and scans (B.2.1). What is not as it should be between them is left to the decoder, which knows
 * the faults of some cameras.
 */
function scansOf(bytes: Buffer): Scans {
  // Where the file ends with its last marker only the colours are to be found out, and they stand before the first
  // scan.
  const isUsual = isClosed(bytes)
  let [jfif, adobe, ids] = [false, null as number | null, [] as number[]]
  // Of each component, the lowest bit that each coefficient has got so far; 14 stands for none.
  const lowest = new Map<number, Uint8Array>()
  let [at, hasEnd] = [2, false]
  for (
    let segment = segmentAt(bytes, at);
    segment !== null;
    segment = bytes[at] === undefined || bytes[at] === 0xff ? segmentAt(bytes, at) : null
  ) {
    const { marker, data } = segment
    at = segment.end
    hasEnd = marker === endOfImage
    if (hasEnd) break
    if (marker === 0xe0 && data.toString('latin1', 0, 5) === 'JFIF\0') jfif = true
    if (marker === 0xee && data.toString('latin1', 0, 5) === 'Adobe') adobe = data[11] ?? null
    if (isFrame(marker)) ids = Array.from({ length: data[5] ?? 0 }, (_, i) => data[6 + 3 * i] ?? 0)
    if (marker !== startOfScan) continue
    if (isUsual) return { isRgb: isRgb(ids, jfif, adobe), end: bytes.length, hasEnd: true, isWhole: true }
    const count = data[0] ?? 0
    for (let i = 0; i < count; i++) {
      const sent = lowest.get(data[1 + 2 * i] ?? 0) ?? new Uint8Array(64).fill(14)
      sent.fill((data[3 + 2 * count] ?? 0) & 15, data[1 + 2 * count], (data[2 + 2 * count] ?? 0) + 1)
      lowest.set(data[1 + 2 * i] ?? 0, sent)
    }
    at = afterScan(bytes, at)
  }
  const isOdd = !hasEnd && bytes[at] !== undefined && bytes[at] !== 0xff
  return {
    isRgb: isRgb(ids, jfif, adobe),
    end: isOdd ? bytes.length : at,
    hasEnd: hasEnd || isOdd,
    isWhole: ids.length > 0 && ids.every((id) => lowest.get(id)?.every((bit) => bit === 0) === true),
  }
}

/** Where a scan's coded data ends: at the next marker that is no restart. */
function afterScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) return bytes.length
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at
  }
  return bytes.length
}

/**
 * The bytes as the decoder wants them. It takes the end of a file for an error, where viewers show an image that has
 * all its data and lacks only its last marker; a file that ends earlier meets the marker too soon and stays an error.
 * Zeros that a broken copy was filled up with are no data.
 */
function closed(bytes: Buffer, { hasEnd, isWhole, end }: Scans): Buffer {
  if (hasEnd) return bytes.subarray(0, end)
  if (!isWhole) throw new BrokenImage('is a damaged JPEG (it ends before all of its scans)')
  let last = bytes.length
  while (last > 0 && bytes[last - 1] === 0) last--
  if (last < bytes.length && bytes[last - 1] === 0xff) last++
  return Buffer.concat([bytes.subarray(0, last), Buffer.from([0xff, endOfImage])])
}

/** Whether a file says JFIF first and its end last, as nearly all do: then nothing more needs to be known of it. */
const isPlain = (bytes: Buffer): boolean =>
  bytes.length > 20 && bytes.readUInt32BE(0) === 0xffd8ffe0 && bytes.readUInt32BE(6) === 0x4a464946 && isClosed(bytes)

/** Decodes a JPEG into RGBA. */
export function decodeJpeg(bytes: Buffer): Uint8Array {
  try {
    const scans = isPlain(bytes) ? { isRgb: false, end: bytes.length, hasEnd: true, isWhole: true } : scansOf(bytes)
    // Not tolerant: the rest of a truncated file would be filled with grey.
    return decode(closed(bytes, scans), {
      useTArray: true,
      formatAsRGBA: true,
      tolerantDecoding: false,
      maxResolutionInMP: 64,
      maxMemoryUsageInMB: 1024,
      ...(scans.isRgb ? { colorTransform: false } : {}),
    }).data
  } catch (error) {
    if (error instanceof BrokenImage) throw error
    throw new BrokenImage(`is a damaged JPEG (${errorText(error)})`)
  }
}
