import { createHash, type Hash } from 'node:crypto'
import { closeSync, readdirSync, readSync, statfsSync, statSync, type Stats } from 'node:fs'
import { join, resolve } from 'node:path'
import type { DataSource } from '../../core/config/data'
import { openFileNow } from '../files/guard'
import { walk } from './imageFiles'

export type FileSource = Extract<DataSource, { path: string }>

/** Raised whenever a reader makes other images of the same files: packs from before would give the old ones. */
const readersVersion = 3

/** What a pack is called. */
export interface PackKey {
  /** What was asked for. */
  readonly asked: string
  /** That, and what its files looked like. */
  readonly name: string
}

const shortHash = (hash: Hash): string => hash.digest('hex').slice(0, 24)

/**
 * A source without the settings that came later, where they are at their default: a pack of before is then one of the
 * same source, and is removed.
 */
function withoutLater(source: FileSource): Partial<FileSource> {
  const later: Readonly<Record<string, unknown>> = { layout: 'auto', orientation: 'stored', set: '' }
  return Object.fromEntries(Object.entries(source).filter(([key, value]) => later[key] !== value))
}

/**
 * The name of a source's pack. Files that changed must get another one: size and time do not tell (IDX files never
 * change in size; `cp -p`, `rsync -t` and `touch -r` bring the old time back), so the time of the last change of each,
 * which nobody can set, its number in the file system and a sample of the contents are in it too. What differs after a
 * plain restart, such as the number of the disk, is not.
 */
export function packKey(source: FileSource): PackKey {
  const path = resolve(source.path)
  const asked = shortHash(createHash('sha256').update(JSON.stringify({ ...withoutLater(source), path })))
  const found = filesOf(source, path)
  const hash = createHash('sha256').update(`${readersVersion}\n`)
  const hasNumbers = !numbersFilesAnew(path)
  for (const { name, stats } of found) hash.update(`${name}\0${stats === null ? '' : identity(stats, hasNumbers)}\n`)
  for (const one of sampled(found.filter(({ stats }) => stats !== null))) addSample(hash, one, found.length)
  return { asked, name: `${asked}-${shortHash(hash)}.pack` }
}

const identity = ({ size, mtimeMs, ctimeMs, ino }: Stats, hasNumbers: boolean): string =>
  [size, mtimeMs, ctimeMs, ...(hasNumbers ? [ino] : [])].join('\0')

interface Found {
  readonly name: string
  readonly file: string
  /** Null for a folder, and for what no reader follows. */
  readonly stats: Stats | null
}

/** The files that a reader would read, links followed as it follows them. */
function filesOf(source: FileSource, path: string): readonly Found[] {
  if (!statSync(path).isDirectory()) return [{ name: '', file: path, stats: statSync(path) }]
  switch (source.type) {
    case 'folder':
      return [...walk(path)].map(({ path: name, isFolder, file, stats, problem }) => ({
        name,
        file,
        stats: isFolder || problem !== null ? null : stats.isSymbolicLink() ? statSync(file) : stats,
      }))
    case 'idx': {
      const found = filesIn(path, /ubyte/i)
      // Some downloads have each file in a folder of its name.
      return [
        ...found,
        ...found.flatMap(({ file, stats }) => (stats?.isDirectory() === true ? filesIn(file, /ubyte/i) : [])),
      ]
    }
    case 'cifar10':
      return [...filesIn(path, /\.bin$/), ...filesIn(join(path, 'cifar-10-batches-bin'), /\.bin$/)]
    case 'cifar100':
      return [...filesIn(path, /\.bin$/), ...filesIn(join(path, 'cifar-100-binary'), /\.bin$/)]
  }
}

function filesIn(folder: string, pattern: RegExp): readonly Found[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => {
      const file = join(folder, name)
      return { name: file, file, stats: statSync(file, { throwIfNoEntry: false }) ?? null }
    })
}

// FAT, exFAT, FUSE, 9P, CIFS and SMB2, from Linux's magic.h: they may number their files anew each time that they are
// mounted.
const madeUpNumbers: ReadonlySet<number> = new Set([0x4d44, 0x2011bab0, 0x65735546, 0x01021997, 0xff534d42, 0xfe534d42])

function numbersFilesAnew(path: string): boolean {
  try {
    return madeUpNumbers.has(statfsSync(path).type >>> 0)
  } catch {
    return true
  }
}

const mostSampled = 64
const pieceBytes = 4096

/** All of a few files, and of many some, spread evenly. */
const sampled = (files: readonly Found[]): readonly Found[] =>
  files.length <= mostSampled
    ? files
    : Array.from({ length: mostSampled }, (_, i) => files[Math.floor((i * files.length) / mostSampled)]).filter(
        (one) => one !== undefined,
      )

/** Pieces of a file, spread evenly from its first byte to its last; all of a small one. */
function addSample(hash: Hash, { file, stats }: Found, among: number): void {
  const size = stats?.size ?? 0
  const most = among <= 16 ? 64 : 8
  const pieces = Math.min(most, Math.ceil(size / pieceBytes))
  try {
    const handle = openFileNow(file)
    try {
      const piece = Buffer.alloc(pieceBytes)
      for (let i = 0; i < pieces; i++) {
        const at = pieces === 1 ? 0 : Math.floor((i * Math.max(0, size - pieceBytes)) / (pieces - 1))
        hash.update(piece.subarray(0, readSync(handle, piece, 0, pieceBytes, at)))
      }
    } finally {
      closeSync(handle)
    }
  } catch {
    // Whoever reads the images says what is wrong with the file.
    hash.update('cannot be read')
  }
}
