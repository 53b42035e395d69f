import { errorText } from '../../core/errorText'
import type { TrainEvent, TransientEvent } from '../../core/events'
import { fold } from '../../core/fold'
import type { Notice } from '../../core/protocol'
import { isLive, isUnderWay, type Run, type RunId } from '../../core/run'
import { wholeBytes } from '../files/logRepair'
import type { FileSystem } from '../files/fs'
import type { Records } from './records'
import type { RunFolders } from './runFolder'
import { appendToLog, foldLog, logBytes, withWords } from './runLog'
import type { UnfoldedTails } from './unfoldedTails'

/** How events reach a run's log and its record. */
export interface EventRecorder {
  /**
   * Folds an event that the trainer has logged already: at once, or for a run's last word when that is safe on disk.
   */
  readonly record: (id: RunId, event: TrainEvent) => Promise<Run>
  /** Logs an event and folds it: only while no trainer works on the run. */
  readonly append: (id: RunId, event: TrainEvent) => Promise<Run>
  /**
   * Logs that a trainer is about to be started. The run is starting at once, so that nothing else is done with it
   * meanwhile, and queued again where that could not be logged.
   */
  readonly begin: (id: RunId, at: string) => Promise<Run>
  /** Folds what is in no log, and tells it. */
  readonly mark: (id: RunId, event: TransientEvent) => Promise<Run>
  /**
   * Folds a run's record from its log once its trainer is gone, behind which this event comes where the log does not
   * tell how the attempt ended. It never fails: what cannot be written is a notice.
   */
  readonly settle: (id: RunId, event: TrainEvent) => Promise<Run>
  /** Puts down how much of its log a run's record stands for, once its trainer is gone and has told everything. */
  readonly rest: (id: RunId) => Promise<void>
}

interface Options {
  readonly records: Records
  readonly folders: RunFolders
  readonly fs: FileSystem
  readonly tails: UnfoldedTails
  /** Throws where nothing may be written. */
  readonly mayWrite: () => void
  readonly announce: (run: Run) => Run
  readonly notice: (level: Notice['level'], message: string) => void
}

/** What makes a record worth writing before the run's next word; updates alone never are. */
const isWorthWriting = (event: TrainEvent): boolean => event.type !== 'advanced'
const isLastWord = (event: TrainEvent): boolean =>
  event.type === 'paused' || event.type === 'ended' || event.type === 'interrupted'

export function createEventRecorder({
  records,
  folders,
  fs,
  tails,
  mayWrite,
  announce,
  notice,
}: Options): EventRecorder {
  const reportError = (error: unknown): void => notice('error', errorText(error))

  async function append(id: RunId, event: TrainEvent): Promise<Run> {
    mayWrite()
    // What only the log knows of the run is read before the log says this too.
    await records.hold(id)
    const known = records.get(id).logBytes
    const { before, after } = await appendToLog(folders.logPath(id), event, fs)
    // An event that was logged before and whose record could not be written is part of what happened.
    const folded =
      known !== undefined && before > known ? (await foldLog(folders.logPath(id), records.get(id), fs)).run : null
    return announce(
      await records.changeOne(id, (run) => ({
        ...(folded === null ? fold(run, event) : withWords(folded, run)),
        logBytes: after,
      })),
    )
  }

  async function mark(id: RunId, event: TransientEvent | TrainEvent): Promise<Run> {
    mayWrite()
    // Without a pause where possible: what the caller knows of the run must still be so when its status changes.
    if (!records.isHeld(id)) await records.hold(id)
    return announce(records.touch(id, (run) => fold(run, event), true))
  }

  return {
    append,
    mark,
    begin: async (id, at) => {
      const event = { type: 'starting', at } as const
      await mark(id, event)
      try {
        return await append(id, event)
      } catch (error) {
        await mark(id, { type: 'queued' })
        throw error
      }
    },
    record: async (id, event) => {
      mayWrite()
      tails.onEvent(id, event)
      if (!records.isHeld(id)) await records.hold(id)
      if (isLastWord(event)) return await records.changeOne(id, (run) => fold(run, event))
      return records.touch(id, (run) => fold(run, event), isWorthWriting(event))
    },
    settle: async (id, event) => {
      const path = folders.logPath(id)
      const hasLog = (await logBytes(path, fs).catch(() => 0)) > 0
      // No new log where the record knows the end of one that is gone: it would say that nothing had happened.
      if (!hasLog && !isUnderWay(records.get(id))) return records.get(id)
      await records.hold(id).catch(reportError)
      const known = records.get(id)
      const folded = await foldLog(path, known, fs).then(
        ({ run }) => run,
        (error: unknown) => {
          reportError(error)
          return known
        },
      )
      // One that is still queued could not be logged as starting: its log tells how the attempt before it ended.
      const isOver = known.status !== 'queued' && !isUnderWay(folded)
      const appended = isOver ? undefined : await appendToLog(path, event, fs).catch(reportError)
      const run = records.touch(
        id,
        (before) => ({
          ...withWords(isOver ? folded : fold(folded, event), before),
          ...(appended !== undefined && { logBytes: appended.after }),
        }),
        true,
      )
      await records.flush().catch(reportError)
      return announce(run)
    },
    rest: async (id) => {
      const bytes = await wholeBytes(folders.logPath(id), fs).catch(() => undefined)
      if (
        bytes === undefined ||
        !records.has(id) ||
        records.get(id).logBytes === bytes ||
        isLive(records.get(id).status)
      )
        return
      records.touch(id, (run) => ({ ...run, logBytes: bytes }), true)
    },
  }
}
