import { existsSync, promises as nodeFs } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Checkpoint } from '../../core/events'
import { checkpointBytes, diskAdvice, type DiskSpace } from '../../core/diskSpace'
import { removeSurely, temporaryPath } from '../files/durableWrite'
import { fileError, FileError } from '../files/fileError'
import { errorCode, type FileSystem } from '../files/fs'
import type { LearnerState } from './learner/learner'

/** Bytes of all files in a folder; null where it cannot be read. */
async function bytesIn(folder: string): Promise<number | null> {
  try {
    const files = await nodeFs.readdir(folder, { withFileTypes: true })
    const sizes = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map(({ name }) =>
          nodeFs.stat(join(folder, name)).then(
            ({ size }) => size,
            () => 0,
          ),
        ),
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  } catch {
    return null
  }
}

/** What is known of the place of a file that could not be written. */
export async function diskSpaceAt(
  path: string,
  state: LearnerState,
  cache: string,
  checkpoints: readonly Checkpoint[],
): Promise<DiskSpace> {
  const folder = dirname(path)
  const free = await nodeFs.statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  )
  const cached = await bytesIn(cache)
  const isKept = ({ kinds }: Checkpoint): boolean =>
    kinds.some((kind) => kind === 'last' || kind === 'best' || kind === 'final')
  const older = checkpoints.filter((one) => !isKept(one))
  return {
    folder,
    free,
    cache: cached === null ? null : { folder: cache, bytes: cached },
    needed: [...state.values()].reduce((sum, { data }) => sum + data.byteLength, 0),
    older: { count: older.length, bytes: checkpointBytes(older) },
    trash: null,
  }
}

// Others, such as too many open files, pass by themselves, and what is written later waits for that.
const refusals = new Set(['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOENT', 'ENOTDIR'])

/**
 * Refuses a folder of a run that cannot be written to before hours are spent on it. Rights and mounts say less than a
 * file that was made.
 */
export async function checkWritable(runFolder: string, cache: string, fs: FileSystem): Promise<void> {
  const checkpoints = join(runFolder, 'checkpoints')
  for (const folder of existsSync(checkpoints) ? [runFolder, checkpoints] : [runFolder]) {
    const path = temporaryPath(join(folder, 'writable'))
    try {
      await (await fs.open(path, 'wx')).close()
      await removeSurely(path, fs)
    } catch (error) {
      const code = errorCode(error)
      if (!refusals.has(code)) continue
      const { message } = fileError('write to', folder, error)
      throw new FileError(
        folder,
        code,
        `${message}. ${diskAdvice(code, { ...(await diskSpaceAt(path, new Map(), cache, [])), needed: null })}`,
        error,
      )
    }
  }
}
