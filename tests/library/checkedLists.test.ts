import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seal, snapshotOf } from '../../main/files/envelope'
import { openCheckedLists, type CheckedLists } from '../../main/library/checkedLists'
import { openLibrary } from '../../main/library/library'
import { runShape } from '../../main/library/runFolder'
import { smallConfig, temporaryFolder } from '../support/fakeTraining'
import { ended } from '../support/history'

const shaOf = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, 'library.json'), 'utf8')) as { readonly sha256: string }).sha256

/** A memory that shows what it was asked and told. */
function memory(...known: string[]): CheckedLists & { readonly known: string[] } {
  return {
    known,
    has: (sha256) => known.includes(sha256),
    add: async (sha256) => {
      known.push(sha256)
    },
  }
}

async function libraryOfTwo(checked?: CheckedLists): Promise<string> {
  const folder = temporaryFolder()
  const library = await openLibrary(folder, checked === undefined ? {} : { checked })
  await library.addRun(smallConfig('first'), { type: 'new' }, null)
  await library.addRun(smallConfig('second'), { type: 'new' }, null)
  for (const { id } of library.runs()) await library.append(id, ended)
  await library.close()
  return folder
}

/** Writes the list anew with something in its first record that no record has. */
function spoil(folder: string): string {
  const path = join(folder, 'library.json')
  const { data } = JSON.parse(readFileSync(path, 'utf8')) as { readonly data: { readonly runs: readonly object[] } }
  const [first, ...others] = data.runs
  writeFileSync(path, seal(runShape.format, 9, snapshotOf({ runs: [{ ...first, odd: 1 }, ...others] })).bytes)
  return shaOf(folder)
}

describe('a list of runs that this program has checked', () => {
  it('is remembered when it is written, by the checksum that it has on disk', async () => {
    const checked = memory()
    const folder = await libraryOfTwo(checked)
    expect(checked.known.at(-1)).toBe(shaOf(folder))
  })

  it('is told as it lies on disk until something changes', async () => {
    const folder = await libraryOfTwo()
    const library = await openLibrary(folder, { checked: memory(shaOf(folder)) })
    const before = await library.listText()
    expect(JSON.parse(before)).toEqual(library.runs())
    const [first] = library.runs()
    await library.annotate(first?.id ?? '', { name: 'renamed' })
    expect(JSON.parse(await library.listText())).toEqual(library.runs())
    expect(
      (JSON.parse(await library.listText()) as readonly { readonly name: string }[]).map(({ name }) => name),
    ).toEqual(['renamed', 'second'])
    await library.close()
  })

  it('is remembered after it was found and checked', async () => {
    const folder = await libraryOfTwo()
    const checked = memory()
    const library = await openLibrary(folder, { checked })
    await expect.poll(() => checked.known, { timeout: 5000 }).toEqual([shaOf(folder)])
    await library.close()
  })

  it(
    'is checked again when it has changed: a record that does not fit is replaced from its folder and the list ' +
      'not remembered as it was',
    async () => {
      const checked = memory()
      const folder = await libraryOfTwo(checked)
      const spoilt = spoil(folder)
      const library = await openLibrary(folder, { checked })
      expect(
        library
          .runs()
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['first', 'second'])
      expect(library.runs().every((run) => !('odd' in run))).toBe(true)
      expect(library.notices().map(({ message }) => message)).toEqual([
        'One run that library.json did not list was found in the run folders and added',
      ])
      await library.close()
      expect(checked.known).not.toContain(spoilt)
      expect(checked.known.at(-1)).toBe(shaOf(folder))
    },
  )

  it('is not believed when its checksum does not fit its content', async () => {
    const folder = await libraryOfTwo()
    const path = join(folder, 'library.json')
    const sha256 = shaOf(folder)
    writeFileSync(path, readFileSync(path, 'utf8').replace('first', 'fIrst'))
    const library = await openLibrary(folder, { checked: memory(sha256) })
    expect(
      library
        .notices()
        .map(({ message }) => message)
        .join(),
    ).toContain('its checksum does not match its content')
    await library.close()
  })
})

describe('the memory of checked lists', () => {
  it('outlives the program that made it, and no other believes it', async () => {
    const path = join(temporaryFolder(), 'checked.json')
    await (await openCheckedLists(path, 'program A')).add('aa')
    expect((await openCheckedLists(path, 'program A')).has('aa')).toBe(true)
    expect((await openCheckedLists(path, 'program B')).has('aa')).toBe(false)
  })

  it('keeps the last sixteen', async () => {
    const path = join(temporaryFolder(), 'checked.json')
    const lists = await openCheckedLists(path, 'program')
    for (let n = 0; n < 17; n++) await lists.add(`list ${String(n)}`)
    const again = await openCheckedLists(path, 'program')
    expect([again.has('list 0'), again.has('list 1'), again.has('list 16')]).toEqual([false, true, true])
  })

  it('knows nothing when its file is torn or odd', async () => {
    for (const text of ['', '{"program":"program","li', '{"program":"program","lists":"aa"}']) {
      const path = join(temporaryFolder(), 'checked.json')
      writeFileSync(path, text)
      expect((await openCheckedLists(path, 'program')).has('aa')).toBe(false)
    }
  })
})
