import { setTimeout as wait } from 'node:timers/promises'
import { join } from 'node:path'
import { newestCheckpoints } from '../../core/best'
import { errorText } from '../../core/errorText'
import type { TrainEvent } from '../../core/events'
import { fold } from '../../core/fold'
import { titleOf } from '../../core/names'
import { Run, RunId } from '../../core/run'
import { isLive, isUnderWay } from '../../core/run'
import { durableWrite, isRunning } from '../files/durableWrite'
import { FileError } from '../files/fileError'
import { errorCode, type FileSystem } from '../files/fs'
import { pidIn, type RunFolders } from './runFolder'
import { vouchFor } from './recordText'
import { appendToLog, beforeFirst, foldLog, lastEvent, logBytes, startsAfter, upToDate, withWords } from './runLog'
import { forEach, inTurns } from './serial'

interface Found {
  readonly runs: readonly Run[]
  /** Those whose entry on disk is not what it should be. */
  readonly changed: readonly Run[]
  /** Whether the list on disk differs. */
  readonly isListChanged: boolean
}

interface Options {
  readonly entries: readonly unknown[]
  /** This program has checked every one of them before. */
  readonly isChecked: boolean
  readonly folders: RunFolders
  readonly fs: FileSystem
  readonly now: () => Date
  /** When the list was written last. */
  readonly listedMs: number
  readonly isReadOnly: boolean
  readonly warn: (message: string) => void
  readonly inform: (message: string) => void
}

const idOf = (entry: unknown): RunId | null => {
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? RunId.safeParse(entry.id) : null
  return id?.success === true ? id.data : null
}

/**
 * Makes the list of runs from what lies on disk. A bad entry is replaced by the run's folder, a folder that the list
 * does not know is taken in, and what cannot be read is named and left alone. A run that was training when its process
 * died is folded anew from its log.
 */
export async function readRunList(options: Options): Promise<Found> {
  const { entries, isChecked, folders, isReadOnly, warn, inform } = options
  const onDisk = (await folders.list().catch((error: unknown) => {
    warn(`The folder of the runs could not be read: ${errorText(error)}`)
    return null
  })) ?? { ids: entries.map(idOf).filter((id) => id !== null), purged: [], strange: [] }
  const buried = new Set(onDisk.purged)
  const present = new Set(onDisk.ids)
  const runs = new Map<RunId, Run>()
  let isListChanged = false

  // The page is served by this process too, and must not wait for two thousand runs.
  await inTurns(entries, (entry) => {
    const id = idOf(entry)
    const parsed = isChecked ? { success: true as const, data: entry as Run } : Run.safeParse(entry)
    if (id !== null && buried.has(id)) isListChanged = true
    else if (parsed.success) {
      runs.set(parsed.data.id, parsed.data)
      vouchFor(parsed.data)
      if (!present.has(parsed.data.id))
        warn(
          `The folder of run ${parsed.data.id}${named(parsed.data)} is missing: its history is shown, its ` +
            `checkpoints and its trace are gone (${folders.path(parsed.data.id)})`,
        )
    } else isListChanged = true
  })
  const taken: RunId[] = []
  for (const id of onDisk.ids) {
    if (runs.has(id)) continue
    const run = await adopt(id, options)
    if (run === null) continue
    runs.set(id, run)
    taken.push(id)
  }
  if (taken.length > 0) {
    isListChanged = true
    inform(
      `${taken.length === 1 ? 'One run' : `${taken.length} runs`} that library.json did not list ` +
        `${taken.length === 1 ? 'was' : 'were'} found in the run folders and added`,
    )
  }
  // A copy of a run, or what a file synchroniser keeps there: it costs nothing.
  for (const name of onDisk.strange) inform(`“${name}” in the folder of the runs is not a run and is left alone`)

  const logs = await logsOf(
    [...runs.values()].filter(({ id }) => present.has(id)),
    options,
  )
  warnOfLostLogs([...runs.values()], logs, options)
  if (isReadOnly) {
    // Whoever trains them keeps their own files up to date, and the list only now and then.
    for (const run of runs.values()) if (isLive(run.status)) runs.set(run.id, await shown(run, options))
    for (const run of await behindTheirLogs(
      [...runs.values()].filter(({ status }) => !isLive(status)),
      logs,
      options,
    ))
      runs.set(run.id, await shown(run, options))
    return { runs: [...runs.values()], changed: [], isListChanged: false }
  }
  await folders
    .clearGraves(onDisk.purged)
    .catch((error: unknown) => warn(`A removed run's files could not be deleted: ${errorText(error)}`))
  const changed: Run[] = []
  const waitForTrainer = trainerWaiter(options.fs)
  // Nothing is begun by itself: what ended the program might be one of them. Each says that it never began.
  for (const run of runs.values()) {
    if (!isUnderWay(run)) continue
    const settled = await settle(run, options, waitForTrainer)
    runs.set(
      run.id,
      settled ?? { ...run, status: 'interrupted', message: 'Its record was made by a newer version of Batchlab' },
    )
    if (settled !== null) changed.push(settled)
  }
  const atRest = [...runs.values()].filter((run) => present.has(run.id) && !changed.includes(run))
  for (const run of await behindTheirLogs(atRest, logs, options)) {
    const caughtUp = await catchUp(run, logs.get(run.id)?.bytes ?? 0, options)
    if (caughtUp === null) continue
    runs.set(run.id, caughtUp)
    changed.push(caughtUp)
  }
  return { runs: [...runs.values()], changed, isListChanged: isListChanged || changed.length > 0 }
}

