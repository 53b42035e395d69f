import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { DataSource } from '../../core/config/data'
import { walk } from './imageFiles'
import { readPack, writePack } from './pack'
import type { RawImages, Reading } from './rawImages'
import { reasonOf } from './refusal'

type FileSource = Extract<DataSource, { path: string }>

// Counts up where a reader gives other pixels or other images than before, so that a pack of the old ones is not served.
const readers: Readonly<Partial<Record<FileSource['type'], number>>> = { folder: 2 }

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24)

/** Name of a source's pack: what was asked for, then what its files looked like (names, sizes, times), so that a changed folder is read anew. */
function packName(source: FileSource): { readonly name: string; readonly asked: string } {
  const path = resolve(source.path)
  const asked = shortHash(JSON.stringify({ ...source, path }))
  const stats = statSync(path)
  const files = createHash('sha256').update(String(readers[source.type] ?? ''))
  if (stats.isDirectory()) {
    for (const { path: name, isFolder, stats: found } of walk(path)) files.update(`${name}\0${isFolder ? '' : `${found.size}\0${found.mtimeMs}`}\n`)
  } else {
    files.update(`${stats.size}\0${stats.mtimeMs}`)
  }
  return { asked, name: `${asked}-${files.digest('hex').slice(0, 24)}.pack` }
}

/** What the cache gave, and what a person should know about it. */
export interface Cached {
  readonly raw: RawImages
  readonly notes: readonly string[]
}

/**
 * Reads a source through the cache: a pack with the right name and checksum is used, a damaged one is read anew and replaced, and packs of the same
 * source as it was before are removed. A cache that cannot be written costs time, not the run.
 */
export async function throughCache(source: FileSource, cacheFolder: string, reading: Reading, read: () => Promise<RawImages>): Promise<Cached> {
  const { name, asked } = packName(source)
  const file = join(cacheFolder, name)
  const notes: string[] = []
  if (existsSync(file)) {
    try {
      return { raw: await readPack(file, reading), notes }
    } catch (error) {
      reading.signal?.throwIfAborted()
      notes.push(`The packed copy of ${source.path} was damaged (${file} ${reasonOf(error)}), so the images were read again.`)
    }
  }
  const raw = await read()
  try {
    await mkdir(cacheFolder, { recursive: true })
    await writePack(file, raw, reading)
    const outdated = (await readdir(cacheFolder)).filter((other) => other.startsWith(`${asked}-`) && other.endsWith('.pack') && other !== name)
    for (const other of outdated) await rm(join(cacheFolder, other), { force: true })
  } catch (error) {
    reading.signal?.throwIfAborted()
    notes.push(`A packed copy of ${source.path} could not be kept in ${cacheFolder} (${reasonOf(error)}), so the next start reads the images again.`)
  }
  return { raw, notes }
}
