import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { TrainEvent } from '../../core/events'
import { fold } from '../../core/fold'
import type { AppEvent } from '../../core/protocol'
import { newRun } from '../../core/run'
import { diskFs } from '../../main/files/fs'
import { openLibrary } from '../../main/library/library'
import { idMaker } from '../../main/library/runId'
import { runSummary } from '../../main/library/runSummary'
import { advanced, at, ended, epochEnded, killedWhileTraining, started } from '../support/history'
import { smallConfig, temporaryFolder } from '../support/fakeTraining'

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
    expect(second.runs()).toEqual([runSummary(annotated)])
    expect(await second.readRun(id)).toEqual(annotated)
    expect(annotated).toMatchObject({
      status: 'finished',
      name: 'b',
      notes: 'n',
      tags: ['t'],
      starred: true,
      epochs: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }],
    })
    expect(second.settings()).toMatchObject({ theme: 'dark', smoothing: 0.2, xAxis: 'epoch' })
    await second.close()
  })

  it('keeps the size of one panel without forgetting another', async () => {
    const library = await openLibrary(temporaryFolder())
    await library.changeSettings({ panelSizes: { runs: [40] } })
    await library.changeSettings({ panelSizes: { editor: [60] } })
    expect(library.settings().panelSizes).toEqual({ runs: [40], editor: [60] })
    await library.close()
  })

  it('clears what a killed process had not finished of a record, of runs that trained and of others', async () => {
    const { folder, id } = await killedWhileTraining(started())
    const library = await openLibrary(folder)
    const { id: other } = await library.addRun(smallConfig('other'), { type: 'new' }, null)
    await library.append(other, ended)
    await library.close()
    // No process has this number: it is above what any system gives.
    const left = [id, other].map((run) => join(folder, 'runs', run, '.run.json.99999999-0123abcd-1.unfinished'))
    for (const path of left) writeFileSync(path, 'half')
    const again = await openLibrary(folder)
    await vi.waitFor(
      () => {
        expect(left.filter(existsSync)).toEqual([])
      },
      { timeout: 10_000, interval: 50 },
    )
    expect(again.runs()).toHaveLength(2)
    await again.close()
  })

  it('forgets updates of a killed run that never came to its log', async () => {
    const folder = temporaryFolder()
    const library = await openLibrary(folder)
    const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.append(id, { type: 'starting', at })
    // What a trainer says is recorded at once, and lies in its log a moment later.
    for (const event of [started(), advanced(1), epochEnded(1)]) await library.record(id, event)
    await library.close()
    const again = await openLibrary(folder)
    expect(again.run(id)).toMatchObject({
      status: 'interrupted',
      startedAt: null,
      epochs: [],
      moment: { update: 0, examples: 0 },
      message: 'Batchlab ended before this run began',
    })
    expect((await again.readTrace(id)).update).toEqual([])
    await again.close()
  })

  it('reads a trace from the log, without what a later attempt took back', async () => {
    const { folder, id } = await killedWhileTraining(
      started(),
      advanced(1),
      advanced(2),
      advanced(3),
      started(2),
      advanced(3),
      advanced(4),
    )
    const library = await openLibrary(folder)
    expect((await library.readTrace(id)).update).toEqual([1, 2, 3, 4])
    await library.close()
  })

  it('reads measurements from the log, without what a later attempt took back', async () => {
    const measured = (update: number, rateToBatch: number): TrainEvent => ({
      type: 'diagnosed',
      diagnosis: { update, rateToBatch, ratios: { conv1: 0.001 }, gradient: null },
    })
    const { folder, id } = await killedWhileTraining(
      started(),
      advanced(1),
      measured(1, 0.1),
      advanced(2),
      measured(3, 0.2),
      advanced(3),
      started(2),
      advanced(3),
      measured(3, 0.3),
    )
    const library = await openLibrary(folder)
    expect((await library.readDiagnoses(id)).map(({ update, rateToBatch }) => [update, rateToBatch])).toEqual([
      [1, 0.1],
      [3, 0.3],
    ])
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
    const [a, b] = [
      await library.addRun(smallConfig('a'), { type: 'new' }, null),
      await library.addRun(smallConfig('b'), { type: 'new' }, null),
    ]
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
    const names = [
      '../../etc/passwd',
      'C:\\x',
      '\\\\server\\share',
      'a\0b',
      'CON',
      'dot.',
      ' ',
      '<img src=x onerror=alert(1)>',
      '\u202Egnp.exe',
      '🧪'.repeat(100),
      '__proto__',
      'x'.repeat(300),
    ]
    for (const name of names) {
      const { id } = await library.addRun(smallConfig(name), { type: 'new' }, null)
      await library.annotate(id, { name, tags: [name.slice(0, 90)], notes: name })
    }
    await library.close()
    const again = await openLibrary(folder)
    expect(again.runs().map(({ name }) => name)).toEqual(names)
    expect(again.notices()).toEqual([])
    expect(readdirSync(join(folder, 'runs')).every((name) => /^[0-9a-z]{13}$/.test(name))).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(
      [
        'cache',
        'library.json',
        'library.json.backup-1',
        'library.json.backup-2',
        'library.lock',
        'runs',
        'settings.json',
      ]
        .filter((name) => existsSync(join(folder, name)))
        .sort(),
    )
    expect(() => again.runFolder('../../etc')).toThrow()
    await again.close()
  })

  it('makes a new id for every run, even when the clock stands still and chance repeats itself', () => {
    const taken = new Set<string>()
    const make = idMaker(
      () => new Date(at),
      () => 0.5,
    )
    for (let i = 0; i < 100; i++) taken.add(make((id) => taken.has(id)))
    expect(taken.size).toBe(100)
    const later = idMaker(
      () => new Date('2040-01-01'),
      () => 0,
    )(() => false)
    expect([...taken].every((id) => id < later && /^[0-9a-z]{13}$/.test(id))).toBe(true)
    expect(
      idMaker(
        () => new Date('1960-01-01'),
        () => 0.9,
      )(() => false),
    ).toMatch(/^0{9}[0-9a-z]{4}$/)
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

describe('the summary of a run', () => {
  it('keeps the best and the last epoch and every field that the table shows', () => {
    let run = newRun('0000000001', at, smallConfig(), { type: 'new' })
    for (const event of [started(), epochEnded(1, 0.2), epochEnded(2, 0.9), epochEnded(3, 0.5), epochEnded(4, 0.6)])
      run = fold(run, event)
    expect(runSummary(run)).toEqual({ ...run, epochs: [run.epochs[1], run.epochs[3]], log: [] })
  })
})
