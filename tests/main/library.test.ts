import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../core/events'
import { fold } from '../../core/fold'
import type { AppEvent } from '../../core/protocol'
import { newRun, type Run } from '../../core/run'
import { encodeLine } from '../../main/files/eventLine'
import { diskFs, type FileSystem } from '../../main/files/fs'
import { openLibrary } from '../../main/library/library'
import { idMaker } from '../../main/library/runId'
import { summaryOf } from '../../main/library/summary'
import { facts, onePoint, smallConfig, temporaryFolder } from './miniature'

const at = '2026-03-01T10:00:00.000Z'
const moment = (update: number) => ({ update, epoch: Math.floor(update / 4), position: 0, examples: update * 16, seconds: update / 10 })
const started = (update = 0): TrainEvent => ({
  type: 'started', at, moment: moment(update), facts, parameters: 10, updates: 12, epochs: 3, from: null,
  engine: { name: 'cpu', device: 'a pencil', versions: {}, captured: false, note: '' },
})
const advanced = (update: number): TrainEvent => ({ type: 'advanced', points: onePoint(moment(update)) })
const score = (accuracy: number) => ({ loss: 1 - accuracy, accuracy, images: 16 })
const epochEnded = (epoch: number, accuracy = epoch / 10): TrainEvent =>
  ({ type: 'epochEnded', epoch: { epoch, moment: moment(epoch * 4), train: score(accuracy), validation: score(accuracy), learningRate: 0.1, batchSize: 16, seconds: 1, distance: 1 } })
const ended: TrainEvent = { type: 'ended', at, moment: moment(12), reason: 'finished', message: '' }

const log = (folder: string, id: string, ...events: TrainEvent[]): void => { for (const event of events) appendFileSync(join(folder, 'runs', id, 'events.ndjson'), encodeLine(event)) }
const statusAndMessage = ({ status, message }: Run) => ({ status, message })
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Makes a library with one run that was training when everything ended, as a kill -9 leaves it. */
async function killedWhileTraining(...events: TrainEvent[]): Promise<{ readonly folder: string; readonly id: string }> {
  const folder = temporaryFolder()
  const library = await openLibrary(folder)
  const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
  await library.setStatus(id, 'starting', '')
  log(folder, id, ...events)
  await library.close()
  return { folder, id }
}

