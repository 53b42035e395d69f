import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explained } from '../../core/ending'
import type { TrainerHost } from '../../core/host'
import { createRunQueue } from '../../main/queue/runQueue'
import { memoryLimit } from '../../main/queue/memoryLimit'
import { fakeHost } from '../support/fakeHost'
import { hostFailure } from '../../main/hosts/hostFailure'
import { openLibrary } from '../../main/library/library'
import { notificationOf } from '../../main/electron/notification'
import { manualClock, until } from '../support/fakeClock'
import { steppedPace, openQueueFixture } from '../support/queueFixture'
import {
  fakeTraining,
  smallConfig,
  temporaryFolder,
  type FakeTrainingOptions,
  type Phase,
} from '../support/fakeTraining'

const crashes = [
  { how: 'exits with code 0', exit: { code: 0, signal: null, description: 'the trainer process ended with code 0' } },
  {
    how: 'is killed',
    exit: { code: null, signal: 'SIGKILL', description: 'the trainer process was killed (SIGKILL)' },
  },
  { how: 'crashes', exit: { code: null, signal: 'SIGSEGV', description: 'the trainer process crashed (SIGSEGV)' } },
]
const phases: readonly {
  readonly phase: Phase
  readonly expected: { readonly status: string; readonly rest: string }
}[] = [
  { phase: 'load', expected: { status: 'interrupted', rest: 'No checkpoint had been saved.' } },
  { phase: 'firstBatch', expected: { status: 'interrupted', rest: 'No checkpoint had been saved.' } },
  { phase: 'midEpoch', expected: { status: 'interrupted', rest: 'It can go on from update 4.' } },
  { phase: 'midCheckpoint', expected: { status: 'interrupted', rest: 'It can go on from update 4.' } },
  { phase: 'afterEnded', expected: { status: 'finished', rest: '' } },
]

describe.each(crashes)('when a trainer $how', ({ exit }) => {
  it.each(phases)('at $phase, the run says so, can be resumed, and the next run works', async ({ phase, expected }) => {
    let crashed = false
    const crash: NonNullable<FakeTrainingOptions['at']> = (now, trainer) => {
      if (now !== phase || crashed) return
      crashed = true
      // A half-written file of a checkpoint that never was.
      if (phase === 'midCheckpoint' && trainer.job.type === 'train') {
        mkdirSync(join(trainer.job.runFolder, 'checkpoints'), { recursive: true })
        writeFileSync(join(trainer.job.runFolder, 'checkpoints', '.last.safetensors.1-00000000-0.unfinished'), 'half')
      }
      trainer.exit(exit)
    }
    const { library, queue } = await openQueueFixture({ script: fakeTraining({ at: crash }) })
    const id = await queue.start(smallConfig(), null)
    const run = await queue.settled(id)
    expect(crashed).toBe(true)
    expect(run.status).toBe(expected.status)
    if (run.status === 'interrupted') {
      expect(run.message).toBe(
        `${exit.description.charAt(0).toUpperCase()}${exit.description.slice(1)}. ${expected.rest}`,
      )
      await queue.resume(id)
      expect(await queue.settled(id)).toMatchObject({ status: 'finished', moment: { update: 12 } })
      expect((await library.readTrace(id)).update).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    }
    const next = await queue.start(smallConfig('next'), null)
    expect((await queue.settled(next)).status).toBe('finished')
    await queue.shutDown({ pause: true })
    await library.close()
    const again = await openLibrary(library.folder)
    expect(again.runs().map(({ status }) => status)).toEqual(['finished', 'finished'])
    expect(again.notices()).toEqual([])
    await again.close()
  })
})

