import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test as base } from './fixtures'
import { projectFolder } from './launch'
import { button, goTo, row, shows, valuesOf } from './screens'
import { reaches, startRun } from './training'

// A library whose path is worth a picture.
const test = base.extend({
  folders: async ({ folders }, use) => use({ ...folders, library: join(dirname(folders.library), 'library') }),
})

// Pictures for the documentation, made on demand from runs that were really trained.
test.skip(process.env['BATCHLAB_SCREENSHOTS'] !== '1', 'makes pictures only with BATCHLAB_SCREENSHOTS=1')

const config = (batchSize: number, epochs: number, name: string): object => ({
  name,
  batchSize,
  epochs,
  data: { source: { type: 'digits' } },
  learningRate: { base: 0.02, referenceBatch: 32, scaling: { type: 'linear' }, schedule: { type: 'cosine' } },
})

test('pictures of every view, light and dark', async ({ opened: { app, page } }) => {
  test.setTimeout(300_000)
  const folder = join(projectFolder, 'docs', 'screenshots')
  mkdirSync(folder, { recursive: true })
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1360, 850))
  for (const batchSize of [16, 32, 64, 128])
    await reaches(
      page,
      await startRun(page, config(batchSize, 30, `Batch ${String(batchSize)}, linear scaling`)),
      'finished',
    )

  await startRun(page, config(64, 900, 'Batch 64, thirty times longer'))
  await row(page, 'thirty').dblclick()
  await shows(page, 'Training')
  await button(page, 'New like this').click()
  await goTo(page, 'Run')
  await expect.poll(() => valuesOf(page, 'Loss')).toBeGreaterThan(200)

  const scenes: Readonly<Record<string, () => Promise<void>>> = {
    run: () => goTo(page, 'Run'),
    editor: () => goTo(page, 'Editor'),
    runs: async () => {
      await goTo(page, 'Runs')
      await row(page, 'Batch 16').click()
      await row(page, 'Batch 32').click({ modifiers: ['Control'] })
      await row(page, 'Batch 128').click({ modifiers: ['Control'] })
      await expect.poll(() => valuesOf(page, 'Loss')).toBeGreaterThan(100)
    },
    compare: async () => {
      await goTo(page, 'Runs')
      await row(page, 'Batch 16').click()
      await row(page, 'Batch 128').click({ modifiers: ['Control'] })
      await button(page, 'Compare checkpoints').click()
      await button(page, 'Compare').click()
      await expect(page.getByRole('heading', { name: 'Is it a difference?' })).toBeVisible({ timeout: 30_000 })
    },
    papers: async () => {
      await goTo(page, 'Papers')
      await page
        .getByRole('navigation', { name: 'Papers and methods' })
        .getByRole('button', { name: 'Cyclic', exact: true })
        .click()
      await expect.poll(() => valuesOf(page, 'Learning rate')).toBeGreaterThan(100)
    },
    compute: async () => {
      await goTo(page, 'Compute')
      await expect(page.getByText('works ·').first()).toBeVisible({ timeout: 60_000 })
    },
    settings: () => goTo(page, 'Settings'),
  }
  for (const theme of ['light', 'dark'] as const) {
    await goTo(page, 'Settings')
    await page.getByText(theme === 'light' ? 'Light' : 'Dark', { exact: true }).click()
    for (const [name, arrange] of Object.entries(scenes)) {
      await arrange()
      await page.mouse.move(700, 845)
      // Charts settle within a redraw; a picture waits for two.
      await page.waitForTimeout(600)
      await page.screenshot({ path: join(folder, `${name}-${theme}.png`) })
    }
  }
})
