import { createHash, type Hash } from 'node:crypto'
import { basename } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FileError } from './fileError'
import { checkShape, JsonFileError, parseJsonBytes, type Schema } from './jsonFile'
import { jsonSize, textFromBytes } from './jsonText'
import { nonFiniteWords, restoreNonFinite, type NonFiniteWords } from './nonFinite'

/**
 * How a store lies on disk: `{"format":2,"generation":41,"sha256":"…","data":{…}}` with an optional `nonFinite` before
 * `data` (see nonFinite.ts). `sha256` is over `format generation nonFinite data` as compact JSON, one a line, so spaces
 * may change and nothing else. `generation` counts the writes.
 */
export interface Envelope {
  readonly format: number
  readonly generation: number
  readonly sha256: string
  readonly data: unknown
}

export interface SealedText {
  readonly bytes: Uint8Array
  readonly sha256: string
}

const hashOf = (format: number, generation: number, nonFinite: unknown): Hash =>
  createHash('sha256').update(`${String(format)}\n${String(generation)}\n${JSON.stringify(nonFinite ?? null)}\n`)

const digest = (format: number, generation: number, nonFinite: unknown, data: Uint8Array): string =>
  hashOf(format, generation, nonFinite).update(data).digest('hex')

const headOf = (format: number, generation: number, sha256: string, nonFinite: unknown): Buffer =>
  Buffer.from(
    `{"format":${String(format)},"generation":${String(generation)},"sha256":"${sha256}",` +
      `${nonFinite === undefined ? '' : `"nonFinite":${JSON.stringify(nonFinite)},`}"data":`,
  )

const tail = Buffer.from('}\n')

/** Data as text, taken at this moment: what the caller changes later does not reach the file. */
export interface Snapshot {
  readonly dataText: string
  readonly nonFinite: NonFiniteWords | undefined
}

export const snapshotOf = (data: unknown): Snapshot => {
  const dataText = JSON.stringify(data) as string | undefined
  if (dataText === undefined) throw new Error('There is nothing to save: the data is undefined')
  return { dataText, nonFinite: nonFiniteWords(data) }
}

export const seal = (format: number, generation: number, { dataText, nonFinite }: Snapshot): SealedText => {
  const data = Buffer.from(dataText)
  const sha256 = digest(format, generation, nonFinite, data)
  return { bytes: Buffer.concat([headOf(format, generation, sha256, nonFinite), data, tail]), sha256 }
}

/**
 * Data as the bytes of its text, in pieces: for more of it than can be written down at once without holding up the
 * process.
 */
export interface TextPieces {
  readonly bytes: readonly Uint8Array[]
  readonly nonFinite: NonFiniteWords | undefined
}

// A few milliseconds of hashing.
const bytesPerTurn = 2 ** 19

const digestInTurns = async (
  hash: Hash,
  pieces: Iterable<Uint8Array>,
  onPiece: (piece: Uint8Array) => void = () => undefined,
): Promise<string> => {
  let sinceTurn = 0
  for (const piece of pieces) {
    hash.update(piece)
    onPiece(piece)
    sinceTurn += piece.byteLength
    if (sinceTurn < bytesPerTurn) continue
    await nextTurn()
    sinceTurn = 0
  }
  return hash.digest('hex')
}

function* turnsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += bytesPerTurn) yield bytes.subarray(from, from + bytesPerTurn)
}

