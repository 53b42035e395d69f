import type { RunConfig } from '../../core/config/config'
import { errorText } from '../../core/errorText'
import type { TrainEvent } from '../../core/events'
import type { TrainerHost } from '../../core/host'
import type { Folders, Job } from '../../core/job'
import { titleOf } from '../../core/names'
import { judgeAction, type RunActionName } from '../../core/runActions'
import type { AppEvent } from '../../core/protocol'
import type { Origin, Run, RunId } from '../../core/run'
import { isLive, isUnderWay } from '../../core/run'
import { clearLeftPacks } from '../data/cache'
import type { Library } from '../library/library'
import { isFolderNow } from '../files/guard'
import { RequestError, requestError } from '../requests/requestError'
import { beginningOf, newestCheckpointPaths } from './beginning'
import { createStartChecks, weightsDigest } from './startChecks'
import { checkClasses } from './classCheck'
import { checkGoingOn, type CanGoOn, type GoingOn } from './dataCheck'
import { systemClock, type QueueClock } from './clock'
import { checkExtension, type ExtendOptions, refuseAfterEnd, refuseFewer } from './extension'
import { createSideJobs } from './sideJobs'
import { dedupe } from './dedupe'
import { createEventThrottle } from './eventThrottle'
import { createQueries, type Queries } from './queries'
import { startAttempt, type Attempt } from './attempt'
import { stoppedEvent } from './attemptEvents'
import { keyedQueue } from './keyedQueue'

export interface RunQueueOptions {
  readonly library: Library
  readonly host: TrainerHost
  readonly folders: Folders
  readonly clock?: QueueClock
}

/**
 * Owns the trainers: the queue of runs, what may be asked of each, and everything they say. Refusals are thrown as
 * `RequestError`.
 */
export interface RunQueue extends Queries {
  /** Checks the config against its data and queues a run; asked twice within a second it is the same run. */
  readonly start: (config: RunConfig, weights: string | null) => Promise<RunId>
  /** Settles when the trainer was told; `settled` when it has paused. So do resume, stop and kill. */
  readonly pause: (id: RunId) => Promise<void>
  /**
   * Refused, with the run left as it is, where its data is missing or not what it was trained on; a new place for it is
   * put down first.
   */
  readonly resume: (id: RunId, options?: Omit<GoingOn, 'epochs'>) => Promise<void>
  readonly stop: (id: RunId) => Promise<void>
  readonly kill: (id: RunId) => Promise<void>
  readonly save: (id: RunId) => Promise<void>
  /** Plans more epochs for a run and queues it; everything is checked before anything is written. */
  readonly extend: (id: RunId, epochs: number, options?: ExtendOptions) => Promise<void>
  /** Puts down where a run's data is now, if what lies there is what it was trained on. */
  readonly relocate: (id: RunId, place: string) => Promise<void>
  readonly fork: (id: RunId, checkpoint: string, config: RunConfig) => Promise<RunId>
  readonly remove: (ids: readonly RunId[]) => Promise<void>
  readonly restore: (ids: readonly RunId[]) => Promise<void>
  readonly purge: (ids: readonly RunId[]) => Promise<void>

  /** Hears every AppEvent but the menu's, the library's included: at most ten training messages a second, in order. */
  readonly listen: (on: (event: AppEvent) => void) => () => void
  /**
   * Settles with the record when nothing more happens to a run by itself: paused, ended or interrupted, and on disk.
   */
  readonly settled: (id: RunId) => Promise<Run>
  /**
   * The machine is about to sleep: what trains rewrites its recovery checkpoint. Nobody waits for it, because the
   * machine does not.
   */
  readonly suspend: () => void
  readonly wake: () => void
  /** Runs that a trainer works on now. */
  readonly live: () => readonly RunId[]
  /**
   * Takes no more work, pauses what trains (or ends it), and settles when no trainer is left: that takes as long as its
   * update, unless it is silent or `kill` ends it.
   */
  readonly shutDown: (options: { readonly pause: boolean }) => Promise<void>
}