const named = (run: Run): string => ` (${titleOf(run)})`

async function adopt(id: RunId, { folders, warn, isReadOnly }: Options): Promise<Run | null> {
  try {
    return await folders.read(id)
  } catch (error) {
    if (error instanceof FileError && error.code === 'ENOENT' && (await folders.isBarelyMade(id).catch(() => false))) {
      if (!isReadOnly)
        await folders
          .markRemoved(id)
          .then(() => folders.clearGraves([id]))
          .catch(() => undefined)
      return null
    }
    warn(`The folder of run ${id} is damaged and is left alone: ${errorText(error)}`)
    return null
  }
}

/**
 * A run's own record; the listed one where it is gone or damaged, which its log makes whole, and null where it is a
 * newer program's, whose run is left alone.
 */
async function storedOf(listed: Run, { folders, warn }: Options): Promise<Run | null> {
  try {
    return await folders.read(listed.id)
  } catch (error) {
    if (!(error instanceof FileError) || error.code === 'ENOENT') return listed
    const isNewer = error.code === 'ENEWER'
    warn(`${error.message}. ${isNewer ? 'The run is left as it is.' : "The record was made anew from the run's log."}`)
    return isNewer ? null : listed
  }
}

/** What became of a run that nobody trains any more: its log knows, and if not, it was interrupted. */
async function settle(
  listed: Run,
  options: Options,
  waitForTrainer: (folder: string) => Promise<boolean>,
): Promise<Run | null> {
  const { folders, fs } = options
  const stored = await storedOf(listed, options)
  if (stored === null) return null
  if (await waitForTrainer(folders.path(listed.id))) await setApart(folders.logPath(listed.id), fs)
  await folders.sweep(listed.id)
  // It was for a trainer that is gone.
  await fs.unlink(join(folders.path(listed.id), 'pause.request')).catch(() => undefined)
  const run = { ...listed, epochs: stored.epochs, log: stored.log }
  // Updates are told to the record before they are in the log: those of a log that holds nothing yet never came to the
  // disk.
  const isUnwritten = run.checkpoints.length === 0 && (await logBytes(folders.logPath(run.id), fs).catch(() => 1)) === 0
  const folded = await readLogOf(isUnwritten ? beforeFirst(run) : run, options)
  return isUnderWay(folded) ? await interrupted(folded, options) : folded
}

async function interrupted(run: Run, { folders, fs, now, warn }: Options): Promise<Run> {
  const event: TrainEvent = { type: 'interrupted', at: now().toISOString(), cause: causeOf(run) }
  const appended = await appendToLog(folders.logPath(run.id), event, fs).catch((error: unknown) =>
    warn(errorText(error)),
  )
  return { ...fold(run, event), ...(appended !== undefined && { logBytes: appended.after }) }
}

async function readLogOf(run: Run, { folders, fs, warn }: Options): Promise<Run> {
  try {
    const { run: folded, unread } = await foldLog(folders.logPath(run.id), run, fs)
    if (unread > 0)
      warn(
        `${unread === 1 ? 'One line' : `${unread} lines`} of the log of run ${run.id}${named(run)} could not ` +
          `be read and ${unread === 1 ? 'was' : 'were'} skipped`,
      )
    return folded
  } catch (error) {
    warn(`The log of run ${run.id}${named(run)} could not be read: ${errorText(error)}`)
    return run
  }
}

/**
 * The record of a run that nobody trains, with what its log has and it has not: its process was killed between the two.
 */
async function catchUp(listed: Run, bytes: number, options: Options): Promise<Run | null> {
  // Written before the list, so it may have everything already; what a person wrote is what the list says.
  const stored = await storedOf(listed, options)
  if (stored === null) return null
  const run = withWords(stored, listed)
  if (run.logBytes !== undefined && run.logBytes >= bytes) return run
  const folded = await readLogOf(run, options)
  // What is more than the record stands for is a torn line.
  if (folded.logBytes !== undefined && folded.logBytes === listed.logBytes) return null
  if (!isUnderWay(folded)) return folded
  const isNews = await startsAfter(options.folders.logPath(run.id), run.logBytes ?? 0, options.fs).catch(() => false)
  // Otherwise the log could not take how it ended, and the record could: a full disk.
  return isNews ? await interrupted(folded, options) : { ...run, logBytes: folded.logBytes }
}

