import { expect, findingsOf, test } from './fixtures'

for (const theme of ['light', 'dark'] as const) {
  test(`the check of a library goes on while its dialog is closed, and lists what it found, ${theme}`, async ({
    open,
  }) => {
    const page = await open(`?still&damaged&theme=${theme}`)
    const dialog = page.getByRole('dialog', { name: 'Check library' })
    await page.keyboard.press('Control+,')
    await page.getByRole('main').getByRole('button', { name: 'Check library…' }).click()
    await expect(dialog.getByText(/run \d+ of \d+/)).toBeVisible()
    await dialog.getByRole('button', { name: 'In the background' }).click()
    await expect(page.getByRole('banner').getByText(/Checking the library: run \d+ of \d+/)).toBeVisible()
    await page.getByRole('button', { name: 'Show' }).click()
    await expect(dialog.getByText(/^13 problems: /)).toBeVisible()
    await expect(dialog.getByText('and 1.23 k notes more')).toBeVisible()
    // Names that would be markup, turn text around or move a cursor are text, and each finding is a line.
    await expect(dialog.locator('img')).toHaveCount(0)
    expect(await dialog.innerText()).not.toMatch(/[\u001b\u0007\u202e]/)
    await dialog.getByRole('button', { name: 'Copy as text' }).click()
    const copied = (await page.evaluate(() => navigator.clipboard.readText())).split('\n')
    expect(copied).toHaveLength(13 + 2 + 1 + 1)
    expect(copied.join('')).not.toMatch(/[\u001b\u0007\u202e]/)
    expect(await findingsOf(page), 'serious and critical findings').toEqual([])
    await dialog.getByRole('button', { name: 'Exp3 config2' }).click()
    await expect(page.getByRole('main', { name: 'run' })).toContainText('Exp3 config2')
  })
}

test('a check of a library is stopped, and begins anew', async ({ open }) => {
  const page = await open('?still')
  const dialog = page.getByRole('dialog', { name: 'Check library' })
  await page.keyboard.press('Control+,')
  await page.getByRole('main').getByRole('button', { name: 'Check library…' }).click()
  await dialog.getByRole('button', { name: 'Stop' }).click()
  await expect(dialog.getByText('The check was stopped')).toBeVisible()
  await dialog.getByRole('button', { name: 'Check again' }).click()
  await expect(dialog.getByText(/^No problem: 14 runs, /)).toBeVisible()
})
