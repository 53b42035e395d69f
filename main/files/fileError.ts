import { basename } from 'node:path'
import { errorText } from '../../core/errorText'
import { errorCode, guardReasons } from './guard'

const causes: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than this system allows',
  EROFS: 'the disk is read-only',
  EACCES: 'permission is denied',
  EPERM: 'the system does not allow it',
  ENOENT: 'it does not exist',
  EEXIST: 'it exists already',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  EBUSY: 'another program is using it',
  EIO: 'the disk reported an error',
  ENAMETOOLONG: 'its path is too long',
  ENODEV: 'the disk is gone',
  ENXIO: 'the disk is gone',
  ESTALE: 'the network folder is gone',
  ELOOP: guardReasons['ELINK'] ?? '',
  ...guardReasons,
}

/** A file operation that failed, as one sentence naming the file and the cause; `code` is the system's, or ours. */
export class FileError extends Error {
  readonly path: string
  readonly code: string

  constructor(path: string, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'FileError'
    this.path = path
    this.code = code
  }
}

/** Turns a failed system call into a sentence, e.g. “Cannot save library.json: the disk is full (/home/me/…)”. */
export const fileError = (doing: string, path: string, error: unknown): FileError => {
  if (error instanceof FileError) return error
  const code = errorCode(error)
  const reason = causes[code] ?? errorText(error)
  return new FileError(path, code, `Cannot ${doing} ${basename(path)}: ${reason} (${path})`, error)
}
