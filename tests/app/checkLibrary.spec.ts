import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures'
import { command, endless, passes, reaches, startRun } from './training'

test('the library is checked beside a training, and a damaged checkpoint is named with its run', async ({
  opened: { app, page },
  folders,
}) => {
  const id = await startRun(page, {
    ...endless,
    name: 'To be spoiled',
    network: { type: 'mlp', hidden: [4] },
    engine: { backend: 'cpu' },
  })
  await passes(page, id, 1)
  const dialog = page.getByRole('dialog', { name: 'Check library' })
  await page.keyboard.press('Control+K')
  await page.getByRole('textbox', { name: 'Search actions and runs' }).fill('check library')
  await page.keyboard.press('Enter')
  await expect(dialog.getByText(/No problem: 1 run, /)).toBeVisible()
  await expect(dialog.getByRole('listitem')).toHaveCount(0)
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(dialog).toBeHidden()

  await command(page, 'runs.pause', id)
  await reaches(page, id, 'paused')
  const file = join(folders.library, 'runs', id, 'checkpoints', 'last.safetensors')
  const bytes = readFileSync(file)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3)
  writeFileSync(file, bytes)
  await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('checkLibrary')?.click())
  await expect(dialog.getByText(/1 problem: 1 run, /)).toBeVisible()
  await expect(dialog.getByRole('listitem')).toContainText('checkpoints/last.safetensors')
  await dialog.getByRole('button', { name: 'To be spoiled' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('main', { name: 'run' })).toContainText('To be spoiled')
  // What was found is there as long as it may be needed.
  await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('checkLibrary')?.click())
  await expect(dialog.getByText(/1 problem: 1 run, /)).toBeVisible()
  expect(readFileSync(file)).toEqual(bytes)
})
