import { basename } from 'node:path'
import type { HeldLock } from '../../core/job'
import { FileError } from './fileError'
import { diskFs, errorCode, readFully, writeFully, type FileSystem, type OpenFile } from './fs'
import { readTextNow } from './guard'
import { beatText, ownerFrom } from './lock'

const beatEveryMs = 4000
/**
 * A writer that has not looked at its lock for so long looks before it writes: it may have been stopped, or its machine
 * frozen, and another took over.
 */
const trustedForMs = 10_000
/** A trainer does not beat, so it looks more often: its program may have been stopped while it went on. */
const watchedEveryMs = 1000

// The clock of a process stands still while its machine sleeps, and that of the wall does not.
const passedMs = (): number => Math.max(performance.now(), Date.now() - performance.timeOrigin)
const readText = (path: string): string => readTextNow(path, 2 ** 16)

/**
 * Whether a lock is still ours: as it was seen last, and looked at again where that is too long ago. `lost` is called
 * where another has it.
 */
function lookingAt(
  { path, token }: HeldLock,
  trustMs: number,
  now: () => number,
  readNow: (path: string) => string,
  lost: () => void,
): { readonly seen: () => void; readonly look: (trustedMs?: number) => void } {
  let seenAt = now()
  const seen = (): void => {
    seenAt = now()
  }
  return {
    seen,
    look: (trustedMs = trustMs) => {
      if (Math.abs(now() - seenAt) < trustedMs) return
      try {
        if (ownerFrom(readNow(path))?.token === token) seen()
        else lost()
      } catch (error) {
        // A lock that is gone is nobody's; of a disk that cannot be reached nobody can tell.
        if (errorCode(error) === 'ENOENT') lost()
      }
    },
  }
}

/** Whether a lock is still a writer's own; `isSure` looks at it now. Once it is not, it never is again. */
export type IsHeld = (isSure?: boolean) => boolean

/** Whether the lock that another thread or process of this program keeps alive is still its own. */
export function watchLock(
  lock: HeldLock,
  { now = passedMs, readNow = readText }: Pick<LeaseOptions, 'now' | 'readNow'> = {},
): IsHeld {
  let isLost = false
  const { look } = lookingAt(lock, watchedEveryMs, now, readNow, () => {
    isLost = true
  })
  return (isSure = false) => {
    if (!isLost) look(isSure ? 0 : undefined)
    return !isLost
  }
}

/** A lock that has to be kept alive, and that another program may take where it is not. */
export interface Lease {
  /** Whether the lock is still ours. Once it is not, it never is again. */
  readonly isHeld: () => boolean
  readonly end: () => void
}

export interface LeaseOptions {
  readonly fs?: FileSystem
  readonly now?: () => number
  /** Calls back every so many milliseconds; returns what ends it. */
  readonly every?: (ms: number, on: () => void) => () => void
  readonly readNow?: (path: string) => string
}

const timer = (ms: number, on: () => void): (() => void) => {
  const interval = setInterval(on, ms)
  // The lock alone keeps no process alive.
  interval.unref()
  return () => clearInterval(interval)
}

/**
 * Keeps a lock alive: counts up in it, and looks each time whether it is still there. Calls `lost` once when it is not.
 */
export function keepLease(path: string, token: string, lost: () => void, options: LeaseOptions = {}): Lease {
  const { fs = diskFs, now = passedMs, every = timer, readNow = readText } = options
  let beat = 0
  let isLost = false
  let isEnded = false
  let isBeating = false

  const lose = (): void => {
    if (isLost || isEnded) return
    isLost = true
    stop()
    lost()
  }
  const { seen, look } = lookingAt({ path, token }, trustedForMs, now, readNow, lose)

  /** Through one open file: a lock that another program puts in its place meanwhile is never written to. */
  async function renew(): Promise<void> {
    const file = await fs.open(path, 'r+')
    try {
      const bytes = Buffer.alloc((await file.stat()).bytes)
      await readFully(file, bytes, 0)
      const owner = ownerFrom(bytes.toString('utf8'))
      if (owner?.token !== token) return lose()
      seen()
      const at = bytes.indexOf(beatText(beat))
      if (at < 0 || owner.beat !== beatText(beat)) return
      await writeFully(file, Buffer.from(beatText(++beat)), at)
    } finally {
      await file.close()
    }
  }

  const stop = every(beatEveryMs, () => {
    if (isBeating || isEnded) return
    isBeating = true
    renew()
      .catch((error: unknown) => {
        // A disk that cannot be reached says nothing about whose lock it is; a lock that is gone is nobody's.
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') lose()
      })
      .finally(() => {
        isBeating = false
      })
  })

  return {
    isHeld: () => {
      if (!isLost) look()
      return !isLost
    },
    end: () => {
      isEnded = true
      stop()
    },
  }
}

/** The code of the error by which a writer without its lease is stopped. */
export const leaseLost = 'ELEASE'

/** The same file system for a writer with a lease: it changes nothing more once the lease is lost. */
export function leasedFs(fs: FileSystem, isHeld: IsHeld): FileSystem {
  const check = (path: string, isSure = false): void => {
    if (!isHeld(isSure))
      throw new FileError(
        path,
        leaseLost,
        `${basename(path)} was not saved: another program took this library over (${path})`,
      )
  }
  // A log stays open for days: each write looks.
  const checked = (file: OpenFile, look: () => void): OpenFile => ({
    ...file,
    write: async (bytes, position) => {
      look()
      return await file.write(bytes, position)
    },
    truncate: async (bytes) => {
      look()
      await file.truncate(bytes)
    },
  })
  return {
    ...fs,
    open: async (path, flags) => {
      if (flags === 'r') return await fs.open(path, flags)
      check(path)
      return checked(await fs.open(path, flags), () => check(path))
    },
    // What lies there may be what another program has just put there.
    rename: async (from, to) => {
      check(to, true)
      await fs.rename(from, to)
    },
    link: async (from, to) => {
      check(to)
      await fs.link(from, to)
    },
    unlink: async (path) => {
      check(path)
      await fs.unlink(path)
    },
    removeFolder: async (path) => {
      check(path)
      await fs.removeFolder(path)
    },
  }
}
