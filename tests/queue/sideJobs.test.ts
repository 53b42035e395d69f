import { describe, expect, it } from 'vitest'
import type { AppEvent } from '../../core/protocol'
import { openLibrary } from '../../main/library/library'
import { manualClock, until } from '../support/fakeClock'
import { steppedPace, openQueueFixture } from '../support/queueFixture'
import { fakeTraining, smallConfig } from '../support/fakeTraining'

describe('closing', () => {
  it('pauses what trains and keeps what waits', async () => {
    const pace = steppedPace()
    const { library, queue } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    const [first, second] = [await queue.start(smallConfig('a'), null), await queue.start(smallConfig('b'), null)]
    pace.go(5)
    await until(() => library.run(first).moment.update === 5, 'five updates')
    const closing = queue.shutDown({ pause: true })
    pace.go(1)
    await closing
    expect(library.run(first)).toMatchObject({ status: 'paused', moment: { update: 5 } })
    expect(library.run(second)).toMatchObject({
      status: 'paused',
      message: 'Batchlab closed while this run waited in the queue',
    })
    await expect(queue.start(smallConfig('c'), null)).rejects.toThrow('Batchlab is closing')
    await library.close()
    const again = await openLibrary(library.folder)
    expect(again.runs().map(({ status }) => status)).toEqual(['paused', 'paused'])
    await again.close()
  })

  it('takes ten seconds at most', async () => {
    const clock = manualClock()
    const { library, queue } = await openQueueFixture({
      clock,
      script: fakeTraining({ pace: () => new Promise(() => undefined) }),
    })
    const id = await queue.start(smallConfig(), null)
    await until(() => library.run(id).status === 'running', 'the start')
    const closing = queue.shutDown({ pause: true })
    await new Promise((resolve) => setTimeout(resolve, 20))
    clock.advance(10_000)
    await closing
    expect(library.run(id).status).toBe('interrupted')
    await library.close()
  })

  it('ends jobs that nobody waits for any more', async () => {
    const { library, queue, host } = await openQueueFixture({ script: () => undefined })
    const probing = queue.probe()
    await until(() => host.trainers.length === 1, 'the job')
    await Promise.all([expect(probing).rejects.toThrow('Batchlab is closing'), queue.shutDown({ pause: true })])
    expect(host.trainers[0]?.isGone()).toBe(true)
    await library.close()
  })
})

