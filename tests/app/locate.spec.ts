import type { ElectronApplication } from '@playwright/test'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { expect, test } from './fixtures'
import { button, choose, fill, goTo, shows } from './screens'
import { command, passes, reaches, runOf, runs, startRun } from './training'

/** Two classes of coloured squares, `shade` apart. */
function makeImages(folder: string, shade: number): void {
  for (const split of ['train', 'test'])
    for (const [name, red] of [
      ['blue', 0],
      ['red', 255],
    ] as const) {
      mkdirSync(join(folder, split, name), { recursive: true })
      for (let i = 0; i < 16; i++) {
        const image = new PNG({ width: 4, height: 4 })
        for (let at = 0; at < image.data.length; at += 4) image.data.set([red, shade + i, 255 - red, 255], at)
        writeFileSync(join(folder, split, name, `${i}.png`), PNG.sync.write(image))
      }
    }
}

/** Answers the next questions for a file or folder with a path. */
const choosePath = (app: ElectronApplication, path: string): Promise<void> =>
  app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
  }, path)

test('a paused run whose folder was moved stays paused, and goes on where the folder is found', async ({
  open,
  folders,
}) => {
  const root = join(folders.userData, '..')
  const at = (name: string): string => join(root, name)
  makeImages(at('images'), 0)
  makeImages(at('others'), 99)
  const { app, page } = await open()
  const id = await startRun(page, {
    name: 'Moved',
    data: { source: { type: 'folder', path: at('images') } },
    batchSize: 4,
    network: { type: 'mlp', hidden: [8] },
    epochs: 20_000,
    engine: { backend: 'cpu' },
  })
  await passes(page, id, 20)
  await command(page, 'runs.pause', id)
  await reaches(page, id, 'paused')
  const paused = await runOf(page, id)
  renameSync(at('images'), at('moved images'))

  await page.getByRole('grid', { name: 'Runs' }).getByRole('row').filter({ hasText: 'Moved' }).dblclick()
  await button(page, 'Resume').click()
  const alert = page.getByRole('main').getByRole('alert')
  await expect(alert).toContainText(`${at('images')}: there is no such file or folder`)
  await shows(page, 'Paused')
  expect(await runOf(page, id)).toEqual(paused)

  // Other images are not taken for these.
  await choosePath(app, at('others'))
  await alert.getByRole('button', { name: 'Locate…' }).click()
  await page.getByRole('menuitem', { name: 'Choose a folder…' }).click()
  await expect(page.getByText('the images are not those that the run was trained on')).toBeVisible()
  expect(await runOf(page, id)).toEqual(paused)

  await choosePath(app, at('moved images'))
  await alert.getByRole('button', { name: 'Locate…' }).click()
  await page.getByRole('menuitem', { name: 'Choose a folder…' }).click()
  await expect(page.getByText('The data of “Moved” is found')).toBeVisible()
  await expect(alert).toHaveCount(0)
  await shows(page, 'Paused')
  await page.getByRole('tab', { name: 'Config' }).click()
  await expect(page.getByRole('main')).toContainText(`Images from ${at('moved images')}`)
  await page.getByRole('tab', { name: 'Log' }).click()
  await expect(page.getByRole('main')).toContainText(
    `The data is at ${at('moved images')} now (it was at ${at('images')})`,
  )

  await button(page, 'Resume').click()
  await reaches(page, id, 'running')
  await passes(page, id, paused.moment.update)
  await command(page, 'runs.stop', id)
  await reaches(page, id, 'stopped')
  rmSync(at('moved images'), { recursive: true })
})

test('the editor refuses a path that would mean another folder elsewhere, and starts nothing', async ({
  opened: { page },
}) => {
  await goTo(page, 'Editor')
  await choose(page, 'data.source.type', 'Image folder')
  await fill(page, 'data.source.path', 'images')
  await expect(page.locator('[data-path="data.source.path"]')).toContainText('must be a full path')
  await expect(button(page, 'Start')).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('F5')
  expect(await runs(page)).toEqual([])
})
