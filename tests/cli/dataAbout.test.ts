import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PNG } from 'pngjs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../../core/run'
import { batchlab, json, temporaryFolder } from './built'

const folder = temporaryFolder()
const images = join(folder, 'pets')
const library = join(folder, 'library')

/**
 * Kaggle's way: classes below train, test images without labels, and three files of class cat that are of a kind that
 * is not read.
 */
beforeAll(() => {
  const put = (name: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(images, name)), { recursive: true })
    writeFileSync(join(images, name), bytes)
  }
  const picture = (value: number): Buffer => {
    const png = new PNG({ width: 4, height: 4 })
    png.data.fill(value)
    for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255
    return PNG.sync.write(png)
  }
  for (let n = 0; n < 8; n++) {
    put(`train/cat/${n}.png`, picture(10 * n))
    put(`train/dog/${n}.png`, picture(255 - 10 * n))
    put(`test/${n}.png`, picture(128))
  }
  for (const name of ['x', 'y', 'z']) put(`train/cat/${name}\u001b[31m.tif`, Buffer.from('II*\0'))
})

const said = [
  'train: 16 images in 2 classes; test: no labels, 8 images left out.',
  'There is no test folder with labels, so a sixth of the images is held out for testing, the same for every run.',
  '3 files were left out (train/cat/x\ufffd[31m.tif, train/cat/y\ufffd[31m.tif, train/cat/z\ufffd[31m.tif): ' +
    'each is a TIF image, which is not read; expected PNG, JPEG, WEBP, GIF or BMP.',
]
const settings = [
  '--set',
  'data.source.type=folder',
  '--set',
  `data.source.path=${images}`,
  '--set',
  'network.type=mlp',
  '--set',
  'batchSize=4',
  '--set',
  'epochs=1',
  '--set',
  'engine.backend=cpu',
]

describe('how a data set was understood', () => {
  it('is said by data import and plan before anything is trained', async () => {
    for (const args of [
      ['data', 'import', 'folder', images],
      ['plan', ...settings],
    ]) {
      const { code, stdout } = await batchlab([...args, '--dir', library])
      expect(code).toBe(0)
      for (const sentence of said) expect(stdout.split('\n')).toContain(sentence)
    }
    const { classCounts, about } = await json<{ classCounts: object; about: string[] }>(
      'data',
      'import',
      'folder',
      images,
      '--set',
      'data.validationFraction=0',
      '--dir',
      library,
    )
    expect(about).toHaveLength(3)
    expect(classCounts).toEqual({ train: [6, 7], validation: [0, 0], test: [2, 1] })
  })

  it('is said by train, kept once in the log however often the run is taken up, and stands in the report', async () => {
    const trained = await batchlab(['train', ...settings, '--set', 'name=pets', '--dir', library])
    expect(trained.code, trained.stderr).toBe(0)
    for (const sentence of said) expect(trained.stderr.split('\n')).toContain(sentence)
    await batchlab(['resume', 'pets', '--epochs', '2', '--dir', library])
    const run = await json<Run>('show', 'pets', '--dir', library)
    const kept = run.log.filter(({ about }) => about === 'data').map(({ message }) => message)
    expect(kept.map((message) => message.replaceAll('\u001b', '\ufffd'))).toEqual(said)
    const page = join(folder, 'report.html')
    expect((await batchlab(['export', 'pets', '--format', 'html', '--out', page, '--dir', library])).code).toBe(0)
    expect(readFileSync(page, 'utf8').split('<h2>Record')[0]).toContain('3 files were left out (train/cat/x')
  })
})
