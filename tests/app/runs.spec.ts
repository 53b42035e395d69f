import type { ElectronApplication, Page } from '@playwright/test'
import { once } from 'node:events'
import { expect, test } from './fixtures'
import type { OpenApp } from './launch'
import { makeLibrary } from './measureLibrary'
import { button, goTo, row } from './screens'
import { brief, runOf, runs, startRun } from './training'

const grid = (page: Page) => page.getByRole('grid', { name: 'Runs' })
const dialog = (page: Page) => page.getByRole('dialog', { name: /for good/ })
const quit = async ({ app, process: child }: OpenApp): Promise<void> => {
  const gone = once(child, 'exit')
  void app.evaluate(({ app: electron }) => electron.quit()).catch(() => undefined)
  await gone
}
const arrange = async (
  app: ElectronApplication,
  page: Page,
  [width, height]: readonly [number, number],
  zoom = 1,
): Promise<void> => {
  await app.evaluate(
    ({ BrowserWindow }, size) => {
      const [window] = BrowserWindow.getAllWindows()
      window?.setContentSize(size.width, size.height)
      window?.webContents.setZoomFactor(size.zoom)
    },
    { width, height, zoom },
  )
  await expect.poll(() => page.evaluate(() => innerWidth)).toBe(Math.round(width / zoom))
}
/** Names of the rows on screen, from the top. */
const names = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-run]')]
      .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map(({ id }) => id),
  )
const first = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const box = document.querySelector('[role=grid]')?.getBoundingClientRect()
    return box === undefined
      ? ''
      : (document.elementFromPoint(box.left + 60, box.top + 40)?.closest('[data-run]')?.id ?? '')
  })
const selectedCount = (page: Page): Promise<number> => grid(page).locator('[aria-selected=true]').count()

test('filter, order, scroll and selection stay over visits elsewhere and over a restart', async ({ open, folders }) => {
  makeLibrary(folders.library, { runs: 300, epochs: 2, updatesPerEpoch: 4, traced: 300 })
  const one = await open()
  let { page } = one
  await page.getByRole('textbox', { name: 'Filter runs' }).fill('batch>=16')
  await grid(page).getByRole('button', { name: 'Batch', exact: true }).click()
  await expect(grid(page).getByRole('columnheader', { name: 'Batch', exact: true })).toHaveAttribute(
    'aria-sort',
    'descending',
  )
  const rowCount = await grid(page).getAttribute('aria-rowcount')
  expect(Number(rowCount)).toBeLessThan(300)
  await grid(page).evaluate((element) => {
    element.scrollTop = 28 * 100
  })
  await expect.poll(() => first(page)).not.toBe('')
  const [, , , picked = ''] = await names(page).then((all) => all.slice(8))
  await page.locator(`#${picked}`).click()
  const before = await first(page)

  const isAsItWas = async (): Promise<void> => {
    await expect(page.getByRole('textbox', { name: 'Filter runs' })).toHaveValue('batch>=16')
    await expect(grid(page).getByRole('columnheader', { name: 'Batch', exact: true })).toHaveAttribute(
      'aria-sort',
      'descending',
    )
    await expect(grid(page)).toHaveAttribute('aria-rowcount', rowCount ?? '')
    await expect.poll(() => first(page)).toBe(before)
    await expect(page.locator(`#${picked}`)).toHaveAttribute('aria-selected', 'true')
  }
  for (const view of ['Papers', 'Editor', 'Settings'] as const) {
    await goTo(page, view)
    await expect(grid(page)).toHaveCount(0)
    await goTo(page, 'Runs')
    await isAsItWas()
  }
  // Kept a moment after it was done.
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const reply = await window.batchlab.call('app.state', null)
        return reply.ok ? (reply.value.settings.runsLook?.top ?? null) : null
      }),
    )
    .not.toBeNull()
  await quit(one)
  const two = await open()
  page = two.page
  await isAsItWas()
  await expect(page.getByRole('status', { name: 'Runs shown' })).toContainText('of 300')
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '301')
})

