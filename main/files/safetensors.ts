import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { durableWrite, type DurableWriteOptions } from './durableWrite'
import { FileError, fileError } from './fileError'
import { diskFs, readFully, type FileSystem, type OpenFile } from './fs'
import {
  bytesPerElement,
  dtypes,
  parseHeader,
  SafetensorsError,
  safetensorsLimits,
  tensorBytes,
  type Dtype,
  type Header,
  type Metadata,
  type TensorPlace,
} from './safetensorsHeader'

/** F16 and BF16 come as their raw 16 bits, BOOL as 0 and 1. */
type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

export interface StoredTensor {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly data: TensorData
}

export interface TensorFile {
  /** Without our checksum. */
  readonly metadata: Metadata
  readonly tensors: ReadonlyMap<string, StoredTensor>
  /** Whether the file had our checksum, which then was right. Files of other programs have none. */
  readonly isVerified: boolean
}

const arrays = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const satisfies Record<Dtype, unknown>

/** In `__metadata__`: SHA-256 of the header (padding included, this text as 64 zeros) followed by the data. */
const checksumKey = 'batchlab.sha256'
const noChecksum = '0'.repeat(64)
const chunkBytes = 2 ** 22

const bytesOfData = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const canonicalOrder = (tensors: ReadonlyMap<string, StoredTensor>): readonly (readonly [string, StoredTensor])[] =>
  [...tensors].sort(
    ([name, one], [otherName, other]) =>
      dtypes.indexOf(one.dtype) - dtypes.indexOf(other.dtype) || compare(name, otherName),
  )

const checkTensor = (name: string, { dtype, shape, data }: StoredTensor): void => {
  if (name === '__metadata__' || name === '__proto__')
    throw new SafetensorsError('InvalidTensor', `A tensor cannot be called ${name}`)
  const bytes = tensorBytes(name, dtype, shape)
  if (!(data instanceof arrays[dtype]))
    throw new SafetensorsError(
      'InvalidTensor',
      `Tensor “${name}” should come as ${arrays[dtype].name} for ${dtype}, found ${data.constructor.name}`,
    )
  if (data.byteLength !== bytes) {
    throw new SafetensorsError(
      'InvalidTensor',
      `Tensor “${name}” of shape [${shape.join(', ')}] should have ${String(bytes / bytesPerElement(dtype))} ` +
        `numbers, found ${String(data.length)}`,
    )
  }
}

const headerBytes = (tensors: readonly (readonly [string, StoredTensor])[], metadata: Metadata): Uint8Array => {
  const entries: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  const texts = Object.entries({ ...metadata, [checksumKey]: noChecksum }).sort(([one], [other]) => compare(one, other))
  entries['__metadata__'] = Object.fromEntries(texts)
  let begin = 0
  // Integer-like names would jump ahead of the others in a plain object; the order of the entries does not matter to
  // readers.
  for (const [name, { dtype, shape, data }] of tensors) {
    entries[name] = { dtype, shape, data_offsets: [begin, begin + data.byteLength] }
    begin += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(entries))
  const padded = new Uint8Array(Math.ceil(text.byteLength / 8) * 8).fill(0x20)
  padded.set(text)
  return padded
}

/** Where the checksum's digits lie in the header: the text must be there exactly once, or it proves nothing. */
const checksumPlace = (header: Uint8Array, checksum: string): number => {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  const entry = `"${checksumKey}":"${checksum}"`
  const at = bytes.indexOf(entry)
  return at >= 0 && bytes.indexOf(entry, at + 1) < 0 ? at + entry.length - 1 - checksum.length : -1
}

export interface WrittenTensors {
  readonly bytes: number
  readonly sha256: string
}

/** A file of tensors in canonical form: the same tensors and metadata always give the same bytes. */
export const safetensorsContent = (
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Metadata,
): WrittenTensors & { readonly content: readonly Uint8Array[] } => {
  if (tensors.size > safetensorsLimits.tensors) {
    throw new SafetensorsError(
      'TooManyTensors',
      `Too many tensors for one file: expected at most ${String(safetensorsLimits.tensors)}, found ` +
        `${String(tensors.size)}`,
    )
  }
  for (const [name, tensor] of tensors) checkTensor(name, tensor)
  const ordered = canonicalOrder(tensors)
  const header = headerBytes(ordered, metadata)
  if (header.byteLength > safetensorsLimits.headerBytes) {
    throw new SafetensorsError(
      'HeaderTooLarge',
      'Names and metadata are too large for one file: expected at most ' +
        `${String(safetensorsLimits.headerBytes)} bytes, found ${String(header.byteLength)}`,
    )
  }
  const pieces = ordered.map(([, { data }]) => bytesOfData(data))
  const dataBytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
  // What we could not read again we must not write.
  parseHeader(header, dataBytes)
  const hash = createHash('sha256').update(header)
  for (const piece of pieces) hash.update(piece)
  const sha256 = hash.digest('hex')
  const place = checksumPlace(header, noChecksum)
  if (place < 0)
    throw new SafetensorsError('InvalidMetadata', 'The metadata holds a text that looks like an empty checksum')
  header.set(new TextEncoder().encode(sha256), place)
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(header.byteLength), true)
  return { content: [length, header, ...pieces], bytes: 8 + header.byteLength + dataBytes, sha256 }
}

/** Writes tensors in canonical form, durably. */
export const writeSafetensors = async (
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Metadata,
  options: DurableWriteOptions = {},
): Promise<WrittenTensors> => {
  const { content, ...written } = safetensorsContent(tensors, metadata)
  await durableWrite(path, content, options)
  return written
}

