import { errorText } from '../../core/errorText'
import { DataError, sourcePath } from './dataError'

/** A file in an archive. `bytes` must be called, if at all, before the next entry is asked for. */
export interface ArchiveEntry {
  readonly name: string
  /** tar's word for what it is: 'file', 'directory', 'symlink', 'link' … */
  readonly type: string
  readonly size: number
  /** Its contents; no more than `most` of them need be unpacked where that is given. */
  readonly bytes: (most?: number) => Promise<Buffer>
}

/** What an archive may cost at most before it is taken for a bomb. */
export interface ArchiveLimits {
  readonly entries: number
  readonly bytes: number
  /** Inflated bytes per compressed byte, once there are more than 64 MiB. */
  readonly ratio: number
}
export const archiveLimits: ArchiveLimits = { entries: 1_000_000, bytes: 4 * 1024 ** 3, ratio: 200 }
export const ratioMatters = 64 * 1024 ** 2

/** Why an archive in which nothing lies is refused. */
export const noFiles = (file: string): DataError =>
  new DataError(sourcePath, `${file}: expected a .zip, .tar or .tar.gz archive with files in it, found none`)

/** An error in going through an archive as a refusal. */
export const unreadable = (file: string, error: unknown): DataError =>
  error instanceof DataError
    ? error
    : new DataError(sourcePath, `${file} cannot be read as an archive: ${errorText(error)}`)
