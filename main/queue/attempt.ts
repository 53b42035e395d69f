import { newestCheckpoints } from '../../core/best'
import { errorText } from '../../core/errorText'
import type { TrainEvent } from '../../core/events'
import type { Exit, TrainerHandle, TrainerHost } from '../../core/host'
import type { Beginning, HostMessage, Job } from '../../core/job'
import { titleOf } from '../../core/names'
import { comingToAnEnd, noPace, paceAfter } from '../../core/pausing'
import type { AppEvent } from '../../core/protocol'
import type { Run, RunId } from '../../core/run'
import { isUnderWay } from '../../core/run'
import { killedForMemory } from '../../core/shortageAdvice'
import type { Library } from '../library/library'
import { causeFrom, endingAs, isTrouble, stoppedEvent, timeNow } from './attemptEvents'
import type { QueueClock } from './clock'
import { memoryLimit, seenFromMemory } from './memoryLimit'
import { startEndTimeout, type EndTimeout } from './endTimeout'
import { showsWork, startWatchdog } from './watchdog'

/** One trainer at work on one run, from its start until nothing more can come from it. */
export interface Attempt {
  readonly id: RunId
  readonly ask: (what: 'pause' | 'stop') => Promise<void>
  readonly save: () => void
  /** The machine is about to sleep. */
  readonly suspend: () => void
  /** It was asleep until now: silence meanwhile is no sign of trouble. */
  readonly wake: () => void
  /** Ends the trainer at once; the sentence says why. */
  readonly kill: (cause: string) => void
  /**
   * Somebody wants the run to train, which it seems to do: where its trainer is found to have been dead by then, the
   * run is to go on once more.
   */
  readonly goOn: () => void
  /** Whether its trainer was dead already when somebody wanted the run to go on. */
  readonly wasMissed: () => boolean
  /** Settles, and never fails, when the trainer is gone and the run's record is on disk. */
  readonly over: Promise<Run>
}

interface Options {
  readonly id: RunId
  readonly job: () => Promise<Job>
  readonly library: Library
  readonly host: TrainerHost
  readonly clock: QueueClock
  readonly post: (event: AppEvent) => void
}

/** What a trainer said before it died may be heard this long after. */
const latestNewsMs = 3000

