import type { Run, RunId } from '../../core/run'
import { isLive } from '../../core/run'
import { FileError } from '../files/fileError'
import type { FileSystem } from '../files/fs'
import { requestError } from '../requests/requestError'
import type { LibraryFiles } from './libraryFiles'
import type { RunFolders } from './runFolder'
import { extensionsFromLog, foldLog, upToDate } from './runLog'
import { forEach, serialQueue } from './serial'
import type { RunList } from './runList'
import { runSummary } from './runSummary'
import { unsaved } from './unsaved'

type Patch = (run: Run) => Run

/** The runs in memory, and how they reach the disk. */
export interface Records {
  readonly all: () => readonly Run[]
  readonly has: (id: RunId) => boolean
  readonly get: (id: RunId) => Run
  /** The run with every epoch, its log and its extensions. */
  readonly readFull: (id: RunId) => Promise<Run>
  /** Keeps every epoch of a run in memory from now on. */
  readonly hold: (id: RunId) => Promise<void>
  readonly isHeld: (id: RunId) => boolean
  readonly add: (run: Run) => Promise<void>
  /** Disk first, then memory: for what a person asks, and for how a run ended. */
  readonly change: (ids: readonly RunId[], patch: Patch) => Promise<readonly Run[]>
  readonly changeOne: (id: RunId, patch: Patch) => Promise<Run>
  /** Memory first, the run's file within a second or so: for what training says all the time. */
  readonly touch: (id: RunId, patch: Patch, isWorthWriting: boolean) => Run
  /** Takes runs off the list, then does the rest. */
  readonly drop: (ids: readonly RunId[], before: () => Promise<void>) => Promise<void>
  readonly flush: () => Promise<void>
}

interface Options {
  readonly list: RunList
  /** Settles when every entry of the list is validated: before, nothing may be written in their place. */
  readonly whenValidated: () => Promise<void>
  readonly files: LibraryFiles
  readonly folders: RunFolders
  readonly fs: FileSystem
  readonly isReadOnly: boolean
  /** The folder of packed data sets, which may go where the disk is full. */
  readonly cache: string
  readonly warn: (message: string) => void
}

/** Runs of this session whose every epoch stays in memory. */
const heldAtMost = 50

