import { errorText } from '../../core/errorText'
import type { TrainEvent } from '../../core/events'
import { fold } from '../../core/fold'
import type { Notice } from '../../core/protocol'
import { isLive, type Run, type RunId } from '../../core/run'
import { wholeBytes } from '../files/eventLog'
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
   * How a run ended whose trainer is gone without saying so: as its log has it, or else with this event. It never
   * fails: what cannot be written is a notice.
   */
  readonly conclude: (id: RunId, event: TrainEvent, hadStarted: boolean) => Promise<Run>
  /**
   * Makes log and record say the same of a run whose trainer met a disk that failed, and that this was its last word.
   * It never fails either.
   */
  readonly agree: (id: RunId, event: TrainEvent) => Promise<Run>
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

  /** A run's record as its log has it, and this event behind that where the log does not tell how it ended. */
  async function concluded(id: RunId, event: TrainEvent, tellsTheEnd: (folded: Run) => boolean): Promise<Run> {
    await records.hold(id).catch(reportError)
    const folded = await foldLog(folders.logPath(id), records.get(id), fs).then(
      ({ run }) => run,
      (error: unknown) => {
        reportError(error)
        return records.get(id)
      },
    )
    // Before this attempt's first event the log can only tell how the one before it ended.
    const isOver = tellsTheEnd(folded)
    const appended = isOver ? undefined : await appendToLog(folders.logPath(id), event, fs).catch(reportError)
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
  }

  return {
    append: async (id, event) => {
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
    },
    record: async (id, event) => {
      mayWrite()
      tails.onEvent(id, event)
      if (!records.isHeld(id)) await records.hold(id)
      if (isLastWord(event)) return await records.changeOne(id, (run) => fold(run, event))
      return records.touch(id, (run) => fold(run, event), isWorthWriting(event))
    },
    conclude: async (id, event, hadStarted) =>
      await concluded(id, event, ({ status }) => hadStarted && !isLive(status) && status !== 'queued'),
    agree: async (id, event) => {
      // A log that is gone gets no new one: it would say that nothing had happened before.
      if ((await logBytes(folders.logPath(id), fs).catch(() => 0)) === 0) return records.get(id)
      return await concluded(id, event, ({ log }) => 'at' in event && log.some(({ at }) => at === event.at))
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