/** The same as {@link seal}; other work goes on in between. */
export const sealInTurns = async (
  format: number,
  generation: number,
  { bytes, nonFinite }: TextPieces,
): Promise<SealedText> => {
  const headWith = (sha256: string): Buffer => headOf(format, generation, sha256, nonFinite)
  const headLength = headWith('0'.repeat(64)).length
  const text = Buffer.allocUnsafe(headLength + bytes.reduce((sum, { byteLength }) => sum + byteLength, 0) + tail.length)
  let at = headLength
  // New memory is slow to write to: several megabytes at once would be felt.
  const sha256 = await digestInTurns(hashOf(format, generation, nonFinite), bytes, (piece) => {
    text.set(piece, at)
    at += piece.byteLength
  })
  text.set(headWith(sha256))
  text.set(tail, at)
  return { bytes: text, sha256 }
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const damaged = (path: string, reason: string): JsonFileError =>
  new JsonFileError(path, 'ESCHEMA', `is damaged: ${reason}`, [])

// What lies before the data in a text of ours is shorter, however many numbers were not finite.
const mostHeadBytes = 2 ** 16

/**
 * Whether a text is as it was sealed, by its checksum alone; other work goes on in between. False too where somebody
 * has laid the text out differently.
 */
export const isSealed = async (bytes: Uint8Array): Promise<boolean> => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const begin = all.subarray(0, mostHeadBytes).indexOf('"data":')
  try {
    const head: unknown = JSON.parse(`${all.toString('utf8', 0, begin)}"data":null}`)
    const { format, generation, sha256, nonFinite } = head as Record<string, unknown>
    const hash = hashOf(Number(format), Number(generation), nonFinite)
    if (!all.subarray(-tail.length).equals(tail)) return false
    return (await digestInTurns(hash, turnsOf(all.subarray(begin + '"data":'.length, -tail.length)))) === sha256
  } catch {
    return false
  }
}

// Names that reach prototypes, and escapes, which can spell anything.
const suspect = /__proto__|"constructor"|"prototype"|\\u/

/**
 * The value of a stored text. It is JSON that a program wrote, and its checksum is looked at next, so JSON.parse is
 * enough; what is odd or no JSON goes to the careful parser, which says what is wrong and where.
 */
const parseStored = (path: string, bytes: Uint8Array, maxDepth: number): unknown => {
  try {
    const text = textFromBytes(bytes)
    if (!suspect.test(text) && jsonSize(text).depth <= maxDepth) return JSON.parse(text) as unknown
  } catch {
    /* It is read once more for the sentence. */
  }
  return parseJsonBytes(path, bytes, maxDepth)
}

/**
 * Opens a sealed text, however its spaces lie; throws a {@link JsonFileError} when anything in it is not as it was
 * written.
 */
export const unseal = (path: string, bytes: Uint8Array, maxDepth: number): Envelope => {
  const parsed = parseStored(path, bytes, maxDepth)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw damaged(path, 'it holds no store')
  const { format, generation, sha256, nonFinite, data } = parsed as Record<string, unknown>
  if (!isCount(format) || format < 1 || !isCount(generation) || typeof sha256 !== 'string' || data === undefined) {
    throw damaged(path, 'format, generation, sha256 or data is missing')
  }
  if (digest(format, generation, nonFinite, Buffer.from(JSON.stringify(data))) !== sha256)
    throw damaged(path, 'its checksum does not match its content')
  if (!restoreNonFinite(data, nonFinite)) throw damaged(path, 'nonFinite does not fit its data')
  return { format, generation, sha256, data }
}

/** Turns data of one format into data of the next; the first takes format 1 to 2. */
type Migration = (data: unknown) => unknown

export interface Shape<T> {
  readonly schema: Schema<T>
  /** The format this program writes; there are `format - 1` migrations. */
  readonly format: number
  readonly migrations: readonly Migration[]
}

/** Brings data of an older format up to ours and checks it. */
export const migrate = <T>(path: string, envelope: Envelope, { schema, format, migrations }: Shape<T>): T => {
  if (envelope.format > format) {
    throw new FileError(
      path,
      'ENEWER',
      `${basename(path)} was made by a newer version of this program: expected format ${String(format)} or ` +
        `older, found ${String(envelope.format)} (${path})`,
    )
  }
  let data = envelope.data
  for (const step of migrations.slice(envelope.format - 1)) data = step(data)
  return checkShape(path, data, schema)
}
