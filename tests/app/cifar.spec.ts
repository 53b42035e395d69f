import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from './fixtures'
import { projectFolder } from './launch'
import { choose, fill, goTo, nameRun, numberOf, shows, start } from './screens'

// All of CIFAR-10 as JPEG files in class folders; not part of the project, because it is not ours to ship.
const archive = process.env['BATCHLAB_CIFAR10_JPEG'] ?? resolve(projectFolder, '../shared/data/cifar10-jpeg.tar.gz')

test('a folder of 5,000 real CIFAR-10 images is imported and learned, from the window', async ({ open }) => {
  test.skip(!existsSync(archive), `${archive} is not there`)
  test.setTimeout(600_000)
  const images = mkdtempSync(join(tmpdir(), 'batchlab-cifar-'))
  try {
    // 500 training and 100 test images of each class.
    execFileSync('tar', ['-xzf', archive, '-C', images, '--wildcards', 'train/*/0[0-4]??.jpg', 'test/*/00??.jpg'])
    const { page } = await open()
    await goTo(page, 'Editor')
    await nameRun(page, 'CIFAR-10, 5,000 images')
    await choose(page, 'data.source.type', 'Image folder')
    await fill(page, 'data.source.path', images)
    await choose(page, 'network.type', '4-conv CNN')
    await fill(page, 'batchSize', '32')
    await fill(page, 'learningRate.base', '0.02')
    await fill(page, 'epochs', '5')
    await expect(page.getByRole('main')).toContainText(/Updates per epoch\s*125/, { timeout: 60_000 })
    await start(page)
    await expect(page.getByRole('main').locator('.status')).toContainText('Finished', { timeout: 480_000 })
    const accuracy = Number.parseFloat(await numberOf(page, 'Test accuracy'))
    console.log(`test accuracy on 1,000 CIFAR-10 test images after 5 epochs of 4,000: ${accuracy} %`)
    // Ten classes: chance is 10 %, and its standard error on 1,000 images is 0.95 pp. Thirty is twenty of them away.
    expect(accuracy).toBeGreaterThan(30)
    await shows(page, 'Finished')
  } finally {
    rmSync(images, { recursive: true, force: true })
  }
})
