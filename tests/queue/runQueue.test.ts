import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { networkFor, sizeOf, weightsOf } from '../../core/network'
import { writeSafetensors, type StoredTensor } from '../../main/files/safetensors'
import { openLibrary } from '../../main/library/library'
import { until } from '../support/fakeClock'
import { beginning, steppedPace, openQueueFixture } from '../support/queueFixture'
import { info, fakeTraining, smallConfig, temporaryFolder } from '../support/fakeTraining'

/** What the network of `smallConfig` needs, all of one value. */
const weightsFor = (value = 1): Map<string, StoredTensor> =>
  new Map(
    weightsOf(
      networkFor(smallConfig().network, smallConfig().networkOptions, info.shape, info.classes.length),
      info.shape,
    ).map(({ name, shape }) => [name, { dtype: 'F32', shape, data: new Float32Array(sizeOf(shape)).fill(value) }]),
  )

describe('a queue', () => {
  it('trains a run to its end, and says finished only when it is on disk', async () => {
    const { library, queue, events, folder } = await openQueueFixture()
    const id = await queue.start(smallConfig('one'), null)
    queue.listen((event) => {
      if (event.type !== 'run' || !event.events.some(({ type }) => type === 'ended')) return
      expect(readFileSync(join(folder, 'runs', id, 'run.json'), 'utf8')).toContain('"status":"finished"')
      expect(readFileSync(join(folder, 'library.json'), 'utf8')).toContain('"status":"finished"')
    })
    const run = await queue.settled(id)
    expect(run).toMatchObject({
      status: 'finished',
      moment: { update: 12, epoch: 3 },
      epochs: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }],
      message: '',
    })
    await queue.shutDown({ pause: true })
    expect(events.some((event) => event.type === 'run' && event.events.some(({ type }) => type === 'ended'))).toBe(true)
    expect((await library.readTrace(id)).update).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    await library.close()
  })

  it('trains one run at a time, in the order they were asked for', async () => {
    const atOnce: number[] = []
    const { library, queue, trainings } = await openQueueFixture({
      script: fakeTraining({
        at: () => {
          atOnce.push(trainings().filter(({ isGone }) => !isGone()).length)
        },
      }),
    })
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => queue.start(smallConfig(name), null)))
    const runs = await Promise.all(ids.map(queue.settled))
    expect(runs.map(({ status }) => status)).toEqual(['finished', 'finished', 'finished'])
    const names = trainings().map(({ job }) => (job.type === 'train' ? job.config.name : ''))
    expect(names).toEqual(['a', 'b', 'c'])
    expect(new Set(atOnce)).toEqual(new Set([1]))
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('takes a double click as one wish', async () => {
    const { library, queue, trainings } = await openQueueFixture()
    const [first, second] = await Promise.all([queue.start(smallConfig(), null), queue.start(smallConfig(), null)])
    expect(second).toBe(first)
    expect(await queue.start(smallConfig(), null)).toBe(first)
    expect(await queue.start(smallConfig('small', 3, 2), null)).not.toBe(first)
    await Promise.all(library.runs().map(({ id }) => queue.settled(id)))
    expect(trainings()).toHaveLength(2)
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('refuses a config that its data contradicts, with the field', async () => {
    const { library, queue } = await openQueueFixture()
    await expect(queue.start({ ...smallConfig(), batchSize: 65 }, null)).rejects.toMatchObject({
      issues: [{ path: 'batchSize', message: 'must be at most the 64 training images, found 65' }],
    })
    expect(library.runs()).toEqual([])
    await library.close()
  })

  it('pauses, resumes from the last checkpoint, and finishes with every point once', async () => {
    const pace = steppedPace()
    const { library, queue, trainings } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    const id = await queue.start(smallConfig(), null)
    pace.go(5)
    await until(() => library.run(id).moment.update === 5, 'five updates')
    const pausing = [queue.pause(id), queue.pause(id)]
    await Promise.all(pausing)
    expect(library.run(id).status).toBe('pausing')
    await queue.pause(id)
    pace.go(100)
    expect(await queue.settled(id)).toMatchObject({ status: 'paused', moment: { update: 5 } })
    await queue.pause(id)
    expect(trainings()[0]?.commands).toEqual([{ type: 'pause' }])
    await Promise.all([queue.resume(id), queue.resume(id)])
    expect(await queue.settled(id)).toMatchObject({ status: 'finished', moment: { update: 12 } })
    expect(trainings()).toHaveLength(2)
    expect(beginning(trainings()[1])).toEqual({
      type: 'resume',
      path: library.checkpointPath(id, 'last'),
      acceptChangedData: false,
    })
    expect((await library.readTrace(id)).update).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('says when a run goes on from an older checkpoint, because the newest cannot be used', async () => {
    const pace = steppedPace()
    const { library, queue, events } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    const id = await queue.start(smallConfig(), null)
    pace.go(5)
    await until(() => library.run(id).moment.update === 5, 'five updates')
    await queue.save(id)
    pace.go(2)
    await until(() => library.run(id).moment.update === 7, 'a checkpoint and seven updates')
    await queue.pause(id)
    pace.go(1)
    await queue.settled(id)
    const notices = () => events.flatMap((event) => (event.type === 'notice' ? [event.notice] : []))
    pace.go(100)
    writeFileSync(library.checkpointPath(id, 'last'), 'damaged')
    await queue.resume(id)
    expect(await queue.settled(id)).toMatchObject({ status: 'finished' })
    const message = '“small” goes on from update 5, because its newest checkpoint cannot be used: its log says why'
    expect(notices()).toEqual([expect.objectContaining({ level: 'warning', message })])
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('pauses a run that another process asks to pause', async () => {
    const pace = steppedPace()
    const { library, queue, folder } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    const id = await queue.start(smallConfig(), null)
    pace.go(2)
    await until(() => library.run(id).moment.update === 2, 'two updates')
    const other = await openLibrary(folder)
    await other.requestPause(id)
    pace.go(100)
    expect((await queue.settled(id)).status).toBe('paused')
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('takes a queued run out of the queue to pause or stop it', async () => {
    const pace = steppedPace()
    const { library, queue } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    const [first, second, third] = [
      await queue.start(smallConfig('a'), null),
      await queue.start(smallConfig('b'), null),
      await queue.start(smallConfig('c'), null),
    ]
    await queue.pause(second)
    await queue.stop(third)
    expect([second, third].map((id) => library.run(id).status)).toEqual(['paused', 'stopped'])
    await expect(queue.kill(second)).rejects.toThrow('“b” is not training')
    pace.go(1000)
    await queue.settled(first)
    await queue.resume(second)
    expect((await queue.settled(second)).status).toBe('finished')
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('stops, saves, extends and forks', async () => {
    const pace = steppedPace()
    const { library, queue, trainings } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    const id = await queue.start(smallConfig(), null)
    pace.go(5)
    await until(() => library.run(id).moment.update === 5, 'five updates')
    await queue.save(id)
    pace.go(1)
    await until(() => library.run(id).checkpoints.some(({ name }) => name === 'manual-5'), 'the checkpoint')
    await queue.stop(id)
    pace.go(1)
    expect((await queue.settled(id)).status).toBe('stopped')
    await expect(queue.extend(id, 3)).rejects.toMatchObject({
      issues: [{ path: 'epochs', message: 'must be more than the 3 planned so far, found 3' }],
    })
    await queue.extend(id, 4)
    pace.go(1000)
    expect(await queue.settled(id)).toMatchObject({ status: 'finished', config: { epochs: 4 }, moment: { update: 16 } })

    const fork = await queue.fork(id, 'manual-5', smallConfig('fork'))
    expect(await queue.settled(fork)).toMatchObject({
      status: 'finished',
      origin: { type: 'fork', run: id, checkpoint: 'manual-5', update: 5 },
    })
    expect(beginning(trainings().at(-1))).toEqual({
      type: 'fork',
      path: join(library.runFolder(fork), 'origin.safetensors'),
    })
    expect(readFileSync(join(library.runFolder(fork), 'origin.safetensors'))).toEqual(
      readFileSync(library.checkpointPath(id, 'manual-5')),
    )
    const tooShort = {
      issues: [
        {
          path: 'epochs',
          message: 'must reach beyond manual-5, which stands in epoch 2 of a training that would end after 1',
        },
      ],
    }
    await expect(queue.fork(id, 'manual-5', smallConfig('too short', 1))).rejects.toMatchObject(tooShort)
    await expect(queue.fork(id, 'best-9', smallConfig())).rejects.toThrow('“small” has no checkpoint best-9')
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('starts from a weights file, of which it keeps a copy', async () => {
    const { library, queue, trainings } = await openQueueFixture()
    const weights = join(temporaryFolder(), 'w.safetensors')
    await writeSafetensors(weights, weightsFor(), {})
    const id = await queue.start(smallConfig(), weights)
    expect((await queue.settled(id)).origin).toEqual({
      type: 'weights',
      file: weights,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    const used = beginning(trainings()[0])
    expect(used).toEqual({ type: 'weights', path: join(library.runFolder(id), 'origin.safetensors') })
    expect(readFileSync(join(library.runFolder(id), 'origin.safetensors'))).toEqual(readFileSync(weights))
    await expect(queue.start(smallConfig('x'), '/etc/passwd')).rejects.toMatchObject({ issues: [{ path: 'weights' }] })
    await expect(queue.start(smallConfig('y'), join(temporaryFolder(), 'none'))).rejects.toThrow(
      /weights .*does not exist|weights .*none/,
    )
    // Whatever the file has against it is found before there is a run.
    const runs = library.runs()
    for (const [tensors, message] of [
      [new Map([...weightsFor()].slice(1)), /has no tensor \S+, which this network needs; it has/],
      [
        new Map(
          [...weightsFor()].map(([name, { shape, data }]) => [
            name,
            { dtype: 'I32' as const, shape, data: Int32Array.from(data as Float32Array) },
          ]),
        ),
        /is I32, expected floats/,
      ],
      [new Map([...weightsFor(NaN)]), /holds a NaN or infinite value/],
    ] as const) {
      const bad = join(temporaryFolder(), 'bad.safetensors')
      await writeSafetensors(bad, tensors, {})
      await expect(queue.start(smallConfig(), bad)).rejects.toMatchObject({
        issues: [{ path: 'weights', message: expect.stringMatching(message) as string }],
      })
    }
    await expect(queue.start(smallConfig(), 'w.safetensors')).rejects.toThrow('weights must be a full path')
    expect(library.runs()).toEqual(runs)
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('refuses to remove a run that trains, and takes one out of the queue before removing it', async () => {
    const pace = steppedPace()
    const { library, queue } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    const [first, second] = [await queue.start(smallConfig('a'), null), await queue.start(smallConfig('b'), null)]
    await until(() => library.run(first).status === 'running', 'the start')
    await expect(queue.remove([second, first])).rejects.toThrow(
      '“a” is training: pause or stop it before you remove it',
    )
    expect(library.run(second).removedAt).toBeNull()
    await queue.remove([second])
    expect(library.run(second)).toMatchObject({ status: 'paused', removedAt: expect.any(String) as string })
    await expect(queue.resume(second)).rejects.toThrow('“b” is in the trash: restore it first')
    pace.go(100)
    await queue.settled(first)
    await queue.shutDown({ pause: true })
    await library.close()
  })
})

describe('a run’s folder', () => {
  it('holds no request and no trainer when nobody trains it', async () => {
    const { library, queue } = await openQueueFixture()
    const id = await queue.start(smallConfig(), null)
    await queue.settled(id)
    expect(existsSync(join(library.runFolder(id), 'pause.request'))).toBe(false)
    expect(existsSync(join(library.runFolder(id), 'trainer.pid'))).toBe(false)
    await library.close()
  })
})
