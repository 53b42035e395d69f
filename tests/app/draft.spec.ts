import { end, expect, test } from './fixtures'
import { fill, goTo, nameRun } from './screens'

test('what was written in the editor can be brought back after something else took its place, in the next session too', async ({
  open,
}) => {
  const first = await open()
  let { page } = first
  const epochs = () => page.locator('[data-path="epochs"]').getByRole('textbox')
  const name = () => page.getByRole('textbox', { name: 'Name of the run' })
  const undo = () => page.getByRole('main').getByRole('button', { name: 'Undo', exact: true })
  await goTo(page, 'Editor')
  await expect(undo()).toBeDisabled()
  await nameRun(page, 'long in the making')
  await fill(page, 'epochs', '77')

  // By the notification.
  await page.getByRole('button', { name: 'Defaults' }).click()
  await expect(epochs()).toHaveValue('20')
  const told = page.getByRole('alert').filter({ hasText: 'The config in the editor was replaced by the defaults.' })
  await told.getByRole('button', { name: 'Undo' }).click()
  await expect(epochs()).toHaveValue('77')
  await expect(name()).toHaveValue('long in the making')
  await expect(told).toHaveCount(0)

  // By keys in the form's background, through several replacements; a box keeps its own undo.
  await page.keyboard.press('Control+N')
  await fill(page, 'epochs', '5')
  await goTo(page, 'Papers')
  await page
    .getByRole('navigation', { name: 'Papers and methods' })
    .getByRole('button', { name: /^Experiment 1/ })
    .click()
  await page.getByRole('button', { name: 'Open config1 in the editor' }).click()
  await expect(name()).toHaveValue(/^notes\/exp1\/config1/)
  await page.getByRole('heading', { name: 'Checkpoints' }).click()
  await page.keyboard.press('Control+Z')
  await expect(epochs()).toHaveValue('5')
  await page.keyboard.press('Control+Z')
  await expect(epochs()).toHaveValue('20')
  await page.keyboard.press('Control+Z')
  await expect(name()).toHaveValue('long in the making')
  await page.keyboard.press('Control+Shift+Z')
  await expect(epochs()).toHaveValue('20')
  await page.keyboard.press('Control+Shift+Z')
  await expect(epochs()).toHaveValue('5')

  // In the next session.
  await page.getByRole('button', { name: 'Defaults' }).click()
  await expect(epochs()).toHaveValue('20')
  await expect
    .poll(async () => {
      const state = await page.evaluate(() => window.batchlab.call('app.state', null))
      const kept = state.ok
        ? (state.value.settings.draft as {
            readonly input: { readonly epochs: number }
            readonly replaced: readonly { readonly input: { readonly epochs: number } }[]
          })
        : null
      return [kept?.input.epochs, kept?.replaced.at(-1)?.input.epochs]
    })
    .toEqual([20, 5])
  await end(first.process)
  page = (await open()).page
  await goTo(page, 'Editor')
  await expect(epochs()).toHaveValue('20')
  await undo().click()
  await expect(epochs()).toHaveValue('5')
  await undo().click()
  await expect(name()).toHaveValue('long in the making')
})
