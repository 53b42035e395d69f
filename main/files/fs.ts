import { constants, promises as nodeFs, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { answered, errorCode, noFollow, nonBlocking, notAFile, refuseLinks, systemError } from './guard'

export { errorCode } from './guard'

/**
 * How a file is opened: `r` to read, `wx` to create (fails if it exists), `wx+` to read it too, `r+` to change in
 * place.
 */
type OpenFlags = 'r' | 'wx' | 'wx+' | 'r+'

export interface FileStats {
  readonly type: 'file' | 'folder' | 'other'
  readonly bytes: number
  readonly modifiedMs: number
  /** How many names it has: a change of one with several shows under all of them. Not known everywhere. */
  readonly names?: number
  /** Device and inode: the same for every name of a file, and another for every other file. */
  readonly identity: string
}

export interface OpenFile {
  /** Reads into `target` and returns how many bytes came, which may be fewer than asked; 0 is the end. */
  read(target: Uint8Array, position: number): Promise<number>
  /** Returns how many bytes were written, which may be fewer than given. */
  write(bytes: Uint8Array, position: number): Promise<number>
  sync(): Promise<void>
  truncate(bytes: number): Promise<void>
  stat(): Promise<FileStats>
  close(): Promise<void>
}

/**
 * Everything this program asks of a disk. A port, so that tests can fail any call and cut the power between any two.
 */
export interface FileSystem {
  open(path: string, flags: OpenFlags): Promise<OpenFile>
  readFile(path: string): Promise<Uint8Array>
  rename(from: string, to: string): Promise<void>
  /** Gives a file a second name, which must be free. */
  link(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Makes renames and new names in the folder survive a power cut. */
  syncFolder(path: string): Promise<void>
  /** Creates the folder, and its parents unless they are to be there; an existing one is fine. */
  makeFolder(path: string, options?: { readonly parents: boolean }): Promise<void>
  /** Removes a folder with all that is in it; one that is not there is fine. */
  removeFolder(path: string): Promise<void>
  list(path: string): Promise<readonly string[]>
  stat(path: string): Promise<FileStats>
}

const statsOf = (stats: Stats): FileStats => ({
  type: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
  bytes: stats.size,
  modifiedMs: stats.mtimeMs,
  names: stats.nlink,
  identity: `${stats.dev}:${stats.ino}`,
})

const flagBits: Readonly<Record<OpenFlags, number>> = {
  r: constants.O_RDONLY,
  'r+': constants.O_RDWR,
  wx: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
  'wx+': constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const tooManyFiles: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])

export interface RetryLimits {
  readonly codes: ReadonlySet<string>
  readonly longestMs: number
  readonly pause: (ms: number) => Promise<void>
}

/** Tries again, at growing intervals, what fails with one of some codes. */
export const retry = async <T>(attempt: () => Promise<T>, { codes, longestMs, pause }: RetryLimits): Promise<T> => {
  let waited = 0
  for (let delay = 10; ; delay = Math.min(delay * 2, 1000)) {
    try {
      return await attempt()
    } catch (error) {
      if (!codes.has(errorCode(error)) || waited >= longestMs) throw error
      await pause(delay)
      waited += delay
    }
  }
}

// Others close their files again: whatever is opened waits for that a moment.
const untilFilesAreFree: RetryLimits = { codes: tooManyFiles, longestMs: 2000, pause: wait }

/**
 * Opens nothing but a regular file: a pipe would wait for its other end for ever, and a device may do something when it
 * is opened.
 */
const openOnDisk = async (path: string, flags: OpenFlags): Promise<OpenFile> => {
  const isNew = flags === 'wx' || flags === 'wx+'
  const isGuarded = await refuseLinks(path, !isNew)
  const found = isNew ? null : await answered(path, nodeFs.stat(path))
  if (found !== null && !found.isFile()) throw notAFile(path, found)
  const bits = flagBits[flags] | nonBlocking | (isGuarded ? noFollow : 0)
  const handle = await retry(
    () => answered(path, nodeFs.open(path, bits, 0o666), (late) => late.close()),
    untilFilesAreFree,
  )
  try {
    const opened = await handle.stat()
    if (!opened.isFile()) throw notAFile(path, opened)
    // Where the system cannot be told not to follow: what was looked at must be what was opened.
    if (found !== null && (found.ino !== opened.ino || found.dev !== opened.dev) && isGuarded)
      throw systemError('ELINK', path)
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    read: async (target, position) => (await handle.read(target, 0, target.byteLength, position)).bytesRead,
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.byteLength, position)).bytesWritten,
    sync: () => handle.sync(),
    truncate: (bytes) => handle.truncate(bytes),
    stat: async () => statsOf(await handle.stat()),
    close: () => handle.close(),
  }
}

