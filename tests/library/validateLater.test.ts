import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AppEvent } from '../../core/protocol'
import type { Run } from '../../core/run'
import { seal, snapshotOf } from '../../main/files/envelope'
import { openLibrary, type Library } from '../../main/library/library'
import { runShape } from '../../main/library/runFolder'
import { moment } from '../support/history'
import { smallConfig, temporaryFolder } from '../support/fakeTraining'

const later = { validatesLater: true }
const listPath = (folder: string): string => join(folder, 'library.json')
const dataOf = (folder: string) =>
  (
    JSON.parse(readFileSync(listPath(folder), 'utf8')) as {
      readonly data: { readonly version: string; readonly runs: readonly Run[] }
    }
  ).data

async function libraryOfThree(): Promise<{ readonly folder: string; readonly ids: readonly string[] }> {
  const folder = temporaryFolder()
  const library = await openLibrary(folder)
  const ids: string[] = []
  for (const name of ['first', 'second', 'third']) {
    const { id } = await library.addRun(smallConfig(name), { type: 'new' }, null)
    await library.append(id, {
      type: 'ended',
      at: new Date(0).toISOString(),
      moment: moment(0),
      reason: 'stopped',
      message: '',
    })
    ids.push(id)
  }
  await library.close()
  return { folder, ids }
}

/** Writes the list anew, with its first entry changed and a checksum that fits, as only somebody does who means harm. */
function forge(folder: string, change: (run: Run) => object, version?: string): void {
  const data = dataOf(folder)
  const [first, ...others] = data.runs
  const runs = [change(first as Run), ...others]
  writeFileSync(
    listPath(folder),
    seal(runShape.format, 9, snapshotOf({ version: version ?? data.version, runs })).bytes,
  )
}

const named = (library: Library): readonly string[] => library.runs().map(({ name }) => name)
const said = (library: Library): string =>
  library
    .notices()
    .map(({ message }) => message)
    .join('\n')
const listed = async (library: Library): Promise<readonly { readonly name: string }[]> =>
  JSON.parse(await library.listText()) as readonly { readonly name: string }[]

const wrong: readonly (readonly [string, (run: Run) => object])[] = [
  ['a field that no record has', (run) => ({ ...run, odd: 1 })],
  ['no config', (run) => ({ ...run, config: null })],
  ['a number out of bounds', (run) => ({ ...run, config: { ...run.config, epochs: 1e300 } })],
  ['epochs that are none', (run) => ({ ...run, epochs: [[]] })],
  ['a long nesting in its place', (run) => ({ ...run, tags: { a: { b: { c: { d: {} } } } } })],
]

describe('a list that is validated later', () => {
  it('is told as it lies there, and changes like any other', async () => {
    const { folder, ids } = await libraryOfThree()
    const library = await openLibrary(folder, later)
    expect((await listed(library)).map(({ name }) => name)).toEqual(['first', 'second', 'third'])
    await library.annotate(ids[1] ?? '', { name: 'renamed' })
    expect(await listed(library)).toEqual(library.runs())
    expect(named(library)).toEqual(['first', 'renamed', 'third'])
    expect(library.notices()).toEqual([])
    await library.close()
    expect(dataOf(folder).runs.map(({ name }) => name)).toEqual(['first', 'renamed', 'third'])
  })

  it.each(wrong)('finds %s when the run is used, and reads its record from its folder', async (_, change) => {
    const { folder, ids } = await libraryOfThree()
    const [id = ''] = ids
    forge(folder, change)
    const library = await openLibrary(folder, later)
    const heard: AppEvent[] = []
    library.listen((event) => heard.push(event))
    expect(() => library.run(id)).toThrow(`The record of run ${id}`)
    expect(library.run(ids[1] ?? '').name).toBe('second')
    await library.whenValidated()
    expect(library.run(id)).toMatchObject({ name: 'first', status: 'stopped' })
    expect(heard).toContainEqual({ type: 'runChanged', run: library.run(id) })
    expect(said(library)).toContain(`The entry of run ${id} in library.json was damaged`)
    await library.close()
    const again = await openLibrary(folder)
    expect(again.notices()).toEqual([])
    expect(named(again)).toHaveLength(3)
    await again.close()
  })

  it.each(wrong)('writes nothing in place of %s before it is mended', async (_, change) => {
    const { folder, ids } = await libraryOfThree()
    forge(folder, change)
    const library = await openLibrary(folder, later)
    // The page has the list, and a person stars another run at once.
    await library.listText()
    await library.annotate(ids[2] ?? '', { starred: true })
    await library.close()
    const [a, b, c] = ids
    expect([...dataOf(folder).runs].sort((x, y) => (x.id < y.id ? -1 : 1))).toMatchObject([
      { id: a, name: 'first', starred: false },
      { id: b, name: 'second' },
      { id: c, name: 'third', starred: true },
    ])
    expect(dataOf(folder).runs.every((run) => !('odd' in run))).toBe(true)
  })

  it('lets go of a run of which neither the list nor its folder has a record', async () => {
    const { folder, ids } = await libraryOfThree()
    const [id = ''] = ids
    forge(folder, (run) => ({ ...run, config: null }))
    writeFileSync(join(folder, 'runs', id, 'run.json'), '{')
    const library = await openLibrary(folder, later)
    const heard: AppEvent[] = []
    library.listen((event) => heard.push(event))
    await library.whenValidated()
    expect(heard).toContainEqual({ type: 'runPurged', id })
    expect(named(library)).toEqual(['second', 'third'])
    expect(said(library)).toContain(`The folder of run ${id} is damaged and is left alone`)
    await library.close()
    expect(readFileSync(join(folder, 'runs', id, 'run.json'), 'utf8')).toBe('{')
  })

  it('announces what an entry lacked, and has by default', async () => {
    const { folder, ids } = await libraryOfThree()
    forge(folder, ({ config: { batch: _, ...config }, ...run }) => ({ ...run, config }))
    const library = await openLibrary(folder, later)
    const heard: AppEvent[] = []
    library.listen((event) => heard.push(event))
    await library.whenValidated()
    expect(heard).toEqual([{ type: 'runChanged', run: library.run(ids[0] ?? '') }])
    expect(library.run(ids[0] ?? '').config.batch.lastPartial).toBe('drop')
    await library.close()
  })

  it('is validated before it is shown where another version wrote it, or an entry is no run at all', async () => {
    const { folder } = await libraryOfThree()
    forge(folder, ({ config: { batch: _, ...config }, ...run }) => ({ ...run, config }), '0.0.1')
    const library = await openLibrary(folder, later)
    expect(await listed(library)).toEqual(library.runs())
    await library.close()
    forge(folder, (run) => ({ ...run, createdAt: 0 }))
    const again = await openLibrary(folder, later)
    expect(await listed(again)).toEqual(again.runs())
    expect(named(again).slice().sort()).toEqual(['first', 'second', 'third'])
    await again.close()
  })

  it('validates a run of which a trainer was killed before it says how it ended', async () => {
    const { folder, ids } = await libraryOfThree()
    const [id = ''] = ids
    forge(folder, (run) => ({ ...run, status: 'running', config: null }))
    const library = await openLibrary(folder, later)
    expect(library.run(id)).toMatchObject({ status: 'stopped', name: 'first' })
    await library.close()
  })

  it('says at once which folder is missing, by the name of its run', async () => {
    const { folder, ids } = await libraryOfThree()
    const [id = ''] = ids
    rmSync(join(folder, 'runs', id), { recursive: true })
    const library = await openLibrary(folder, later)
    expect(said(library)).toContain(`The folder of run ${id} (“first”) is missing`)
    await library.close()
  })
})
