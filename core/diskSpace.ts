import { formatBytes } from './numbers'
import type { Checkpoint } from './events'
import type { Shortage } from './shortage'

/** What is known of a folder that could not be written to; null where it is not. */
export interface DiskSpace {
  readonly folder: string
  /** Bytes that the next checkpoint takes. */
  readonly needed: number | null
  /** Bytes that the disk has left for this user. */
  readonly free: number | null
  readonly cache: { readonly folder: string; readonly bytes: number | null } | null
  /** Checkpoints of the run that it does not go on from and that did not validate best. */
  readonly older: { readonly count: number; readonly bytes: number }
  /** What runs in the trash hold, where somebody knows. */
  readonly trash: { readonly count: number; readonly bytes: number } | null
}

/** Bytes of some checkpoints on disk, where each has a file of its own. */
export const checkpointBytes = (checkpoints: readonly Pick<Checkpoint, 'bytes'>[]): number =>
  checkpoints.reduce((sum, { bytes }) => sum + bytes, 0)

const isFull = (code: string): boolean => code === 'ENOSPC' || code === 'EDQUOT'

/** Whether a file system's code means that there is no room. */
export const shortageOf = (code: string): Shortage | undefined =>
  isFull(code) || code === 'EFBIG' ? 'out_of_disk' : undefined

/** What on a full disk may go without a loss that was not meant. */
export function whatToFree({ cache, older, trash }: Pick<DiskSpace, 'cache' | 'older' | 'trash'>): string {
  const parts = [
    ...(cache === null || cache.bytes === 0
      ? []
      : [
          `the packed data sets in ${cache.folder} ` +
            `(${cache.bytes === null ? '' : `${formatBytes(cache.bytes)}, `}made anew when they are needed)`,
        ]),
    ...(older.count === 0
      ? []
      : [`${older.count} older checkpoint${older.count === 1 ? '' : 's'} of this run (${formatBytes(older.bytes)})`]),
    ...(trash === null
      ? ['runs in the trash, once they are deleted for good']
      : trash.count === 0
        ? []
        : [
            `${trash.count === 1 ? 'the run' : `the ${trash.count} runs`} in the trash, once deleted for good ` +
              `(${formatBytes(trash.bytes)} of checkpoints)`,
          ]),
  ]
  return parts.length === 0 ? '' : `What may go: ${parts.join('; ')}.`
}

/** What to do before a run can go on whose folder could not be written to, by the system's code. */
export function diskAdvice(code: string, space: DiskSpace): string {
  const { folder, needed, free } = space
  const takes = needed === null ? '' : `The next checkpoint takes ${formatBytes(needed)}. `
  switch (code) {
    case 'ENOSPC':
      return (
        `${takes}${free === null ? '' : `${formatBytes(free)} are free in ${folder}. `}${whatToFree(space)} Then ` +
        'resume.'
      )
    case 'EDQUOT':
      return `${takes}${whatToFree(space)} Or have the quota raised. Then resume.`
    case 'EFBIG':
      return (
        `${takes}Raise the limit on the size of files (ulimit -f), or use a disk whose files may be as large, ` +
        'and resume.'
      )
    case 'EROFS':
      return `Mount the disk of ${folder} for writing and resume.`
    case 'EACCES':
    case 'EPERM':
      return `Allow this user to write to ${folder} and resume.`
    case 'EMFILE':
    case 'ENFILE':
      return 'Raise the limit on open files (ulimit -n), or close other programs, and resume.'
    case 'EIO':
      return `The disk may be failing: copy ${folder} to another one before you resume.`
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENODEV':
    case 'ENXIO':
    case 'ESTALE':
      return `Bring ${folder} back, where it was, and resume.`
    default:
      return 'Resume when that is mended.'
  }
}
