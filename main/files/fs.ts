import { promises as nodeFs } from 'node:fs'
import { dirname } from 'node:path'

/** How a file is opened: `r` to read, `w` to replace, `wx` to create (fails if it exists), `r+` to change in place. */
export type OpenFlags = 'r' | 'w' | 'wx' | 'r+'

export interface FileStats {
  readonly type: 'file' | 'folder' | 'other'
  readonly bytes: number
  readonly modifiedMs: number
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

/** Everything this program asks of a disk. A port, so that tests can fail any call and cut the power between any two. */
export interface FileSystem {
  open(path: string, flags: OpenFlags): Promise<OpenFile>
  readFile(path: string): Promise<Uint8Array>
  rename(from: string, to: string): Promise<void>
  /** Gives a file a second name, which must be free. */
  link(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Makes renames and new names in the folder survive a power cut. */
  syncFolder(path: string): Promise<void>
  /** Creates the folder and its parents; an existing one is fine. */
  makeFolder(path: string): Promise<void>
  list(path: string): Promise<readonly string[]>
  stat(path: string): Promise<FileStats>
}

interface NodeStats {
  isFile(): boolean
  isDirectory(): boolean
  readonly size: number
  readonly mtimeMs: number
}

const statsOf = (stats: NodeStats): FileStats => ({
  type: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
  bytes: stats.size,
  modifiedMs: stats.mtimeMs,
})

const openOnDisk = async (path: string, flags: OpenFlags): Promise<OpenFile> => {
  const handle = await nodeFs.open(path, flags)
  return {
    read: async (target, position) => (await handle.read(target, 0, target.byteLength, position)).bytesRead,
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.byteLength, position)).bytesWritten,
    sync: () => handle.sync(),
    truncate: bytes => handle.truncate(bytes),
    stat: async () => statsOf(await handle.stat()),
    close: () => handle.close(),
  }
}

// Network and FUSE file systems answer so when a folder cannot be synced; there is nothing more to do there.
const cannotSyncFolders = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EPERM', 'EBADF'])

const syncFolderOnDisk = async (path: string): Promise<void> => {
  // Windows cannot open a folder to sync it; NTFS journals the rename itself.
  if (process.platform === 'win32') return
  const handle = await nodeFs.open(path, 'r')
  try {
    await handle.sync()
  } catch (error) {
    if (!cannotSyncFolders.has(errorCode(error))) throw error
  } finally {
    await handle.close()
  }
}

export const diskFs: FileSystem = {
  open: openOnDisk,
  readFile: path => nodeFs.readFile(path),
  rename: (from, to) => nodeFs.rename(from, to),
  link: (from, to) => nodeFs.link(from, to),
  unlink: path => nodeFs.unlink(path),
  syncFolder: syncFolderOnDisk,
  makeFolder: async path => {
    await nodeFs.mkdir(path, { recursive: true })
  },
  list: path => nodeFs.readdir(path),
  stat: async path => statsOf(await nodeFs.stat(path)),
}

/** The system's code of a failed call (`ENOSPC`, `EIO` …), or an empty string. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Creates a folder so that it survives a power cut: the entry in its parent is synced too. */
export const makeDurableFolder = async (fs: FileSystem, path: string): Promise<void> => {
  await fs.makeFolder(path)
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
