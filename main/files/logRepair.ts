import { basename, dirname } from 'node:path'
import { durableWrite } from './durableWrite'
import { beforeFirstLine, lineStart, maxLineBytes, readLine } from './eventLine'
import { FileError, fileError } from './fileError'
import { diskFs, errorCode, readFully, writeFully, type FileSystem, type OpenFile } from './fs'

const newline = 0x0a

interface Repaired {
  readonly file: OpenFile
  readonly position: number
  readonly cutBytes: number
  /** The checksum of the line that the next one follows. */
  readonly last: string | undefined
}

/**
 * Where the last good line ends, line end included, with its checksum, or what a first line follows when there is none;
 * undefined when it is too far back to look for.
 */
const lastGoodLine = async (
  file: OpenFile,
  path: string,
  bytes: number,
): Promise<{ readonly end: number; readonly crc: string } | undefined> => {
  for (let window = 2 ** 16; ; window *= 4) {
    const from = Math.max(0, bytes - window)
    const tail = Buffer.alloc(bytes - from)
    await readFully(file, tail, from)
    // Without its line end, a last line may still be whole.
    let end = tail.byteLength
    while (end > 0) {
      const lineEnd = tail[end - 1] === newline ? end - 1 : end
      const start = lineEnd === 0 ? 0 : tail.lastIndexOf(newline, lineEnd - 1) + 1
      const isWhole = start > 0 || from === 0
      const line = isWhole ? readLine(tail.subarray(start, lineEnd)) : undefined
      if (line !== undefined) return { end: from + end, crc: line.crc }
      end = start
    }
    if (from === 0) return { end: 0, crc: beforeFirstLine(basename(dirname(path))) }
    if (window >= 4 * maxLineBytes) return undefined
  }
}

/**
 * Whether a file without a good line may be what a crash left of a log's first ones: a beginning of a line, or nothing
 * but the zeros of a disk that lost power.
 */
const mayBeOurs = async (file: OpenFile): Promise<boolean> => {
  const head = new Uint8Array(4096)
  const found = head.subarray(0, await readFully(file, head, 0))
  return (
    lineStart.subarray(0, found.byteLength).equals(found.subarray(0, lineStart.byteLength)) ||
    found.every((byte) => byte === 0)
  )
}

/** Cuts what a crash left after the last good line, and returns where to go on and how much was cut. */
const repairTail = async (file: OpenFile, path: string): Promise<Omit<Repaired, 'file'>> => {
  const { bytes } = await file.stat()
  // After that much damage nothing is cut: readers skip it, and new lines begin on a line of their own.
  const { end, crc } = (await lastGoodLine(file, path, bytes)) ?? { end: bytes, crc: undefined }
  if (end === 0 && bytes > 0 && !(await mayBeOurs(file))) {
    throw new FileError(
      path,
      'EFOREIGN',
      `Cannot write to ${basename(path)}: it is no log of this program, so nothing of it was changed. Move it ` +
        `away to go on without it (${path})`,
    )
  }
  if (end < bytes) {
    await file.truncate(end)
    await file.sync()
  }
  const last = new Uint8Array(1)
  const needsLineEnd = end > 0 && (await readFully(file, last, end - 1)) === 1 && last[0] !== newline
  if (needsLineEnd) await writeFully(file, Uint8Array.of(newline), end)
  return { position: end + (needsLineEnd ? 1 : 0), cutBytes: bytes - end, last: crc }
}

/**
 * How long a log is without what a crash tore at its end: that is never part of it, and goes when it is next written
 * to.
 */
export const wholeBytes = async (path: string, fs: FileSystem = diskFs): Promise<number> => {
  const file = await fs.open(path, 'r')
  try {
    const { bytes } = await file.stat()
    return (await lastGoodLine(file, path, bytes))?.end ?? bytes
  } finally {
    await file.close()
  }
}

const openOrCreate = async (fs: FileSystem, path: string): Promise<OpenFile> => {
  try {
    return await fs.open(path, 'r+')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    const file = await fs.open(path, 'wx+')
    try {
      await fs.syncFolder(dirname(path))
    } catch (unsynced) {
      await file.close().catch(() => undefined)
      throw unsynced
    }
    return file
  }
}

/** Opens a log for its one writer, making it where there is none, without what a crash tore at its end. */
export const openRepaired = async (fs: FileSystem, path: string): Promise<Repaired> => {
  let file: OpenFile | undefined
  try {
    file = await openOrCreate(fs, path)
    if (((await file.stat()).names ?? 1) > 1) {
      // Under its other names it is somebody else's file.
      await file.close()
      file = undefined
      await durableWrite(path, await fs.readFile(path), { fs })
      file = await fs.open(path, 'r+')
    }
    return { file, ...(await repairTail(file, path)) }
  } catch (error) {
    await file?.close().catch(() => undefined)
    throw fileError('open', path, error)
  }
}
