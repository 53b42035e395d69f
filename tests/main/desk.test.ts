import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AppEvent } from '../../core/protocol'
import type { TrainerHost } from '../../core/host'
import { createDesk, type Desk } from '../../main/desk/desk'
import type { DeskClock } from '../../main/desk/clock'
import { writeSafetensors } from '../../main/files/safetensors'
import { fakeHost, type FakeHost, type FakeTrainer } from '../../main/host/fakeHost'
import { openLibrary, type Library } from '../../main/library/library'
import { manualClock, until } from './clock'
import { miniature, smallConfig, temporaryFolder, type Miniature, type Phase } from './miniature'

interface Lab { readonly library: Library; readonly desk: Desk; readonly host: FakeHost; readonly events: AppEvent[]; readonly folder: string; readonly trainings: () => readonly FakeTrainer[] }

async function open({ script = miniature(), clock, folder = temporaryFolder() }: { readonly script?: (trainer: FakeTrainer) => void | Promise<void>; readonly clock?: DeskClock; readonly folder?: string } = {}): Promise<Lab> {
  const library = await openLibrary(folder)
  const host = fakeHost(script)
  const desk = createDesk({ library, host, folders: { cache: '', resources: '' }, ...(clock !== undefined && { clock }) })
  const events: AppEvent[] = []
  desk.listen((event) => events.push(event))
  return { library, desk, host, events, folder, trainings: () => host.trainers.filter(({ job }) => job.type === 'train') }
}