export function startAttempt({ id, job, library, host, clock, post: say }: Options): Attempt {
  let handle: TrainerHandle | null = null
  let asked: 'pause' | 'stop' | null = null
  let noted: number | null = null
  let wantedAt: number | null = null
  let killed = ''
  let failure: Extract<HostMessage, { type: 'failed' }> | null = null
  let hasStarted = false
  let beginning: Beginning = { type: 'new' }
  let hasAnswered = false
  /**
   * What the trainer said last, where that was about a failure: what it said before may not be in its log, and the
   * other way round.
   */
  let trouble: TrainEvent | null = null
  let patience: EndTimeout | null = null
  let pace = noPace
  let pacedAt = clock.now()
  let hasProgress = false
  let rssBytes = 0
  // Messages are handled one after the other: the last word of a run is on disk before anything is done about the next
  // message.
  let inbox: Promise<unknown> = Promise.resolve()
  const watch = startWatchdog(id, clock, say)
  const reportError = (error: unknown): void => library.notice('error', errorText(error))

  async function take(event: TrainEvent): Promise<void> {
    if (event.type === 'started') {
      hasStarted = true
      tellPassedOver(event)
    }
    trouble = isTrouble(event) ? event : null
    if (asked !== null && event.type === 'saved') {
      hasAnswered = true
      patience?.answered()
    }
    if (event.type === 'started' || event.type === 'saved') tellProgress('', 1)
    if (event.type === 'started' || event.type === 'advanced') {
      pace = paceAfter(pace, event)
      pacedAt = clock.now()
    }
    await library.record(id, event)
    say({ type: 'run', id, events: [event] })
    // A trainer that was asked while it loaded starts all the same, and pauses then.
    if (event.type === 'started' && asked !== null) await library.mark(id, endingAs[asked])
  }

  /**
   * Updates are trained once more, which nobody should have to find out from the curves. On the command line the
   * trainer's own sentences show.
   */
  function tellPassedOver({ from, moment: { update } }: Extract<TrainEvent, { type: 'started' }>): void {
    if (beginning.type !== 'resume' || from === null || from === beginning.path) return
    const message =
      `${titleOf(library.run(id))} goes on from update ${update}, because its newest checkpoint cannot be used: ` +
      'its log says why'
    say({ type: 'notice', notice: { id: `${id}-${update}`, level: 'warning', message } })
  }

  /** What it is doing, where that takes long; nothing more to say at a fraction of 1. */
  function tellProgress(message: string, fraction: number | null): void {
    if (fraction === 1 && !hasProgress) return
    hasProgress = fraction !== 1
    say({ type: 'progress', id, message, fraction })
  }

  function tellWait(): void {
    if (asked !== null && hasStarted && !hasAnswered)
      tellProgress(comingToAnEnd(asked, pace, (clock.now() - pacedAt) / 1000), null)
  }

  // A utility process gets its id only when it runs, so it is asked for again with each heartbeat.
  async function noteTrainer(): Promise<void> {
    const pid = handle?.pid
    if (pid === undefined || pid === noted) return
    noted = pid
    await library.setTrainer(id, pid)
  }

  function onEvent(message: HostMessage): void {
    if (wantedAt !== null && clock.now() - wantedAt > latestNewsMs) wantedAt = null
    switch (message.type) {
      case 'heartbeat':
        watch.beat(message)
        rssBytes = message.rssBytes
        if (showsWork(message)) patience?.sign()
        else patience?.beat()
        tellWait()
        void noteTrainer()
        break
      case 'progress':
        watch.sign()
        patience?.sign()
        tellProgress(message.message, message.fraction)
        break
      case 'event':
        watch.sign()
        patience?.sign()
        inbox = inbox.then(() => take(message.event)).catch(reportError)
        break
      case 'failed':
        failure = message
        break
      case 'done':
      case 'answer':
        break
    }
  }

  function kill(cause: string): void {
    if (killed === '') killed = cause
    handle?.kill()
  }

  async function begin(): Promise<Exit> {
    // At once: from now on the run is nobody else's.
    await library.begin(id, timeNow())
    await library.clearPauseRequest(id)
    const work = await job()
    if (work.type === 'train') beginning = work.beginning
    if (killed !== '' || asked !== null) return { code: null, signal: null, description: 'it had not begun' }
    handle = host.start(work, onEvent)
    await noteTrainer()
    return await handle.closed
  }

  /**
   * The trainer's last word was that it cannot. What kept it from beginning, or lacked memory, is nothing that the run
   * did: it waits, with what it had.
   */
  function failed({ message, path, shortage }: NonNullable<typeof failure>, run: Run): TrainEvent {
    const at = timeNow()
    const hasCheckpoint = run.checkpoints.length > 0
    const waits = (!hasStarted && (path !== undefined || hasCheckpoint)) || (shortage !== undefined && hasCheckpoint)
    const [last] = newestCheckpoints(run)
    const because = shortage !== undefined && { shortage }
    if (!waits) return { type: 'ended', at, moment: run.moment, reason: 'failed', message, ...because }
    return {
      type: 'paused',
      at,
      moment: hasStarted ? (last?.moment ?? run.moment) : run.moment,
      cause: message,
      ...because,
    }
  }

  /** The trainer is gone: what it said last decides, or its log, or how it went. */
  async function settle(closed: Exit): Promise<void> {
    const exit = seenFromMemory(closed, rssBytes, memoryLimit())
    const run = library.run(id)
    if (run.status === 'paused' && asked === 'stop') await library.append(id, stoppedEvent(run))
    if (!isUnderWay(run)) {
      if (trouble !== null) await library.settle(id, trouble)
      return
    }
    const at = timeNow()
    const never = handle === null && killed === ''
    if (never && asked === 'pause') await library.append(id, { type: 'paused', at, moment: run.moment, cause: '' })
    else if (never && asked === 'stop') await library.append(id, stoppedEvent(run))
    // It said how it ended, and that could not be put down.
    else if (trouble !== null && killed === '') await library.settle(id, trouble)
    else if (failure !== null && killed === '') await library.settle(id, failed(failure, run))
    else if (exit.shortage !== undefined && killed === '')
      await library.settle(id, {
        type: 'interrupted',
        at,
        cause: causeFrom(
          killedForMemory({ config: run.config, info: run.facts, engine: run.engine }, exit.description),
          run,
        ),
        shortage: exit.shortage,
      })
    else
      await library.settle(id, {
        type: 'interrupted',
        at,
        cause: causeFrom(killed === '' ? exit.description : killed, run),
      })
  }

  async function sitThrough(): Promise<Run> {
    try {
      const exit = await begin()
      await inbox
      await settle(exit)
    } catch (error) {
      const cause = causeFrom(errorText(error), library.run(id))
      await library.settle(id, { type: 'interrupted', at: timeNow(), cause })
    }
    watch.end()
    patience?.end()
    tellProgress('', 1)
    await library.setTrainer(id, null)
    await library.clearPauseRequest(id).catch(reportError)
    return library.run(id)
  }

  return {
    id,
    kill,
    goOn: () => {
      wantedAt = clock.now()
    },
    wasMissed: () => wantedAt !== null && killed === '' && library.run(id).status === 'interrupted',
    save: () => handle?.post({ type: 'save' }),
    suspend: () => handle?.post({ type: 'saveRecovery' }),
    wake: () => {
      watch.sign()
      patience?.sign()
    },
    ask: async (what) => {
      // It may have ended already, and only its record is still on the way to the disk.
      if (asked === what || !isUnderWay(library.run(id))) return
      asked = what
      handle?.post({ type: what })
      patience?.end()
      patience = startEndTimeout(clock, (seconds) =>
        kill(
          `the trainer neither ${what === 'pause' ? 'paused' : 'stopped'} nor gave a sign of life for ` +
            `${String(seconds)} s and was ended`,
        ),
      )
      if (hasAnswered) patience.answered()
      tellWait()
      await library.mark(id, endingAs[what])
    },
    over: sitThrough(),
  }
}
