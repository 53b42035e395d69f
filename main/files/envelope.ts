import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { FileError } from './fileError'
import { checkShape, JsonFileError, parseJsonBytes, type Schema } from './jsonFile'
import { nonFiniteWords, restoreNonFinite } from './nonFinite'

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

const digest = (format: number, generation: number, nonFinite: unknown, dataText: string): string =>
  createHash('sha256').update(`${String(format)}\n${String(generation)}\n${JSON.stringify(nonFinite ?? null)}\n${dataText}`).digest('hex')

/** Data as text, taken at this moment: what the caller changes later does not reach the file. */
export interface Snapshot {
  readonly dataText: string
  readonly nonFinite: unknown
}

export const snapshotOf = (data: unknown): Snapshot => {
  const dataText = JSON.stringify(data) as string | undefined
  if (dataText === undefined) throw new Error('There is nothing to save: the data is undefined')
  return { dataText, nonFinite: nonFiniteWords(data) }
}

export const seal = (format: number, generation: number, { dataText, nonFinite }: Snapshot): SealedText => {
  const sha256 = digest(format, generation, nonFinite, dataText)
  const words = nonFinite === undefined ? '' : `"nonFinite":${JSON.stringify(nonFinite)},`
  const text = `{"format":${String(format)},"generation":${String(generation)},"sha256":"${sha256}",${words}"data":${dataText}}\n`
  return { bytes: new TextEncoder().encode(text), sha256 }
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const damaged = (path: string, reason: string): JsonFileError => new JsonFileError(path, 'ESCHEMA', `is damaged: ${reason}`, [])

/** Opens a sealed text; throws a {@link JsonFileError} when anything in it is not as it was written. */
export const unseal = (path: string, bytes: Uint8Array, maxDepth: number): Envelope => {
  const parsed = parseJsonBytes(path, bytes, maxDepth)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw damaged(path, 'it holds no store')
  const { format, generation, sha256, nonFinite, data } = parsed as Record<string, unknown>
  if (!isCount(format) || format < 1 || !isCount(generation) || typeof sha256 !== 'string' || data === undefined) {
    throw damaged(path, 'format, generation, sha256 or data is missing')
  }
  if (digest(format, generation, nonFinite, JSON.stringify(data)) !== sha256) throw damaged(path, 'its checksum does not match its content')
  if (!restoreNonFinite(data, nonFinite)) throw damaged(path, 'nonFinite does not fit its data')
  return { format, generation, sha256, data }
}

/** Turns data of one format into data of the next; the first takes format 1 to 2. */
export type Migration = (data: unknown) => unknown

export interface Shape<T> {
  readonly schema: Schema<T>
  /** The format this program writes; there are `format - 1` migrations. */
  readonly format: number
  readonly migrations: readonly Migration[]
}

/** Brings data of an older format up to ours and checks it. */
export const migrate = <T>(path: string, envelope: Envelope, { schema, format, migrations }: Shape<T>): T => {
  if (envelope.format > format) {
    throw new FileError(path, 'ENEWER', `${basename(path)} was made by a newer version of this program: expected format ${String(format)} or older, found ${String(envelope.format)} (${path})`)
  }
  let data = envelope.data
  for (const step of migrations.slice(envelope.format - 1)) data = step(data)
  return checkShape(path, data, schema)
}
