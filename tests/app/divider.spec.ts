import type { ElectronApplication, Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { goTo } from './screens'

const resize = (app: ElectronApplication, width: number, height: number): Promise<void> =>
  app.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height), {
    width,
    height,
  })

const zoom = (app: ElectronApplication, factor: number): Promise<void> =>
  app.evaluate(({ BrowserWindow }, by) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(by), factor)

/** The left side's share of the editor, in whole percent. */
const share = (page: Page): Promise<number> =>
  page
    .locator('.split')
    .evaluate((split) =>
      Math.round(
        (100 * (split.querySelector('[data-panel]')?.getBoundingClientRect().width ?? NaN)) /
          split.getBoundingClientRect().width,
      ),
    )

const kept = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    const reply = await window.batchlab.call('app.state', null)
    return reply.ok ? reply.value.settings.panelSizes : reply.issues
  })

const width = (page: Page): Promise<number> => page.evaluate(() => innerWidth)

test('a divider stays where a person put it, whatever the window does', async ({ opened: { app, page } }) => {
  await resize(app, 1600, 900)
  await expect.poll(() => width(page)).toBe(1600)
  await goTo(page, 'Editor')
  await expect.poll(() => share(page)).toBe(54)

  await test.step('windows too narrow for both sides, zooms and visits elsewhere move nothing for good, and nothing is kept', async () => {
    for (const step of [
      () => resize(app, 900, 640),
      () => zoom(app, 2),
      () => zoom(app, 0.5),
      () => zoom(app, 1),
      () => resize(app, 1600, 900),
    ]) {
      const before = await width(page)
      await step()
      await expect.poll(() => width(page)).not.toBe(before)
      await goTo(page, 'Settings')
      await goTo(page, 'Editor')
      await expect(page.locator('.split')).toBeVisible()
    }
    await expect.poll(() => share(page)).toBe(54)
    expect(await kept(page)).toEqual({})
  })

  await test.step('what a person drags is kept, also in a window that has no room for it', async () => {
    const separator = await page.locator('[data-separator]').boundingBox()
    if (separator === null) throw new Error('There is no divider')
    await page.mouse.move(separator.x, 300)
    await page.mouse.down()
    await page.mouse.move(64 + 0.7 * (1600 - 64), 300, { steps: 5 })
    await page.mouse.up()
    await expect.poll(() => share(page)).toBe(70)
    await resize(app, 900, 640)
    await expect.poll(() => share(page)).toBeLessThan(65)
    await page.reload()
    await goTo(page, 'Editor')
    await expect.poll(() => share(page)).toBeLessThan(65)
    await resize(app, 1600, 900)
    await expect.poll(() => share(page)).toBe(70)
    const { editor } = (await kept(page)) as { readonly editor: readonly number[] }
    expect(Math.round(editor[0] ?? NaN)).toBe(70)
  })
})
