import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noPoints } from '../../core/events'
import { openLibrary } from '../../main/library/library'
import { until } from '../support/fakeClock'
import { steppedPace, openQueueFixture } from '../support/queueFixture'
import { fakeTraining, onePoint, smallConfig, temporaryFolder } from '../support/fakeTraining'

/** A run that was paused after five updates, with a pace that stands still from there on. */
async function pausedLab() {
  const pace = steppedPace()
  const lab = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
  const id = await lab.queue.start(smallConfig('a'), null)
  pace.go(5)
  await until(() => lab.library.run(id).moment.update === 5, 'five updates')
  await lab.queue.pause(id)
  pace.go(1)
  await lab.queue.settled(id)
  return { ...lab, id, pace }
}

describe('two requests for one run at once', () => {
  it.each(['resume first', 'remove first'])(
    'resume and remove: one of them is done, the other refused, and no removed run trains (%s)',
    async (order) => {
      const { library, queue, id, pace, trainings } = await pausedLab()
      const resume = () => queue.resume(id)
      const remove = () => queue.remove([id])
      const [resumed, removed] =
        order === 'resume first'
          ? await Promise.allSettled([resume(), remove()])
          : (await Promise.allSettled([remove(), resume()])).reverse()
      expect([resumed?.status, removed?.status].sort()).toEqual(['fulfilled', 'rejected'])
      if (removed?.status === 'fulfilled') {
        expect(library.run(id)).toMatchObject({ status: 'paused', removedAt: expect.any(String) as string })
        expect(trainings()).toHaveLength(1)
        expect(resumed).toMatchObject({ reason: { message: expect.stringMatching(/trash/) as string } })
      } else {
        expect(removed).toMatchObject({
          reason: { message: expect.stringMatching(/is training: pause or stop it/) as string },
        })
        pace.go(100)
        expect(await queue.settled(id)).toMatchObject({ status: 'finished', removedAt: null })
      }
      await queue.shutDown({ pause: true })
      await library.close()
    },
  )

  it('pause and stop: the run stops, once, with one trainer', async () => {
    const { library, queue, id, pace, trainings } = await pausedLab()
    await queue.resume(id)
    await until(() => library.run(id).status === 'running', 'the start')
    await Promise.all([queue.pause(id), queue.stop(id)])
    pace.go(100)
    expect((await queue.settled(id)).status).toBe('stopped')
    expect(trainings()).toHaveLength(2)
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('kill and pause: the run is interrupted and can go on', async () => {
    const { library, queue, id, pace } = await pausedLab()
    await queue.resume(id)
    await until(() => library.run(id).status === 'running', 'the start')
    await Promise.allSettled([queue.pause(id), queue.kill(id)])
    expect((await queue.settled(id)).status).toBe('interrupted')
    pace.go(100)
    await queue.resume(id)
    expect((await queue.settled(id)).status).toBe('finished')
    await queue.shutDown({ pause: true })
    await library.close()
  })
})

describe('a crash of the app', () => {
  it('begins no queued run by itself, says of each that it never began, keeps their order, and each can be resumed', async () => {
    const folder = temporaryFolder()
    const { queue } = await openQueueFixture({
      folder,
      script: fakeTraining({ pace: () => new Promise(() => undefined) }),
    })
    await queue.start(smallConfig('first'), null)
    const waiting = [await queue.start(smallConfig('second'), null), await queue.start(smallConfig('third'), null)]
    // As a process that is gone leaves it: the lock is nobody's.
    writeFileSync(join(folder, 'library.lock'), '')
    const after = await openQueueFixture({ folder })
    expect(after.library.runs().map(({ name }) => name)).toEqual(['first', 'second', 'third'])
    for (const id of waiting) {
      expect(after.library.run(id)).toMatchObject({
        status: 'interrupted',
        message: 'Batchlab ended before this run began',
      })
      await after.queue.resume(id)
    }
    for (const id of waiting) expect((await after.queue.settled(id)).status).toBe('finished')
    expect(after.trainings().map(({ job }) => (job.type === 'train' ? job.config.name : ''))).toEqual([
      'second',
      'third',
    ])
    await after.queue.shutDown({ pause: true })
    await after.library.close()
  })

  it('leaves no unfinished checkpoint behind', async () => {
    const folder = temporaryFolder()
    const { library, queue } = await openQueueFixture({
      folder,
      script: fakeTraining({ pace: () => new Promise(() => undefined) }),
    })
    const id = await queue.start(smallConfig(), null)
    await until(() => library.run(id).status === 'running', 'the start')
    const checkpoints = join(library.runFolder(id), 'checkpoints')
    mkdirSync(checkpoints, { recursive: true })
    const left = join(checkpoints, '.last.safetensors.4194305-0123abcd-7.unfinished')
    writeFileSync(left, 'half')
    writeFileSync(join(folder, 'library.lock'), '')
    const after = await openLibrary(folder)
    expect([existsSync(left), readdirSync(checkpoints)]).toEqual([false, []])
    await after.close()
  })
})

describe('a trace', () => {
  it('has what was told already, though the log does not have it yet, and each point once', async () => {
    const library = await openLibrary(temporaryFolder())
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    const moment = (update: number) => ({ update, epoch: 0, position: 0, examples: 16 * update, seconds: update })
    const points = [1, 2, 3, 4].map((update) => onePoint(moment(update)))
    for (const one of points.slice(0, 2)) await library.append(id, { type: 'advanced', points: one })
    for (const one of points.slice(1)) await library.record(id, { type: 'advanced', points: one })
    expect((await library.readTrace(id)).update).toEqual([1, 2, 3, 4])
    await library.append(id, { type: 'advanced', points: points[2] ?? noPoints() })
    expect((await library.readTrace(id)).update).toEqual([1, 2, 3, 4])
    await library.close()
  })
})
