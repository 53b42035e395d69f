import { checkpointBytes, shortageOf, whatToFree } from '../../core/diskSpace'
import { errorText } from '../../core/errorText'
import type { Run } from '../../core/run'
import { FileError } from '../files/fileError'

/**
 * Why a record could not be saved, in sentences; of a full disk what may go. It holds no number that changes by itself,
 * so that it is told once.
 */
export function unsaved(
  error: unknown,
  runs: readonly Pick<Run, 'removedAt' | 'checkpoints'>[],
  cacheFolder: string,
): string {
  const message = errorText(error)
  if (!(error instanceof FileError) || shortageOf(error.code) === undefined) return message
  const removed = runs.filter(({ removedAt }) => removedAt !== null)
  const trash = {
    count: removed.length,
    bytes: removed.reduce((sum, { checkpoints }) => sum + checkpointBytes(checkpoints), 0),
  }
  return (
    `${message}. ` +
    `${whatToFree({ cache: { folder: cacheFolder, bytes: null }, older: { count: 0, bytes: 0 }, trash })}`
  )
}
