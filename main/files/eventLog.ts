import { basename, dirname } from 'node:path'
import { durableWrite } from './durableWrite'
import { checksumIn, encodeLine } from './eventLine'
import { FileError, fileError } from './fileError'
import { diskFs, errorCode, readFully, writeFully, type FileSystem, type OpenFile } from './fs'
import { openRepaired } from './logRepair'

export interface EventLog {
  /** Bytes that opening cut from the end, because a crash had torn the last line. */
  readonly cutBytes: number
  /**
   * Adds an event; it reaches the system within a quarter of a second. Throws when an earlier event could not be
   * written: this one is kept all the same, and the next `flush` or `sync` tries them all again.
   */
  append(event: object): void
  /** Hands all events to the system: they survive this process, though not a power cut. */
  flush(): Promise<void>
  /**
   * Makes all events survive a power cut, in the log's place: one that was deleted or replaced meanwhile is put back.
   */
  sync(): Promise<void>
  /** Does what `sync` does where that is left to do; closed it is either way. */
  close(): Promise<void>
}

export interface EventLogOptions {
  readonly fs?: FileSystem
  readonly flushEveryMs?: number
  /**
   * Hears, in a sentence, what another program did to the log: it was put back, or a part of it is lost. It may append.
   */
  readonly onMishap?: (message: string) => void
}

const flushBytes = 2 ** 16
const maxWaitingBytes = 64 * 2 ** 20
/** What is kept to be written again should a sync fail; with more than this the log is synced by itself. */
const maxUnsyncedBytes = 16 * 2 ** 20
const newline = 0x0a

/** The code of the error by which a log says that its folder is gone. */
export const folderGone = 'ENOFOLDER'

const bytesOf = (blocks: readonly Uint8Array[]): number => blocks.reduce((sum, { byteLength }) => sum + byteLength, 0)

/** Whether a path is still a name of an open file; undefined where it is the name of nothing. */
const isNameOf = async (fs: FileSystem, path: string, file: OpenFile): Promise<boolean | undefined> => {
  try {
    return (await fs.stat(path)).identity === (await file.stat()).identity
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** Writes all of an open file that lost its name into its place again, and opens that instead. */
const putBack = async (fs: FileSystem, path: string, file: OpenFile, bytes: number): Promise<OpenFile> => {
  const folder = dirname(path)
  if (
    await fs.stat(folder).then(
      () => false,
      (error: unknown) => errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR',
    )
  ) {
    throw new FileError(
      path,
      folderGone,
      `Cannot write to ${basename(path)}: its folder is gone, because it was moved or deleted or its disk was ` +
        `taken away (${folder})`,
    )
  }
  const content = Buffer.alloc(bytes)
  if ((await readFully(file, content, 0)) < bytes)
    throw new FileError(
      path,
      'EREADBACK',
      `Cannot put ${basename(path)} back: the open file has become shorter (${path})`,
    )
  await durableWrite(path, content, { fs })
  return await fs.open(path, 'r+')
}

/** Opens an append-only log of events for its one writer, creating it if need be, and repairs a torn end. */
export const openLog = async (path: string, options: EventLogOptions = {}): Promise<EventLog> => {
  const { fs = diskFs, flushEveryMs = 250, onMishap = () => undefined } = options
  /**
   * Lines that were not written yet, and blocks that were written since the last sync: a failed sync may have lost
   * those.
   */
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let unsynced: Uint8Array[] = []
  let failure: FileError | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let isFlushQueued = false
  let working: Promise<void> = Promise.resolve()
  const opened = await openRepaired(fs, path)
  const { cutBytes } = opened
  let { file, position, last } = opened

  /** One that was cut short is gone on with behind what is left, on a line of its own, and not behind a hole. */
  const noticeCut = async (): Promise<void> => {
    const { bytes } = await file.stat()
    if (bytes >= position) return
    const lost = position - bytes
    position = bytes
    unsynced = []
    waiting = [Uint8Array.of(newline), ...waiting]
    waitingBytes++
    onMishap(
      `${basename(path)} was cut short by another program while it was written: ${String(lost)} bytes of it are lost`,
    )
  }

  const writeWaiting = async (): Promise<void> => {
    await noticeCut()
    // Events may join the queue while these are written: only these leave it.
    const count = waiting.length
    const block = Buffer.concat(waiting)
    if (block.byteLength === 0) return
    // A failed write may leave a part of the block behind; the next one starts at the same place and covers it.
    await writeFully(file, block, position)
    position += block.byteLength
    waiting = waiting.slice(count)
    waitingBytes -= block.byteLength
    unsynced.push(block)
    if (bytesOf(unsynced) > maxUnsyncedBytes) await syncFile()
  }

  const syncFile = async (): Promise<void> => {
    try {
      await file.sync()
      unsynced = []
    } catch (error) {
      // Linux forgets unsynced bytes after a failed sync and lets the next one succeed: all of them are written again.
      position -= bytesOf(unsynced)
      waitingBytes += bytesOf(unsynced)
      waiting = [...unsynced, ...waiting]
      unsynced = []
      throw error
    }
  }

  const stayInPlace = async (): Promise<void> => {
    const isInPlace = await isNameOf(fs, path, file)
    if (isInPlace === true) return
    const found = file
    file = await putBack(fs, path, found, position)
    await found.close().catch(() => undefined)
    onMishap(
      `${basename(path)} was ${isInPlace === undefined ? 'deleted' : 'replaced by another file'} while it was ` +
        'written, and was put back with everything that it had',
    )
  }

  const enqueue = (job: () => Promise<void>): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const done = working.then(async () => {
      try {
        await job()
        failure = undefined
      } catch (error) {
        failure = fileError('write to', path, error)
        throw failure
      }
    })
    working = done.catch(() => undefined)
    return done
  }

  const flush = (): Promise<void> => enqueue(writeWaiting)
  const sync = (): Promise<void> =>
    enqueue(async () => {
      await writeWaiting()
      await syncFile()
      await stayInPlace()
    })
  const flushSoon = (): void => {
    if (isFlushQueued) return
    isFlushQueued = true
    // Whoever appends, flushes or syncs next hears of a failure.
    enqueue(() => {
      isFlushQueued = false
      return writeWaiting()
    }).catch(() => {
      isFlushQueued = false
    })
  }

  return {
    cutBytes,
    append: (event) => {
      if (isClosed) throw new FileError(path, 'ECLOSED', `Cannot write to ${basename(path)}: it is closed (${path})`)
      const line = encodeLine(event, last)
      if (waitingBytes + line.byteLength > maxWaitingBytes)
        throw (
          failure ??
          new FileError(path, 'EBEHIND', `Cannot write to ${basename(path)}: the disk does not keep up (${path})`)
        )
      waiting.push(line)
      last = checksumIn(line)
      waitingBytes += line.byteLength
      if (failure !== undefined) throw failure
      if (waitingBytes >= flushBytes) flushSoon()
      else timer ??= setTimeout(flushSoon, flushEveryMs)
    },
    flush,
    sync,
    close: async () => {
      if (isClosed) return
      try {
        // Once more where the log had to be put back, which is an event.
        for (let rounds = 0; rounds < 2 && (rounds === 0 || waiting.length > 0); rounds++) await sync()
      } finally {
        isClosed = true
        clearTimeout(timer)
        await file.close().catch((error: unknown) => {
          throw fileError('close', path, error)
        })
      }
    },
  }
}