describe('a library', () => {
  it('keeps runs, what was written about them, and settings', async () => {
    const folder = temporaryFolder()
    const first = await openLibrary(folder)
    expect(first.readOnly).toBe('')
    expect(first.notices()).toEqual([])
    const { id } = await first.addRun(smallConfig('a'), { type: 'new' }, null)
    await first.record(id, started())
    await first.record(id, advanced(1))
    for (let epoch = 1; epoch <= 3; epoch++) await first.record(id, epochEnded(epoch))
    await first.record(id, ended)
    const annotated = await first.annotate(id, { name: 'b', notes: 'n', tags: ['t'], starred: true })
    await first.changeSettings({ theme: 'dark' })
    await first.changeSettings({ smoothing: 0.2 })
    await first.close()

    const second = await openLibrary(folder)
    expect(second.notices()).toEqual([])
    expect(second.runs()).toEqual([summaryOf(annotated)])
    expect(await second.readRun(id)).toEqual(annotated)
    expect(annotated).toMatchObject({ status: 'finished', name: 'b', notes: 'n', tags: ['t'], starred: true, epochs: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }] })
    expect(second.settings()).toMatchObject({ theme: 'dark', smoothing: 0.2, xAxis: 'epoch' })
    await second.close()
  })

  it('reads a trace from the log, without what a later sitting took back', async () => {
    const { folder, id } = await killedWhileTraining(started(), advanced(1), advanced(2), advanced(3), started(2), advanced(3), advanced(4))
    const library = await openLibrary(folder)
    expect((await library.readTrace(id)).update).toEqual([1, 2, 3, 4])
    await library.close()
  })

  it('tells listeners of every change that is no training event', async () => {
    const library = await openLibrary(temporaryFolder())
    const heard: AppEvent['type'][] = []
    const off = library.listen(({ type }) => heard.push(type))
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.annotate(id, { starred: true })
    await library.remove([id])
    await library.purge([id])
    off()
    await library.addRun(smallConfig(), { type: 'new' }, null)
    expect(heard).toEqual(['runChanged', 'runChanged', 'runChanged', 'runPurged'])
    await library.close()
  })

  it('puts runs into the trash, takes them out, and deletes only what is in it', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const [a, b] = [await library.addRun(smallConfig('a'), { type: 'new' }, null), await library.addRun(smallConfig('b'), { type: 'new' }, null)]
    await library.remove([a.id, b.id])
    await library.restore([b.id])
    await library.purge([a.id, b.id])
    expect(library.runs().map(({ id, removedAt }) => ({ id, removedAt }))).toEqual([{ id: b.id, removedAt: null }])
    expect(readdirSync(join(folder, 'runs'))).toEqual([b.id])
    expect(() => library.run(a.id)).toThrow(`There is no run ${a.id} in this library`)
    await library.close()
  })

  it('finishes a deletion that a crash cut short', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.remove([id])
    await library.close()
    await diskFs.rename(join(folder, 'runs', id), join(folder, 'runs', `.purged-${id}`))
    const again = await openLibrary(folder)
    expect(again.runs()).toEqual([])
    expect(again.notices()).toEqual([])
    expect(readdirSync(join(folder, 'runs'))).toEqual([])
    await again.close()
  })

  it('takes hostile names as text and nothing else', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const names = ['../../etc/passwd', 'C:\\x', '\\\\server\\share', 'a\0b', 'CON', 'dot.', ' ', '<img src=x onerror=alert(1)>', '\u202Egnp.exe', '🧪'.repeat(100), '__proto__', 'x'.repeat(300)]
    for (const name of names) {
      const { id } = await library.addRun(smallConfig(name), { type: 'new' }, null)
      await library.annotate(id, { name, tags: [name.slice(0, 90)], notes: name })
    }
    await library.close()
    const again = await openLibrary(folder)
    expect(again.runs().map(({ name }) => name)).toEqual(names)
    expect(again.notices()).toEqual([])
    expect(readdirSync(join(folder, 'runs')).every((name) => /^[0-9a-z]{13}$/.test(name))).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['cache', 'library.json', 'library.json.backup-1', 'library.json.backup-2', 'library.lock', 'runs', 'settings.json'].filter((name) => existsSync(join(folder, name))).sort())
    expect(() => again.runFolder('../../etc')).toThrow()
    await again.close()
  })

  it('makes a new id for every run, even when the clock stands still and chance repeats itself', () => {
    const taken = new Set<string>()
    const make = idMaker(() => new Date(at), () => 0.5)
    for (let i = 0; i < 100; i++) taken.add(make((id) => taken.has(id)))
    expect(taken.size).toBe(100)
    const later = idMaker(() => new Date('2040-01-01'), () => 0)(() => false)
    expect([...taken].every((id) => id < later && /^[0-9a-z]{13}$/.test(id))).toBe(true)
    expect(idMaker(() => new Date('1960-01-01'), () => 0.9)(() => false)).toMatch(/^0{9}[0-9a-z]{4}$/)
  })

  it('keeps a run’s name and notes when they change while events come in', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.record(id, started())
    const annotating = library.annotate(id, { notes: 'looks good' })
    for (let update = 1; update <= 8; update++) await library.record(id, advanced(update))
    await library.record(id, epochEnded(1))
    await annotating
    expect(library.run(id)).toMatchObject({ notes: 'looks good', epochs: [{ epoch: 1 }], status: 'running' })
    await library.flush()
    expect(await library.readRun(id)).toMatchObject({ notes: 'looks good', epochs: [{ epoch: 1 }] })
    await library.close()
  })
})

