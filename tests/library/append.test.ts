import { cpSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../core/events'
import { newRun, type Run } from '../../core/run'
import { diskFs, type FileSystem, type OpenFile } from '../../main/files/fs'
import { openLibraryFiles } from '../../main/library/libraryFiles'
import { openLibrary } from '../../main/library/library'
import { runFolders } from '../../main/library/runFolder'
import { foldLog } from '../../main/library/runLog'
import { runSummary } from '../../main/library/runSummary'
import { at, ended, epochEnded, log, moment, started } from '../support/history'
import { openQueueFixture } from '../support/queueFixture'
import { configOf, fakeTraining, smallConfig, temporaryFolder } from '../support/fakeTraining'

const later = '2026-03-02T10:00:00.000Z'
const extended: TrainEvent = { type: 'extended', at: later, epochs: 9 }
const relocated: TrainEvent = { type: 'relocated', at: later, from: '/here', to: '/there', because: 'same' }
const paused: TrainEvent = {
  type: 'paused',
  at: later,
  moment: moment(12),
  cause: 'removed while it waited in the queue',
}
const noted: TrainEvent = { type: 'noted', at: later, update: 12, message: 'A thing of note' }
const stopped: TrainEvent = {
  type: 'ended',
  at: later,
  moment: moment(12),
  reason: 'stopped',
  message: 'stopped by hand',
}
const cases = [extended, relocated, paused, noted, stopped].map((event) => ({ name: event.type, event }))

const config = configOf({
  name: 'small',
  epochs: 3,
  batchSize: 16,
  network: { type: 'mlp', hidden: [4] },
  data: { source: { type: 'folder', path: '/here' } },
})
const history = [started(), epochEnded(1), epochEnded(2), epochEnded(3)]

/** A library with a run that has come to rest, a person's words about it, and another run. */
async function atRest(last: TrainEvent): Promise<{ readonly folder: string; readonly id: string }> {
  const folder = temporaryFolder()
  const library = await openLibrary(folder)
  const { id } = await library.addRun(config, { type: 'new' }, null)
  const other = await library.addRun(config, { type: 'new' }, null)
  for (const event of [...history, last]) await library.append(id, event)
  await library.append(other.id, stopped)
  await library.annotate(id, { name: 'mine', notes: 'two\nlines', tags: ['a'], starred: true })
  await library.close()
  return { folder, id }
}

const copyOf = (folder: string): string => {
  const copy = temporaryFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

/**
 * A disk that a process uses until it is killed before its call number `at`; a write then may have got half of its
 * bytes through.
 */
function killable(): { readonly fs: FileSystem; readonly arm: (at: number) => void; readonly calls: () => number } {
  let left = Infinity
  let calls = 0
  const isAlive = (): boolean => {
    calls++
    return left-- > 0
  }
  const whileAlive =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (!isAlive()) throw new Error('killed')
      return await call(...args)
    }
  const file = (open: OpenFile): OpenFile => ({
    read: whileAlive(open.read),
    sync: whileAlive(open.sync),
    truncate: whileAlive(open.truncate),
    stat: whileAlive(open.stat),
    write: async (bytes, position) => {
      if (isAlive()) return await open.write(bytes, position)
      if (left === -1) await open.write(bytes.subarray(0, bytes.length >> 1), position)
      throw new Error('killed')
    },
    close: open.close,
  })
  const { readFile, rename, link, unlink, syncFolder, makeFolder, removeFolder, list, stat } = diskFs
  return {
    fs: {
      readFile: whileAlive(readFile),
      rename: whileAlive(rename),
      link: whileAlive(link),
      unlink: whileAlive(unlink),
      syncFolder: whileAlive(syncFolder),
      makeFolder: whileAlive(makeFolder),
      removeFolder: whileAlive(removeFolder),
      list: whileAlive(list),
      stat: whileAlive(stat),
      open: whileAlive(async (path, flags) => file(await diskFs.open(path, flags))),
    },
    arm: (after) => {
      ;[left, calls] = [after, 0]
    },
    calls: () => calls,
  }
}

/**
 * Appends, is killed before so many calls, and leaves what a kill leaves. Returns whether the event was acknowledged,
 * and how many calls there were.
 */
async function appendAndDie(
  folder: string,
  id: string,
  event: TrainEvent,
  after: number,
): Promise<{ readonly isAcknowledged: boolean; readonly calls: number }> {
  const { fs, arm, calls } = killable()
  const library = await openLibrary(folder, { fs })
  arm(after)
  const isAcknowledged = await library.append(id, event).then(
    () => true,
    () => false,
  )
  const made = calls()
  arm(0)
  await library.close().catch(() => undefined)
  rmSync(join(folder, 'library.lock'), { force: true })
  return { isAcknowledged, calls: made }
}

const withoutWords = ({
  name: _name,
  notes: _notes,
  tags: _tags,
  starred: _starred,
  logBytes: _bytes,
  ...run
}: Run): Omit<Run, 'name' | 'notes' | 'tags' | 'starred' | 'logBytes'> => run

/** Opens the library as the next program would, and holds every place where the record stands against the log. */
async function expectRecordIsLog(folder: string, id: string): Promise<Run> {
  const library = await openLibrary(folder)
  expect(library.notices()).toEqual([])
  expect(library.runs()).toHaveLength(2)
  const run = await library.readRun(id)
  const { run: folded, unread } = await foldLog(
    join(library.runFolder(id), 'events.ndjson'),
    newRun(id, run.createdAt, config, { type: 'new' }),
    diskFs,
  )
  expect(unread).toBe(0)
  expect(withoutWords(run)).toEqual(withoutWords(folded))
  expect(run).toMatchObject({ name: 'mine', notes: 'two\nlines', tags: ['a'], starred: true })
  const listed = library.run(id)
  await library.close()
  expect(await runFolders(folder, diskFs).read(id)).toEqual(run)
  expect(runSummary(run)).toEqual(runSummary(listed))
  return run
}

const isIn = (run: Run, event: TrainEvent): boolean => {
  switch (event.type) {
    case 'extended':
      return run.config.epochs === event.epochs && run.extensions?.length === 1
    case 'relocated':
      return run.config.data.source.type === 'folder' && run.config.data.source.path === event.to
    case 'noted':
      return run.log.at(-1)?.message === event.message
    case 'paused':
      return run.status === 'paused' && run.message === event.cause
    case 'ended':
      return run.endedAt === event.at
    default:
      return false
  }
}

describe('a process that is killed while it appends an event', () => {
  it.each(cases)('leaves a record that is its log: $name', { timeout: 120_000 }, async ({ event }) => {
    const { folder, id } = await atRest(
      event.type === 'ended' ? { type: 'paused', at, moment: moment(12), cause: '' } : ended,
    )
    const { calls, isAcknowledged } = await appendAndDie(copyOf(folder), id, event, Infinity)
    expect(isAcknowledged).toBe(true)
    expect(calls).toBeGreaterThan(20)
    let [withIt, without] = [0, 0]
    for (let after = 0; after <= calls; after++) {
      const copy = copyOf(folder)
      const died = await appendAndDie(copy, id, event, after)
      const run = await expectRecordIsLog(copy, id)
      if (died.isAcknowledged) expect(isIn(run, event)).toBe(true)
      if (isIn(run, event)) withIt++
      else without++
      // What was not acknowledged may be asked for again; once is enough of that.
      if (without === 1 && !isIn(run, event)) {
        await appendAndDie(copy, id, event, Infinity)
        expect(isIn(await expectRecordIsLog(copy, id), event)).toBe(true)
      }
      rmSync(copy, { recursive: true })
    }
    expect(withIt).toBeGreaterThan(10)
    expect(without).toBeGreaterThan(2)
  })

  it('finds an event whose record could not be written when the next one is appended', async () => {
    const { folder, id } = await atRest(ended)
    let isFull = false
    const fs: FileSystem = {
      ...diskFs,
      rename: async (from, to) => {
        if (isFull && to.endsWith('run.json')) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        await diskFs.rename(from, to)
      },
    }
    const library = await openLibrary(folder, { fs })
    isFull = true
    await expect(library.append(id, extended)).rejects.toThrow()
    isFull = false
    await library.append(id, relocated)
    await library.close()
    const run = await expectRecordIsLog(folder, id)
    expect([extended, relocated].map((event) => isIn(run, event))).toEqual([true, true])
  })
})

describe('a library at its opening', () => {
  it('reads no log where the records are what their logs say', async () => {
    const { folder, id } = await atRest(ended)
    const read: string[] = []
    const fs: FileSystem = {
      ...diskFs,
      open: async (path, flags) => {
        if (path.endsWith('.ndjson')) read.push(path)
        return await diskFs.open(path, flags)
      },
    }
    await (await openLibrary(folder, { fs })).close()
    expect(read).toEqual([])
    log(folder, id, extended)
    await (await openLibrary(folder, { fs })).close()
    expect(read).toHaveLength(1)
    await (await openLibrary(folder, { fs })).close()
    expect(read).toHaveLength(1)
  })

  /** As a program wrote it whose records do not say what they stand for. */
  async function older(last: TrainEvent): Promise<{ readonly folder: string; readonly id: string }> {
    const { folder, id } = await atRest(last)
    const folders = runFolders(folder, diskFs)
    const { ids } = await folders.list()
    const runs: Run[] = []
    for (const one of ids) {
      const { logBytes: _bytes, ...run } = await folders.read(one)
      await folders.write(run)
      runs.push(run)
    }
    const files = await openLibraryFiles(folder, {
      fs: diskFs,
      now: () => new Date(),
      readOnly: false,
      onNotice: () => undefined,
    })
    await files.writeRuns(runs.map(runSummary))
    return { folder, id }
  }

  it.each(cases.filter(({ name }) => name !== 'noted'))(
    'finds what an older program logged last and had no time to record: $name',
    async ({ event }) => {
      const { folder, id } = await older(
        event.type === 'ended' ? { type: 'paused', at, moment: moment(12), cause: '' } : ended,
      )
      log(folder, id, event)
      expect(isIn(await expectRecordIsLog(folder, id), event)).toBe(true)
    },
  )

  it('leaves an older record alone that has what was logged last', async () => {
    const { folder, id } = await older(ended)
    const before = await runFolders(folder, diskFs).read(id)
    const library = await openLibrary(folder)
    expect(await library.readRun(id)).toEqual(before)
    await library.close()
  })

  it('reads no log of a run that a trainer wrote and finished', async () => {
    const { queue, library } = await openQueueFixture({ script: fakeTraining() })
    const id = await queue.start(smallConfig(), null)
    expect((await queue.settled(id)).status).toBe('finished')
    const { size } = statSync(join(library.runFolder(id), 'events.ndjson'))
    expect(size).toBeGreaterThan(100)
    expect(library.run(id).logBytes).toBe(size)
    await queue.shutDown({ pause: true })
    await library.close()
    const again = await openLibrary(library.folder)
    expect(again.run(id).logBytes).toBe(size)
    await again.close()
  })
})
