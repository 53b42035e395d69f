import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLive, type Run, type RunId } from '../../core/run'
import { createRunQueue, type RunQueue } from '../../main/queue/runQueue'
import { judgeAction, type RunActionName } from '../../core/runActions'
import { fakeHost, type FakeHost } from '../support/fakeHost'
import { openLibrary, type Library } from '../../main/library/library'
import { foldLog } from '../../main/library/runLog'
import { runSummary } from '../../main/library/runSummary'
import { diskFs } from '../../main/files/fs'
import { until } from '../support/fakeClock'
import { fakeTraining, smallConfig, temporaryFolder } from '../support/fakeTraining'

/** What must hold of any history: which runs were asked for, and which are gone. */
interface Model {
  readonly known: Set<RunId>
}
interface Real {
  readonly library: Library
  readonly queue: RunQueue
  readonly host: FakeHost
  readonly ids: RunId[]
  started: number
}
type Command = fc.AsyncCommand<Model, Real>

const finalStatuses = new Set(['finished', 'stopped', 'earlyStopped', 'diverged', 'failed'])

/** Holds after every request, whatever came before it. */
function checkInvariants({ known }: Model, { library, queue, host }: Real): void {
  const training = host.trainers.filter(({ job, isGone }) => job.type === 'train' && !isGone())
  expect(training.length).toBeLessThanOrEqual(1)
  expect(new Set(library.runs().map(({ id }) => id))).toEqual(known)
  expect(library.runs().filter(({ status }) => isLive(status)).length).toBeLessThanOrEqual(1)
  expect(queue.live().length).toBeLessThanOrEqual(1)
  expect(library.notices()).toEqual([])
}

const start = (): Command => ({
  check: () => true,
  run: async (model, real) => {
    const id = await real.queue.start(smallConfig(`run ${++real.started}`, 2, real.started), null)
    real.ids.push(id)
    model.known.add(id)
    checkInvariants(model, real)
  },
  toString: () => 'start',
})

type QueueAction = Exclude<RunActionName, 'relocate' | 'rename' | 'star' | 'compare'>

const perform: Readonly<Record<QueueAction, (real: Real, run: Run) => Promise<unknown>>> = {
  pause: ({ queue }, { id }) => queue.pause(id),
  resume: ({ queue }, { id }) => queue.resume(id),
  stop: ({ queue }, { id }) => queue.stop(id),
  kill: ({ queue }, { id }) => queue.kill(id),
  save: ({ queue }, { id }) => queue.save(id),
  extend: ({ queue }, { id, config }) => queue.extend(id, config.epochs + 1),
  fork: async (real, { id, checkpoints, config }) => {
    const forked = await real.queue.fork(
      id,
      checkpoints[0]?.name ?? 'none',
      smallConfig(`fork ${++real.started}`, config.epochs),
    )
    real.ids.push(forked)
    return forked
  },
  remove: ({ queue }, { id }) => queue.remove([id]),
  restore: ({ queue }, { id }) => queue.restore([id]),
  purge: ({ queue }, { id }) => queue.purge([id]),
}

/**
 * Asks for something, once or twice at the same time, and expects the rules' verdict on the run as it was when asked.
 */
const request = (what: QueueAction, which: number, isDouble: boolean): Command => ({
  check: (model) => model.known.size > 0,
  run: async (model, real) => {
    const id = real.ids[which % real.ids.length]
    if (id === undefined) return
    const run = real.library.run(id)
    const verdict = judgeAction(what, run)
    const attempts = [perform[what](real, run), ...(isDouble && what !== 'fork' ? [perform[what](real, run)] : [])]
    const [first, second] = await Promise.allSettled(attempts)
    if (verdict.type === 'refuse') {
      expect(first).toMatchObject({ status: 'rejected', reason: { message: verdict.message } })
      expect(real.library.run(id)).toMatchObject({ removedAt: run.removedAt, config: run.config })
    } else expect(first).toMatchObject({ status: 'fulfilled' })
    // The second of a pair finds the first one's wish fulfilled, or a state in which it makes no sense; it never breaks
    // anything.
    if (second?.status === 'rejected') expect(second.reason).toMatchObject({ name: 'RequestError' })
    if (verdict.type === 'do' && what === 'purge') {
      model.known.delete(id)
      real.ids.splice(real.ids.indexOf(id), 1)
    }
    if (verdict.type === 'do' && what === 'fork') real.ids.slice(-1).forEach((forked) => model.known.add(forked))
    checkInvariants(model, real)
  },
  toString: () => `${what}${isDouble ? ' ×2' : ''} #${which}`,
})

const letPass = (ms: number): Command => ({
  check: () => true,
  run: async (model, real) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    checkInvariants(model, real)
  },
  toString: () => `wait ${ms}`,
})

const crash = (): Command => ({
  check: () => true,
  run: async (model, real) => {
    for (const trainer of real.host.trainers)
      if (trainer.job.type === 'train')
        trainer.exit({ code: 0, description: 'the trainer process was killed (SIGKILL)' })
    await Promise.resolve()
    checkInvariants(model, real)
  },
  toString: () => 'crash',
})

const requests: readonly QueueAction[] = [
  'pause',
  'resume',
  'stop',
  'kill',
  'save',
  'extend',
  'fork',
  'remove',
  'restore',
  'purge',
]
const commands = [
  fc.constant(start()),
  fc.tuple(fc.constantFrom(...requests), fc.nat(5), fc.boolean()).map((chosen) => request(...chosen)),
  fc.integer({ min: 0, max: 30 }).map(letPass),
  fc.constant(crash()),
]

describe('the queue under any sequence of requests', () => {
  it(
    'keeps its rules, trains one run at a time, and leaves a library that says what its logs say',
    { timeout: 180_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.commands(commands, { maxCommands: 20 }), async (sequence) => {
          const folder = temporaryFolder()
          const library = await openLibrary(folder)
          const host = fakeHost(fakeTraining({ pace: () => new Promise((resolve) => setTimeout(resolve, 1)) }))
          const queue = createRunQueue({ library, host, folders: { cache: '', resources: '' } })
          const real: Real = { library, queue, host, ids: [], started: 0 }
          await fc.asyncModelRun(() => ({ model: { known: new Set<RunId>() }, real }), sequence)
          await queue.shutDown({ pause: true })
          await until(() => host.trainers.every(({ isGone }) => isGone()), 'the end of all trainers')
          await library.close()

          const again = await openLibrary(folder)
          expect(again.notices()).toEqual([])
          expect(again.runs()).toEqual(library.runs().map(runSummary))
          for (const run of again.runs()) {
            expect(isLive(run.status) || run.status === 'queued').toBe(false)
            const full = await again.readRun(run.id)
            const { run: folded, unread } = await foldLog(`${again.runFolder(run.id)}/events.ndjson`, full, diskFs)
            expect(unread).toBe(0)
            expect(full).toEqual(folded)
            const { update } = await again.readTrace(run.id)
            expect(update).toEqual(Array.from({ length: update.length }, (_, i) => i + 1))
            if (finalStatuses.has(run.status)) expect(run.endedAt).not.toBeNull()
            if (run.status === 'finished') expect(run.moment.update).toBe(run.updates)
          }
          await again.close()
        }),
        { numRuns: 25, endOnFailure: true },
      )
    },
  )
})
