import { appendFileSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seal, snapshotOf, unseal } from '../../main/files/envelope'
import { openLibrary } from '../../main/library/library'
import { at, digest, ended, epochEnded, killedWhileTraining, log, started } from '../support/history'
import { smallConfig } from '../support/fakeTraining'

const keptIn = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('run.json.'))

/** A library with a run of two epochs: at rest, or as a kill leaves it; and one that was only asked for. */
async function libraryWith(
  state: 'at rest' | 'in training' | 'behind its log' | 'queued',
): Promise<{ folder: string; id: string; path: string; own: string }> {
  const { folder, id } = await killedWhileTraining(started(), epochEnded(1), epochEnded(2))
  const path = join(folder, 'runs', id, 'run.json')
  if (state === 'at rest' || state === 'behind its log') await (await openLibrary(folder)).close()
  if (state === 'behind its log') log(folder, id, ended)
  if (state !== 'queued') return { folder, id, path, own: join(folder, 'runs', id) }
  const library = await openLibrary(folder)
  const { id: asked } = await library.addRun(smallConfig(), { type: 'new' }, null)
  await library.close()
  return { folder, id: asked, path: join(folder, 'runs', asked, 'run.json'), own: join(folder, 'runs', asked) }
}

const states = ['at rest', 'in training', 'behind its log', 'queued'] as const

describe.each(states)('the record of a run %s', (state) => {
  it('that is damaged is kept aside before it is made anew, and that is said', async () => {
    const { folder, id, path, own } = await libraryWith(state)
    const damaged = readFileSync(path, 'utf8').replace('"small"', '"other"')
    writeFileSync(path, damaged)
    const library = await openLibrary(folder)
    await library.annotate(id, { starred: true })
    const [name = ''] = keptIn(own)
    expect(keptIn(own)).toHaveLength(1)
    expect(readFileSync(join(own, name), 'utf8')).toBe(damaged)
    expect(
      library
        .notices()
        .map(({ message }) => message)
        .join('\n'),
    ).toMatch(
      new RegExp(`its checksum does not match its content .*made anew from the run's log[^]*is kept as ${name}`),
    )
    expect((await library.readRun(id)).epochs.map(({ epoch }) => epoch)).toEqual(state === 'queued' ? [] : [1, 2])
    await library.close()
    const again = await openLibrary(folder)
    await again.annotate(id, { starred: false })
    expect(again.notices()).toEqual([])
    await again.close()
    expect(keptIn(own)).toEqual([name])
  })

  it('that a newer program made is left as it is, whatever happens to the rest', async () => {
    const { folder, id, path } = await libraryWith(state)
    const { data } = unseal(path, readFileSync(path), 32)
    writeFileSync(path, seal(999, 1, snapshotOf({ ...(data as object), later: 1 })).bytes)
    const before = digest(path)
    const library = await openLibrary(folder)
    await expect(library.annotate(id, { starred: true })).rejects.toThrow(/made by a newer version/)
    await expect(library.append(id, { type: 'starting', at })).rejects.toThrow(/made by a newer version/)
    expect(['starting', 'running', 'queued']).not.toContain(library.run(id).status)
    const other = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.annotate(other.id, { starred: true })
    await library.close()
    expect(digest(path)).toBe(before)
  })

  it('that is another run’s is not believed', async () => {
    const { folder, id, path, own } = await libraryWith(state)
    const library = await openLibrary(folder)
    const other = await library.addRun(smallConfig(), { type: 'new' }, null)
    await library.annotate(other.id, { name: 'other' })
    await library.close()
    copyFileSync(join(folder, 'runs', other.id, 'run.json'), path)
    const look = await openLibrary(folder, { readOnly: true })
    expect(await look.readRun(id)).toMatchObject({ id, epochs: state === 'queued' ? [] : [{ epoch: 1 }, { epoch: 2 }] })
    await look.close()
    const again = await openLibrary(folder)
    await again.annotate(id, { starred: true })
    expect((await again.readRun(id)).name).not.toBe('other')
    expect(
      again
        .notices()
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(`is that of run ${other.id}, not of run ${id}`)
    await again.close()
    expect(keptIn(own)).toHaveLength(1)
  })
})

it('a record that only could not be read is kept aside too, where its log has a line that its record has not', async () => {
  const { folder, id, path, own } = await libraryWith('at rest')
  appendFileSync(path, '\0'.repeat(100))
  log(folder, id, ended)
  await (await openLibrary(folder)).close()
  expect(keptIn(own)).toHaveLength(1)
  const library = await openLibrary(folder)
  expect(library.run(id).status).toBe('finished')
  await library.close()
})
