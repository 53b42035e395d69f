import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RunConfig } from '../../core/config/config'
import type { Run } from '../../core/run'
import type { FakeTrainer } from '../support/fakeHost'
import { openLibrary } from '../../main/library/library'
import { until } from '../support/fakeClock'
import { steppedPace, openQueueFixture } from '../support/queueFixture'
import { info, fakeTraining, smallConfig, temporaryFolder } from '../support/fakeTraining'

const onFolder = (path: string, epochs = 3): RunConfig =>
  RunConfig.parse({ ...smallConfig('moved', epochs), data: { source: { type: 'folder', path } } })

/**
 * A disk of data sets: what lies where, by its fingerprint. Whoever trains or looks finds what lies there at that
 * moment.
 */
function diskOf(
  places: Map<string, string>,
  pace?: () => Promise<void>,
  looked: () => Promise<unknown> = () => Promise.resolve(),
) {
  return async (trainer: FakeTrainer): Promise<void> => {
    const { job } = trainer
    if (job.type === 'inspect') await looked()
    const data = job.type === 'train' ? job.config.data : job.type === 'inspect' ? job.data : null
    const path = data !== null && 'path' in data.source ? data.source.path : ''
    const fingerprint = places.get(path)
    if (fingerprint === undefined) {
      trainer.post({ type: 'failed', message: `${path}: there is no such file or folder`, path: 'data.source.path' })
      trainer.exit()
    } else await fakeTraining({ info: { ...info, fingerprint }, ...(pace !== undefined && { pace }) })(trainer)
  }
}

/** A run that was paused after five updates on what lay at /old. */
async function pausedRun(looked?: () => Promise<unknown>) {
  const places = new Map([['/old', 'f00d']])
  const pace = steppedPace()
  const lab = await openQueueFixture({ script: diskOf(places, pace.pace, looked) })
  const id = await lab.queue.start(onFolder('/old'), null)
  pace.go(5)
  await until(() => lab.library.run(id).moment.update === 5, 'five updates')
  await lab.queue.pause(id)
  pace.go(1000)
  await lab.queue.settled(id)
  const log = (): string => readFileSync(join(lab.library.runFolder(id), 'events.ndjson'), 'utf8')
  const record = (): Promise<Run> => lab.library.readRun(id)
  return {
    ...lab,
    id,
    places,
    log,
    record,
    close: async () => {
      await lab.queue.shutDown({ pause: true })
      await lab.library.close()
    },
  }
}