test('no result is cut or covered, at any size, zoom and scheme', async ({ open, folders }) => {
  makeLibrary(folders.library, { runs: 40, epochs: 2, updatesPerEpoch: 4, traced: 1, perfect: true })
  const { app, page } = await open()
  await expect(row(page, 'Run 0,')).toContainText('100.00 %')
  const wrong = (): Promise<readonly string[]> =>
    page.evaluate(() => {
      const found: string[] = []
      const isNumber = /^(–|[\d.,]+(e-?\d+)?(\s(%|s|min|h).*)?)$/
      for (const cell of document.querySelectorAll('[data-run] [role=gridcell]')) {
        const text = cell.textContent
        if (!isNumber.test(text) || text === '') continue
        const range = document.createRange()
        range.selectNodeContents(cell)
        const [drawn, box] = [range.getBoundingClientRect(), cell.getBoundingClientRect()]
        if (drawn.top > innerHeight - 1) continue
        if (drawn.width > cell.clientWidth + 0.5 || drawn.right > box.right + 0.5 || drawn.left < box.left - 0.5)
          found.push(`${text} is cut: ${drawn.width} in ${cell.clientWidth}`)
        for (const x of [drawn.left + 1, drawn.right - 1]) {
          const top = document.elementFromPoint(x, (drawn.top + drawn.bottom) / 2)
          if (top !== null && !cell.contains(top)) found.push(`${text} is covered by ${top.className}`)
        }
      }
      return [...new Set(found)]
    })
  await row(page, 'Run 0,').click()
  for (const theme of ['light', 'dark'] as const) {
    await page.evaluate((choice) => window.batchlab.call('settings.change', { theme: choice }), theme)
    for (const [size, zoom] of [
      [[1280, 800], 1],
      [[1000, 640], 1],
      [[1920, 1080], 1],
      [[1280, 800], 2],
      [[1000, 640], 2],
    ] as const) {
      await arrange(app, page, size, zoom)
      await row(page, 'Run 0,').hover()
      await expect.poll(wrong, `${theme} ${size.join('×')} at ${zoom * 100} %`).toEqual([])
      // Nothing lies beyond the edge: what has no room gives way.
      expect(await grid(page).evaluate((element) => element.scrollWidth - element.clientWidth)).toBeLessThanOrEqual(0)
      if (zoom === 1) await expect(grid(page).getByRole('columnheader', { name: 'Test' })).toBeVisible()
    }
  }
})

test('a selection means one set for button, key, menu and palette, and a way back is offered only where there is one', async ({
  open,
  folders,
}) => {
  makeLibrary(folders.library, { runs: 40, epochs: 2, updatesPerEpoch: 4, traced: 40 })
  const { page } = await open()
  const inTrash = async (): Promise<number> => (await runs(page)).filter(({ removedAt }) => removedAt !== null).length
  const undo = page.getByRole('button', { name: 'Undo' })
  const selectAll = async (words: string): Promise<void> => {
    await page.getByRole('textbox', { name: 'Filter runs' }).fill(words)
    await expect.poll(async () => Number(await grid(page).getAttribute('aria-rowcount'))).toBeLessThan(41)
    await grid(page).focus()
    await page.keyboard.press('Control+a')
  }
  const undoes = async (): Promise<void> => {
    await undo.click()
    await expect.poll(inTrash).toBe(0)
    await expect(undo).toHaveCount(0)
  }

  await selectAll('batch<=128')
  const count = Number(await grid(page).getAttribute('aria-rowcount')) - 1
  expect(count).toBeGreaterThan(20)

  await test.step('the button, though only twenty are drawn', async () => {
    await button(page, `Trash ${count}`).click()
    await expect.poll(inTrash).toBe(count)
    await undoes()
  })
  await test.step('the key, though a filter hides some of them, and it says so', async () => {
    await selectAll('batch<=128')
    await page.getByRole('textbox', { name: 'Filter runs' }).fill('batch<=8')
    await expect(page.getByRole('status', { name: 'Runs shown' })).toContainText(/selected, \d+ of them filtered out/)
    await grid(page).focus()
    await page.keyboard.press('Delete')
    await expect.poll(inTrash).toBe(count)
    await undoes()
  })
  await test.step('the menu of a row among them', async () => {
    await selectAll('batch<=128')
    await grid(page).locator('[aria-selected=true]').nth(2).click({ button: 'right' })
    await page.getByRole('menuitem', { name: `Put ${count} runs into the trash` }).click()
    await expect.poll(inTrash).toBe(count)
    await undoes()
  })
  await test.step('the palette', async () => {
    await selectAll('batch<=128')
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Search actions and runs' }).fill('into the trash')
    await page.keyboard.press('Enter')
    await expect.poll(inTrash).toBe(count)
    await undoes()
  })
  await test.step('the menu of a row that is not selected is of that row, which becomes the selection', async () => {
    await page.getByRole('textbox', { name: 'Filter runs' }).fill('')
    await grid(page).focus()
    await page.keyboard.press('Escape')
    await expect.poll(() => selectedCount(page)).toBe(0)
    await row(page, 'Run 3,').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Put into the trash' }).click()
    await expect.poll(inTrash).toBe(1)
  })
  await test.step(
    '“Delete it…” asks, “Restore it” beside it still restores, and the offer to undo goes with what it would ' +
      'bring back',
    async () => {
      await page.getByRole('button', { name: 'Trash', exact: true }).click()
      await button(page, 'Delete it…').click()
      await expect(dialog(page)).toBeVisible()
      await page.keyboard.press('Escape')
      await expect(dialog(page)).toHaveCount(0)
      await button(page, 'Restore it').click()
      await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible()
      await button(page, 'Back to the runs').click()
      await expect(grid(page)).toHaveAttribute('aria-rowcount', '41')
      await row(page, 'Run 3,').click()
      await grid(page).focus()
      await page.keyboard.press('Delete')
      await expect.poll(inTrash).toBe(1)
      await expect(undo).toBeVisible()
      await page.getByRole('button', { name: 'Trash', exact: true }).click()
      await row(page, 'Run 3,').click()
      // In the trash the same key asks whether to delete for good, and deletes nothing by itself.
      await page.keyboard.press('Delete')
      await expect(dialog(page)).toBeVisible()
      expect((await runs(page)).length).toBe(40)
      await dialog(page).getByRole('button', { name: 'Delete this run' }).click()
      await expect.poll(async () => (await runs(page)).length).toBe(39)
      await expect(undo).toHaveCount(0)
    },
  )
})