/** A pace that a test sets: trainings stand still until `go`. */
function held(): { readonly pace: () => Promise<void>; readonly go: (updates: number) => void } {
  let allowed = 0
  const waiting: (() => void)[] = []
  return {
    pace: async () => {
      if (allowed > 0) allowed--
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    go: (updates) => {
      for (let i = 0; i < updates; i++) {
        const next = waiting.shift()
        if (next === undefined) allowed++
        else next()
      }
    },
  }
}

const beginning = (trainer: FakeTrainer | undefined) => (trainer?.job.type === 'train' ? trainer.job.beginning : undefined)

describe('a desk', () => {
  it('trains a run to its end, and says finished only when it is on disk', async () => {
    const { library, desk, events, folder } = await open()
    const id = await desk.start(smallConfig('one'), null)
    desk.listen((event) => {
      if (event.type !== 'run' || !event.events.some(({ type }) => type === 'ended')) return
      expect(readFileSync(join(folder, 'runs', id, 'run.json'), 'utf8')).toContain('"status":"finished"')
      expect(readFileSync(join(folder, 'library.json'), 'utf8')).toContain('"status":"finished"')
    })
    const run = await desk.settled(id)
    expect(run).toMatchObject({ status: 'finished', moment: { update: 12, epoch: 3 }, epochs: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }], message: '' })
    await desk.shutDown({ pause: true })
    expect(events.some((event) => event.type === 'run' && event.events.some(({ type }) => type === 'ended'))).toBe(true)
    expect((await library.readTrace(id)).update).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    await library.close()
  })

  it('trains one run at a time, in the order they were asked for', async () => {
    const { library, desk, trainings } = await open()
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => desk.start(smallConfig(name), null)))
    expect(ids.map((id) => library.run(id).status).filter((status) => status === 'queued').length).toBeGreaterThanOrEqual(2)
    const runs = await Promise.all(ids.map(desk.settled))
    expect(runs.map(({ status }) => status)).toEqual(['finished', 'finished', 'finished'])
    const names = trainings().map(({ job }) => (job.type === 'train' ? job.config.name : ''))
    expect(names).toEqual(['a', 'b', 'c'])
    await desk.shutDown({ pause: true })
    await library.close()
  })

  it('takes a double click as one wish', async () => {
    const { library, desk, trainings } = await open()
    const [first, second] = await Promise.all([desk.start(smallConfig(), null), desk.start(smallConfig(), null)])
    expect(second).toBe(first)
    expect(await desk.start(smallConfig(), null)).toBe(first)
    expect(await desk.start(smallConfig('small', 3, 2), null)).not.toBe(first)
    await Promise.all(library.runs().map(({ id }) => desk.settled(id)))
    expect(trainings()).toHaveLength(2)
    await desk.shutDown({ pause: true })
    await library.close()
  })

  it('refuses a config that its data contradicts, with the field', async () => {
    const { library, desk } = await open()
    await expect(desk.start({ ...smallConfig(), batchSize: 65 }, null)).rejects.toMatchObject({ issues: [{ path: 'batchSize', message: 'must be at most the 64 training images, found 65' }] })
    expect(library.runs()).toEqual([])
    await library.close()
  })

  it('pauses, resumes from the last checkpoint, and finishes with every point once', async () => {
    const pace = held()
    const { library, desk, trainings } = await open({ script: miniature({ pace: pace.pace }) })
    const id = await desk.start(smallConfig(), null)
    pace.go(5)
    await until(() => library.run(id).moment.update === 5, 'five updates')
    const pausing = [desk.pause(id), desk.pause(id)]
    await Promise.all(pausing)
    expect(library.run(id).status).toBe('pausing')
    await desk.pause(id)
    pace.go(100)
    expect(await desk.settled(id)).toMatchObject({ status: 'paused', moment: { update: 5 } })
    await desk.pause(id)
    expect(trainings()[0]?.commands).toEqual([{ type: 'pause' }])
    await Promise.all([desk.resume(id), desk.resume(id)])
    expect(await desk.settled(id)).toMatchObject({ status: 'finished', moment: { update: 12 } })
    expect(trainings()).toHaveLength(2)
    expect(beginning(trainings()[1])).toEqual({ type: 'resume', path: library.checkpointPath(id, 'last'), acceptChangedData: false })
    expect((await library.readTrace(id)).update).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    await desk.shutDown({ pause: true })
    await library.close()
  })

  it('pauses a run that another process asks to pause', async () => {
    const pace = held()
    const { library, desk, folder } = await open({ script: miniature({ pace: pace.pace }) })
    const id = await desk.start(smallConfig(), null)
    pace.go(2)
    await until(() => library.run(id).moment.update === 2, 'two updates')
    const other = await openLibrary(folder)
    await other.requestPause(id)
    pace.go(100)
    expect((await desk.settled(id)).status).toBe('paused')
    await desk.shutDown({ pause: true })
    await library.close()
  })

  it('takes a queued run out of the queue to pause or stop it', async () => {
    const pace = held()
    const { library, desk } = await open({ script: miniature({ pace: pace.pace }) })
    const [first, second, third] = [await desk.start(smallConfig('a'), null), await desk.start(smallConfig('b'), null), await desk.start(smallConfig('c'), null)]
    await desk.pause(second)
    await desk.stop(third)
    expect([second, third].map((id) => library.run(id).status)).toEqual(['paused', 'stopped'])
    await expect(desk.kill(second)).rejects.toThrow('“b” is not training')
    pace.go(1000)
    await desk.settled(first)
    await desk.resume(second)
    expect((await desk.settled(second)).status).toBe('finished')
    await desk.shutDown({ pause: true })
    await library.close()
  })

  it('stops, saves, extends and forks', async () => {
    const pace = held()
    const { library, desk, trainings } = await open({ script: miniature({ pace: pace.pace }) })
    const id = await desk.start(smallConfig(), null)
    pace.go(5)
    await until(() => library.run(id).moment.update === 5, 'five updates')
    await desk.save(id)
    pace.go(1)
    await until(() => library.run(id).checkpoints.some(({ name }) => name === 'manual-5'), 'the checkpoint')
    await desk.stop(id)
    pace.go(1)
    expect((await desk.settled(id)).status).toBe('stopped')
    await expect(desk.extend(id, 3)).rejects.toMatchObject({ issues: [{ path: 'epochs', message: 'must be more than the 3 planned so far, found 3' }] })
    await desk.extend(id, 4)
    pace.go(1000)
    expect(await desk.settled(id)).toMatchObject({ status: 'finished', config: { epochs: 4 }, moment: { update: 16 } })

    const fork = await desk.fork(id, 'manual-5', smallConfig('fork'))
    expect(await desk.settled(fork)).toMatchObject({ status: 'finished', origin: { type: 'fork', run: id, checkpoint: 'manual-5', update: 5 } })
    expect(beginning(trainings().at(-1))).toEqual({ type: 'fork', path: join(library.runFolder(fork), 'origin.safetensors') })
    expect(readFileSync(join(library.runFolder(fork), 'origin.safetensors'))).toEqual(readFileSync(library.checkpointPath(id, 'manual-5')))
    await expect(desk.fork(id, 'best-9', smallConfig())).rejects.toThrow('“small” has no checkpoint best-9')
    await desk.shutDown({ pause: true })
    await library.close()
  })

  it('starts from a weights file, of which it keeps a copy', async () => {
    const { library, desk, trainings } = await open()
    const weights = join(temporaryFolder(), 'w.safetensors')
    await writeSafetensors(weights, new Map([['dense.weight', { dtype: 'F32', shape: [1], data: new Float32Array([1]) }]]), {})
    const id = await desk.start(smallConfig(), weights)
    expect((await desk.settled(id)).origin).toEqual({ type: 'weights', file: weights, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
    const used = beginning(trainings()[0])
    expect(used).toEqual({ type: 'weights', path: join(library.runFolder(id), 'origin.safetensors') })
    expect(readFileSync(join(library.runFolder(id), 'origin.safetensors'))).toEqual(readFileSync(weights))
    await expect(desk.start(smallConfig('x'), '/etc/passwd')).rejects.toMatchObject({ issues: [{ path: 'weights' }] })
    await expect(desk.start(smallConfig('y'), join(temporaryFolder(), 'none'))).rejects.toThrow(/weights .*does not exist|weights .*none/)
    await desk.shutDown({ pause: true })
    await library.close()
  })

  it('refuses to remove a run that trains, and takes one out of the queue before removing it', async () => {
    const pace = held()
    const { library, desk } = await open({ script: miniature({ pace: pace.pace }) })
    const [first, second] = [await desk.start(smallConfig('a'), null), await desk.start(smallConfig('b'), null)]
    await until(() => library.run(first).status === 'running', 'the start')
    await expect(desk.remove([second, first])).rejects.toThrow('“a” is training: pause or stop it before you remove it')
    expect(library.run(second).removedAt).toBeNull()
    await desk.remove([second])
    expect(library.run(second)).toMatchObject({ status: 'paused', removedAt: expect.any(String) as string })
    await expect(desk.resume(second)).rejects.toThrow('“b” is in the trash: restore it first')
    pace.go(100)
    await desk.settled(first)
    await desk.shutDown({ pause: true })
    await library.close()
  })
})

