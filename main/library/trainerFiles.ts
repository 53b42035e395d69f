import { join } from 'node:path'
import type { RunId } from '../../core/run'
import { durableWrite } from '../files/durableWrite'
import { errorCode, type FileSystem } from '../files/fs'
import type { RunFolders } from './runFolder'

/** Removes a file; one that is not there is fine, and so is a folder of that name, which nobody takes for it. */
const removeFile = async (path: string, fs: FileSystem): Promise<void> => {
  await fs.unlink(path).catch(async (error: unknown) => {
    const isFolder = await fs.stat(path).then(
      ({ type }) => type === 'folder',
      () => false,
    )
    if (errorCode(error) !== 'ENOENT' && !isFolder) throw error
  })
}

const pauseRequest = (folders: RunFolders, id: RunId): string => join(folders.path(id), 'pause.request')

/** Writes down which process trains a run; null that none does. */
export async function writeTrainer(folders: RunFolders, id: RunId, pid: number | null, fs: FileSystem): Promise<void> {
  const path = join(folders.path(id), 'trainer.pid')
  await (pid === null ? removeFile(path, fs) : durableWrite(path, Buffer.from(String(pid)), { fs }))
}

/** Asks whatever process trains a run to pause. */
export async function writePauseRequest(folders: RunFolders, id: RunId, at: Date, fs: FileSystem): Promise<void> {
  await durableWrite(pauseRequest(folders, id), Buffer.from(`${at.toISOString()}\n`), { fs })
}

export const removePauseRequest = (folders: RunFolders, id: RunId, fs: FileSystem): Promise<void> =>
  removeFile(pauseRequest(folders, id), fs)