interface OpenTensorFile {
  readonly header: Header
  readonly headerBytes: Uint8Array
  readonly file: OpenFile
}

const openHeader = async (path: string, file: OpenFile): Promise<OpenTensorFile> => {
  const { type, bytes } = await file.stat()
  if (type !== 'file')
    throw new FileError(path, 'ENOTFILE', `Cannot read ${basename(path)}: it is not a file (${path})`)
  const start = new Uint8Array(8)
  if ((await readFully(file, start, 0)) < 8)
    throw new SafetensorsError(
      'HeaderTooSmall',
      `The file is too short: expected at least 8 bytes, found ${String(bytes)}`,
    )
  const length = new DataView(start.buffer).getBigUint64(0, true)
  if (length < 2n)
    throw new SafetensorsError(
      'HeaderTooSmall',
      `The header is too short: expected at least 2 bytes, found ${String(length)}`,
    )
  if (length > BigInt(safetensorsLimits.headerBytes)) {
    throw new SafetensorsError(
      'HeaderTooLarge',
      `The header is too large: expected at most ${String(safetensorsLimits.headerBytes)} bytes, found ` +
        `${String(length)}`,
    )
  }
  const header = new Uint8Array(Number(length))
  const read = await readFully(file, header, 8)
  if (read < header.byteLength)
    throw new SafetensorsError(
      'IncompleteData',
      `The header should have ${String(length)} bytes, the file has ${String(read)} of them`,
    )
  return { header: parseHeader(header, bytes - 8 - header.byteLength), headerBytes: header, file }
}

// Errors about content name the file too, and keep their code.
const naming = (path: string, error: unknown): Error => {
  if (!(error instanceof SafetensorsError)) return fileError('read', path, error)
  return new SafetensorsError(error.code, `Cannot read ${basename(path)}: ${error.message} (${path})`)
}

const withFile = async <T>(path: string, fs: FileSystem, use: (open: OpenTensorFile) => Promise<T>): Promise<T> => {
  let file: OpenFile | undefined
  try {
    // Opening a pipe would wait for its other end.
    if ((await fs.stat(path)).type !== 'file')
      throw new FileError(path, 'ENOTFILE', `Cannot read ${basename(path)}: it is not a file (${path})`)
    file = await fs.open(path, 'r')
    return await use(await openHeader(path, file))
  } catch (error) {
    throw naming(path, error)
  } finally {
    await file?.close()
  }
}

const withoutChecksum = (metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== checksumKey))

/** Names, shapes and metadata, without reading the tensors (so the checksum is not checked). */
export const readHeader = (path: string, fs: FileSystem = diskFs): Promise<Header> =>
  withFile(path, fs, async ({ header }) => ({ ...header, metadata: withoutChecksum(header.metadata) }))

const copyOverlap = (chunk: Uint8Array, chunkBegin: number, place: TensorPlace, target: Uint8Array): void => {
  const from = Math.max(place.begin, chunkBegin)
  const to = Math.min(place.end, chunkBegin + chunk.byteLength)
  if (from < to) target.set(chunk.subarray(from - chunkBegin, to - chunkBegin), from - place.begin)
}

export interface ReadTensorsOptions {
  readonly fs?: FileSystem
  /** Refuses a file without our checksum: for files that only we write. */
  readonly mustBeOurs?: boolean
}

/** Reads all tensors, or those named. The whole file is read and its checksum compared either way. */
export const readTensors = (
  path: string,
  names?: readonly string[],
  { fs = diskFs, mustBeOurs = false }: ReadTensorsOptions = {},
): Promise<TensorFile> =>
  withFile(path, fs, async ({ header, headerBytes: headerText, file }) => {
    if (mustBeOurs && header.metadata[checksumKey] === undefined)
      throw new SafetensorsError(
        'WrongChecksum',
        'its checksum is missing, so it is damaged or another program wrote it',
      )
    const wanted = (names ?? [...header.tensors.keys()]).map((name) => {
      const place = header.tensors.get(name)
      if (place === undefined) throw new SafetensorsError('UnknownTensor', `There is no tensor “${name}” in it`)
      const data = new arrays[place.dtype]((place.end - place.begin) / bytesPerElement(place.dtype))
      return { name, place, data, bytes: bytesOfData(data) }
    })
    const checksum = header.metadata[checksumKey]
    const hashed = headerText.slice()
    const checksumAt = checksum === undefined ? -1 : checksumPlace(hashed, checksum)
    if (checksumAt >= 0) hashed.set(new TextEncoder().encode(noChecksum), checksumAt)
    const hash = createHash('sha256').update(hashed)
    const chunk = new Uint8Array(Math.min(chunkBytes, header.dataBytes))
    for (let begin = 0; begin < header.dataBytes; begin += chunk.byteLength) {
      const part = chunk.subarray(0, Math.min(chunk.byteLength, header.dataBytes - begin))
      const count = await readFully(file, part, 8 + headerText.byteLength + begin)
      if (count < part.byteLength)
        throw new SafetensorsError(
          'IncompleteData',
          `The data should have ${String(header.dataBytes)} bytes, the file ends after ${String(begin + count)}`,
        )
      hash.update(part)
      for (const { place, bytes } of wanted) copyOverlap(part, begin, place, bytes)
    }
    if (checksum !== undefined && hash.digest('hex') !== checksum)
      throw new SafetensorsError(
        'WrongChecksum',
        'its checksum does not match its content, so it is damaged or another program changed it',
      )
    const tensors = new Map(
      wanted.map(({ name, place, data }) => [name, { dtype: place.dtype, shape: place.shape, data }]),
    )
    return { metadata: withoutChecksum(header.metadata), tensors, isVerified: checksum !== undefined }
  })