const readOnDisk = async (path: string): Promise<Uint8Array> => {
  const file = await openOnDisk(path, 'r')
  try {
    const target = new Uint8Array((await file.stat()).bytes)
    return target.subarray(0, await readFully(file, target, 0))
  } finally {
    await file.close()
  }
}

// Network and FUSE file systems answer so when a folder cannot be synced; there is nothing more to do there.
const cannotSyncFolders = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EPERM', 'EBADF'])

const syncFolderOnDisk = async (path: string): Promise<void> => {
  // Windows cannot open a folder to sync it; NTFS journals the rename itself.
  if (process.platform === 'win32') return
  await refuseLinks(path, true)
  const handle = await retry(
    () => answered(path, nodeFs.open(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0)), (late) => late.close()),
    untilFilesAreFree,
  )
  try {
    await handle.sync()
  } catch (error) {
    if (!cannotSyncFolders.has(errorCode(error))) throw error
  } finally {
    await handle.close()
  }
}

/** The disk itself. Below a folder that is guarded (see guard.ts) it follows no link. */
export const diskFs: FileSystem = {
  open: openOnDisk,
  readFile: readOnDisk,
  rename: async (from, to) => {
    await refuseLinks(from, false)
    await refuseLinks(to, false)
    await nodeFs.rename(from, to)
  },
  link: async (from, to) => {
    await refuseLinks(from, true)
    await refuseLinks(to, false)
    await nodeFs.link(from, to)
  },
  // Removes a link, not what it leads to.
  unlink: async (path) => {
    await refuseLinks(path, false)
    await nodeFs.unlink(path)
  },
  syncFolder: syncFolderOnDisk,
  makeFolder: async (path, { parents } = { parents: true }) => {
    await refuseLinks(path, true)
    try {
      await answered(path, nodeFs.mkdir(path, { recursive: parents }))
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' || !(await nodeFs.stat(path)).isDirectory()) throw error
    }
  },
  removeFolder: async (path) => {
    await refuseLinks(path, false)
    await nodeFs.rm(path, { recursive: true, force: true })
  },
  list: async (path) => {
    await refuseLinks(path, true)
    return await retry(() => answered(path, nodeFs.readdir(path)), untilFilesAreFree)
  },
  stat: async (path) => {
    if (!(await refuseLinks(path, false))) return statsOf(await answered(path, nodeFs.stat(path)))
    const found = await answered(path, nodeFs.lstat(path))
    if (found.isSymbolicLink()) throw systemError('ELINK', path)
    return statsOf(found)
  },
}

/** Creates a folder so that it survives a power cut: the entry in its parent is synced too. */
export const makeDurableFolder = async (
  fs: FileSystem,
  path: string,
  options?: Parameters<FileSystem['makeFolder']>[1],
): Promise<void> => {
  await fs.makeFolder(path, options)
  await fs.syncFolder(dirname(path))
}

/** Writes all of `bytes` at `position`, however many calls the system needs for it. */
export const writeFully = async (file: OpenFile, bytes: Uint8Array, position: number): Promise<void> => {
  let written = 0
  while (written < bytes.byteLength) {
    const count = await file.write(bytes.subarray(written), position + written)
    if (count <= 0) throw new Error('The system wrote nothing and gave no reason')
    written += count
  }
}

/** Fills `target` from `position`; returns how many bytes there were, fewer than asked only at the end of the file. */
export const readFully = async (file: OpenFile, target: Uint8Array, position: number): Promise<number> => {
  let read = 0
  while (read < target.byteLength) {
    const count = await file.read(target.subarray(read), position + read)
    if (count === 0) break
    read += count
  }
  return read
}
