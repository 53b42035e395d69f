import { setTimeout as wait } from 'node:timers/promises'
import { join } from 'node:path'
import { newestCheckpoints } from '../../core/best'
import { errorText } from '../../core/errorText'
import type { TrainEvent } from '../../core/events'
import { fold } from '../../core/fold'
import { isUnderWay, type Run, type RunId } from '../../core/run'
import { durableWrite, isRunning } from '../files/durableWrite'
import { FileError } from '../files/fileError'
import type { FileSystem } from '../files/fs'
import { named } from './logState'
import { pidIn, type RunFolders } from './runFolder'
import { appendToLog, beforeFirst, foldLog, logBytes, startsAfter, upToDate, withWords } from './runLog'

/** Where runs lie, and who hears what became of them. */
export interface SettleOptions {
  readonly folders: RunFolders
  readonly fs: FileSystem
  readonly now: () => Date
  readonly isReadOnly: boolean
  readonly warn: (message: string) => void
  readonly inform: (message: string) => void
}

/** The run of a folder that the list does not know; null where it holds none. */
export async function adoptRun(id: RunId, { folders, warn, isReadOnly }: SettleOptions): Promise<Run | null> {
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
async function storedOf(listed: Run, { folders, warn }: SettleOptions): Promise<Run | null> {
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
export async function settleRun(
  listed: Run,
  options: SettleOptions,
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

async function interrupted(run: Run, { folders, fs, now, warn }: SettleOptions): Promise<Run> {
  const event: TrainEvent = { type: 'interrupted', at: now().toISOString(), cause: causeOf(run) }
  const appended = await appendToLog(folders.logPath(run.id), event, fs).catch((error: unknown) =>
    warn(errorText(error)),
  )
  return { ...fold(run, event), ...(appended !== undefined && { logBytes: appended.after }) }
}

async function readLogOf(run: Run, { folders, fs, warn }: SettleOptions): Promise<Run> {
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
export async function catchUp(listed: Run, bytes: number, options: SettleOptions): Promise<Run | null> {
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

/** A run of somebody else's library as it is, which the list may not know yet; nothing is written. */
export async function shownRun(listed: Run, { folders, fs }: SettleOptions): Promise<Run> {
  const run = withWords(await folders.read(listed.id).catch(() => listed), listed)
  return await upToDate(folders.logPath(run.id), run, fs).catch(() => run)
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
export function trainerWaiter(fs: FileSystem): (folder: string) => Promise<boolean> {
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
