import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { DatasetInfo } from '../../core/datasetInfo'
import { batchlab, json, temporaryFolder } from './built'

const folder = temporaryFolder()
const images = join(folder, 'images')
const library = join(folder, 'library')

/** Eight images of each of two classes, 6×5 grey, and one file that is none. */
beforeAll(() => {
  for (const [index, name] of ['cats', '<b>dogs'].entries()) {
    mkdirSync(join(images, name), { recursive: true })
    for (let n = 0; n < 8; n++) {
      const png = new PNG({ width: 6, height: 5 })
      png.data.fill(20 * n + 100 * index)
      for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255
      writeFileSync(join(images, name, `${n}.png`), PNG.sync.write(png))
    }
  }
  writeFileSync(join(images, 'cats', 'broken.png'), 'not an image')
})

interface Imported {
  readonly facts: DatasetInfo
  readonly skipped: { readonly file: string; readonly reason: string }[]
}

describe('batchlab data', () => {
  it('lists the kinds of data sets with their settings', async () => {
    const { sources, packs } = await json<{ sources: { type: string; settings: string[] }[]; packs: unknown[] }>(
      'data',
      'list',
      '--dir',
      library,
    )
    expect(sources.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['digits', 'cifar10', 'cifar100', 'folder', 'idx', 'synthetic']),
    )
    expect(sources.find(({ type }) => type === 'folder')!.settings).toContain('data.source.path')
    expect(packs).toEqual([])
  })

  it('refuses a folder with a broken image by its file, and leaves it out when told to', async () => {
    const refused = await batchlab(['data', 'import', 'folder', images, '--dir', library])
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain('broken.png')
    const { facts: info, skipped } = await json<Imported>(
      'data',
      'import',
      'folder',
      images,
      '--set',
      'data.source.skipBroken=true',
      '--dir',
      library,
    )
    expect(skipped.map(({ file }) => file.endsWith(join('cats', 'broken.png')))).toEqual([true])
    expect(info.classes).toEqual(['<b>dogs', 'cats'])
    expect(info.shape).toEqual([5, 6, 3])
    expect(info.counts.train + info.counts.validation + info.counts.test).toBe(16)
  })

  it('finds a packed copy that was changed, and says that it is made anew', async () => {
    const cache = join(library, 'cache')
    const [pack] = readdirSync(cache).filter((name) => name.endsWith('.pack'))
    expect(await json('data', 'verify', '--dir', library)).toMatchObject({
      packs: [{ name: 'images', images: 16, problem: '' }],
    })
    const bytes = readFileSync(join(cache, pack!))
    bytes[bytes.length - 40]! ^= 1
    writeFileSync(join(cache, pack!), bytes)
    const { code, stdout } = await batchlab(['data', 'verify', '--dir', library])
    expect(code).toBe(1)
    expect(stdout).toMatch(/checksum.*read anew/)
    const again = await batchlab([
      'data',
      'import',
      'folder',
      images,
      '--set',
      'data.source.skipBroken=true',
      '--dir',
      library,
    ])
    expect(again.stderr).toContain('was damaged')
    expect((await batchlab(['data', 'verify', '--dir', library])).code).toBe(0)
  })
})