describe('a library after a crash', () => {
  it('says that a run was interrupted and where it can go on', async () => {
    const saved: TrainEvent = { type: 'saved', removed: [], checkpoint: { name: 'last', kinds: ['last'], moment: moment(4), bytes: 1, validation: null } }
    const { folder, id } = await killedWhileTraining(started(), advanced(1), advanced(4), epochEnded(1), saved, advanced(5))
    const library = await openLibrary(folder)
    expect(library.run(id)).toMatchObject({ status: 'interrupted', message: 'Batchlab ended while this run was training; it can go on from update 4', moment: { update: 5 }, epochs: [{ epoch: 1 }] })
    await library.close()
    const again = await openLibrary(folder)
    expect(again.run(id).status).toBe('interrupted')
    expect((await again.readRun(id)).log).toHaveLength(1)
    await again.close()
  })

  it.each([
    { name: 'that had ended', events: [started(), advanced(1), ended], expected: { status: 'finished', message: '' } },
    { name: 'that had paused', events: [started(), { type: 'paused', at, moment: moment(1), cause: '' } satisfies TrainEvent], expected: { status: 'paused', message: '' } },
    { name: 'that had not begun', events: [], expected: { status: 'interrupted', message: 'Batchlab ended before this run began' } },
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
    expect(library.notices().map(({ message }) => message)).toEqual([`One line of the log of run ${id} (“small”) could not be read and was skipped`])
    expect((await library.readTrace(id)).update).toEqual([1, 2])
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
    expect(library.notices().map(({ message }) => message)).toEqual(['One run that library.json did not list was found in the run folders and added'])
    await library.close()
    expect((await openLibrary(folder)).notices()).toEqual([])
  })

  it.each(['', 'null', '[]', '{"format":1}', '\0\0\0\0'])('is rebuilt from the run folders when library.json and its backups hold %j, which are kept', async (text) => {
    const { folder, id } = await killedWhileTraining(started(), ended)
    await (await openLibrary(folder)).close()
    const names = readdirSync(folder).filter((name) => name.startsWith('library.json'))
    for (const name of names) writeFileSync(join(folder, name), text)
    const library = await openLibrary(folder)
    expect(library.runs()).toMatchObject([{ id, status: 'finished' }])
    expect(library.readOnly).toBe('')
    expect(library.notices().length).toBeGreaterThan(0)
    expect(readdirSync(folder).some((name) => name.includes('.corrupt-') && readFileSync(join(folder, name), 'utf8') === text)).toBe(true)
    await library.annotate(id, { starred: true })
    await library.close()
    expect((await openLibrary(folder)).run(id).starred).toBe(true)
  })

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
    expect(messages).toHaveLength(2)
    expect(messages[0]).toMatch(/^The folder of run 000000000bad1 is damaged and is left alone: run\.json is not JSON/)
    expect(messages[1]).toBe('“holiday pictures” in the folder of the runs is not a run and is left alone')
    expect(readFileSync(join(folder, 'runs', '000000000bad1', 'run.json'), 'utf8')).toBe('{"oops"')
    expect(existsSync(join(folder, 'runs', '000000000empt'))).toBe(false)
    await again.close()
  })

  it('shows a run whose folder is gone, and lets it be removed', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig('lost'), { type: 'new' }, null)
    await library.append(id, { type: 'ended', at, moment: moment(0), reason: 'stopped', message: '' })
    await library.close()
    rmSync(join(folder, 'runs', id), { recursive: true })
    const again = await openLibrary(folder)
    expect(again.notices().map(({ message }) => message)).toEqual([expect.stringContaining(`The folder of run ${id} (“lost”) is missing`)])
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
    await owner.setStatus(id, 'starting', '')
    const before = digest(join(folder, 'library.json'))
    const second = await openLibrary(folder)
    expect(second.readOnly).toContain(`process ${process.pid}`)
    expect(second.run(id).status).toBe('starting')
    for (const attempt of [() => second.annotate(id, { starred: true }), () => second.addRun(smallConfig(), { type: 'new' }, null), () => second.remove([id]), () => second.purge([id]), () => second.changeSettings({ theme: 'dark' }), () => second.setStatus(id, 'paused', ''), () => second.append(id, ended), () => second.record(id, ended)]) {
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
    const denied = (): never => { throw Object.assign(new Error('denied'), { code: 'EACCES' }) }
    const readOnlyDisk: FileSystem = { ...diskFs, open: async (path, flags) => (flags === 'r' ? await diskFs.open(path, flags) : denied()), rename: async () => denied(), unlink: async () => denied() }
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
    await library.record(id, started())
    await library.record(id, epochEnded(1))
    await expect(library.flush()).rejects.toThrow(/the disk is full/)
    isFull = false
    await library.flush()
    await library.close()
    const again = await openLibrary(folder)
    expect((await again.readRun(id)).epochs).toHaveLength(1)
    await again.close()
  })
})

describe('the summary of a run', () => {
  it('keeps the best and the last epoch and every field that the table shows', () => {
    let run = newRun('0000000001', at, smallConfig(), { type: 'new' })
    for (const event of [started(), epochEnded(1, 0.2), epochEnded(2, 0.9), epochEnded(3, 0.5), epochEnded(4, 0.6)]) run = fold(run, event)
    expect(summaryOf(run)).toEqual({ ...run, epochs: [run.epochs[1], run.epochs[3]], log: [] })
  })
})
