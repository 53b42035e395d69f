// The cache outside the checkout: what set-up made, shared by all checkouts of one user, safe to delete.
import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the set-up scripts, and the project they belong to. */
export const setupFolder = path.dirname(fileURLToPath(import.meta.url))
export const projectFolder = path.resolve(setupFolder, '..', '..')

/** The cache folder; `BATCHLAB_CACHE` moves it. */
export function cacheFolder() {
  const { BATCHLAB_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (BATCHLAB_CACHE) return path.resolve(BATCHLAB_CACHE)
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'batchlab')
  if (process.platform === 'win32')
    return path.join(LOCALAPPDATA ?? path.join(homedir(), 'AppData', 'Local'), 'batchlab', 'Cache')
  return path.join(XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'batchlab')
}

/** An empty folder inside the cache, on the same disk as the place its content is renamed to. */
export function temporaryFolder(name) {
  const parent = path.join(cacheFolder(), 'tmp')
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(path.join(parent, `${name}-`))
}

/** Removes what interrupted set-ups left behind; only for the holder of the cache's lock. */
export function removeLeftovers() {
  rmSync(path.join(cacheFolder(), 'tmp'), { recursive: true, force: true })
}

/** Puts a finished folder or file in its place in one step, so that nobody ever sees half of it. */
export function moveIntoPlace(from, to) {
  mkdirSync(path.dirname(to), { recursive: true })
  if (existsSync(to)) rmSync(to, { recursive: true, force: true })
  renameSync(from, to)
}

/** A JSON record of the cache, or null where there is none that can be read. */
export function readRecord(name) {
  try {
    return JSON.parse(readFileSync(path.join(cacheFolder(), name), 'utf8'))
  } catch {
    return null
  }
}

/** Writes a JSON record of the cache in one step; a cache that cannot be written to is no reason to stop. */
export function writeRecord(name, value) {
  const file = path.join(cacheFolder(), name)
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(`${file}.${process.pid}.tmp`, `${JSON.stringify(value, null, 2)}\n`)
    renameSync(`${file}.${process.pid}.tmp`, file)
  } catch {
    rmSync(`${file}.${process.pid}.tmp`, { force: true })
  }
}

/** A file's checksum: `hashOf(file, 'sha256', 'hex')`. */
export async function hashOf(file, algorithm, encoding) {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest(encoding)
}

/** Bytes of all files under a folder; files that vanish meanwhile count nothing. */
export function bytesUnder(folder) {
  let bytes = 0
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const child = path.join(folder, entry.name)
      bytes += entry.isDirectory() ? bytesUnder(child) : entry.isFile() ? statSync(child).size : 0
    }
  } catch {
    return bytes
  }
  return bytes
}

/** Bytes that the user may still write to the cache's disk. */
export function freeBytes() {
  mkdirSync(cacheFolder(), { recursive: true })
  const { bavail, bsize } = statfsSync(cacheFolder())
  return bavail * bsize
}
