import { mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fold } from '../../core/fold'
import { newRun } from '../../core/run'
import { diskFs } from '../../main/files/fs'
import { openLibrary } from '../../main/library/library'
import { foldLog } from '../../main/library/runLog'
import { until } from '../support/fakeClock'
import { fakeTraining, smallConfig, temporaryFolder } from '../support/fakeTraining'
import { at, killedWhileTraining, moment, started } from '../support/history'
import { openQueueFixture } from '../support/queueFixture'

const typesIn = (folder: string, id: string): readonly string[] =>
  readFileSync(join(folder, 'runs', id, 'events.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly type: string }).type)

const paused = { type: 'paused', at, moment: moment(4), cause: '' } as const

/** A library with a paused run, as its program left it. */
async function withPausedRun(): Promise<{ readonly folder: string; readonly id: string }> {
  const { folder, id } = await killedWhileTraining(started(), paused)
  await (await openLibrary(folder)).close()
  return { folder, id }
}

describe('the status of a run', () => {
  it('is set by events alone', () => {
    const run = newRun('0mm7kwnvsi000', at, smallConfig(), { type: 'new' })
    for (const type of ['queued', 'pausing', 'stopping'] as const)
      expect(fold({ ...run, message: 'why' }, { type })).toEqual({ ...run, status: type })
    expect(fold({ ...run, message: 'why' }, { type: 'starting', at })).toEqual({ ...run, status: 'starting' })
  })

  it('is starting in the log before a trainer writes to it, and the transient ones never are', async () => {
    let release = (): void => undefined
    const { library, queue, events } = await openQueueFixture({
      script: fakeTraining({ pace: () => new Promise((resolve) => (release = resolve)) }),
    })
    const id = await queue.start(smallConfig(), null)
    await until(() => library.run(id).status === 'running', 'the start')
    await queue.pause(id)
    expect(library.run(id).status).toBe('pausing')
    release()
    await queue.settled(id)
    await queue.resume(id)
    await until(() => library.run(id).status === 'running', 'the second start')
    await queue.stop(id)
    expect(library.run(id).status).toBe('stopping')
    release()
    const run = await queue.settled(id)
    expect(run.status).toBe('stopped')
    const types = typesIn(library.folder, id)
    expect(types.slice(0, 2)).toEqual(['starting', 'started'])
    expect(types.filter((type) => type === 'starting')).toHaveLength(2)
    expect(types.filter((type) => ['queued', 'pausing', 'stopping'].includes(type))).toEqual([])
    const told = events.flatMap((event) => (event.type === 'runChanged' ? [event.run.status] : []))
    expect(told).toEqual(expect.arrayContaining(['queued', 'starting', 'pausing', 'stopping']))
    expect((await foldLog(join(library.runFolder(id), 'events.ndjson'), run, diskFs)).run.status).toBe('stopped')
    await library.close()
  })
})

describe('a program that was killed', () => {
  it('leaves a run that waited to go on as it was', async () => {
    const { folder, id } = await withPausedRun()
    const library = await openLibrary(folder)
    await library.mark(id, { type: 'queued' })
    await library.close()
    const again = await openLibrary(folder)
    expect(again.run(id)).toMatchObject({ status: 'paused', message: '' })
    expect(typesIn(folder, id)).toEqual(['starting', 'started', 'paused'])
    await again.close()
  })

  it.each(['with the record', 'before the record was written'])(
    'while a run went on, %s, leaves it interrupted, and the log says so',
    async (how) => {
      const { folder, id } = await withPausedRun()
      const files = [join(folder, 'library.json'), join(folder, 'runs', id, 'run.json')]
      const before = files.map((path) => readFileSync(path))
      const library = await openLibrary(folder)
      await library.append(id, { type: 'starting', at })
      await library.close()
      if (how.startsWith('before')) files.forEach((path, i) => writeFileSync(path, before[i] ?? ''))
      const again = await openLibrary(folder)
      expect(again.run(id)).toMatchObject({
        status: 'interrupted',
        message: 'Batchlab ended while this run was training; no checkpoint had been saved',
      })
      expect(typesIn(folder, id)).toEqual(['starting', 'started', 'paused', 'starting', 'interrupted'])
      await again.close()
      const third = await openLibrary(folder)
      expect(third.run(id)).toEqual(again.run(id))
      expect(third.notices()).toEqual([])
      await third.close()
    },
  )

  it('and was an older one, whose log does not say that it started, leaves it interrupted too', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.record(id, { type: 'starting', at })
    await library.close()
    const again = await openLibrary(folder)
    expect(again.run(id)).toMatchObject({
      status: 'interrupted',
      message: 'Batchlab ended before this run began',
    })
    await again.close()
  })
})

describe('a trainer that is gone', () => {
  it('is interrupted behind what its log has of this attempt, and not behind the end of the one before', async () => {
    const { folder, id } = await withPausedRun()
    const library = await openLibrary(folder)
    await library.mark(id, { type: 'queued' })
    const event = { type: 'interrupted', at, cause: 'The disk is full' } as const
    // It could not even be logged that the attempt begins.
    const log = join(folder, 'runs', id, 'events.ndjson')
    renameSync(log, `${log}.away`)
    mkdirSync(log)
    const beginning = library.begin(id, at)
    await Promise.resolve()
    expect(library.run(id).status).toBe('starting')
    await expect(beginning).rejects.toThrow(/events\.ndjson/)
    expect(library.run(id).status).toBe('queued')
    rmdirSync(log)
    renameSync(`${log}.away`, log)
    expect(await library.settle(id, event)).toMatchObject({ status: 'interrupted', message: 'The disk is full' })
    await library.begin(id, at)
    expect(await library.settle(id, { ...event, cause: 'killed' })).toMatchObject({ message: 'killed' })
    expect(await library.settle(id, { ...event, cause: 'told twice' })).toMatchObject({ message: 'killed' })
    await library.close()
  })
})