export function createRecords({ list, whenValidated, files, folders, fs, isReadOnly, cache, warn }: Options): Records {
  const held = new Set<RunId>()
  const dirty = new Set<RunId>()
  const queue = serialQueue()
  const serial = <T>(job: () => Promise<T>): Promise<T> => queue(() => whenValidated().then(job))
  let timer: NodeJS.Timeout | undefined
  let writtenAt = -Infinity
  let tookMs = 0
  let isListBehind = false

  const get = (id: RunId): Run => {
    const run = list.get(id)
    if (run !== undefined) return run
    if (!list.isDamaged(id)) throw requestError(`There is no run ${id} in this library`)
    void whenValidated()
    throw requestError(`The record of run ${id} in library.json is damaged; the one in its folder is being read`)
  }

  async function readStored(id: RunId): Promise<Run> {
    const run = get(id)
    if (held.has(id) && !isReadOnly) return run
    try {
      const stored = await folders.read(id)
      // Another process writes this library, so its file is newer than what we remember.
      return isReadOnly
        ? await upToDate(folders.logPath(id), stored, fs).catch(() => stored)
        : { ...run, epochs: stored.epochs, log: stored.log }
    } catch (error) {
      if (!(error instanceof FileError) || error.code === 'ENEWER') throw error
      const { run: folded } = await foldLog(folders.logPath(id), run, fs)
      if (error.code !== 'ENOENT') warn(`${error.message}. The record was made anew from the run's log.`)
      return { ...run, epochs: folded.epochs.length > 0 ? folded.epochs : run.epochs, log: folded.log }
    }
  }

  // Logs are read one at a time, so that a hundred of them do not hold up the process.
  const logs = serialQueue()

  async function readFull(id: RunId): Promise<Run> {
    const full = await readStored(id)
    if (full.extensions !== undefined) return full
    const extensions = await logs(() => extensionsFromLog(folders.logPath(id), full, fs)).catch(() => undefined)
    return extensions === undefined ? full : { ...full, extensions }
  }

  async function hold(id: RunId): Promise<void> {
    if (held.has(id)) return
    const full = await readFull(id)
    if (held.has(id)) return
    list.set(isReadOnly ? full : { ...get(id), epochs: full.epochs, log: full.log, extensions: full.extensions })
    held.add(id)
    for (const old of held) {
      if (held.size <= heldAtMost) break
      const run = list.get(old)
      if (dirty.has(old) || (run !== undefined && isLive(run.status))) continue
      held.delete(old)
      if (run !== undefined) list.set(runSummary(run))
    }
  }

  const writeList = async (replaced: ReadonlyMap<RunId, Run>): Promise<void> => {
    await files.writeRuns(list.all().map((run) => runSummary(replaced.get(run.id) ?? run)))
    isListBehind = false
  }

  // A run whose folder somebody deleted is still in the list, and can still be taken off it.
  const writeRun = async (run: Run): Promise<void> =>
    await folders.write(run).catch((error: unknown) => {
      if (!(error instanceof FileError) || error.code !== 'ENOENT') throw error
    })

  const change = (ids: readonly RunId[], patch: Patch): Promise<readonly Run[]> =>
    serial(async () => {
      const replaced = new Map<RunId, Run>()
      const extended = new Map<RunId, Run['extensions']>()
      await forEach(ids, 16, async (id) => {
        const full = await readFull(id)
        const run = patch(full)
        await writeRun(run)
        extended.set(id, full.extensions)
        replaced.set(id, run)
      })
      await writeList(replaced)
      return ids.map((id) => {
        // Training may have gone on meanwhile.
        const now = get(id)
        const run = patch({ ...now, extensions: now.extensions ?? extended.get(id) })
        list.set(run)
        return run
      })
    })

  /** A run's own file is small; the list grows with the history, so it is not rewritten for every epoch. */
  const writeDirty = (withList: boolean): Promise<void> =>
    serial(async () => {
      clearTimeout(timer)
      timer = undefined
      if (dirty.size === 0 && !(withList && isListBehind)) return
      const ids = [...dirty]
      dirty.clear()
      const began = performance.now()
      try {
        for (const id of ids) if (list.has(id)) await writeRun(await readFull(id))
        if (withList) await writeList(new Map())
        else isListBehind = true
      } catch (error) {
        for (const id of ids) dirty.add(id)
        throw error
      } finally {
        writtenAt = performance.now()
        tookMs = writtenAt - began
      }
    })

  /** At most once a second, and never more than a twentieth of the time. */
  function schedule(): void {
    if (timer !== undefined) return
    const interval = Math.max(1000, 20 * tookMs)
    timer = setTimeout(
      () => {
        writeDirty(false).catch((error: unknown) => {
          warn(unsaved(error, list.all(), cache))
          schedule()
        })
      },
      Math.max(0, writtenAt + interval - performance.now()),
    )
  }

  return {
    all: () => list.all(),
    has: (id) => list.has(id),
    get,
    readFull,
    hold,
    change,
    changeOne: async (id, patch) => (await change([id], patch))[0] ?? get(id),
    isHeld: (id) => held.has(id),
    add: (run) =>
      serial(async () => {
        await folders.write(run)
        list.set(run)
        held.add(run.id)
        try {
          await writeList(new Map())
        } catch (error) {
          list.delete(run.id)
          held.delete(run.id)
          throw error
        }
      }),
    touch: (id, patch, isWorthWriting) => {
      const run = patch(get(id))
      list.set(run)
      if (isWorthWriting) {
        dirty.add(id)
        schedule()
      }
      return run
    },
    drop: (ids, before) =>
      serial(async () => {
        await before()
        const gone = new Set(ids)
        await files.writeRuns(
          list
            .all()
            .filter(({ id }) => !gone.has(id))
            .map(runSummary),
        )
        for (const id of ids) {
          list.delete(id)
          held.delete(id)
          dirty.delete(id)
        }
      }),
    flush: () => writeDirty(true),
  }
}
