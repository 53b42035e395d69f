import type { Page } from '@playwright/test'
import { expect, findingsOf, goTo, test, viewsOf } from './fixtures'

type Look = (place: string) => Promise<void>

const rowOf = (page: Page, name: string) =>
  page.getByRole('grid', { name: 'Runs' }).getByRole('row').filter({ hasText: name })
const inMain = (page: Page, name: string) => page.getByRole('main').getByRole('button', { name, exact: true })
const openRun = async (page: Page, name: string): Promise<void> => {
  await goTo(page, 'Runs')
  await rowOf(page, name).first().dblclick()
  await expect(page.getByRole('main')).toHaveAccessibleName('run')
}
const charted = (page: Page, name: string) =>
  expect(page.getByRole('region', { name, exact: true }).locator('.main-svg').first()).toBeVisible()

/** Where a person gets to: each goes there from anywhere and looks. */
const places: Readonly<Record<string, (page: Page, look: Look) => Promise<void>>> = {
  'runs and comparing': async (page, look) => {
    await rowOf(page, 'Exp3 config1').click()
    await look('Runs, one selected')
    await rowOf(page, 'Exp3 config2').click({ modifiers: ['Control'] })
    await charted(page, 'Loss')
    await look('Runs, two selected')
    await page.getByRole('main').getByRole('textbox', { name: 'Filter runs' }).fill('nothing is called that')
    await look('Runs, all filtered out')
    await page.getByRole('main').getByRole('button', { name: 'Empty the filter' }).click()
    await page.keyboard.press('Control+Shift+C')
    await inMain(page, 'Compare').click()
    await expect(page.getByRole('heading', { name: 'Is it a difference?' })).toBeVisible()
    await look('Compare, with an outcome')
  },
  'every view': async (page, look) => {
    for (const view of await viewsOf(page)) {
      await goTo(page, view)
      await look(view)
    }
  },
  'a run': async (page, look) => {
    await openRun(page, 'Exp3 config1')
    await charted(page, 'Loss')
    for (const tab of ['Charts', 'Checkpoints', 'Config', 'Log', 'Notes']) {
      await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
      await look(`Run, ${tab}`)
    }
    await inMain(page, 'Extend…').click()
    await expect(page.getByRole('dialog').getByRole('radio').first()).toBeVisible()
    await page.getByRole('dialog').getByRole('radio').first().check()
    await look('Extend')
    await page.keyboard.press('Escape')
    for (const state of ['interrupted', 'failed', 'diverged', 'paused', 'live']) {
      await openRun(page, state)
      await look(`Run, ${state}`)
    }
  },
  'deleting a run': async (page, look) => {
    await rowOf(page, 'Exp3 config2').click()
    await rowOf(page, 'Exp3 config2')
      .getByRole('button', { name: /^What can be done with/ })
      .click()
    await expect(page.getByRole('menu')).toBeVisible()
    await look('Menu of a row')
    await page.getByRole('menuitem', { name: /trash/i }).click()
    await page.getByRole('button', { name: 'Trash', exact: true }).click()
    await look('Trash')
    await rowOf(page, 'Exp3 config2')
      .getByRole('button', { name: /^What can be done with/ })
      .click()
    await page.getByRole('menuitem', { name: /^Delete/ }).click()
    await expect(page.getByRole('dialog', { name: 'Delete this run for good?' })).toBeVisible()
    await look('Delete for good')
  },
  'the editor': async (page, look) => {
    await goTo(page, 'Editor')
    await charted(page, 'Learning rate')
    await look('Editor')
    const epochs = page.locator('[data-path="epochs"]').getByRole('textbox')
    await epochs.fill('0')
    await epochs.blur()
    await look('Editor, a value that cannot be')
    await epochs.fill('10')
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
  },
  'papers and methods': async (page, look) => {
    await goTo(page, 'Papers')
    const entries = page.getByRole('navigation', { name: 'Papers and methods' }).getByRole('button')
    for (const name of [/Goyal/, 'Results, as written', /^Experiment 1/, 'Cyclic', 'Linear scaling rule', 'LARS']) {
      await entries.filter({ hasText: name }).first().click()
      await look(`Papers, ${String(name)}`)
    }
  },
}

for (const theme of ['light', 'dark'] as const)
  for (const [name, go] of Object.entries(places))
    test(`${name}: accessible, ${theme}`, async ({ open }) => {
      test.slow()
      const page = await open(`?still&theme=${theme}`)
      const found = new Set<string>()
      await go(page, async (place) => {
        // Colours that fade in would be measured half way.
        await page.evaluate(() =>
          Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => null))),
        )
        for (const finding of await findingsOf(page)) found.add(`${place}: ${finding}`)
      })
      expect([...found], 'serious and critical findings').toEqual([])
    })

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
