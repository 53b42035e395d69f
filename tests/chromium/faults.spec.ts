import type { Page } from '@playwright/test'
import type { Run } from '../../core/run'
import { expect, findingsOf, goTo, test } from './fixtures'

interface Doubled {
  readonly double: {
    readonly say: (event: unknown) => void
    readonly faults: readonly { readonly where: string; readonly message: string; readonly stack: string }[]
  }
  readonly batchlab: { readonly call: (name: string, input: unknown) => Promise<{ readonly value: string }> }
}

/**
 * Has main tell the page of a run whose epochs are no list, or of the same run in order: a view that reads them fails
 * as a real one would.
 */
const tellOfRun = (page: Page, name: string, isDamaged: boolean): Promise<void> =>
  page.evaluate(
    async ([name, isDamaged]) => {
      const { double, batchlab } = window as unknown as Doubled
      const run = (JSON.parse((await batchlab.call('runs.list', null)).value) as Run[]).find(
        ({ config }) => config.name === name,
      )
      double.say({ type: 'runChanged', run: isDamaged ? { ...run, epochs: null, checkpoints: null } : run })
    },
    [name, isDamaged] as const,
  )
const faultsOf = (page: Page) => page.evaluate(() => (window as unknown as Doubled).double.faults)

const failed = (page: Page) =>
  page
    .getByRole('main')
    .getByRole('alert')
    .filter({ has: page.getByRole('button', { name: 'Reload this view' }) })

for (const theme of ['light', 'dark'] as const) {
  test(`a view that fails leaves the rest of the window, ${theme}`, async ({ open, wrongs }) => {
    const page = await open(`?still&theme=${theme}`)
    await page.getByRole('grid', { name: 'Runs' }).getByRole('row').filter({ hasText: 'Exp3 config2' }).dblclick()
    await expect(page.getByRole('main')).toHaveAccessibleName('run')
    await tellOfRun(page, 'Exp3 config2', true)
    await expect(failed(page)).toBeVisible()
    await expect(failed(page)).toContainText('TypeError')
    expect(await findingsOf(page)).toEqual([])
    await page.screenshot({ path: test.info().outputPath(`failed-${theme}.png`) })
    const [fault] = await faultsOf(page)
    expect(fault?.where).toBe('Run')
    expect(fault?.message).toContain('TypeError')

    await page.getByRole('button', { name: 'Copy details' }).first().click()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toContain(fault?.message ?? 'no message')
    expect(copied).toContain('Where: Run')
    expect(copied).toMatch(/Batchlab \d/)
    expect(copied).not.toContain('/home/')

    // The rest works: other views, the palette, and what trains is still named above.
    for (const view of ['Papers', 'Settings', 'Compute']) await goTo(page, view)
    // What follows from a config is estimated from all runs: that part fails, and the form beside it is there.
    await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Editor', exact: true }).click()
    await expect(page.getByRole('main').getByRole('alert').getByRole('button', { name: 'Try again' })).toBeVisible()
    await expect(page.locator('[data-path="epochs"]')).toBeVisible()
    await page.keyboard.press('Control+K')
    await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('banner').or(page.locator('header.now'))).toContainText('digits, live')

    // Still damaged: it fails again and is told no second time. Mended: the same button shows it.
    await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Reload this view' }).click()
    await expect(failed(page)).toBeVisible()
    expect(
      (await faultsOf(page)).filter(({ where, message }) => where === 'Run' && message === fault?.message),
    ).toHaveLength(1)
    await tellOfRun(page, 'Exp3 config2', false)
    await page.waitForTimeout(400)
    await page.getByRole('button', { name: 'Reload this view' }).click()
    await expect(failed(page)).toHaveCount(0)
    await expect(page.getByRole('main').getByRole('region', { name: 'Loss', exact: true })).toBeVisible()
    // React says on the console what a guard caught; nothing else may be there.
    expect(wrongs.filter((wrong) => !/TypeError|Cannot read|not iterable/.test(wrong))).toEqual([])
    wrongs.length = 0
  })
}

test('an error that nothing caught is said once, with its details, and reaches main', async ({ open, wrongs }) => {
  const page = await open('?still')
  await page.evaluate(() => {
    for (let n = 0; n < 3; n++)
      setTimeout(() => {
        throw new Error('a handler at /home/kim/secret/run.json failed')
      })
    for (let n = 0; n < 3; n++) void Promise.reject(new Error('a promise was refused'))
  })
  const said = page.getByRole('alert').filter({ has: page.getByRole('button', { name: 'Copy details' }) })
  await expect(said).toHaveCount(2)
  await expect(said.filter({ hasText: 'a handler at' })).not.toContainText('kim')
  expect((await faultsOf(page)).map(({ message }) => message).sort()).toEqual([
    'Error: a handler at …/run.json failed',
    'Error: a promise was refused',
  ])
  await goTo(page, 'Papers')
  expect(wrongs.every((wrong) => /a handler at|a promise was refused/.test(wrong))).toBe(true)
  wrongs.length = 0
})

test('a view that fails on being left gives way to the next one', async ({ open, wrongs }) => {
  const page = await open('?still')
  await page.getByRole('grid', { name: 'Runs' }).getByRole('row').filter({ hasText: 'Exp3 config2' }).dblclick()
  await expect(
    page.getByRole('main').getByRole('region', { name: 'Loss', exact: true }).locator('.nsewdrag'),
  ).toBeVisible()
  // The cleanup of every chart's effect fails, as one did that called what scrollIntoView had returned.
  await page.evaluate(() => {
    const { removeEventListener } = EventTarget.prototype
    EventTarget.prototype.removeEventListener = function (
      this: EventTarget,
      ...all: Parameters<typeof removeEventListener>
    ): void {
      if (
        all[0] === 'mousedown' &&
        all[2] === true &&
        this instanceof Element &&
        this.classList.contains('js-plotly-plot')
      )
        throw new Error('destroy is not a function')
      removeEventListener.apply(this, all)
    }
  })
  await goTo(page, 'Papers')
  await expect(page.getByRole('navigation', { name: 'Papers and methods' })).toBeVisible()
  await expect(page.getByRole('status').first()).toContainText('digits, live')
  await expect
    .poll(async () => (await faultsOf(page)).map(({ where, message }) => `${where}: ${message}`))
    .toEqual(['Leaving a view: Error: destroy is not a function'])
  await goTo(page, 'Settings')
  expect(wrongs.length).toBeGreaterThan(0)
  expect(wrongs.filter((wrong) => !wrong.includes('destroy is not a function'))).toEqual([])
  wrongs.length = 0
})