const crashes = [
  { how: 'exits with code 0', exit: { code: 0, signal: null, description: 'the trainer process ended with code 0' } },
  { how: 'is killed', exit: { code: null, signal: 'SIGKILL', description: 'the trainer process was killed (SIGKILL)' } },
  { how: 'crashes', exit: { code: null, signal: 'SIGSEGV', description: 'the trainer process crashed (SIGSEGV)' } },
]
const phases: readonly { readonly phase: Phase; readonly expected: { readonly status: string; readonly rest: string } }[] = [
  { phase: 'load', expected: { status: 'interrupted', rest: 'No checkpoint had been saved.' } },
  { phase: 'firstBatch', expected: { status: 'interrupted', rest: 'No checkpoint had been saved.' } },
  { phase: 'midEpoch', expected: { status: 'interrupted', rest: 'It can go on from update 4.' } },
  { phase: 'midCheckpoint', expected: { status: 'interrupted', rest: 'It can go on from update 4.' } },
  { phase: 'afterEnded', expected: { status: 'finished', rest: '' } },
]

describe.each(crashes)('when a trainer $how', ({ exit }) => {
  it.each(phases)('at $phase, the run says so, can be resumed, and the next run works', async ({ phase, expected }) => {
    let crashed = false
    const crash: NonNullable<Miniature['at']> = (now, trainer) => {
      if (now !== phase || crashed) return
      crashed = true
      // A half-written file of a checkpoint that never was.
      if (phase === 'midCheckpoint' && trainer.job.type === 'train') {
        mkdirSync(join(trainer.job.runFolder, 'checkpoints'), { recursive: true })
        writeFileSync(join(trainer.job.runFolder, 'checkpoints', '.last.safetensors.1-00000000-0.unfinished'), 'half')
      }
      trainer.exit(exit)
    }
    const { library, desk } = await open({ script: miniature({ at: crash }) })
    const id = await desk.start(smallConfig(), null)
    const run = await desk.settled(id)
    expect(crashed).toBe(true)
    expect(run.status).toBe(expected.status)
    if (run.status === 'interrupted') {
      expect(run.message).toBe(`${exit.description.charAt(0).toUpperCase()}${exit.description.slice(1)}. ${expected.rest}`)
      await desk.resume(id)
      expect(await desk.settled(id)).toMatchObject({ status: 'finished', moment: { update: 12 } })
      expect((await library.readTrace(id)).update).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    }
    const next = await desk.start(smallConfig('next'), null)
    expect((await desk.settled(next)).status).toBe('finished')
    await desk.shutDown({ pause: true })
    await library.close()
    const again = await openLibrary(library.folder)
    expect(again.runs().map(({ status }) => status)).toEqual(['finished', 'finished'])
    expect(again.notices()).toEqual([])
    await again.close()
  })
})