describe('jobs beside a training', () => {
  it('inspects made-up data once and files every time', async () => {
    const { library, queue, host } = await openQueueFixture()
    const { data } = smallConfig()
    await queue.inspect(data)
    await queue.inspect({ ...data, augmentation: { ...data.augmentation, flip: true } })
    expect(host.trainers).toHaveLength(1)
    const folder = { ...data, source: { type: 'idx' as const, path: '/data', set: '' } }
    await Promise.all([queue.inspect(folder), queue.inspect(folder)])
    await queue.inspect(folder)
    expect(host.trainers).toHaveLength(3)
    await library.close()
  })

  it('ends what a job said of its progress with the job, however it ended, and goes on with that of another', async () => {
    const clock = manualClock()
    const { library, queue, host } = await openQueueFixture({ clock, script: () => undefined })
    const heard: AppEvent[] = []
    queue.listen((event) => {
      if (event.type === 'progress') heard.push(event)
    })
    const { data } = smallConfig()
    const [first, second] = [queue.probe(), queue.inspect({ ...data, source: { type: 'idx', path: '/data', set: '' } })]
    await until(() => host.trainers.length === 2, 'both jobs')
    const [probing, inspecting] = host.trainers
    const last = (): AppEvent | undefined => {
      clock.advance(200)
      return heard.at(-1)
    }
    inspecting?.post({ type: 'progress', message: 'Reading the images', fraction: 0.2 })
    probing?.post({ type: 'progress', message: 'Trying the engines', fraction: 0.75 })
    expect(last()).toMatchObject({ message: 'Trying the engines', fraction: 0.75 })
    probing?.post({ type: 'done', result: [] })
    probing?.exit()
    await first
    await until(() => probing?.isGone() === true, 'its end')
    await until(() => (last() as { readonly message?: string }).message === 'Reading the images', 'the other one')
    inspecting?.post({ type: 'failed', message: 'no such file' })
    inspecting?.exit()
    await expect(second).rejects.toThrow('no such file')
    await until(() => (last() as { readonly fraction?: number }).fraction === 1, 'the end of all')
    await library.close()
  })

  it('ends what a refused job said of its progress with the refusal, whatever its process still says', async () => {
    const clock = manualClock()
    const { library, queue, host } = await openQueueFixture({ clock, script: () => undefined })
    const heard: AppEvent[] = []
    queue.listen((event) => {
      if (event.type === 'progress') heard.push(event)
    })
    const { data } = smallConfig()
    const inspecting = queue.inspect({ ...data, source: { type: 'idx', path: '/data', set: '' } })
    await until(() => host.trainers.length === 1, 'the job')
    const [trainer] = host.trainers
    trainer?.post({ type: 'progress', message: 'Checking the images', fraction: null })
    clock.advance(200)
    expect(heard.at(-1)).toMatchObject({ message: 'Checking the images' })
    trainer?.post({ type: 'failed', message: 'no such folder' })
    trainer?.post({ type: 'progress', message: 'Checking the images', fraction: 0.5 })
    await expect(inspecting).rejects.toThrow('no such folder')
    clock.advance(200)
    expect(trainer?.isGone()).toBe(false)
    expect(heard.at(-1)).toMatchObject({ id: null, fraction: 1 })
    trainer?.exit()
    await library.close()
  })

  it('runs at most two at a time', async () => {
    let running = 0
    let most = 0
    const { library, queue } = await openQueueFixture({
      script: async (trainer) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, 10))
        running--
        trainer.post({ type: 'done', result: [] })
        trainer.exit()
      },
    })
    await Promise.all(Array.from({ length: 6 }, () => queue.probe()))
    expect(most).toBe(2)
    await library.close()
  })

  it('says what a job failed with, and how it ended without an answer', async () => {
    const { library, queue } = await openQueueFixture({
      script: (trainer) => {
        if (trainer.job.type === 'preview') trainer.post({ type: 'failed', message: 'no such image' })
        trainer.exit({ description: 'the trainer process crashed (SIGSEGV)' })
      },
    })
    await expect(queue.probe()).rejects.toThrow('There is no answer: the trainer process crashed (SIGSEGV)')
    await expect(
      queue.preview({ data: smallConfig().data, seed: 1, split: 'train', indices: [0], augment: false }),
    ).rejects.toThrow('no such image')
    await library.close()
  })

  it('compares two checkpoints on the images of the first, each with what belongs to its own run', async () => {
    const { library, queue, host } = await openQueueFixture()
    const [a, b] = [smallConfig('a'), { ...smallConfig('b'), data: { ...smallConfig().data, splitSeed: 9 } }]
    const [one, other] = [await queue.start(a, null), await queue.start(b, null)]
    await Promise.all([queue.settled(one), queue.settled(other)])
    await expect(
      queue.compare(
        { run: one, checkpoint: 'last' },
        { run: other, checkpoint: 'last' },
        { split: 'test', unseen: true },
      ),
    ).rejects.toThrow('the fake training cannot evaluate')
    const job = host.trainers.at(-1)?.job
    expect(job).toMatchObject({ type: 'evaluate', split: 'test', unseen: true, data: a.data })
    expect(job?.type === 'evaluate' && job.checkpoints).toEqual([
      { path: library.checkpointPath(one, 'last'), name: '“a”, last', source: a.data.source },
      { path: library.checkpointPath(other, 'last'), name: '“b”, last', source: b.data.source },
    ])
    await library.close()
  })

  it('ends one that has been silent for a minute', async () => {
    const clock = manualClock()
    const { library, queue, host } = await openQueueFixture({ clock, script: () => undefined })
    const probing = queue.probe()
    await until(() => host.trainers.length === 1, 'the job')
    clock.advance(60_000)
    await expect(probing).rejects.toThrow('There is no answer: the trainer was ended by force')
    await library.close()
  })

  it(
    'ends one that lives and does nothing, as one does whose data lies on a disk that does not answer, but none ' +
      'that works',
    async () => {
      const clock = manualClock()
      const { library, queue, host } = await openQueueFixture({ clock, script: () => undefined })
      const [waiting, working] = [queue.probe(), queue.probe()]
      await until(() => host.trainers.length === 2, 'the jobs')
      for (let seconds = 0; seconds < 180; seconds += 30) {
        clock.advance(30_000)
        host.trainers[0]?.post({ type: 'heartbeat', rssBytes: 1, cpuFraction: 0, gpu: null })
        host.trainers[1]?.post({ type: 'heartbeat', rssBytes: 1, cpuFraction: 0.5, gpu: null })
      }
      clock.advance(1)
      await expect(waiting).rejects.toThrow('There is no answer: the job neither said nor did anything for minutes')
      host.trainers[1]?.post({ type: 'done', result: [] })
      expect(await working).toEqual([])
      await library.close()
    },
  )
})
