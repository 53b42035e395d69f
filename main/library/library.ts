import { join } from 'node:path'
import type { RunConfig } from '../../core/config/config'
import { errorText } from '../../core/errorText'
import type { Diagnosis, Points } from '../../core/events'
import type { HeldLock } from '../../core/job'
import { changedSettings, type AppEvent, type Notice, type Settings } from '../../core/protocol'
import type { Origin, Run, RunId } from '../../core/run'
import { diskFs, type FileSystem } from '../files/fs'
import { guardFolder } from '../files/guard'
import type { LeaseOptions } from '../files/lease'
import { requestError } from '../requests/requestError'
import { onlyLook, takeHold } from './hold'
import { openLibraryFiles } from './libraryFiles'
import { Notices } from './notices'
import { readRunList } from './readRunList'
import { RunChanges, type Annotations } from './runChanges'
import { removePauseRequest, writePauseRequest, writeTrainer } from './trainerFiles'
import { createRecords } from './records'
import { listText } from './recordText'
import { runFolders } from './runFolder'
import { idMaker } from './runId'
import { diagnosesFromLog, traceFromLog } from './runLog'
import { forEach, serialQueue } from './serial'
import { createTails } from './unfoldedTails'
import { createEventRecorder, type EventRecorder } from './eventRecorder'
import { validateList, writeFound } from './validateList'

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
  /**
   * Validates entries of the list when they are first used, and the rest once `listText` was made. Otherwise all of
   * them are valid as soon as the library is open.
   */
  readonly validatesLater?: boolean
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
  /** Settles when every entry of the list is validated; what was damaged is mended and announced by then. */
  readonly whenValidated: () => Promise<void>
  /** The same as JSON, made without holding up the process: valid or not, until everything is validated. */
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

// By then the window has its list.
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
    validatesLater = false,
  }: LibraryOptions = {},
): Promise<Library> {
  guardFolder(folder)
  const notices = new Notices()
  const emit = (event: AppEvent): void => notices.emit(event)
  const notice = (level: Notice['level'], message: string): void => notices.add(level, message)
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
    onNotice: ({ message }) => warn(message),
  })
  for (const { type, message } of files.notices) notice(type === 'migrated' ? 'information' : 'warning', message)
  const readOnly = lockedBy !== '' ? lockedBy : files.readOnly
  const isReadOnly = readOnly !== ''
  const folders = runFolders(folder, fs, warn)
  const opening = {
    folders,
    fs,
    now,
    isReadOnly,
    warn,
    inform: (message: string): void => notice('information', message),
  }
  const found = await readRunList({
    ...opening,
    entries: files.entries,
    isValidatedLater: validatesLater && files.isOurs && !isReadOnly,
    listedMs,
  })
  const { list } = found
  const announce = (run: Run): Run => {
    emit({ type: 'runChanged', run })
    return run
  }
  const whenValidated = validateList({
    list,
    files,
    opening,
    onChanged: announce,
    onGone: (id) => emit({ type: 'runPurged', id }),
    reportError: (message) => notice('error', message),
  })
  const records = createRecords({
    list,
    whenValidated,
    files,
    folders,
    fs,
    isReadOnly,
    cache: join(folder, 'cache'),
    warn,
  })
  const settingsQueue = serialQueue()
  const tails = createTails()
  // Logs are read one at a time: a piece of each of twenty at once would hold up the process for all of them together.
  const readingQueue = serialQueue()
  let isClosed = false

  if (!isReadOnly)
    await writeFound(found, files, folders, whenValidated).catch((error: unknown) => notice('error', errorText(error)))

  // What a killed process had not finished of records at rest: nobody waits for that.
  if (!isReadOnly)
    setTimeout(
      () =>
        void forEach(list.listed(), 2, async ({ id }) => {
          if (!isClosed) await folders.sweep(id)
        }),
      settledMs,
    ).unref()

  const mayWrite = (): void => {
    if (held.isLost()) throw requestError(held.lostTo())
    if (isReadOnly) throw requestError(readOnly)
    if (isClosed) throw requestError('The library is closed')
  }
  const telling = createEventRecorder({ records, folders, fs, tails, mayWrite, announce, notice })
  const changes = new RunChanges({ records, folders, now, newId: idMaker(now, random), mayWrite, emit, warn })

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
    notices: () => notices.all(),
    settings: files.settings,
    changeSettings: (patch) =>
      settingsQueue(async () => {
        mayWrite()
        await files.writeSettings(changedSettings(files.settings(), patch))
        return files.settings()
      }),

    runs: records.all,
    whenValidated,
    listText: async () => {
      const text = await listText(list.listed())
      void whenValidated()
      return text
    },
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

    addRun: (config, origin, originFile) => changes.add(config, origin, originFile),
    setTrainer: async (id, pid) => {
      if (held.isLost()) return
      await writeTrainer(folders, id, pid, fs).catch((error: unknown) => warn(errorText(error)))
      if (pid === null) await telling.rest(id)
    },

    annotate: (id, annotations) => changes.annotate(id, annotations),
    remove: (ids) => changes.remove(ids),
    restore: (ids) => changes.restore(ids),
    purge: (ids) => changes.purge(ids),

    requestPause: async (id) => {
      records.get(id)
      // Asked for without a lock too, so not through a file system that wants one.
      await writePauseRequest(folders, id, now(), disk)
    },
    clearPauseRequest: async (id) => {
      if (!held.isLost()) await removePauseRequest(folders, id, fs)
    },

    listen: (on) => notices.listen(on),
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
