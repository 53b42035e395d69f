import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileError, FileError } from './fileError'
import { diskFs, errorCode, retry, tooManyFiles, wait, writeFully, type FileSystem, type OpenFile } from './fs'

export interface DurableWriteOptions {
  readonly fs?: FileSystem
  /** Reads the finished file again and compares every byte. Its size is always checked. */
  readonly readBack?: boolean
  readonly platform?: NodeJS.Platform
  readonly pause?: (ms: number) => Promise<void>
}

/** Bytes to write, in pieces or whole: a checkpoint need not be copied into one array first. */
export type Content = Uint8Array | Iterable<Uint8Array>

// Tells this process's unfinished files from those of an earlier process that had the same pid.
const token = randomBytes(4).toString('hex')
let written = 0

const temporaryPattern = /^\..+\.(\d+)-([0-9a-f]{8})-\d+\.unfinished$/

/** Whether a name is that of a file whose writer has not finished it, or was killed before it had. */
export const isUnfinished = (name: string): boolean => temporaryPattern.test(name)

/** A name in the same folder for a file on its way; {@link sweepUnfinished} knows it. */
export const temporaryPath = (path: string): string =>
  join(dirname(path), `.${basename(path).slice(0, 60)}.${String(process.pid)}-${token}-${String(written++)}.unfinished`)

// A virus scanner or an indexer holding the old file open makes Windows refuse the rename for a moment.
const heldOnWindows = new Set(['EPERM', 'EACCES', 'EBUSY'])

const fill = async (file: OpenFile, content: Content): Promise<number> => {
  let bytes = 0
  for (const piece of content instanceof Uint8Array ? [content] : content) {
    await writeFully(file, piece, bytes)
    bytes += piece.byteLength
  }
  return bytes
}

const isSame = (found: Uint8Array, content: Content): boolean => {
  let at = 0
  for (const piece of content instanceof Uint8Array ? [content] : content) {
    if (Buffer.compare(found.subarray(at, at + piece.byteLength), piece) !== 0) return false
    at += piece.byteLength
  }
  return at === found.byteLength
}

const check = async (
  fs: FileSystem,
  path: string,
  content: Content,
  bytes: number,
  readBack: boolean,
): Promise<void> => {
  const found = (await fs.stat(path)).bytes
  if (found !== bytes) {
    throw new FileError(
      path,
      'EREADBACK',
      `Cannot save ${basename(path)}: wrote ${String(bytes)} bytes and found ${String(found)} (${path})`,
    )
  }
  if (readBack && !isSame(await fs.readFile(path), content)) {
    throw new FileError(
      path,
      'EREADBACK',
      `Cannot save ${basename(path)}: it reads back differently from what was written (${path})`,
    )
  }
}

/**
 * Replaces a file so that a crash at any moment leaves the old content or the new, and the new once this resolves:
 * unique temporary file in the same folder → write all → sync → rename → sync the folder.
 */
export const durableWrite = async (
  path: string,
  content: Content,
  options: DurableWriteOptions = {},
): Promise<void> => {
  const { fs = diskFs, readBack = false, platform = process.platform, pause = wait } = options
  const temporary = temporaryPath(path)
  let exists = false
  try {
    const file = await retry(() => fs.open(temporary, 'wx'), { codes: tooManyFiles, longestMs: 2000, pause })
    exists = true
    let bytes: number
    try {
      bytes = await fill(file, content)
      await file.sync()
    } finally {
      await file.close()
    }
    const codes = platform === 'win32' ? heldOnWindows : new Set<string>()
    await retry(() => fs.rename(temporary, path), { codes, longestMs: 10_000, pause })
    exists = false
    await retry(() => fs.syncFolder(dirname(path)), { codes: tooManyFiles, longestMs: 2000, pause })
    await check(fs, path, content, bytes, readBack)
  } catch (error) {
    // The temporary file may stay when the disk is gone; the sweep at the next start takes it.
    if (exists) await fs.unlink(temporary).catch(() => undefined)
    if (errorCode(error) === 'ENOENT')
      throw new FileError(
        path,
        'ENOENT',
        `Cannot save ${basename(path)}: its folder does not exist (${dirname(path)})`,
        error,
      )
    throw fileError('save', path, error)
  }
}

const isZombie = (pid: number): boolean => {
  try {
    // The state follows the command in brackets, which may hold brackets itself (proc(5)).
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
    return stat.charAt(stat.lastIndexOf(')') + 2) === 'Z'
  } catch {
    return false
  }
}

/**
 * The same for a file that a person gets, in a folder that is not the library's: what killed writers of ours had not
 * finished there goes first, since nobody else ever would remove it.
 */
export const deliver = async (path: string, content: Content): Promise<void> => {
  await sweepUnfinished(dirname(path)).catch(() => undefined)
  await durableWrite(path, content)
}

/**
 * Whether a process with this id is running on this machine. One that is dead and only waits for its parent to ask how
 * it ended is not.
 */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/** Removes a file of our own, once more where a call fails: nobody would come back for it. */
export const removeSurely = async (path: string, fs: FileSystem): Promise<void> => {
  await fs.unlink(path).catch(async () => {
    await fs.unlink(path)
  })
}

/**
 * Removes unfinished files that a crashed writer left in a folder, and returns their names. Only names of our own
 * pattern are touched, and only when their writer is gone: as its process id tells, or as the caller knows. One that
 * cannot be removed is tried once more and keeps none of the others; then this throws.
 */
export const sweepUnfinished = async (
  folder: string,
  fs: FileSystem = diskFs,
  { isWriterGone = false }: { readonly isWriterGone?: boolean } = {},
): Promise<readonly string[]> => {
  const processStartMs = Date.now() - process.uptime() * 1000
  const swept: string[] = []
  let failure: unknown
  for (const name of await fs.list(folder)) {
    const match = temporaryPattern.exec(name)
    if (match === null || (!isWriterGone && match[2] === token)) continue
    const path = join(folder, name)
    const pid = Number(match[1])
    // In a container every process may have the same pid: then an unfinished file older than this process has no
    // writer.
    const isStale =
      isWriterGone || (pid === process.pid ? (await fs.stat(path)).modifiedMs < processStartMs - 1000 : !isRunning(pid))
    if (!isStale) continue
    await removeSurely(path, fs).then(
      () => swept.push(name),
      (error: unknown) => {
        failure ??= error
      },
    )
  }
  if (failure !== undefined) throw failure
  return swept
}
