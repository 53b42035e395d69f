import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
  lstatSync,
  type Stats,
} from 'node:fs'
import { join, sep } from 'node:path'
import { errorText } from '../../core/errorText'
import { noFollow, nonBlocking } from '../files/guard'
import { archiveEntries } from './archive'
import { archiveLimits } from './archiveEntry'
import { BrokenImage } from './imageFile'
import { DataError, sourcePath } from './dataError'
import { isSystemName } from './systemNames'

/**
 * A file or folder in an image folder or archive; names are only ever names, the reading is bound to what was found.
 */
export interface ImageFile {
  /** Its folders and name below the root, joined by '/'. */
  readonly path: string
  readonly isFolder: boolean
  /** Why it cannot be an image, such as a link that leads out of the folder; null when it may be read. */
  readonly problem: string | null
  readonly size: number
  /** The file's beginning, and whether that is all of it. Throws BrokenImage. */
  readonly head: () => Promise<{ readonly bytes: Buffer; readonly complete: boolean }>
  readonly bytes: () => Promise<Buffer>
}

/** All files of a folder or archive, each time it is asked. */
export interface ImageFiles {
  readonly where: string
  readonly each: () => AsyncIterable<ImageFile>
}

const headBytes = 64 * 1024
const largestFile = 64 * 1024 ** 2
const deepest = 8
const mostFiles = 1_000_000
const mostCharacters = 255

/** The files below a path, which may be a folder, a .zip, a .tar or a .tar.gz. */
export const imageFiles = (path: string): ImageFiles =>
  statSync(path).isDirectory()
    ? { where: path, each: () => folderFiles(path) }
    : { where: path, each: () => archivedFiles(path) }

/** A file found while walking a folder, in the order of code units, so that every machine numbers images alike. */
export interface Walked {
  readonly path: string
  readonly isFolder: boolean
  readonly file: string
  readonly stats: Stats
  readonly problem: string | null
}

/** Walks a folder without following a link out of it, or to another folder at all. Hidden files are passed over. */
export function* walk(root: string): Generator<Walked> {
  const inside = realpathSync(root) + sep
  let count = 0
  function* below(folder: string, prefix: string, depth: number): Generator<Walked> {
    const names = readdirSync(folder)
      .filter((name) => !isSystemName(name))
      .sort((a, b) => (a < b ? -1 : 1))
    for (const name of names) {
      if (++count > mostFiles)
        throw new DataError(sourcePath, `${root}: expected at most ${mostFiles} files, found more`)
      const [file, path] = [join(folder, name), prefix + name]
      const stats = lstatSync(file)
      if (stats.isDirectory()) {
        yield {
          path,
          isFolder: true,
          file,
          stats,
          problem: depth < deepest ? null : `lies more than ${deepest} folders deep`,
        }
        if (depth < deepest) yield* below(file, `${path}/`, depth + 1)
      } else if (stats.isSymbolicLink()) {
        yield { path, isFolder: false, stats, ...linked(file, inside) }
      } else {
        yield { path, isFolder: false, file, stats, problem: stats.isFile() ? null : 'is not a regular file' }
      }
    }
  }
  yield* below(root, '', 1)
}

function linked(link: string, inside: string): { readonly file: string; readonly problem: string | null } {
  try {
    const file = realpathSync(link)
    if (!file.startsWith(inside)) return { file: link, problem: 'is a link that leads out of the folder' }
    return { file, problem: statSync(file).isFile() ? null : 'is a link to a folder, which is not followed' }
  } catch {
    return { file: link, problem: 'is a link that leads nowhere' }
  }
}

function read(file: string, most: number): { readonly bytes: Buffer; readonly complete: boolean } {
  let handle: number | undefined
  try {
    // Without following: a link put there since the walk is not followed either.
    handle = openSync(file, constants.O_RDONLY | noFollow | nonBlocking)
    const stats = fstatSync(handle)
    if (!stats.isFile()) throw new BrokenImage('is not a regular file')
    const { size } = stats
    if (size > largestFile) throw new BrokenImage(`has ${size} bytes, expected at most ${largestFile}`)
    const bytes = Buffer.allocUnsafe(Math.min(size, most))
    let filled = 0
    while (filled < bytes.length) {
      const count = readSync(handle, bytes, filled, bytes.length - filled, filled)
      if (count === 0) break
      filled += count
    }
    return { bytes: bytes.subarray(0, filled), complete: filled === size }
  } catch (error) {
    throw error instanceof BrokenImage ? error : new BrokenImage(`cannot be read (${errorText(error)})`)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** A link's own size is the length of its target's name. */
const linkedSize = (file: string, stats: Stats): number =>
  stats.isSymbolicLink() ? (statSync(file, { throwIfNoEntry: false })?.size ?? 0) : stats.size

async function* folderFiles(root: string): AsyncGenerator<ImageFile> {
  for (const { path, isFolder, file, stats, problem } of walk(root)) {
    yield {
      path,
      isFolder,
      problem,
      size: linkedSize(file, stats),
      head: async () => read(file, headBytes),
      bytes: async () => read(file, largestFile).bytes,
    }
  }
}

function archivedPath(name: string): { readonly path: string; readonly problem: string | null } {
  const segments = name
    .split('/')
    .filter((segment, i, all) => segment !== '.' && (segment !== '' || (i === 0 && all.length > 1)))
  const isOutside =
    segments[0] === '' ||
    segments.includes('..') ||
    /^[A-Za-z]:/.test(name) ||
    name.includes('\\') ||
    name.includes('\0')
  const longest = Math.max(0, ...segments.map(({ length }) => length))
  // No file system takes longer ones, and lists of what was left out show them.
  if (longest > mostCharacters)
    return {
      path: `${segments.join('/').slice(0, mostCharacters)}…`,
      problem: `has a name of ${longest} characters, expected at most ${mostCharacters}`,
    }
  return { path: segments.join('/'), problem: isOutside ? 'has a name that leads out of the archive' : null }
}

async function* archivedFiles(archive: string): AsyncGenerator<ImageFile> {
  for await (const entry of archiveEntries(archive, archiveLimits)) {
    const { path, problem } = archivedPath(entry.name)
    if (path === '' || (problem === null && path.split('/').some(isSystemName))) continue
    const isFolder = entry.type === 'directory'
    // A stream gives each entry once, so that the whole of it is read when its head is asked for; a ZIP's can be opened
    // again.
    const read = async (most?: number): Promise<Buffer> => {
      if (entry.size > largestFile) throw new BrokenImage(`has ${entry.size} bytes, expected at most ${largestFile}`)
      return await entry.bytes(most)
    }
    const head = async (): Promise<{ readonly bytes: Buffer; readonly complete: boolean }> => {
      const bytes = await read(headBytes)
      return { bytes, complete: bytes.length >= entry.size }
    }
    yield {
      path,
      isFolder,
      size: entry.size,
      bytes: async () => await read(),
      head,
      problem:
        problem ??
        (isFolder || entry.type === 'file' || entry.type === 'contiguous-file'
          ? null
          : `is a ${entry.type} entry, which is not followed`),
    }
  }
}