describe('a trainer without memory', () => {
  it('that was killed leaves the run interrupted, says what to lower, and the run goes on', async () => {
    let isKilled = false
    const { library, queue, events } = await openQueueFixture({
      script: fakeTraining({
        at: (phase, trainer) => {
          if (phase !== 'midEpoch' || isKilled) return
          isKilled = true
          trainer.exit({
            code: null,
            signal: 'SIGKILL',
            description: 'the trainer process was killed (SIGKILL); the system does that when memory runs out',
            shortage: 'killed_for_memory',
          })
        },
      }),
    })
    const id = await queue.start(smallConfig(), null)
    const run = await queue.settled(id)
    expect(run.status).toBe('interrupted')
    expect(run.message).toMatch(
      /^The trainer process was killed \(SIGKILL\); the system does that when memory runs out\. Set the micro-batch \(batch\.microBatch\) to \d+, now \d+: .* It can go on from update 4\.$/,
    )
    expect(notificationOf(run)?.body).toBe(run.message)
    expect(explained(run)).toContain(run.message)
    await queue.resume(id)
    expect((await queue.settled(id)).status).toBe('finished')
    expect(events.length).toBeGreaterThan(0)
    await library.close()
  })

  it.each([
    ['most of the memory', 0.9, true],
    ['little of it', 0.1, false],
  ] as const)('that crashed with %s in its hands is told so', async (_, fraction, isTold) => {
    const { library, queue } = await openQueueFixture({
      script: fakeTraining({
        at: (phase, trainer) => {
          if (phase !== 'midEpoch') return
          trainer.post({ type: 'heartbeat', rssBytes: fraction * memoryLimit(), cpuFraction: 1, gpu: null })
          trainer.exit({ code: null, signal: 'SIGSEGV', description: 'the trainer process crashed (SIGSEGV)' })
        },
      }),
    })
    const run = await queue.settled(await queue.start(smallConfig(), null))
    expect(run).toMatchObject({
      status: 'interrupted',
      message: isTold
        ? expect.stringMatching(
            /crashed \(SIGSEGV\) when it had .*iB of .*iB of memory\. Set the micro-batch .* It can go on from update 4\.$/,
          )
        : 'The trainer process crashed (SIGSEGV). It can go on from update 4.',
    })
    await library.close()
  })

  it.each([
    ['midEpoch', 'paused'],
    ['firstBatch', 'failed'],
  ] as const)('whose heap is full at %s leaves the run %s', async (when, status) => {
    let isFull = false
    const { library, queue, host } = await openQueueFixture({
      script: fakeTraining({
        at: (phase, trainer) => {
          if (phase !== when || isFull) return
          isFull = true
          trainer.post(
            hostFailure(
              Object.assign(new Error('Worker terminated due to reaching memory limit: JS heap out of memory'), {
                code: 'ERR_WORKER_OUT_OF_MEMORY',
              }),
              trainer.job,
            ),
          )
          trainer.exit()
        },
      }),
    })
    const id = await queue.start(smallConfig(), null)
    const run = await queue.settled(id)
    expect(run).toMatchObject({
      status,
      message: expect.stringMatching(/ran out of memory.*heap of JavaScript.*batch\.microBatch.*data\.trainingImages/),
    })
    if (status === 'paused') expect(run.moment.update).toBe(4)
    await queue.resume(id)
    expect((await queue.settled(id)).status).toBe('finished')
    expect(host.trainers.filter(({ job }) => job.type === 'train')).toHaveLength(2)
    await library.close()
  })
})

