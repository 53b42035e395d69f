import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { TrainEvent } from '../../core/events'
import type { Run } from '../../core/run'
import { encodeLine } from '../../main/files/eventLine'
import { diskFs, type FileSystem } from '../../main/files/fs'
import { openLibrary } from '../../main/library/library'
import { advanced, at, digest, ended, epochEnded, killedWhileTraining, log, moment, started } from '../support/history'
import { smallConfig, temporaryFolder } from '../support/fakeTraining'

const statusAndMessage = ({ status, message }: Run) => ({ status, message })

describe('a library after a crash', () => {
  it('says that a run was interrupted and where it can go on', async () => {
    const saved: TrainEvent = {
      type: 'saved',
      removed: [],
      checkpoint: { name: 'last', kinds: ['last'], moment: moment(4), bytes: 1, validation: null },
    }
    const { folder, id } = await killedWhileTraining(
      started(),
      advanced(1),
      advanced(4),
      epochEnded(1),
      saved,
      advanced(5),
    )
    const library = await openLibrary(folder)
    expect(library.run(id)).toMatchObject({
      status: 'interrupted',
      message: 'Batchlab ended while this run was training; it can go on from update 4',
      moment: { update: 5 },
      epochs: [{ epoch: 1 }],
    })
    await library.close()
    const again = await openLibrary(folder)
    expect(again.run(id).status).toBe('interrupted')
    expect((await again.readRun(id)).log.map(({ message }) => message.replace(/ with .*/, ''))).toEqual([
      'Began',
      'Batchlab ended while this run was training; it can go on from update 4',
    ])
    await again.close()
  })

  it.each([
    { name: 'that had ended', events: [started(), advanced(1), ended], expected: { status: 'finished', message: '' } },
    {
      name: 'that had paused',
      events: [started(), { type: 'paused', at, moment: moment(1), cause: '' } satisfies TrainEvent],
      expected: { status: 'paused', message: '' },
    },
    {
      name: 'that had not begun',
      events: [],
      expected: { status: 'interrupted', message: 'Batchlab ended before this run began' },
    },
  ])('believes the log of a run $name', async ({ events, expected }) => {
    const { folder, id } = await killedWhileTraining(...events)
    const library = await openLibrary(folder)
    expect(statusAndMessage(library.run(id))).toEqual(expected)
    await library.close()
  })

  it('cuts a torn line and skips a damaged one, and says so', async () => {
    const { folder, id } = await killedWhileTraining(started(), advanced(1))
    const path = join(folder, 'runs', id, 'events.ndjson')
    appendFileSync(path, '{"crc":"00000000","type":"advanced"}\n')
    log(folder, id, advanced(2))
    appendFileSync(path, encodeLine(advanced(3)).subarray(0, 40))
    const library = await openLibrary(folder)
    expect(library.run(id)).toMatchObject({ status: 'interrupted', moment: { update: 2 } })
    expect(library.notices().map(({ message }) => message)).toEqual([
      `One line of the log of run ${id} (“small”) could not be read and was skipped`,
    ])
    expect((await library.readTrace(id)).update).toEqual([1, 2])
    await library.close()
  })

  it('gives a log to nobody who has it open: what a stopped trainer still writes when it is continued damages nothing', async () => {
    const { folder, id } = await killedWhileTraining(started(), advanced(1))
    const path = join(folder, 'runs', id, 'events.ndjson')
    // A process that is gone, and one that only sleeps, look alike on another computer.
    writeFileSync(join(folder, 'runs', id, 'trainer.pid'), '4194303')
    const [old, before] = [openSync(path, 'r+'), readFileSync(path, 'utf8')]
    const library = await openLibrary(folder)
    const after = readFileSync(path, 'utf8')
    expect(after.startsWith(before) && after.includes('"interrupted"')).toBe(true)
    writeSync(old, encodeLine(advanced(2)), 0, null, before.length)
    closeSync(old)
    expect(readFileSync(path, 'utf8')).toBe(after)
    await library.close()
  })

  it('is rebuilt from the run folders when library.json and its backups are gone', async () => {
    const { folder, id } = await killedWhileTraining(started(), epochEnded(1), epochEnded(2), epochEnded(3), ended)
    const before = await openLibrary(folder)
    await before.annotate(id, { name: 'precious', starred: true })
    await before.close()
    for (const name of readdirSync(folder)) if (name.startsWith('library.json')) rmSync(join(folder, name))
    const library = await openLibrary(folder)
    expect(library.readOnly).toBe('')
    expect(library.runs()).toMatchObject([{ id, name: 'precious', starred: true, status: 'finished' }])
    expect(library.notices().map(({ message }) => message)).toEqual([
      'One run that library.json did not list was found in the run folders and added',
    ])
    await library.close()
    expect((await openLibrary(folder)).notices()).toEqual([])
  })

  it.each(['', 'null', '[]', '{"format":1}', '\0\0\0\0'])(
    'is rebuilt from the run folders when library.json and its backups hold %j, which are kept',
    async (text) => {
      const { folder, id } = await killedWhileTraining(started(), ended)
      await (await openLibrary(folder)).close()
      const names = readdirSync(folder).filter((name) => name.startsWith('library.json'))
      for (const name of names) writeFileSync(join(folder, name), text)
      const library = await openLibrary(folder)
      expect(library.runs()).toMatchObject([{ id, status: 'finished' }])
      expect(library.readOnly).toBe('')
      expect(library.notices().length).toBeGreaterThan(0)
      expect(
        readdirSync(folder).some(
          (name) => name.includes('.corrupt-') && readFileSync(join(folder, name), 'utf8') === text,
        ),
      ).toBe(true)
      await library.annotate(id, { starred: true })
      await library.close()
      expect((await openLibrary(folder)).run(id).starred).toBe(true)
    },
  )

  it('uses the backup when library.json is damaged', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.remove([id])
    await library.restore([id])
    await library.close()
    writeFileSync(join(folder, 'library.json'), 'no longer JSON')
    const again = await openLibrary(folder)
    expect(again.run(id)).toMatchObject({ id })
    expect(again.notices()[0]?.message).toMatch(/restored from the backup/)
    await again.close()
  })

  it('opens everything else when one run folder is damaged, and names it', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const good = await library.addRun(smallConfig('good'), { type: 'new' }, null)
    await library.close()
    mkdirSync(join(folder, 'runs', '000000000bad1'))
    writeFileSync(join(folder, 'runs', '000000000bad1', 'run.json'), '{"oops"')
    mkdirSync(join(folder, 'runs', '000000000empt'))
    mkdirSync(join(folder, 'runs', 'holiday pictures'))
    const again = await openLibrary(folder)
    expect(again.runs().map(({ id }) => id)).toEqual([good.id])
    const messages = again.notices().map(({ message }) => message)
    // Nothing is lost by a folder that never was a run.
    expect(again.notices().map(({ level }) => level)).toEqual(['warning', 'information'])
    expect(messages[0]).toMatch(/^The folder of run 000000000bad1 is damaged and is left alone: run\.json is not JSON/)
    expect(messages[1]).toBe('“holiday pictures” in the folder of the runs is not a run and is left alone')
    expect(readFileSync(join(folder, 'runs', '000000000bad1', 'run.json'), 'utf8')).toBe('{"oops"')
    expect(existsSync(join(folder, 'runs', '000000000empt'))).toBe(false)
    await again.close()
  })

  it('forgets a run of which only what it begins from had been taken in, and no run that has more', async () => {
    const folder = temporaryFolder()
    await (await openLibrary(folder)).close()
    const [barely, more] = ['000000000bare', '000000000more'].map((id) => join(folder, 'runs', id)) as [string, string]
    for (const run of [barely, more]) {
      mkdirSync(join(run, 'checkpoints'), { recursive: true })
      writeFileSync(join(run, 'origin.safetensors'), 'half of the wei')
    }
    writeFileSync(join(more, 'checkpoints', 'last.safetensors'), 'weights')
    const library = await openLibrary(folder)
    expect(library.notices().map(({ message }) => message)).toEqual([
      expect.stringContaining('The folder of run 000000000more is damaged and is left alone'),
    ])
    expect([existsSync(barely), existsSync(join(more, 'checkpoints', 'last.safetensors'))]).toEqual([false, true])
    await library.close()
  })

  it('clears away what a killed process left beside a run: who trained it, and a request that nobody will hear', async () => {
    const { folder, id } = await killedWhileTraining(started(), advanced(1))
    const beside = (name: string): string => join(folder, 'runs', id, name)
    writeFileSync(beside('pause.request'), 'now')
    writeFileSync(beside('trainer.pid'), '4194304')
    await (await openLibrary(folder)).close()
    expect([existsSync(beside('pause.request')), existsSync(beside('trainer.pid'))]).toEqual([false, false])
    // Of a run at rest: its process was killed between its last word and its farewell.
    writeFileSync(beside('trainer.pid'), '4194304')
    const library = await openLibrary(folder)
    await vi.waitFor(
      () => {
        expect(existsSync(beside('trainer.pid'))).toBe(false)
      },
      { timeout: 20_000, interval: 50 },
    )
    await library.close()
  })

  it('shows a run whose folder is gone, and lets it be removed', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig('lost'), { type: 'new' }, null)
    await library.append(id, { type: 'ended', at, moment: moment(0), reason: 'stopped', message: '' })
    await library.close()
    rmSync(join(folder, 'runs', id), { recursive: true })
    const again = await openLibrary(folder)
    expect(again.notices().map(({ message }) => message)).toEqual([
      expect.stringContaining(`The folder of run ${id} (“lost”) is missing`),
    ])
    expect((await again.readTrace(id)).update).toEqual([])
    await again.remove([id])
    await again.purge([id])
    expect(again.runs()).toEqual([])
    await again.close()
    expect((await openLibrary(folder)).notices()).toEqual([])
  })

  it('makes a damaged run.json anew from the log', async () => {
    const { folder, id } = await killedWhileTraining(started(), epochEnded(1), epochEnded(2), epochEnded(3), ended)
    await (await openLibrary(folder)).close()
    writeFileSync(join(folder, 'runs', id, 'run.json'), 'xx')
    const library = await openLibrary(folder)
    expect((await library.readRun(id)).epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3])
    await library.annotate(id, { starred: true })
    await library.close()
    const again = await openLibrary(folder)
    expect(await again.readRun(id)).toMatchObject({ starred: true, epochs: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }] })
    expect(again.notices()).toEqual([])
    await again.close()
  })
})

