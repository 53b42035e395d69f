import { createHash, type Hash } from 'node:crypto'
import { basename } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FileError } from './fileError'
import { checkShape, JsonFileError, parseJsonBytes, type Schema } from './jsonFile'
import { ordinaryValue, textFromBytes } from './jsonText'
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

const head =
  /^\{"format":(\d{1,15}),"generation":(\d{1,15}),"sha256":"([0-9a-f]{64})",(?:"nonFinite":(\{[^{}]*\}),)?"data":/
const headBytes = 2 ** 16

interface Laid extends Omit<Envelope, 'data'> {
  readonly words: Buffer | undefined
  readonly data: Buffer
  /** Of all that the checksum is over but the data. */
  readonly hash: Hash
}

/**
 * The parts of a text that is laid out as {@link seal} does it, its checksum not looked at; undefined for any other,
 * which may be as good.
 */
const asLaid = (bytes: Uint8Array): Laid | undefined => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [found, format, generation, sha256, words] = head.exec(all.toString('latin1', 0, headBytes)) ?? []
  if (found === undefined || format === undefined || generation === undefined || sha256 === undefined) return undefined
  if (all.toString('latin1', all.length - 2) !== '}\n') return undefined
  const data = all.subarray(found.length, -2)
  const wordBytes = words === undefined ? undefined : Buffer.from(words, 'latin1')
  const hash = createHash('sha256')
    .update(`${format}\n${generation}\n`)
    .update(wordBytes ?? 'null')
    .update('\n')
  return { format: Number(format), generation: Number(generation), sha256, words: wordBytes, data, hash }
}

/** Whether a text is as it was sealed; cheaper than opening it, and other work goes on in between. */
export const isSealed = async (path: string, bytes: Uint8Array, maxDepth: number): Promise<boolean> => {
  const laid = asLaid(bytes)
  if (laid !== undefined && (await digestInTurns(laid.hash, turnsOf(laid.data))) === laid.sha256) return true
  try {
    unseal(path, bytes, maxDepth)
    return true
  } catch {
    return false
  }
}

/**
 * What {@link unseal} comes to for a text that nobody touched, in a third of the time: 2,000 runs are waited for at
 * every start.
 */
const unsealUntouched = (
  bytes: Uint8Array,
  maxDepth: number,
  isKnown: ((sha256: string) => boolean) | undefined,
): Envelope | undefined => {
  const laid = asLaid(bytes)
  if (laid === undefined || laid.hash.update(laid.data).digest('hex') !== laid.sha256) return undefined
  const { format, generation, sha256, words } = laid
  if (!isCount(generation) || !isCount(format) || format < 1) return undefined
  // The checksum shows that it is as written, not that we wrote it: what is out of the ordinary goes the long way, with
  // its reasons for a refusal.
  const data =
    isKnown?.(sha256) === true
      ? { value: JSON.parse(textFromBytes(laid.data)) as unknown }
      : ordinaryValue(laid.data, maxDepth - 1)
  const nonFinite = words === undefined ? { value: undefined } : ordinaryValue(words, 1)
  if (data === undefined || nonFinite === undefined || !restoreNonFinite(data.value, nonFinite.value)) return undefined
  return { format, generation, sha256, data: data.value }
}

/**
 * The bytes of the data in a text that was opened before; undefined where somebody has laid the text out differently.
 */
export const dataOf = (bytes: Uint8Array): Buffer | undefined => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [found] = head.exec(all.toString('latin1', 0, headBytes)) ?? []
  return found === undefined || all.toString('latin1', all.length - 2) !== '}\n'
    ? undefined
    : all.subarray(found.length, -2)
}

/**
 * Opens a sealed text; throws a {@link JsonFileError} when anything in it is not as it was written. A text whose
 * checksum is known is one that was opened before, so that only its checksum has to be looked at.
 */
export const unseal = (
  path: string,
  bytes: Uint8Array,
  maxDepth: number,
  isKnown?: (sha256: string) => boolean,
): Envelope => {
  const untouched = unsealUntouched(bytes, maxDepth, isKnown)
  if (untouched !== undefined) return untouched
  const parsed = parseJsonBytes(path, bytes, maxDepth)
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
