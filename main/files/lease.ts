import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { FileError } from './fileError'
import { diskFs, readFully, writeFully, type FileSystem } from './fs'
import { beatText, ownerFrom } from './lock'

const beatEveryMs = 4000
/** A writer that has not looked at its lock for so long looks before it writes: it may have been stopped, or its machine frozen, and another took over. */
const trustedForMs = 10_000

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

/** Keeps a lock alive: counts up in it, and looks each time whether it is still there. Calls `lost` once when it is not. */
export function keepLease(path: string, token: string, lost: () => void, options: LeaseOptions = {}): Lease {
  const { fs = diskFs, now = () => performance.now(), every = timer, readNow = (file) => readFileSync(file, 'utf8') } = options
  let beat = 0
  let seenAt = now()
  let isLost = false
  let isEnded = false
  let isBeating = false

  const lose = (): void => {
    if (isLost || isEnded) return
    isLost = true
    stop()
    lost()
  }

  /** Through one open file: a lock that another program puts in its place meanwhile is never written to. */
  async function renew(): Promise<void> {
    const file = await fs.open(path, 'r+')
    try {
      const bytes = Buffer.alloc((await file.stat()).bytes)
      await readFully(file, bytes, 0)
      const owner = ownerFrom(bytes.toString('utf8'))
      if (owner?.token !== token) return lose()
      seenAt = now()
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
    renew().catch((error: unknown) => {
      // A disk that cannot be reached says nothing about whose lock it is; a lock that is gone is nobody's.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') lose()
    }).finally(() => { isBeating = false })
  })

  return {
    isHeld: () => {
      if (isLost || now() - seenAt < trustedForMs) return !isLost
      try {
        if (ownerFrom(readNow(path))?.token === token) seenAt = now()
        else lose()
      } catch { /* the next beat looks again */ }
      return !isLost
    },
    end: () => {
      isEnded = true
      stop()
    },
  }
}

/** The same file system for a writer with a lease: it changes nothing more once the lease is lost. */
export function leasedFs(fs: FileSystem, isHeld: () => boolean): FileSystem {
  const check = (path: string): void => {
    if (!isHeld()) throw new FileError(path, 'ELEASE', `${basename(path)} was not saved: another program took this library over (${path})`)
  }
  return {
    ...fs,
    open: async (path, flags) => {
      if (flags !== 'r') check(path)
      return await fs.open(path, flags)
    },
    rename: async (from, to) => {
      check(to)
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
  }
}
