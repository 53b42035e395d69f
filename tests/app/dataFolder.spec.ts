import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PNG } from 'pngjs'
import { expect, test } from './fixtures'
import { choose, fill, goTo } from './screens'

function picture(value: number): Buffer {
  const png = new PNG({ width: 6, height: 6 })
  png.data.fill(value)
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255
  return PNG.sync.write(png)
}

test('the editor shows how a folder was understood, each class with its counts and images, and what was left out', async ({
  open,
}) => {
  const images = mkdtempSync(join(tmpdir(), 'batchlab-pets-'))
  const put = (name: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(images, name)), { recursive: true })
    writeFileSync(join(images, name), bytes)
  }
  try {
    for (let n = 0; n < 12; n++)
      for (const [index, name] of ['cat', 'dog', 'eel'].entries())
        put(`training_set/${name}/${n}.png`, picture(20 * n + index))
    for (let n = 0; n < 5; n++) put(`test_set/${n}.png`, picture(7))
    put('training_set/cat/scan.tif', Buffer.from('II*\0'))
    const { page } = await open()
    await goTo(page, 'Editor')
    await choose(page, 'data.source.type', 'Image folder')
    await fill(page, 'data.source.path', images)
    const shown = page.locator('details.fold', { hasText: 'Images:' })
    await expect(shown).toContainText(
      'train (folder “training_set”): 36 images in 3 classes; test (folder “test_set”): no labels, 5 images left out.',
      { timeout: 30_000 },
    )
    // The data is shown although so few images are too few for the batch, which stands beside it.
    await expect(page.getByRole('main')).toContainText('must be at most the 24 training images, found 128')
    await expect(shown).toContainText('1 file was left out: training_set/cat/scan.tif is a TIF image')
    await expect(shown.getByRole('row', { name: 'cat 8 2 2' })).toBeVisible()
    await expect(shown.getByRole('row', { name: 'eel 8 2 2' })).toBeVisible()
    await expect(shown.locator('canvas')).toHaveCount(24)
    await shown.getByText('2 left out: names and reasons').click()
    await expect(shown).toContainText('test_set/ was left out with its 5 images: no labels')

    await fill(page, 'batchSize', '8')
    await expect(page.getByRole('main')).toContainText(/Updates per epoch\s*3/)
    await expect(shown.locator('canvas')).toHaveCount(24)

    mkdirSync(join(images, 'docs'))
    put('docs/figure.png', picture(1))
    await fill(page, 'data.source.path', `${images}/`)
    await expect(page.getByRole('main')).toContainText('found “docs” beside “test_set”, “training_set”', {
      timeout: 30_000,
    })
  } finally {
    rmSync(images, { recursive: true, force: true })
  }
})
