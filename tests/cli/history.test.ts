import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Points } from '../../core/events'
import type { Run } from '../../core/run'
import { openLibrary } from '../../main/library/library'
import { batchlab, json, madeLibrary, temporaryFolder } from './built'

const hostile = `../../<img src=x onerror=alert(1)>\u001b[31m😀"'`.padEnd(300, 'x')
const folder = temporaryFolder()
let runs: readonly Run[] = []
beforeAll(async () => {
  runs = await madeLibrary(folder, [{ name: 'first' }, { name: 'second', batchSize: 20 }, { name: hostile }])
})

const filesUnder = (root: string): readonly string[] => readdirSync(root, { recursive: true }).map(String).sort()

describe('batchlab list and show', () => {
  it('list the runs without changing a file or taking the lock', async () => {
    const [before, library] = [filesUnder(folder), await openLibrary(folder)]
    try {
      expect(library.readOnly).toBe('')
      const listed = await json<Run[]>('list', '--dir', folder)
      expect(listed.map(({ id, name }) => ({ id, name }))).toEqual(runs.map(({ id, name }) => ({ id, name })))
    } finally {
      await library.close()
    }
    expect(filesUnder(folder)).toEqual(before)
  })

  it('show a run by its name, with every epoch, and with its trace when asked', async () => {
    expect(await json<Run>('show', 'first', '--dir', folder)).toEqual(runs[0])
    const { trace } = await json<{ trace: Points }>('show', 'first', '--trace', '--dir', folder)
    expect(trace.update).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  })

  it('show hostile names as text on the terminal and as they are in JSON', async () => {
    const shown = await batchlab(['show', runs[2]!.id, '--dir', folder])
    expect(shown.stdout).not.toContain('\u001b')
    const listed = await batchlab(['list', '--dir', folder])
    expect(listed.stdout).not.toContain('\u001b')
    expect(listed.stdout.split('\n').every((line) => [...line].length < 200)).toBe(true)
    expect((await json<Run>('show', runs[2]!.id, '--dir', folder)).name).toBe(hostile)
  })

  it('list the rate that trains, not the base rate', async () => {
    const other = temporaryFolder()
    await madeLibrary(other, [
      { batchSize: 512, learningRate: { base: 0.1, referenceBatch: 128, scaling: { type: 'linear' } } },
    ])
    const { stdout } = await batchlab(['list', '--dir', other])
    expect(stdout).toMatch(/B 512 · η 0\.4 .* 512 +0\.4 /)
  })

  it('find the library by BATCHLAB_LIBRARY', async () => {
    const { stdout } = await batchlab(['list', '--json'], { env: { BATCHLAB_LIBRARY: folder } })
    expect((JSON.parse(stdout) as Run[]).length).toBe(3)
  })

  it('say that a library is not there instead of making one', async () => {
    expect(await batchlab(['list', '--dir', join(folder, 'nothing')])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('batchlab remove and restore', () => {
  it('put a run into the trash and take it out again', async () => {
    const { id } = runs[1]!
    expect((await batchlab(['remove', 'second', '--dir', folder])).code).toBe(0)
    expect((await json<Run[]>('list', '--dir', folder)).map((run) => run.id)).not.toContain(id)
    expect((await json<Run[]>('list', '--trash', '--dir', folder)).map((run) => run.id)).toEqual([id])
    expect((await batchlab(['show', 'second', '--dir', folder])).code).toBe(2)
    expect(await json('restore', id, '--dir', folder)).toEqual([id])
    expect(await json<Run>('show', 'second', '--dir', folder)).toEqual(runs[1])
  })

  it('change nothing when one of several runs is not there', async () => {
    expect(await batchlab(['remove', 'first', 'no-such-run', '--dir', folder])).toMatchObject({ code: 2, stdout: '' })
    expect((await json<Run[]>('list', '--dir', folder)).length).toBe(3)
  })

  it('say who uses a library that is open elsewhere', async () => {
    const library = await openLibrary(folder)
    try {
      const { code, stderr } = await batchlab(['remove', 'first', '--dir', folder])
      expect(code).toBe(1)
      expect(stderr).toContain(`process ${process.pid}`)
    } finally {
      await library.close()
    }
    expect((await json<Run[]>('list', '--dir', folder)).length).toBe(3)
  })
})

describe('a run whose process is gone', () => {
  it('is never shown as running', async () => {
    const other = temporaryFolder()
    const [run] = await madeLibrary(other, [{ name: 'zombie' }])
    const library = await openLibrary(other)
    await library.append(run!.id, { type: 'starting', at: '2030-01-01T00:00:00.000Z' })
    await library.flush()
    // What a kill leaves: no lock owner that is alive.
    writeFileSync(
      join(other, 'library.lock'),
      readFileSync(join(other, 'library.lock'), 'utf8').replace(/"pid":\d+/, '"pid":999999999'),
    )
    expect((await json<Run[]>('list', '--dir', other))[0]!.status).toBe('interrupted')
    const { code, stderr } = await batchlab(['pause', 'zombie', '--dir', other])
    expect([code, stderr.trim()]).toEqual([2, '“zombie” was interrupted and is not training'])
  })
})

describe('batchlab verify', () => {
  it('finds nothing wrong with a library that is whole', async () => {
    expect(await json('verify', folder)).toMatchObject({ runs: 3, problems: [] })
  })

  it('names every damaged file and changes none of them', async () => {
    const other = temporaryFolder()
    const [one, two, three] = await madeLibrary(other, [{}, {}, {}])
    const at = (run: Run, name: string): string => join(other, 'runs', run.id, name)
    const log = readFileSync(at(one!, 'events.ndjson'), 'utf8')
    writeFileSync(at(one!, 'events.ndjson'), log.replace('"accuracy":', '"Accuracy":'))
    writeFileSync(at(two!, 'run.json'), readFileSync(at(two!, 'run.json'), 'utf8').replace('"epoch":2', '"epoch":7'))
    appendFileSync(at(three!, 'events.ndjson'), '{"crc":"00000000","type":"no')
    const before = filesUnder(other)
      .filter((name) => name.endsWith('.json') || name.endsWith('.ndjson'))
      .map((name) => readFileSync(join(other, name), 'utf8'))
    const { code, stdout } = await batchlab(['verify', other, '--json'])
    const report = JSON.parse(stdout) as {
      problems: { file: string; message: string }[]
      notes: { file: string; message: string }[]
    }
    expect(code).toBe(1)
    expect(report.problems.map(({ file }) => file)).toEqual(
      expect.arrayContaining([at(one!, 'events.ndjson'), at(two!, 'run.json')]),
    )
    expect(report.problems.filter(({ file }) => file.includes(three!.id))).toEqual([])
    expect(report.notes).toEqual([expect.objectContaining({ file: at(three!, 'events.ndjson') })])
    expect(
      filesUnder(other)
        .filter((name) => name.endsWith('.json') || name.endsWith('.ndjson'))
        .map((name) => readFileSync(join(other, name), 'utf8')),
    ).toEqual(before)
  })

  it('misses a checkpoint that is on record and not on disk', async () => {
    const other = temporaryFolder()
    const [run] = await madeLibrary(other, [{}])
    const library = await openLibrary(other)
    await library.append(run!.id, {
      type: 'saved',
      checkpoint: { name: 'last', kinds: ['last'], moment: run!.moment, bytes: 10, validation: null },
      removed: [],
    })
    await library.close()
    const { code, stdout } = await batchlab(['verify', other])
    expect(code).toBe(1)
    expect(stdout).toMatch(/last\.safetensors: .*does not exist/)
    rmSync(other, { recursive: true })
  })
})
