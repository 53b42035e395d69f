import { join } from 'node:path'
import { errorText } from '../../core/errorText'
import type { HeldLock } from '../../core/job'
import { diskFs, type FileSystem } from '../files/fs'
import { isFolderNow } from '../files/guard'
import { keepLease, leasedFs, type Lease, type LeaseOptions } from '../files/lease'
import { acquireLock } from '../files/lock'

/** This process's hold on a library's folder: whether it may write there, and through which file system. */
export interface Hold {
  /** Why nothing can be written, in a sentence; empty when the folder is ours. */
  readonly readOnly: string
  /** Whether nothing can be written because another program has the library. */
  readonly isTaken: boolean
  /** The lock that keeps others out; null where there is none. */
  readonly lock: HeldLock | null
  /** Changes nothing any more once another program has taken the library over. */
  readonly fs: FileSystem
  /** What to say once another program has taken the library over; empty until then. */
  readonly lostTo: () => string
  /** Looks whether another program has taken the library over meanwhile. */
  readonly isLost: () => boolean
  /** Gives the lock back. */
  readonly end: () => Promise<void>
}

interface Options {
  readonly fs?: FileSystem
  readonly takeOver: boolean
  readonly lease: LeaseOptions | undefined
  /** Called once, with a sentence, where another program takes the library over. */
  readonly onLost: (message: string) => void
}

const without = (readOnly: string, isTaken: boolean, fs: FileSystem): Hold => ({
  readOnly,
  isTaken,
  lock: null,
  fs,
  lostTo: () => '',
  isLost: () => false,
  end: () => Promise.resolve(),
})

/** A look at what may be another process's library: it takes no lock. */
export const onlyLook = (fs: FileSystem): Hold => without('The library was opened for reading only', false, fs)

/** Makes the folders and takes the lock, and keeps it alive until its end. */
export async function takeHold(
  folder: string,
  { fs = diskFs, takeOver, lease: leaseOptions, onLost }: Options,
): Promise<Hold> {
  const path = join(folder, 'library.lock')
  try {
    for (const one of [folder, join(folder, 'runs'), join(folder, 'cache')]) await fs.makeFolder(one)
    const lock = await acquireLock(path, { fs, takeOver })
    if (lock.type !== 'held') return without(lock.message, true, fs)
    let lostTo = ''
    const lease: Lease = keepLease(
      path,
      lock.token,
      () => {
        lostTo = isFolderNow(folder)
          ? 'Another program took this library over, so nothing more is written to it from here. What was not ' +
            'saved by then is in its hands'
          : "The library's folder is gone, because it was moved or deleted or its disk was taken away " +
            `(${folder}), so nothing more is written to it. Put it back and open it again`
        onLost(lostTo)
      },
      { fs, ...leaseOptions },
    )
    return {
      readOnly: '',
      isTaken: false,
      lock: { path, token: lock.token },
      fs: leasedFs(fs, lease.isHeld),
      lostTo: () => lostTo,
      isLost: () => !lease.isHeld(),
      end: async () => {
        lease.end()
        await lock.release()
      },
    }
  } catch (error) {
    return without(`${errorText(error)}. The library is open for reading only.`, false, fs)
  }
}
