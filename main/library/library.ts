import { join } from 'node:path'
import type { RunConfig } from '../../core/config/config'
import { errorText } from '../../core/errorText'
import type { Diagnosis, Points } from '../../core/events'
import type { HeldLock } from '../../core/job'
import { plainLine } from '../../core/plain'
import type { AppEvent, Notice, Settings } from '../../core/protocol'
import { changedSettings } from '../../core/protocol'
import type { Origin, Run, RunId } from '../../core/run'
import { newRun } from '../../core/run'
import { durableWrite } from '../files/durableWrite'
import { diskFs, errorCode, type FileSystem } from '../files/fs'
import { guardFolder } from '../files/guard'
import type { LeaseOptions } from '../files/lease'
import { requestError } from '../requests/requestError'
import type { CheckedLists } from './checkedLists'
import { onlyLook, takeHold } from './hold'
import { openLibraryFiles } from './libraryFiles'
import { readRunList } from './readRunList'
import { createRecords } from './records'
import { listText } from './recordText'
import { runFolders } from './runFolder'
import { idMaker } from './runId'
import { diagnosesFromLog, traceFromLog } from './runLog'
import { forEach, serialQueue } from './serial'
import { createTails } from './unfoldedTails'
import { createEventRecorder, type EventRecorder } from './eventRecorder'

export interface LibraryOptions {
  readonly fs?: FileSystem
  readonly now?: () => Date
  /** 0…1; tests make ids repeatable with it. */
  readonly random?: () => number
  /** Takes no lock and writes nothing: a look at what may be another process's library. */
  readonly readOnly?: boolean
  /** Takes the library from a program that gives no sign of life while it is watched. */
  readonly takeOver?: boolean
  /** How the lock is kept alive; tests need not wait. */
  readonly lease?: LeaseOptions
  /** Lists that were checked before; every list is checked where nothing is said. */
  readonly checked?: CheckedLists
}

interface Annotations {
  readonly name?: string | undefined
  readonly notes?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly starred?: boolean | undefined
}

/** All runs of one folder. One process writes; every promise settles when its change is safe on disk. */
export interface Library extends Omit<EventRecorder, 'rest'> {
  readonly folder: string
  /**
   * Why nothing can be written, in a sentence; empty when it can. Another program that takes the library over changes
   * it.
   */
  readonly readOnly: string
  /** Whether nothing can be written because another program has the library. */
  readonly isTaken: boolean
  /** The lock that this program holds; null where it only looks. */
  readonly lock: HeldLock | null
  /** Calls back once where another program took the library over: whatever writes to it must end. */
  readonly whenLost: (on: () => void) => void
  readonly notices: () => readonly Notice[]
  readonly settings: () => Settings
  readonly changeSettings: (changes: Partial<Settings>) => Promise<Settings>

  /**
   * All runs, the trash included, oldest first. A run that was not trained lately holds only its best and last epochs
   * and no log.
   */
  readonly runs: () => readonly Run[]
  /** The same as JSON, made without holding up the process. */
  readonly listText: () => Promise<string>
  /** The same of one run; refuses an unknown id. */
  readonly run: (id: RunId) => Run
  /** A run with every epoch and its log. */
  readonly readRun: (id: RunId) => Promise<Run>
  /** Announces a run with every epoch and its log, because somebody looks at it. */
  readonly show: (id: RunId) => Promise<void>
  /** A run's trace at full resolution, read from its log in pieces. */
  readonly readTrace: (id: RunId) => Promise<Points>
  /** What was measured of a run now and then, read from its log in pieces. */
  readonly readDiagnoses: (id: RunId) => Promise<readonly Diagnosis[]>

  readonly runFolder: (id: RunId) => string
  readonly checkpointPath: (id: RunId, name: string) => string
  /** The copy of the checkpoint or weights file that a run began from; null for a run that began from nothing. */
  readonly originPath: (id: RunId) => string | null

  /**
   * Adds a queued run. `originFile` is the checkpoint or weights file it begins from, which is taken into its folder.
   */
  readonly addRun: (config: RunConfig, origin: Origin, originFile: string | null) => Promise<Run>
  /** Remembers which process trains a run, or that none does. */
  readonly setTrainer: (id: RunId, pid: number | null) => Promise<void>

  readonly annotate: (id: RunId, annotations: Annotations) => Promise<Run>
  readonly remove: (ids: readonly RunId[]) => Promise<void>
  readonly restore: (ids: readonly RunId[]) => Promise<void>
  readonly purge: (ids: readonly RunId[]) => Promise<void>

