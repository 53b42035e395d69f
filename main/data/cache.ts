import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { errorText } from '../../core/errorText'
import { isRunning, sweepUnfinished } from '../files/durableWrite'
import { diskFs, makeDurableFolder } from '../files/fs'
import { readPack, writePack } from './pack'
import { packKey, type FileSource } from './packKey'
import type { RawImages, ReaderOptions } from './rawImages'

/** What the cache gave, and what a person should know about it. */
export interface Cached {
  readonly raw: RawImages
  readonly notes: readonly string[]
  /** The name of the pack that holds these images; null where files changed while they were read. */
  readonly name: string | null
}

/**
 * Reads a source through the cache: a pack with the right name and checksum is used, a damaged one is read anew and
 * replaced, and packs of the same source as it was before are removed. A cache that cannot be written costs time, not
 * the run.
 */
export async function throughCache(
  source: FileSource,
  cacheFolder: string,
  reading: ReaderOptions,
  read: () => Promise<RawImages>,
): Promise<Cached> {
  const { name, asked } = packKey(source)
  const file = join(cacheFolder, name)
  const notes: string[] = []
  if (existsSync(file)) {
    try {
      return { raw: await readPack(file, reading), notes, name }
    } catch (error) {
      reading.signal?.throwIfAborted()
      notes.push(
        `The packed copy of ${source.path} was damaged (${file} ${errorText(error)}), so the images were read again.`,
      )
    }
  }
  const raw = await read()
  // Whether what was read belongs to the name: a file may have been replaced meanwhile.
  if (packKey(source).name !== name)
    return {
      raw,
      name: null,
      notes: [
        ...notes,
        `Files of ${source.path} changed while they were being read, so no packed copy of them was kept.`,
      ],
    }
  try {
    await makeDurableFolder(diskFs, cacheFolder)
    await clearLeftPacks(cacheFolder)
    await writePack(file, raw, reading)
    const outdated = (await diskFs.list(cacheFolder)).filter(
      (other) => other.startsWith(`${asked}-`) && other.endsWith('.pack') && other !== name,
    )
    for (const other of outdated) await diskFs.unlink(join(cacheFolder, other))
  } catch (error) {
    reading.signal?.throwIfAborted()
    notes.push(
      `A packed copy of ${source.path} could not be kept in ${cacheFolder} (${errorText(error)}), so the next ` +
        'start reads the images again.',
    )
  }
  return { raw, notes, name }
}

// How earlier versions called a pack on its way.
const earlierTemporary = /\.pack\.(\d+)\.\d+\.tmp$/

/** Removes packs on their way whose writer is gone, up to 2 GB each, and returns their names. */
export async function clearLeftPacks(cacheFolder: string): Promise<readonly string[]> {
  if (!existsSync(cacheFolder)) return []
  const cleared = [...(await sweepUnfinished(cacheFolder))]
  const processStartMs = Date.now() - process.uptime() * 1000
  for (const name of await diskFs.list(cacheFolder)) {
    const pid = Number(earlierTemporary.exec(name)?.[1] ?? 'none')
    if (!Number.isInteger(pid)) continue
    const file = join(cacheFolder, name)
    const isLeft = pid === process.pid ? (await diskFs.stat(file)).modifiedMs < processStartMs - 1000 : !isRunning(pid)
    if (!isLeft) continue
    await diskFs.unlink(file)
    cleared.push(name)
  }
  return cleared
}