describe('a trainer in trouble', () => {
  it('whose last word is failed makes the run failed with the sentence, and it can be resumed', async () => {
    let isBroken = true
    const { library, queue } = await openQueueFixture({
      script: async (trainer) => {
        if (trainer.job.type === 'train' && isBroken) {
          trainer.post({ type: 'failed', message: 'data.source.path: expected a folder, found nothing' })
          trainer.exit()
        } else await fakeTraining()(trainer)
      },
    })
    const id = await queue.start(smallConfig(), null)
    expect(await queue.settled(id)).toMatchObject({
      status: 'failed',
      message: 'data.source.path: expected a folder, found nothing',
    })
    isBroken = false
    await queue.resume(id)
    expect((await queue.settled(id)).status).toBe('finished')
    await library.close()
  })

  it('that says done without a word on the run is not believed', async () => {
    const { library, queue } = await openQueueFixture({
      script: async (trainer) => {
        if (trainer.job.type !== 'train') return await fakeTraining()(trainer)
        trainer.post({ type: 'done', result: null })
        trainer.exit()
      },
    })
    const id = await queue.start(smallConfig(), null)
    expect((await queue.settled(id)).status).toBe('interrupted')
    await library.close()
  })

  it('that could not be started leaves the run interrupted and the queue moving', async () => {
    const inner = fakeHost(fakeTraining())
    let isBroken = true
    const host: TrainerHost = {
      start: (job, on) => {
        if (job.type !== 'train' || !isBroken) return inner.start(job, on)
        isBroken = false
        throw new Error('the trainer’s script is missing')
      },
    }
    const library = await openLibrary(temporaryFolder())
    const queue = createRunQueue({ library, host, folders: { cache: '', resources: '' } })
    const [a, b] = [await queue.start(smallConfig('a'), null), await queue.start(smallConfig('b'), null)]
    expect(await queue.settled(a)).toMatchObject({
      status: 'interrupted',
      message: 'The trainer’s script is missing. No checkpoint had been saved.',
    })
    expect((await queue.settled(b)).status).toBe('finished')
    await library.close()
  })

  it('that answers a pause with nothing at all is ended after ten seconds', async () => {
    const clock = manualClock()
    const { library, queue, trainings } = await openQueueFixture({
      clock,
      script: fakeTraining({ pace: () => new Promise(() => undefined) }),
    })
    const id = await queue.start(smallConfig(), null)
    await until(() => library.run(id).status === 'running', 'the start')
    await queue.pause(id)
    clock.advance(9999)
    expect(trainings()[0]?.isGone()).toBe(false)
    clock.advance(1)
    expect(trainings()[0]?.isGone()).toBe(true)
    expect(await queue.settled(id)).toMatchObject({
      status: 'interrupted',
      message:
        'The trainer neither paused nor gave a sign of life for 10 s and was ended. No checkpoint had been saved.',
    })
    await library.close()
  })

  it('that has saved may take longer to stop, because the test images come last', async () => {
    const clock = manualClock()
    const { library, queue, trainings } = await openQueueFixture({
      clock,
      script: (trainer) => {
        if (trainer.job.type !== 'train') return fakeTraining()(trainer)
        trainer.onCommand(() =>
          trainer.post({
            type: 'event',
            event: {
              type: 'saved',
              removed: [],
              checkpoint: {
                name: 'last',
                kinds: ['last'],
                moment: { update: 3, epoch: 0, position: 48, examples: 48, seconds: 1 },
                bytes: 1,
                validation: null,
              },
            },
          }),
        )
        trainer.post({ type: 'event', event: { type: 'noted', at: '', update: 0, message: 'ready' } })
        return Promise.resolve()
      },
    })
    const id = await queue.start(smallConfig(), null)
    await until(() => library.run(id).log.length === 1, 'the start')
    await queue.stop(id)
    await until(() => library.run(id).checkpoints.length === 1, 'the checkpoint')
    clock.advance(60_000)
    expect(trainings()[0]?.isGone()).toBe(false)
    clock.advance(60_000)
    expect(trainings()[0]?.isGone()).toBe(true)
    expect((await queue.settled(id)).message).toBe(
      'The trainer neither stopped nor gave a sign of life for 120 s and was ended. It can go on from update 3.',
    )
    await library.close()
  })

  it('is ended at once on request', async () => {
    const pace = steppedPace()
    const { library, queue } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    const id = await queue.start(smallConfig(), null)
    pace.go(5)
    await until(() => library.run(id).moment.update === 5, 'five updates')
    await queue.kill(id)
    expect(library.run(id)).toMatchObject({
      status: 'interrupted',
      message: 'It was ended at once, as you asked. It can go on from update 4.',
    })
    await queue.kill(id)
    await library.close()
  })

  it('that falls silent is marked as stalled after 30 s, and is not when it speaks again', async () => {
    const clock = manualClock()
    const { library, queue, events, trainings } = await openQueueFixture({
      clock,
      script: fakeTraining({ pace: () => new Promise(() => undefined) }),
    })
    const id = await queue.start(smallConfig(), null)
    await until(() => library.run(id).status === 'running', 'the start')
    const stalled = () => events.filter((event) => event.type === 'load').at(-1)?.stalled
    const go = (seconds: number, cpuFraction: number | null): void => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000)
        if (cpuFraction !== null) trainings()[0]?.post({ type: 'heartbeat', rssBytes: 1, cpuFraction, gpu: null })
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
    await queue.kill(id)
    await library.close()
  })
})