describe('a trainer in trouble', () => {
  it('whose last word is failed makes the run failed with the sentence, and it can be resumed', async () => {
    let isBroken = true
    const { library, desk } = await open({
      script: async (trainer) => {
        if (trainer.job.type === 'train' && isBroken) {
          trainer.say({ type: 'failed', message: 'data.source.path: expected a folder, found nothing' })
          trainer.exit()
        } else await miniature()(trainer)
      },
    })
    const id = await desk.start(smallConfig(), null)
    expect(await desk.settled(id)).toMatchObject({ status: 'failed', message: 'data.source.path: expected a folder, found nothing' })
    isBroken = false
    await desk.resume(id)
    expect((await desk.settled(id)).status).toBe('finished')
    await library.close()
  })

  it('that says done without a word on the run is not believed', async () => {
    const { library, desk } = await open({
      script: async (trainer) => {
        if (trainer.job.type !== 'train') return await miniature()(trainer)
        trainer.say({ type: 'done', result: null })
        trainer.exit()
      },
    })
    const id = await desk.start(smallConfig(), null)
    expect((await desk.settled(id)).status).toBe('interrupted')
    await library.close()
  })

  it('that could not be started leaves the run interrupted and the queue moving', async () => {
    const inner = fakeHost(miniature())
    let isBroken = true
    const host: TrainerHost = { start: (job, on) => {
      if (job.type !== 'train' || !isBroken) return inner.start(job, on)
      isBroken = false
      throw new Error('the trainer’s script is missing')
    } }
    const library = await openLibrary(temporaryFolder())
    const desk = createDesk({ library, host, folders: { cache: '', resources: '' } })
    const [a, b] = [await desk.start(smallConfig('a'), null), await desk.start(smallConfig('b'), null)]
    expect(await desk.settled(a)).toMatchObject({ status: 'interrupted', message: 'The trainer’s script is missing. No checkpoint had been saved.' })
    expect((await desk.settled(b)).status).toBe('finished')
    await library.close()
  })

  it('that does not answer a pause is ended after ten seconds', async () => {
    const clock = manualClock()
    const { library, desk, trainings } = await open({ clock, script: miniature({ pace: () => new Promise(() => undefined) }) })
    const id = await desk.start(smallConfig(), null)
    await until(() => library.run(id).status === 'running', 'the start')
    await desk.pause(id)
    clock.advance(9999)
    expect(trainings()[0]?.isGone()).toBe(false)
    clock.advance(1)
    expect(trainings()[0]?.isGone()).toBe(true)
    expect(await desk.settled(id)).toMatchObject({ status: 'interrupted', message: 'The trainer did not pause within 10 s and was ended. No checkpoint had been saved.' })
    await library.close()
  })

  it('that has saved may take longer to stop, because the test images come last', async () => {
    const clock = manualClock()
    const { library, desk, trainings } = await open({ clock, script: (trainer) => {
      if (trainer.job.type !== 'train') return miniature()(trainer)
      trainer.onCommand(() => trainer.say({ type: 'event', event: { type: 'saved', removed: [], checkpoint: { name: 'last', kinds: ['last'], moment: { update: 3, epoch: 0, position: 48, examples: 48, seconds: 1 }, bytes: 1, validation: null } } }))
      trainer.say({ type: 'event', event: { type: 'noted', at: '', update: 0, message: 'ready' } })
      return Promise.resolve()
    } })
    const id = await desk.start(smallConfig(), null)
    await until(() => library.run(id).log.length === 1, 'the start')
    await desk.stop(id)
    await until(() => library.run(id).checkpoints.length === 1, 'the checkpoint')
    clock.advance(60_000)
    expect(trainings()[0]?.isGone()).toBe(false)
    clock.advance(60_000)
    expect(trainings()[0]?.isGone()).toBe(true)
    expect((await desk.settled(id)).message).toBe('The trainer did not stop within 120 s and was ended. It can go on from update 3.')
    await library.close()
  })

  it('is ended at once on request', async () => {
    const pace = held()
    const { library, desk } = await open({ script: miniature({ pace: pace.pace }) })
    const id = await desk.start(smallConfig(), null)
    pace.go(5)
    await until(() => library.run(id).moment.update === 5, 'five updates')
    await desk.kill(id)
    expect(library.run(id)).toMatchObject({ status: 'interrupted', message: 'It was ended at once, as you asked. It can go on from update 4.' })
    await desk.kill(id)
    await library.close()
  })

  it('that falls silent is marked as stalled after 30 s, and is not when it speaks again', async () => {
    const clock = manualClock()
    const { library, desk, events, trainings } = await open({ clock, script: miniature({ pace: () => new Promise(() => undefined) }) })
    const id = await desk.start(smallConfig(), null)
    await until(() => library.run(id).status === 'running', 'the start')
    const stalled = () => events.filter((event) => event.type === 'load').at(-1)?.stalled
    const go = (seconds: number, cpuFraction: number | null): void => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000)
        if (cpuFraction !== null) trainings()[0]?.say({ type: 'heartbeat', rssBytes: 1, cpuFraction, gpu: null })
      }
    }
    go(60, 0.5)
    expect(stalled()).toBe(false)
    go(28, null)
    expect(stalled()).toBe(false)
    go(8, null)
    expect(stalled()).toBe(true)
    go(1, 0.5)
    clock.advance(200)
    expect(stalled()).toBe(false)
    go(28, 0)
    expect(stalled()).toBe(false)
    go(8, 0)
    expect(stalled()).toBe(true)
    await desk.kill(id)
    await library.close()
  })
})