describe('a run that goes on', () => {
  it.each([
    [
      'is missing',
      (places: Map<string, string>) => places.delete('/old'),
      /\/old: there is no such file or folder\. If the data was moved, say where it is now/,
    ],
    [
      'is another',
      (places: Map<string, string>) => places.set('/old', 'beef'),
      /\/old: the images are not those that the run was trained on \(their fingerprint was f00d, now it is beef\)/,
    ],
  ])('stays as it is, to the byte, where its data %s', async (_, change, message) => {
    const { queue, id, places, log, record, trainings, close } = await pausedRun()
    const before = { log: log(), record: await record(), trainings: trainings().length }
    change(places)
    for (const attempt of [queue.resume(id), queue.extend(id, 9), queue.relocate(id, '/nowhere')])
      await expect(attempt).rejects.toMatchObject({ name: 'RequestError' })
    await expect(queue.resume(id)).rejects.toThrow(message)
    await expect(queue.extend(id, 9)).rejects.toMatchObject({
      name: 'RequestError',
      issues: [{ path: 'data.source.path' }],
    })
    expect({ log: log(), record: await record(), trainings: trainings().length }).toEqual(before)
    places.set('/old', 'f00d')
    await queue.resume(id)
    expect(await queue.settled(id)).toMatchObject({ status: 'finished', moment: { update: 12 } })
    await close()
  })

  it('goes on at the place where its data was moved, which is on record from then on', async () => {
    const { library, queue, id, places, record, trainings, close } = await pausedRun()
    places.delete('/old')
    places.set('/new', 'f00d')
    await queue.resume(id, { place: '/new' })
    const run = await queue.settled(id)
    expect(run).toMatchObject({ status: 'finished', config: { data: { source: { path: '/new' } } } })
    expect((await record()).log.map(({ message }) => message).join('\n')).toContain(
      'The data is at /new now (it was at /old)',
    )
    expect(trainings().at(-1)?.job).toMatchObject({ config: { data: { source: { path: '/new' } } } })
    // A fork of it begins with the new place.
    const fork = await queue.fork(id, run.checkpoints[0]?.name ?? '', run.config)
    expect((await queue.settled(fork)).config.data.source).toMatchObject({ path: '/new' })
    expect((await library.readTrace(id)).update).toHaveLength(12)
    await close()
  })

  it('refuses a place where other images lie, and one that is no full path', async () => {
    const { queue, id, places, log, close } = await pausedRun()
    const before = log()
    places.set('/new', 'beef')
    await expect(queue.resume(id, { place: '/new' })).rejects.toThrow(/\/new: the images are not those/)
    await expect(queue.relocate(id, '/new')).rejects.toThrow(/\/new: the images are not those/)
    await expect(queue.resume(id, { place: 'new' })).rejects.toThrow('must be a full path')
    expect(log()).toBe(before)
    await queue.resume(id, { place: '/new', acceptChangedData: true })
    expect((await queue.settled(id)).log.map(({ message }) => message).join('\n')).toContain('which was accepted')
    await close()
  })

  it('is extended where its data was moved, and stays finished where it is not found', async () => {
    const places = new Map([['/old', 'f00d']])
    const { queue, library } = await openQueueFixture({ script: diskOf(places) })
    const id = await queue.start(onFolder('/old'), null)
    await queue.settled(id)
    places.delete('/old')
    await expect(queue.extend(id, 5)).rejects.toThrow('/old: there is no such file or folder')
    expect(library.run(id)).toMatchObject({ status: 'finished', config: { epochs: 3 } })
    places.set('/new', 'f00d')
    await queue.extend(id, 5, { place: '/new' })
    expect(await queue.settled(id)).toMatchObject({
      status: 'finished',
      moment: { epoch: 5 },
      config: { epochs: 5, data: { source: { path: '/new' } } },
    })
    await queue.shutDown({ pause: true })
    await library.close()
  })

  it('waits, paused, where the data goes between the look and the training', async () => {
    const { queue, id, places, library, record, close } = await pausedRun()
    let looks = 0
    const { get } = places
    places.get = (path) => (++looks > 1 ? undefined : get.call(places, path))
    await queue.resume(id)
    expect(await queue.settled(id)).toMatchObject({
      status: 'paused',
      moment: { update: 5 },
      message: '/old: there is no such file or folder',
    })
    expect(library.run(id).checkpoints).not.toEqual([])
    places.get = get
    await queue.resume(id)
    expect((await queue.settled(id)).status).toBe('finished')
    expect((await record()).log.map(({ message }) => message)).toContain(
      'Paused: /old: there is no such file or folder',
    )
    await close()
  })

  it('is refused in the same way when it was put into the trash while its data was read', async () => {
    let look: () => Promise<unknown> = () => Promise.resolve()
    const { queue, id, library, close } = await pausedRun(() => look())
    look = () => library.remove([id])
    const resuming = queue.resume(id)
    await expect(resuming).rejects.toThrow('is in the trash')
    expect(library.run(id).status).toBe('paused')
    await close()
  })

  it('knows its new place after a crash that came before it went on', async () => {
    const { queue, id, places, library, close, folder } = await pausedRun()
    places.delete('/old')
    places.set('/new', 'f00d')
    await queue.relocate(id, '/new')
    await queue.relocate(id, '/new')
    expect(library.run(id)).toMatchObject({ status: 'paused', moment: { update: 5 } })
    await close()
    const { library: again, queue: next } = await openQueueFixture({ folder, script: diskOf(places) })
    await next.resume(id)
    expect((await next.settled(id)).status).toBe('finished')
    expect((await again.readRun(id)).log.filter(({ message }) => message.startsWith('The data is at'))).toHaveLength(1)
    await next.shutDown({ pause: true })
    await again.close()
  })

  it('finds data that an earlier version put down as it was typed, and puts down where it is', async () => {
    const folder = temporaryFolder()
    const made = await openLibrary(folder)
    const { id } = await made.addRun(onFolder('old'), { type: 'new' }, null)
    await made.append(id, { type: 'paused', at: new Date().toISOString(), moment: made.run(id).moment, cause: '' })
    await made.close()
    const { queue, library } = await openQueueFixture({
      folder,
      script: diskOf(new Map([[join(process.cwd(), 'old'), 'f00d']])),
    })
    await queue.resume(id)
    expect(await queue.settled(id)).toMatchObject({
      status: 'finished',
      config: { data: { source: { path: join(process.cwd(), 'old') } } },
    })
    await queue.shutDown({ pause: true })
    await library.close()
  })
})

describe('a new run', () => {
  it('is refused with a path that means another place elsewhere', async () => {
    const { queue, library } = await openQueueFixture({ script: diskOf(new Map([['images', 'f00d']])) })
    for (const attempt of [queue.start(onFolder('images'), null), queue.inspect(onFolder('~/images').data)]) {
      await expect(attempt).rejects.toMatchObject({
        issues: [{ path: 'data.source.path', message: expect.stringContaining('must be a full path') }],
      })
    }
    expect(library.runs()).toEqual([])
    await library.close()
  })
})
