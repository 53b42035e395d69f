import { expect, findingsOf, goTo, test, viewsOf } from './fixtures'

for (const theme of ['light', 'dark'] as const) {
  test(`every view is accessible, ${theme}`, async ({ open }) => {
    const page = await open(`?still&theme=${theme}`)
    const found: string[] = []
    const look = async (place: string): Promise<void> => {
      // Colours that fade in would be measured half way.
      await page.waitForTimeout(150)
      found.push(...(await findingsOf(page)).map((finding) => `${place}: ${finding}`))
    }
    const rows = page.getByRole('grid', { name: 'Runs' }).getByRole('row')
    await rows.filter({ hasText: 'Exp3 config1' }).click()
    await rows.filter({ hasText: 'Exp3 config2' }).click({ modifiers: ['Control'] })
    await look('Runs, two selected')
    await page.keyboard.press('Control+Shift+C')
    await page.getByRole('main').getByRole('button', { name: 'Compare', exact: true }).click()
    await page.waitForTimeout(300)
    await look('Compare, with an outcome')
    for (const view of await viewsOf(page)) {
      await goTo(page, view)
      await look(view)
    }
    await goTo(page, 'Editor')
    await page
      .getByRole('main')
      .getByRole('button', { name: /explain/i })
      .first()
      .click()
    await expect(page.locator('.mantine-Drawer-content').getByRole('heading').first()).toBeVisible()
    await look('Explanation')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+K')
    await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible()
    await look('Palette')
    expect([...new Set(found)], 'serious and critical findings').toEqual([])
  })
}

test('what is not accessible is found', async ({ open }) => {
  const page = await open('?still')
  await page.evaluate(() => {
    const bad = document.createElement('div')
    bad.innerHTML = '<button></button><p style="color: #ccc; background: #fff">pale</p>'
    document.querySelector('main')?.append(bad)
  })
  expect((await findingsOf(page)).map((finding) => finding.split(' ')[0]).sort()).toEqual([
    'button-name',
    'color-contrast',
  ])
})