// As many as there are threads that ask the disk, and some to wait for them.
const statsAtOnce = 16

type Logs = ReadonlyMap<RunId, { readonly bytes: number; readonly modifiedMs: number }>

/** How long the log of each run is; of those that can be asked for. */
async function logsOf(runs: readonly Run[], { folders, fs }: Options): Promise<Logs> {
  const logs = new Map<RunId, { readonly bytes: number; readonly modifiedMs: number }>()
  await forEach(runs, statsAtOnce, async ({ id }) => {
    const found = await fs
      .stat(folders.logPath(id))
      .catch((error: unknown) => (errorCode(error) === 'ENOENT' ? { bytes: 0, modifiedMs: 0 } : null))
    if (found !== null) logs.set(id, found)
  })
  return logs
}

/** A log is only added to: one that is shorter than its record says has lost its end, or itself. */
function warnOfLostLogs(runs: readonly Run[], logs: Logs, { folders, warn }: Options): void {
  for (const run of runs) {
    const [known, found] = [run.logBytes ?? 0, logs.get(run.id)?.bytes]
    if (found === undefined || found >= known) continue
    const what =
      found === 0 ? 'is empty or gone' : `has lost its end: it has ${found} bytes, its record stands for ${known}`
    warn(
      `The log of run ${run.id}${named(run)} ${what}. The record is kept; what of the trace is lost can only ` +
        `come from a backup (${folders.logPath(run.id)})`,
    )
  }
}

/** Of runs that nobody trains those whose log has something that the list has not. */
async function behindTheirLogs(
  runs: readonly Run[],
  logs: Logs,
  { folders, fs, listedMs }: Options,
): Promise<readonly Run[]> {
  const behind: Run[] = []
  await forEach(runs, statsAtOnce, async (run) => {
    const found = logs.get(run.id)
    if (found === undefined) return
    if (
      run.logBytes === undefined
        ? found.modifiedMs >= listedMs && (await lacksLast(run, folders.logPath(run.id), fs))
        : found.bytes > run.logBytes
    )
      behind.push(run)
  })
  return behind
}

/** A run of somebody else's library as it is, which the list may not know yet; nothing is written. */
async function shown(listed: Run, { folders, fs }: Options): Promise<Run> {
  const run = withWords(await folders.read(listed.id).catch(() => listed), listed)
  return await upToDate(folders.logPath(run.id), run, fs).catch(() => run)
}

/**
 * An older program's record does not say what it stands for. What that program logged by itself shows in the settings
 * and in the status.
 */
async function lacksLast(run: Run, path: string, fs: FileSystem): Promise<boolean> {
  const event = await lastEvent(path, fs).catch(() => null)
  if (event === null) return false
  const shown = ({ status, endedAt, config }: Run): string => JSON.stringify([status, endedAt, config])
  const after = fold(run, event)
  return !isLive(after.status) && shown(after) !== shown(run)
}

function causeOf(run: Run): string {
  if (run.status === 'queued' || run.startedAt === null) return 'Batchlab ended before this run began'
  const [last] = newestCheckpoints(run)
  const rest = last === undefined ? 'no checkpoint had been saved' : `it can go on from update ${last.moment.update}`
  return `Batchlab ended while this run was training; ${rest}`
}

const patienceMs = 5000
/** No log of ours is longer; what is longer is not read into the memory. */
const mostCopied = 2 ** 30

/**
 * A trainer outlives a killed app by a moment, and must not write to the log beside us. Comes back with whether there
 * was one. All of a library's together are waited for no longer than one: only one trains at a time, and what stands in
 * the files of somebody else's library may be the number of any process.
 */
function trainerWaiter(fs: FileSystem): (folder: string) => Promise<boolean> {
  let leftMs = patienceMs
  return async (folder) => {
    const path = join(folder, 'trainer.pid')
    const pid = await pidIn(path, fs)
    if (pid !== null && pid !== process.pid) {
      for (; leftMs > 0 && isRunning(pid); leftMs -= 100) await wait(100)
    }
    await fs.unlink(path).catch(() => undefined)
    return pid !== null
  }
}

/**
 * Puts a copy in the place of a log. A process that was stopped in the middle of a write, here or on another computer,
 * ends it when it is continued: into the file that it has open, which then is nobody's log any more.
 */
async function setApart(path: string, fs: FileSystem): Promise<void> {
  try {
    if ((await logBytes(path, fs)) <= mostCopied) await durableWrite(path, await fs.readFile(path), { fs })
  } catch {
    /* There is no log yet, or no room for a copy: it is gone on with as it is. */
  }
}