test('the keyboard goes through the rows, selects, renames and opens', async ({ open, folders }) => {
  makeLibrary(folders.library, { runs: 40, epochs: 2, updatesPerEpoch: 4, traced: 40 })
  const { page } = await open()
  await row(page, 'Run 1,').click()
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await expect.poll(() => selectedCount(page)).toBe(3)
  await page.keyboard.press('Control+ArrowDown')
  await page.keyboard.press('Control+ArrowDown')
  await expect.poll(() => selectedCount(page)).toBe(3)
  await page.keyboard.press(' ')
  await expect.poll(() => selectedCount(page)).toBe(4)
  const active = await grid(page).getAttribute('aria-activedescendant')
  await expect(page.locator(`#${active ?? 'none'}`)).toContainText('Run 5,')
  await page.keyboard.press('End')
  await expect(page.locator(`#${(await grid(page).getAttribute('aria-activedescendant')) ?? 'none'}`)).toBeInViewport()
  await page.keyboard.press('Home')
  await page.keyboard.press('F2')
  await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused()
  await page.keyboard.type('A name of its own')
  await grid(page).focus()
  await expect(row(page, 'A name of its own')).toBeVisible()
  await page.keyboard.press('Shift+F10')
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toHaveCount(0)
  await expect(grid(page)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'A name of its own' })).toBeVisible()
})

test('rows stay where they are while a queue works, and are sorted anew when asked', async ({ opened: { page } }) => {
  test.setTimeout(240_000)
  const started: string[] = []
  for (const seed of [1, 2, 3])
    started.push(await startRun(page, { ...brief, name: `Queue ${seed}`, seed, epochs: seed === 1 ? 30 : 3 }))
  await expect(grid(page).locator('[data-run]')).toHaveCount(3)
  await expect(grid(page).getByText('Training')).toBeVisible()
  // Descending: the one that trains comes before those that wait.
  for (const order of ['ascending', 'descending']) {
    await grid(page).getByRole('button', { name: 'Status' }).click()
    await expect(grid(page).getByRole('columnheader', { name: 'Status' })).toHaveAttribute('aria-sort', order)
  }
  const order = await names(page)
  const last = started.at(-1) ?? ''
  // Watched until everything is done: no picture in between has another order.
  await page.evaluate(() => {
    const seen = new Set<string>()
    Reflect.set(window, 'orders', seen)
    const note = (): void => {
      seen.add(
        [...document.querySelectorAll('[data-run]')]
          .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
          .map(({ id }) => id)
          .join(' '),
      )
      requestAnimationFrame(note)
    }
    note()
  })
  await expect.poll(async () => (await runOf(page, last)).status, { timeout: 120_000 }).toBe('finished')
  await expect(grid(page).getByText('Finished')).toHaveCount(3)
  expect(await page.evaluate(() => [...(Reflect.get(window, 'orders') as Set<string>)])).toEqual([order.join(' ')])
  // All are finished, so the newest would come first now: sorted again when asked, and then there is nothing to ask
  // for.
  const sortAgain = page.getByRole('button', { name: 'Sort again' })
  await sortAgain.click()
  await expect(sortAgain).not.toBeVisible()
  await expect
    .poll(async () => (await names(page)).join(' '))
    .toBe(
      started
        .map((id) => `row-${id}`)
        .reverse()
        .join(' '),
    )
})
