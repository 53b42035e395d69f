import { basename, dirname } from 'node:path'
import { durableWrite, type DurableWriteOptions } from './durableWrite'
import { isSealed, unseal } from './envelope'
import { fileError } from './fileError'
import type { FileSystem } from './fs'
import { readCapped } from './jsonFile'

/** The older copies of a store, newest first. */
export const backupPaths = (path: string): readonly [string, string] => [`${path}.backup-1`, `${path}.backup-2`]

interface Disk {
  readonly fs: FileSystem
  readonly maxBytes: number
  readonly maxDepth: number
  readonly write?: Pick<DurableWriteOptions, 'platform' | 'pause' | 'readBack'> | undefined
}

const isGood = async (path: string, { fs, maxBytes, maxDepth }: Disk): Promise<boolean> => {
  try {
    const bytes = await readCapped(path, maxBytes, fs)
    if (!(await isSealed(bytes))) unseal(path, bytes, maxDepth)
    return true
  } catch {
    return false
  }
}

/**
 * Copies a store's bytes, which the caller has just verified, to the first backup. With `shift` the first backup
 * becomes the second before, unless it is damaged: a bad copy never replaces a good one.
 */
export const backUp = async (path: string, bytes: Uint8Array, disk: Disk, shift: boolean): Promise<void> => {
  const [newest, older] = backupPaths(path)
  if (shift && (await isGood(newest, disk))) await disk.fs.rename(newest, older)
  await durableWrite(newest, bytes, { fs: disk.fs, ...disk.write })
}

/** Moves a damaged file out of the way without losing a byte; returns where it went. */
export const keepAside = async (path: string, fs: FileSystem, now: Date): Promise<string> => {
  const stamp = now.toISOString().replaceAll(/[:.]/g, '-')
  let aside = `${path}.corrupt-${stamp}`
  try {
    const taken = new Set(await fs.list(dirname(path)))
    for (let count = 2; taken.has(basename(aside)); count++) aside = `${path}.corrupt-${stamp}-${String(count)}`
    await fs.rename(path, aside)
    await fs.syncFolder(dirname(path))
  } catch (error) {
    throw fileError('keep aside', path, error)
  }
  return aside
}

/** Keeps the last file of an older format, for those who go back to the program that wrote it. */
export const keepOldFormat = async (path: string, bytes: Uint8Array, format: number, disk: Disk): Promise<void> => {
  const copy = `${path}.format-${String(format)}`
  if (!(await isGood(copy, disk))) await durableWrite(copy, bytes, { fs: disk.fs, ...disk.write })
}