describe('closing', () => {
  it('pauses what trains and keeps what waits', async () => {
    const pace = held()
    const { library, desk } = await open({ script: miniature({ pace: pace.pace }) })
    const [first, second] = [await desk.start(smallConfig('a'), null), await desk.start(smallConfig('b'), null)]
    pace.go(5)
    await until(() => library.run(first).moment.update === 5, 'five updates')
    const closing = desk.shutDown({ pause: true })
    pace.go(1)
    await closing
    expect(library.run(first)).toMatchObject({ status: 'paused', moment: { update: 5 } })
    expect(library.run(second)).toMatchObject({ status: 'paused', message: 'Batchlab closed while this run waited in the queue' })
    await expect(desk.start(smallConfig('c'), null)).rejects.toThrow('Batchlab is closing')
    await library.close()
    const again = await openLibrary(library.folder)
    expect(again.runs().map(({ status }) => status)).toEqual(['paused', 'paused'])
    await again.close()
  })

  it('takes ten seconds at most', async () => {
    const clock = manualClock()
    const { library, desk } = await open({ clock, script: miniature({ pace: () => new Promise(() => undefined) }) })
    const id = await desk.start(smallConfig(), null)
    await until(() => library.run(id).status === 'running', 'the start')
    const closing = desk.shutDown({ pause: true })
    await new Promise((resolve) => setTimeout(resolve, 20))
    clock.advance(10_000)
    await closing
    expect(library.run(id).status).toBe('interrupted')
    await library.close()
  })

  it('ends jobs that nobody waits for any more', async () => {
    const { library, desk, host } = await open({ script: () => undefined })
    const probing = desk.probe()
    await until(() => host.trainers.length === 1, 'the job')
    await Promise.all([expect(probing).rejects.toThrow('Batchlab is closing'), desk.shutDown({ pause: true })])
    expect(host.trainers[0]?.isGone()).toBe(true)
    await library.close()
  })
})