  /** Asks whatever process trains this run to pause; works on a library that is open for reading only. */
  readonly requestPause: (id: RunId) => Promise<void>
  readonly clearPauseRequest: (id: RunId) => Promise<void>

  /** Hears runChanged, runPurged and notice. */
  readonly listen: (on: (event: AppEvent) => void) => () => void
  readonly notice: (level: Notice['level'], message: string) => void
  /** Settles when everything known is on disk. */
  readonly flush: () => Promise<void>
  /** Flushes and gives the lock back. */
  readonly close: () => Promise<void>
}

/** Removes a file; one that is not there is fine, and so is a folder of that name, which nobody takes for it. */
const removeFile = async (path: string, fs: FileSystem): Promise<void> => {
  await fs.unlink(path).catch(async (error: unknown) => {
    const isFolder = await fs.stat(path).then(
      ({ type }) => type === 'folder',
      () => false,
    )
    if (errorCode(error) !== 'ENOENT' && !isFolder) throw error
  })
}

// A library that somebody else made may have something wrong in a hundred thousand places.
const mostNotices = 1000

// By then the window has its list, and the text of each record is made.
const settledMs = 1000

/** Opens the library in a folder, and makes it where there is none. Never throws for what the files hold. */
export async function openLibrary(
  folder: string,
  {
    fs: disk = diskFs,
    now = () => new Date(),
    random = Math.random,
    readOnly: isLook = false,
    takeOver = false,
    lease: leaseOptions,
    checked,
  }: LibraryOptions = {},
): Promise<Library> {
  guardFolder(folder)
  const listeners = new Set<(event: AppEvent) => void>()
  const notices: Notice[] = []
  const said = new Set<string>()
  const emit = (event: AppEvent): void => {
    for (const on of listeners) on(event)
  }
  const notice = (level: Notice['level'], sentence: string): void => {
    // Names of files and runs are in it.
    const message = plainLine(sentence)
    // A disk that stays full says so once, not every second.
    if (said.has(message)) return
    if (notices.length >= mostNotices && level !== 'error')
      return notice(
        'error',
        'There is more to say about this library than is shown here; batchlab verify names every problem.',
      )
    said.add(message)
    const added: Notice = { id: String(notices.length + 1), level, message }
    notices.push(added)
    emit({ type: 'notice', notice: added })
  }
  const warn = (message: string): void => notice('warning', message)

  const losers = new Set<() => void>()
  const onLost = (message: string): void => {
    notice('error', `${message}.`)
    for (const on of losers) on()
  }
  const held = isLook ? onlyLook(disk) : await takeHold(folder, { fs: disk, takeOver, lease: leaseOptions, onLost })
  const { fs, readOnly: lockedBy } = held
  const listedMs = await fs.stat(join(folder, 'library.json')).then(
    ({ modifiedMs }) => modifiedMs,
    () => 0,
  )
  const files = await openLibraryFiles(folder, {
    fs,
    now,
    readOnly: lockedBy !== '',
    checked,
    onNotice: ({ message }) => warn(message),
  })
  for (const { type, message } of files.notices) notice(type === 'migrated' ? 'information' : 'warning', message)
  const readOnly = lockedBy !== '' ? lockedBy : files.readOnly
  const isReadOnly = readOnly !== ''
  const folders = runFolders(folder, fs, warn)
  const found = await readRunList({
    entries: files.entries,
    isChecked: files.isChecked,
    folders,
    fs,
    now,
    listedMs,
    isReadOnly,
    warn,
    inform: (message) => notice('information', message),
  })
  const records = createRecords({
    runs: found.runs,
    files,
    folders,
    fs,
    isReadOnly,
    cache: join(folder, 'cache'),
    warn,
  })
  const newId = idMaker(now, random)
  const settingsQueue = serialQueue()
  const tails = createTails()
  // Logs are read one at a time: a piece of each of twenty at once would hold up the process for all of them together.
  const readingQueue = serialQueue()
  let isClosed = false

  if (!isReadOnly) {
    try {
      if (files.isLost) await files.startOver()
      for (const run of found.changed) await folders.write(run)
      if (found.isListChanged || files.isLost) await files.writeRuns(found.runs)
    } catch (error) {
      notice('error', errorText(error))
    }
  }

  if (checked !== undefined && !files.isChecked)
    setTimeout(() => void files.rememberCheck(found.runs), settledMs).unref()

  // What a killed process had not finished of records at rest: nobody waits for that.
  if (!isReadOnly)
    setTimeout(
      () =>
        void forEach(records.all(), 2, async ({ id }) => {
          if (!isClosed) await folders.sweep(id)
        }),
      settledMs,
    ).unref()

  const mayWrite = (): void => {
    if (held.isLost()) throw requestError(held.lostTo())
    if (isReadOnly) throw requestError(readOnly)
    if (isClosed) throw requestError('The library is closed')
  }
  const announce = (run: Run): Run => {
    emit({ type: 'runChanged', run })
    return run
  }
  const changeAll = async (ids: readonly RunId[], patch: (run: Run) => Run): Promise<void> => {
    mayWrite()
    const known = [...new Set(ids)]
    known.forEach(records.get)
    for (const run of known.length === 0 ? [] : await records.change(known, patch)) announce(run)
  }
  const pauseRequest = (id: RunId): string => join(folders.path(id), 'pause.request')

  const telling = createEventRecorder({ records, folders, fs, tails, mayWrite, announce, notice })

  return {
    folder,
    notice,
    append: telling.append,
    record: telling.record,
    begin: telling.begin,
    mark: telling.mark,
    settle: telling.settle,
    isTaken: held.isTaken,
    lock: held.lock,
    get readOnly() {
      return held.lostTo() === '' ? readOnly : held.lostTo()
    },
    whenLost: (on) => {
      losers.add(on)
    },
    notices: () => notices,
    settings: files.settings,
    changeSettings: (changes) =>
      settingsQueue(async () => {
        mayWrite()
        await files.writeSettings(changedSettings(files.settings(), changes))
        return files.settings()
      }),

    runs: records.all,
    listText: async () => files.textFound(records.all()) ?? (await listText(records.all())),
    run: records.get,
    readRun: records.readFull,
    show: async (id) => {
      await records.hold(id)
      announce(records.get(id))
    },
    readTrace: (id) => readingQueue(async () => tails.complete(id, await traceFromLog(folders.logPath(id), fs))),
    readDiagnoses: (id) => readingQueue(() => diagnosesFromLog(folders.logPath(id), fs)),
    runFolder: folders.path,
    checkpointPath: folders.checkpointPath,
    originPath: (id) => (records.get(id).origin.type === 'new' ? null : folders.originPath(id)),

    addRun: async (config, origin, originFile) => {
      mayWrite()
      const id = newId(records.has)
      await folders.create(id, originFile, origin.type === 'fork')
      const run: Run = { ...newRun(id, now().toISOString(), config, origin), logBytes: 0 }
      await records.add(run)
      return announce(run)
    },
    setTrainer: async (id, pid) => {
      if (held.isLost()) return
      const path = join(folders.path(id), 'trainer.pid')
      await (pid === null ? removeFile(path, fs) : durableWrite(path, Buffer.from(String(pid)), { fs })).catch(
        (error: unknown) => warn(errorText(error)),
      )
      if (pid === null) await telling.rest(id)
    },

    annotate: async (id, { name, notes, tags, starred }) => {
      mayWrite()
      records.get(id)
      return announce(
        await records.changeOne(id, (run) => ({
          ...run,
          name: name ?? run.name,
          notes: notes ?? run.notes,
          tags: tags === undefined ? run.tags : [...tags],
          starred: starred ?? run.starred,
        })),
      )
    },
    remove: async (ids) => {
      const removedAt = now().toISOString()
      await changeAll(ids, (run) => ({ ...run, removedAt: run.removedAt ?? removedAt }))
    },
    restore: async (ids) => await changeAll(ids, (run) => ({ ...run, removedAt: null })),
    purge: async (ids) => {
      mayWrite()
      const gone = [...new Set(ids)].filter((id) => records.get(id).removedAt !== null)
      if (gone.length === 0) return
      await records.drop(gone, async () => {
        for (const id of gone) await folders.markRemoved(id)
      })
      for (const id of gone) emit({ type: 'runPurged', id })
      await folders
        .clearGraves(gone)
        .catch((error: unknown) => warn(`A removed run's files could not be deleted: ${errorText(error)}`))
    },

    requestPause: async (id) => {
      records.get(id)
      // Asked for without a lock too, so not through a file system that wants one.
      await durableWrite(pauseRequest(id), Buffer.from(`${now().toISOString()}\n`), { fs: disk })
    },
    clearPauseRequest: async (id) => {
      if (!held.isLost()) await removeFile(pauseRequest(id), fs)
    },

    listen: (on) => {
      listeners.add(on)
      return () => {
        listeners.delete(on)
      }
    },
    flush: async () => {
      if (!isReadOnly && !isClosed) await records.flush()
    },
    close: async () => {
      if (isClosed) return
      try {
        if (!isReadOnly && held.lostTo() === '') await records.flush()
      } finally {
        isClosed = true
        await held.end()
      }
    },
  }
}