export function createRunQueue({ library, host, folders, clock = systemClock }: RunQueueOptions): RunQueue {
  const listeners = new Set<(event: AppEvent) => void>()
  const throttle = createEventThrottle(clock, (event) => {
    for (const on of listeners) on(event)
  })
  const stopListening = library.listen(throttle.push)
  const jobs = createSideJobs(host, clock, throttle.push)
  const checks = createStartChecks(jobs, folders)
  const reportError = (error: unknown): void => library.notice('error', errorText(error))
  // A trainer that was killed while it packed images leaves up to 2 GB.
  if (library.readOnly === '') void clearLeftPacks(folders.cache).catch(reportError)
  const once = dedupe<RunId>(clock)
  // Two requests for one run are judged one after the other: the second sees what the first one did.
  const inTurn = keyedQueue()
  // Its trainer writes to the library too.
  library.whenLost(() => {
    attempt?.kill(
      isFolderNow(library.folder)
        ? 'another program took this library over'
        : `the library's folder is gone (${library.folder})`,
    )
  })
  const queue: RunId[] = []
  const accepting = new Set<RunId>()
  /** Runs on their way into the trash: nothing is begun for them any more. */
  const removing = new Set<RunId>()
  const waiters = new Map<RunId, ((run: Run) => void)[]>()
  let attempt: Attempt | null = null
  let isClosing = false

  const now = (): string => new Date().toISOString()
  const mayWork = (): void => {
    if (isClosing) throw requestError('Batchlab is closing')
    if (library.readOnly !== '') throw requestError(library.readOnly)
  }
  /** Whether there is something to do; a request that makes no sense is refused. */
  function allows(request: RunActionName, id: RunId): boolean {
    if (removing.has(id) && (request === 'resume' || request === 'extend'))
      throw requestError(`${titleOf(library.run(id))} is on its way into the trash`)
    const verdict = judgeAction(request, library.run(id))
    if (verdict.type === 'refuse') throw requestError(verdict.message)
    return verdict.type === 'do'
  }

  function trainJob(id: RunId): Job {
    const { config } = library.run(id)
    return {
      type: 'train',
      run: id,
      config,
      runFolder: library.runFolder(id),
      beginning: beginningOf(library, id, accepting.has(id)),
      folders,
      lock: library.lock,
    }
  }

  const checkpointPaths = (id: RunId): readonly string[] => newestCheckpointPaths(library, id)

  /** Reads the data that a run is to go on with; only afterwards may anything be written about it. */
  const canGoOn = async (id: RunId, wish: GoingOn): Promise<CanGoOn> => {
    const checked = await checkGoingOn(library.run(id), wish, {
      inspect: checks.inspect,
      checkpoints: checkpointPaths(id),
    })
    mayWork()
    return checked
  }

  async function work(): Promise<void> {
    while (attempt === null && !isClosing) {
      const id = queue.shift()
      if (id === undefined) return
      attempt = startAttempt({
        id,
        library,
        host,
        clock,
        post: throttle.push,
        job: () => Promise.resolve(trainJob(id)),
      })
      await attempt.over
      const isWanted = attempt.wasMissed()
      attempt = null
      if (isWanted && !isClosing && !removing.has(id))
        await library.mark(id, { type: 'queued' }).then(() => queue.push(id), reportError)
      if (queue.includes(id)) continue
      accepting.delete(id)
      tellSettled(id)
    }
  }

  function tellSettled(id: RunId): void {
    const run = library.run(id)
    for (const resolve of waiters.get(id) ?? []) resolve(run)
    waiters.delete(id)
  }

  const isAtWork = (id: RunId): boolean => attempt?.id === id || queue.includes(id)

  async function enqueue(id: RunId): Promise<void> {
    if (removing.has(id)) throw requestError(`${titleOf(library.run(id))} is on its way into the trash`)
    if (queue.includes(id) || (attempt?.id === id && isUnderWay(library.run(id)))) return
    queue.push(id)
    if (library.run(id).status !== 'queued') await library.mark(id, { type: 'queued' })
    void work()
  }

  /** Takes a run out of the queue with an event that says why. */
  async function dequeue(id: RunId, event: TrainEvent): Promise<void> {
    const at = queue.indexOf(id)
    if (at >= 0) queue.splice(at, 1)
    await library.append(id, event)
    tellSettled(id)
  }

  /** One after the other, so that the queue has the order in which the runs were asked for. */
  const add = (config: RunConfig, origin: Origin, file: string | null): Promise<RunId> =>
    inTurn('add', async () => {
      const { id } = await library.addRun(config, origin, file)
      await enqueue(id)
      return id
    })

  async function ask(what: 'pause' | 'stop', id: RunId): Promise<void> {
    mayWork()
    if (!allows(what, id)) return
    if (attempt?.id === id) return await attempt.ask(what)
    const run = library.run(id)
    await dequeue(
      id,
      what === 'stop' ? stoppedEvent(run) : { type: 'paused', at: now(), moment: run.moment, cause: '' },
    )
  }

  /** A trainer that has just ended may still have its log open, and its record on the way to the disk. */
  const atRest = async (ids: readonly RunId[]): Promise<void> => {
    if (attempt !== null && ids.includes(attempt.id)) await attempt.over
  }

  /**
   * Queues a run whose data was read, with what there is to put down about it. Reading took a while, in which the run
   * may have been put into the trash, and closing did not wait for it.
   */
  async function goOn(
    request: 'resume' | 'extend',
    id: RunId,
    { relocated }: CanGoOn,
    { acceptChangedData }: Omit<GoingOn, 'epochs'>,
    change?: () => TrainEvent,
  ): Promise<void> {
    await atRest([id])
    mayWork()
    if (!allows(request, id)) return
    if (relocated !== null) await library.append(id, relocated)
    if (acceptChangedData === true) accepting.add(id)
    if (change !== undefined) await library.append(id, change())
    await enqueue(id)
  }

  return {
    ...createQueries({ library, jobs, folders, inspect: checks.inspect }),
    start: (config, weights) =>
      once(JSON.stringify([config, weights]), async () => {
        mayWork()
        const info = await checks.config(config)
        if (weights === null) return await add(config, { type: 'new' }, null)
        await checkClasses(weights, info, 'weights')
        const sha256 = await weightsDigest(weights, config, info)
        return await add(config, { type: 'weights', file: weights, sha256 }, weights)
      }),
    pause: (id) => inTurn(id, () => ask('pause', id)),
    stop: (id) => inTurn(id, () => ask('stop', id)),
    resume: (id, options = {}) =>
      inTurn(id, async () => {
        mayWork()
        // Its trainer may be dead, and nobody has heard of it yet.
        if (!allows('resume', id)) return attempt?.id === id ? attempt.goOn() : undefined
        await goOn('resume', id, await canGoOn(id, options), options)
      }),
    kill: async (id) => {
      if (!allows('kill', id) || attempt?.id !== id) return
      attempt.kill('it was ended at once, as you asked')
      await attempt.over
    },
    save: async (id) => {
      mayWork()
      if (allows('save', id) && attempt?.id === id) attempt.save()
      return Promise.resolve()
    },
    relocate: (id, place) =>
      inTurn(id, async () => {
        mayWork()
        allows('relocate', id)
        const { relocated } = await canGoOn(id, { place })
        await atRest([id])
        if (relocated !== null) await library.append(id, relocated)
      }),
    extend: (id, epochs, { schedule = null, ...options } = {}) =>
      inTurn(id, async () => {
        mayWork()
        if (!allows('extend', id)) return
        refuseFewer(library.run(id), epochs)
        const checked = await canGoOn(id, { ...options, epochs })
        const plan = await checkExtension(library.run(id), epochs, {
          schedule,
          info: checked.info,
          paths: checkpointPaths(id),
        })
        await goOn('extend', id, checked, options, () => ({ type: 'extended', at: now(), epochs, plan }))
      }),
    fork: (id, checkpoint, config) =>
      once(JSON.stringify([id, checkpoint, config]), async () => {
        mayWork()
        allows('fork', id)
        const found = library.run(id).checkpoints.find(({ name }) => name === checkpoint)
        if (found === undefined)
          throw new RequestError([
            { path: 'checkpoint', message: `${titleOf(library.run(id))} has no checkpoint ${checkpoint}` },
          ])
        const info = await checks.config(config)
        refuseAfterEnd(found, config, info)
        await checkClasses(library.checkpointPath(id, checkpoint), info, 'checkpoint')
        return await add(
          config,
          { type: 'fork', run: id, checkpoint, update: found.moment.update },
          library.checkpointPath(id, checkpoint),
        )
      }),
    remove: async (ids) => {
      mayWork()
      const wanted = ids.filter((id) => allows('remove', id))
      for (const id of wanted) removing.add(id)
      try {
        for (const id of wanted)
          await inTurn(id, async () => {
            if (queue.includes(id))
              await dequeue(id, {
                type: 'paused',
                at: now(),
                moment: library.run(id).moment,
                cause: 'removed while it waited in the queue',
              })
            // A resume may have been faster, and its trainer is about to say so.
            else if (attempt?.id === id && isUnderWay(library.run(id)))
              throw requestError(`${titleOf(library.run(id))} is training: pause or stop it before you remove it`)
          })
        await atRest(wanted)
        await library.remove(wanted.filter((id) => allows('remove', id)))
      } finally {
        for (const id of wanted) removing.delete(id)
      }
    },
    restore: async (ids) => await library.restore(ids.filter((id) => allows('restore', id))),
    purge: async (ids) => {
      const wanted = ids.filter((id) => allows('purge', id))
      await atRest(wanted)
      await library.purge(wanted)
    },

    listen: (on) => {
      listeners.add(on)
      return () => {
        listeners.delete(on)
      }
    },
    settled: async (id) => {
      const run = library.run(id)
      if (!isAtWork(id) && !isLive(run.status)) return run
      return await new Promise((resolve) => waiters.set(id, [...(waiters.get(id) ?? []), resolve]))
    },
    suspend: () => attempt?.suspend(),
    wake: () => attempt?.wake(),
    live: () => (attempt === null ? [] : [attempt.id]),
    shutDown: async ({ pause }) => {
      const current = attempt
      isClosing = true
      // First what takes longest.
      const asked = pause ? current?.ask('pause') : current?.kill('Batchlab closed while this run was training')
      jobs.endAll()
      for (const id of [...queue]) {
        const event: TrainEvent = {
          type: 'paused',
          at: now(),
          moment: library.run(id).moment,
          cause: 'Batchlab closed while this run waited in the queue',
        }
        await dequeue(id, event).catch(reportError)
      }
      await Promise.resolve(asked).catch(reportError)
      await current?.over
      throttle.drain()
      stopListening()
      await library.flush()
    },
  }
}