describe('a library that must not be written', () => {
  it('opens for reading only while another process has it, which still can be asked to pause', async () => {
    const folder = temporaryFolder()
    const owner = await openLibrary(folder)
    const { id } = await owner.addRun(smallConfig(), { type: 'new' }, null)
    await owner.append(id, { type: 'starting', at })
    const before = digest(join(folder, 'library.json'))
    const second = await openLibrary(folder)
    expect(second.readOnly).toContain(`process ${process.pid}`)
    expect(second.run(id).status).toBe('starting')
    for (const attempt of [
      () => second.annotate(id, { starred: true }),
      () => second.addRun(smallConfig(), { type: 'new' }, null),
      () => second.remove([id]),
      () => second.purge([id]),
      () => second.changeSettings({ theme: 'dark' }),
      () => second.mark(id, { type: 'queued' }),
      () => second.append(id, ended),
      () => second.record(id, ended),
    ]) {
      await expect(attempt()).rejects.toThrow(/is using this folder/)
    }
    await second.requestPause(id)
    expect(existsSync(join(folder, 'runs', id, 'pause.request'))).toBe(true)
    await owner.clearPauseRequest(id)
    expect(existsSync(join(folder, 'runs', id, 'pause.request'))).toBe(false)
    await second.close()
    expect(digest(join(folder, 'library.json'))).toBe(before)
    expect((await openLibrary(folder)).readOnly).not.toBe('')
    await owner.close()
    const third = await openLibrary(folder)
    expect(third.readOnly).toBe('')
    await third.close()
  })

  it('leaves a newer format untouched', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.close()
    const path = join(folder, 'library.json')
    const { seal, snapshotOf, unseal } = await import('../../main/files/envelope')
    const { data } = unseal(path, readFileSync(path), 32)
    writeFileSync(path, seal(999, 7, snapshotOf(data)).bytes)
    const [hash, { mtimeMs }] = [digest(path), statSync(path)]
    const newer = await openLibrary(folder)
    expect(newer.readOnly).toMatch(/made by a newer version of this program/)
    await expect(newer.annotate(id, { starred: true })).rejects.toThrow(/newer version/)
    await newer.close()
    expect(digest(path)).toBe(hash)
    expect(statSync(path).mtimeMs).toBe(mtimeMs)
  })

  it('says why when its folder cannot be written', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.close()
    const denied = (): never => {
      throw Object.assign(new Error('denied'), { code: 'EACCES' })
    }
    const readOnlyDisk: FileSystem = {
      ...diskFs,
      open: async (path, flags) => (flags === 'r' ? await diskFs.open(path, flags) : denied()),
      rename: async () => denied(),
      unlink: async () => denied(),
    }
    const again = await openLibrary(folder, { fs: readOnlyDisk })
    expect(again.readOnly).toMatch(/permission is denied.*open for reading only/)
    expect(again.run(id)).toMatchObject({ id })
    await expect(again.addRun(smallConfig(), { type: 'new' }, null)).rejects.toThrow(/permission is denied/)
    await again.close()
  })

  it('tells once that the disk is full, changes nothing that a person asked for, and saves when there is room again', async () => {
    const folder = temporaryFolder()
    let isFull = false
    const fs: FileSystem = {
      ...diskFs,
      open: async (path, flags) => {
        if (isFull && flags !== 'r') throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        return await diskFs.open(path, flags)
      },
    }
    const library = await openLibrary(folder, { fs })
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    isFull = true
    await expect(library.annotate(id, { starred: true })).rejects.toThrow(/the disk is full/)
    expect(library.run(id).starred).toBe(false)
    // The trainer logs first, and what was logged before the disk was full is there.
    log(folder, id, started(), epochEnded(1))
    await library.record(id, started())
    await library.record(id, epochEnded(1))
    await vi.waitFor(
      () => {
        expect(library.notices()).toHaveLength(1)
      },
      { timeout: 4000 },
    )
    await expect(library.flush()).rejects.toThrow(/the disk is full/)
    expect(library.notices()[0]?.message).toMatch(
      /the disk is full .*\. What may go: the packed data sets in .*cache \(made anew when they are needed\)\.$/,
    )
    isFull = false
    await library.flush()
    await library.close()
    const again = await openLibrary(folder)
    expect((await again.readRun(id)).epochs).toHaveLength(1)
    await again.close()
  })
})
