import { basename } from 'node:path'
import { errorText } from '../../core/errorText'
import type { Issue } from '../../core/issue'
import { FileError, fileError } from './fileError'
import { diskFs, readFully, type FileSystem } from './fs'
import { parseJson, textFromBytes } from './jsonText'

/** The part of a zod schema that files need. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } }
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

export const configLimits = { maxBytes: 2 ** 20, maxDepth: 32 } as const

/** A file whose text or content we refuse; `issues` names every field that is wrong. */
export class JsonFileError extends FileError {
  readonly issues: readonly Issue[]

  constructor(
    path: string,
    code: 'EJSON' | 'ESCHEMA' | 'ETOOLARGE' | 'ETEXT',
    reason: string,
    issues: readonly Issue[],
  ) {
    super(path, code, `${basename(path)} ${reason} (${path})`)
    this.name = 'JsonFileError'
    this.issues = issues
  }
}

const sizeOf = (bytes: number): string =>
  bytes >= 2 ** 20
    ? `${String(Math.round(bytes / 2 ** 20))} MiB`
    : bytes >= 1024
      ? `${String(Math.round(bytes / 1024))} KiB`
      : `${String(bytes)} bytes`

/** Reads a regular file of at most `maxBytes`; pipes and devices are refused before they can block. */
export const readCapped = async (path: string, maxBytes: number, fs: FileSystem = diskFs): Promise<Uint8Array> => {
  try {
    const { type, bytes } = await fs.stat(path)
    if (type !== 'file')
      throw new FileError(path, 'ENOTFILE', `Cannot read ${basename(path)}: it is not a file (${path})`)
    if (bytes > maxBytes) {
      throw new JsonFileError(
        path,
        'ETOOLARGE',
        `is larger than allowed: expected at most ${sizeOf(maxBytes)}, found ${sizeOf(bytes)}`,
        [],
      )
    }
    const file = await fs.open(path, 'r')
    try {
      // One more than was promised, to notice a file that grows meanwhile.
      const target = new Uint8Array(bytes + 1)
      const count = await readFully(file, target, 0)
      if (count > bytes)
        throw new FileError(
          path,
          'ECHANGED',
          `Cannot read ${basename(path)}: another program is writing to it (${path})`,
        )
      return target.subarray(0, count)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw fileError('read', path, error)
  }
}

/** Parses the bytes of a file that somebody else may have written; throws a {@link JsonFileError}. */
export const parseJsonBytes = (path: string, bytes: Uint8Array, maxDepth: number): unknown => {
  let text: string
  try {
    text = textFromBytes(bytes)
  } catch {
    throw new JsonFileError(path, 'ETEXT', 'is not UTF-8 text', [])
  }
  if (text.trim() === '') throw new JsonFileError(path, 'EJSON', 'is empty', [])
  try {
    return parseJson(text, maxDepth)
  } catch (error) {
    throw new JsonFileError(path, 'EJSON', `is not JSON we can read: ${errorText(error)}`, [])
  }
}

const issuesFrom = (issues: readonly SchemaIssue[]): readonly Issue[] =>
  issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))

/** Checks a value that came from a file; throws a {@link JsonFileError} whose sentence names the first wrong field. */
export const checkShape = <T>(path: string, value: unknown, schema: Schema<T>): T => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = issuesFrom(result.error.issues)
  const [first] = issues
  const more = issues.length > 1 ? `, and ${String(issues.length - 1)} more` : ''
  const where =
    first === undefined
      ? 'it has another shape'
      : `${first.path === '' ? 'the whole file' : first.path}: ${first.message}`
  throw new JsonFileError(path, 'ESCHEMA', `does not hold what it should: ${where}${more}`, issues)
}
