import { errorText } from '../../core/errorText'
import { checkJsonText, textFromBytes } from './jsonText'

// In the order in which safetensors itself puts tensors (reversed): by alignment, so that each starts at a multiple of
// its size.
const bytesOf = {
  U64: 8,
  I64: 8,
  F64: 8,
  F32: 4,
  U32: 4,
  I32: 4,
  BF16: 2,
  F16: 2,
  U16: 2,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const

export type Dtype = keyof typeof bytesOf

export const dtypes = Object.keys(bytesOf) as readonly Dtype[]

export const bytesPerElement = (dtype: Dtype): number => bytesOf[dtype]

/** Stricter than the format (100 MB of header): a header is read before anything in it can be trusted. */
export const safetensorsLimits = { headerBytes: 2 ** 20, tensors: 4096, rank: 8, dimension: 2 ** 31 } as const

export type SafetensorsErrorCode =
  | 'HeaderTooSmall'
  | 'HeaderTooLarge'
  | 'InvalidHeaderStart'
  | 'InvalidHeader'
  | 'InvalidMetadata'
  | 'TooManyTensors'
  | 'UnsupportedDtype'
  | 'InvalidShape'
  | 'InvalidOffsets'
  | 'IncompleteData'
  | 'WrongChecksum'
  | 'UnknownTensor'
  | 'InvalidTensor'

/** A safetensors file, or tensors for one, that we refuse; the message is a sentence about it without its path. */
export class SafetensorsError extends Error {
  readonly code: SafetensorsErrorCode

  constructor(code: SafetensorsErrorCode, message: string) {
    super(message)
    this.name = 'SafetensorsError'
    this.code = code
  }
}

/** Where a tensor lies: `begin` and `end` count from the start of the data. */
export interface TensorPlace {
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export type Metadata = Readonly<Record<string, string>>

export interface Header {
  readonly metadata: Metadata
  /** In the order of their data. */
  readonly tensors: ReadonlyMap<string, TensorPlace>
  readonly dataBytes: number
}

const isDtype = (value: unknown): value is Dtype => typeof value === 'string' && Object.hasOwn(bytesOf, value)

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const short = (value: unknown): string => ((JSON.stringify(value) as string | undefined) ?? 'nothing').slice(0, 60)

/** How many bytes a tensor takes; throws when its shape is none of ours. */
export const tensorBytes = (name: string, dtype: Dtype, shape: unknown): number => {
  if (
    !Array.isArray(shape) ||
    shape.length > safetensorsLimits.rank ||
    !shape.every((size) => isCount(size) && size <= safetensorsLimits.dimension)
  ) {
    throw new SafetensorsError(
      'InvalidShape',
      `Tensor “${name}” has a shape that is not allowed: expected at most ${String(safetensorsLimits.rank)} ` +
        `sizes from 0 to 2^31, found ${short(shape)}`,
    )
  }
  const bytes = (shape as readonly number[]).reduce((product, size) => product * size, bytesOf[dtype])
  // A product that overflows on its way and is zero at the end is as wrong as one that stays large.
  const isSafe =
    (shape as readonly number[]).reduce((product, size) => product * Math.max(size, 1), bytesOf[dtype]) <=
    Number.MAX_SAFE_INTEGER
  if (!isSafe)
    throw new SafetensorsError('InvalidShape', `Tensor “${name}” has a shape that is too large: ${short(shape)}`)
  return bytes
}

const placeFrom = (name: string, entry: unknown): TensorPlace => {
  if (
    !isRecord(entry) ||
    Object.keys(entry).some((key) => key !== 'dtype' && key !== 'shape' && key !== 'data_offsets')
  ) {
    throw new SafetensorsError(
      'InvalidHeader',
      `Tensor “${name}” should have dtype, shape and data_offsets and nothing else, found ${short(entry)}`,
    )
  }
  const { dtype, shape, data_offsets: offsets } = entry
  if (!isDtype(dtype))
    throw new SafetensorsError(
      'UnsupportedDtype',
      `Tensor “${name}” has a dtype we cannot read: expected one of ${dtypes.join(', ')}, found ${short(dtype)}`,
    )
  const bytes = tensorBytes(name, dtype, shape)
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as readonly unknown[]) : []
  if (!isCount(begin) || !isCount(end) || end - begin !== bytes) {
    throw new SafetensorsError(
      'InvalidOffsets',
      `Tensor “${name}” should take ${String(bytes)} bytes, found data_offsets ${short(offsets)}`,
    )
  }
  return { dtype, shape: shape as readonly number[], begin, end }
}

const metadataFrom = (value: unknown): Metadata => {
  if (value === undefined) return {}
  if (!isRecord(value))
    throw new SafetensorsError('InvalidMetadata', `__metadata__ should hold texts by name, found ${short(value)}`)
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw new SafetensorsError('InvalidMetadata', `__metadata__ “${key}” should be a text, found ${short(text)}`)
  }
  return value as Metadata
}

/** Reads a header's JSON and checks that its tensors cover `dataBytes` of data without a hole or an overlap. */
export const parseHeader = (bytes: Uint8Array, dataBytes: number): Header => {
  if (bytes[0] !== 0x7b)
    throw new SafetensorsError('InvalidHeaderStart', 'The header should begin with “{”: this is not a safetensors file')
  let parsed: Record<string, unknown>
  try {
    const text = textFromBytes(bytes)
    checkJsonText(text, 4)
    parsed = JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    throw new SafetensorsError('InvalidHeader', `The header is damaged: ${errorText(error)}`)
  }
  const { __metadata__: metadata, ...entries } = parsed
  const names = Object.keys(entries)
  if (names.length > safetensorsLimits.tensors) {
    throw new SafetensorsError(
      'TooManyTensors',
      `The file has too many tensors: expected at most ${String(safetensorsLimits.tensors)}, found ` +
        `${String(names.length)}`,
    )
  }
  const places = names.map((name) => [name, placeFrom(name, entries[name])] as const)
  places.sort(([, one], [, other]) => one.begin - other.begin || one.end - other.end)
  let covered = 0
  for (const [name, place] of places) {
    if (place.begin !== covered)
      throw new SafetensorsError(
        'InvalidOffsets',
        `Tensor “${name}” should begin at byte ${String(covered)} of the data, found ${String(place.begin)}`,
      )
    covered = place.end
  }
  if (covered !== dataBytes)
    throw new SafetensorsError(
      'IncompleteData',
      `The header describes ${String(covered)} bytes of data, the file has ${String(dataBytes)}`,
    )
  return { metadata: metadataFrom(metadata), tensors: new Map(places), dataBytes }
}
