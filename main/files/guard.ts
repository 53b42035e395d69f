import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  lstatSync,
  openSync,
  promises as nodeFs,
  readFileSync,
  readSync,
  statSync,
  type ReadStream,
  type Stats,
} from 'node:fs'
import { dirname, resolve, sep } from 'node:path'

// What keeps a library that somebody else made from reaching anything outside of it, and from holding this program up.

/** The system's code of a failed call (`ENOSPC`, `EIO` …), or an empty string. */
export const errorCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const reasons = {
  ELINK: 'a link leads to it, and nothing in a library is opened through a link',
  ENOTFILE: 'it is not a file',
  ETIMEDOUT: 'its disk does not answer',
} as const

/** An error of our own in the form of the system's. */
export const systemError = (code: keyof typeof reasons, path: string): Error =>
  Object.assign(new Error(`${path} cannot be used: ${reasons[code]}`), { code })

/** What these codes say in a sentence about a file. */
export const guardReasons: Readonly<Record<string, string>> = reasons

export const notAFile = (path: string, stats: Pick<Stats, 'isDirectory'>): Error =>
  stats.isDirectory()
    ? Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR' })
    : systemError('ENOTFILE', path)

// Windows knows neither.
export const noFollow: number = constants.O_NOFOLLOW ?? 0
export const nonBlocking: number = constants.O_NONBLOCK ?? 0

const answerWithinMs = 30_000

let silent = 0

/**
 * Ends this process with an exit code. Where a disk still owes an answer, a thread waits for it that an orderly exit
 * would wait for in turn, so it is ended by force; what is on disk is whole at any moment.
 */
export function endProcess(code: number): void {
  if (silent > 0) process.kill(process.pid, 'SIGKILL')
  process.exit(code)
}

/** Whether a disk that was given up still owes an answer. */
export const isDiskSilent = (): boolean => silent > 0

/** The answer of a disk, which a network folder that is gone may owe for ever. `drop` gets one that came too late. */
export async function answered<T>(
  path: string,
  answer: Promise<T>,
  drop: (late: T) => unknown = () => undefined,
  withinMs = answerWithinMs,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      silent++
      answer
        .then(drop)
        .catch(() => undefined)
        .finally(() => {
          silent--
        })
      reject(systemError('ETIMEDOUT', path))
    }, withinMs)
  })
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
  }
}

const guarded = new Set<string>()

/**
 * From now on nothing below this folder is opened, made, renamed or removed through a link: it may come from somebody
 * else, and a link in it may lead to anything. The folder itself is named by a person and may be one. Junctions of
 * Windows are links too.
 */
export const guardFolder = (folder: string): void => {
  guarded.add(resolve(folder))
}

const guardOf = (path: string): string | undefined => {
  for (const folder of guarded) if (path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return folder
  return undefined
}

const isLink = async (path: string): Promise<boolean> => {
  try {
    return (await answered(path, nodeFs.lstat(path))).isSymbolicLink()
  } catch (error) {
    // What is not there leads nowhere; whoever uses the path hears of anything else.
    if (errorCode(error) === 'ETIMEDOUT') throw error
    return false
  }
}

// A history of thousands of runs is looked through in a moment, and all of them lie in one folder.
const knownForMs = 1000
const mostKnown = 10_000
const known = new Map<string, number>()

async function refuseLinkedFolder(folder: string, path: string): Promise<void> {
  const now = performance.now()
  const seen = known.get(folder)
  if (seen !== undefined && now - seen < knownForMs) return
  if (await isLink(folder)) throw systemError('ELINK', path)
  if (known.size > mostKnown) known.clear()
  known.set(folder, now)
}

/**
 * Throws where a link leads to a path in a guarded folder; with `itself` also where it is one. Comes back with whether
 * the path is guarded at all.
 */
export async function refuseLinks(path: string, itself: boolean): Promise<boolean> {
  const whole = resolve(path)
  const guard = guardOf(whole)
  if (guard === undefined) return false
  for (let folder = dirname(whole); folder.length > guard.length; folder = dirname(folder))
    await refuseLinkedFolder(folder, path)
  if (itself && (await isLink(whole))) throw systemError('ELINK', path)
  return true
}

/**
 * The text of a small file, read at once for somebody who cannot wait; nothing but a regular file of at most `maxBytes`
 * is read, and no link followed.
 */
export function readTextNow(path: string, maxBytes: number): string {
  const found = lstatSync(path)
  if (!found.isFile()) throw found.isSymbolicLink() ? systemError('ELINK', path) : notAFile(path, found)
  const handle = openSync(path, constants.O_RDONLY | noFollow | nonBlocking)
  try {
    const { size } = fstatSync(handle)
    const bytes = Buffer.alloc(Math.min(size, maxBytes))
    return bytes.toString('utf8', 0, readSync(handle, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(handle)
  }
}

/** Whether a folder is here. */
export const isFolderNow = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Whether a regular file, and no link, lies here. */
export const isFileNow = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true

/** Opens a file of a person's data at once, links followed; nothing but a regular file. */
export function openFileNow(path: string): number {
  const found = statSync(path)
  if (!found.isFile()) throw notAFile(path, found)
  const handle = openSync(path, constants.O_RDONLY | nonBlocking)
  const opened = fstatSync(handle)
  if (opened.isFile()) return handle
  closeSync(handle)
  throw notAFile(path, opened)
}

/** A file of a person's data as a stream; it closes the file. */
export const streamOf = (path: string, highWaterMark?: number): ReadStream =>
  createReadStream('', {
    fd: openFileNow(path),
    autoClose: true,
    ...(highWaterMark !== undefined && { highWaterMark }),
  })

/** All of a file of a person's data. */
export function bytesNow(path: string): Buffer {
  const handle = openFileNow(path)
  try {
    return readFileSync(handle)
  } finally {
    closeSync(handle)
  }
}