describe('jobs beside a training', () => {
  it('inspects made-up data once and files every time', async () => {
    const { library, desk, host } = await open()
    const { data } = smallConfig()
    await desk.inspect(data)
    await desk.inspect({ ...data, augmentation: { ...data.augmentation, flip: true } })
    expect(host.trainers).toHaveLength(1)
    const folder = { ...data, source: { type: 'idx' as const, path: '/data' } }
    await Promise.all([desk.inspect(folder), desk.inspect(folder)])
    await desk.inspect(folder)
    expect(host.trainers).toHaveLength(3)
    await library.close()
  })

  it('runs at most two at a time', async () => {
    let running = 0
    let most = 0
    const { library, desk } = await open({ script: async (trainer) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 10))
      running--
      trainer.say({ type: 'done', result: [] })
      trainer.exit()
    } })
    await Promise.all(Array.from({ length: 6 }, () => desk.probe()))
    expect(most).toBe(2)
    await library.close()
  })

  it('says what a job failed with, and how it ended without an answer', async () => {
    const { library, desk } = await open({ script: (trainer) => {
      if (trainer.job.type === 'preview') trainer.say({ type: 'failed', message: 'no such image' })
      trainer.exit({ description: 'the trainer process crashed (SIGSEGV)' })
    } })
    await expect(desk.probe()).rejects.toThrow('There is no answer: the trainer process crashed (SIGSEGV)')
    await expect(desk.preview({ data: smallConfig().data, seed: 1, split: 'train', indices: [0], augment: false })).rejects.toThrow('no such image')
    await library.close()
  })

  it('ends one that has been silent for a minute', async () => {
    const clock = manualClock()
    const { library, desk, host } = await open({ clock, script: () => undefined })
    const probing = desk.probe()
    await until(() => host.trainers.length === 1, 'the job')
    clock.advance(60_000)
    await expect(probing).rejects.toThrow('There is no answer: the trainer was ended by force')
    await library.close()
  })
})

describe('a run’s folder', () => {
  it('holds no request and no trainer when nobody trains it', async () => {
    const { library, desk } = await open()
    const id = await desk.start(smallConfig(), null)
    await desk.settled(id)
    expect(existsSync(join(library.runFolder(id), 'pause.request'))).toBe(false)
    expect(existsSync(join(library.runFolder(id), 'trainer.pid'))).toBe(false)
    await library.close()
  })
})
