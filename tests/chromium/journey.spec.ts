import type { Page } from '@playwright/test'
import { expect, goTo, test, viewsOf } from './fixtures'

/** A walk that goes from every view to every other one exactly once. */
function everyPair(names: readonly string[]): readonly string[] {
  const left = new Map(names.map((name) => [name, names.filter((other) => other !== name)]))
  const walk: string[] = []
  // Hierholzer: each view is left as often as it is entered, so the walk closes.
  const go = (name: string): void => {
    for (let next = left.get(name)?.pop(); next !== undefined; next = left.get(name)?.pop()) go(next)
    walk.push(name)
  }
  go(names[0] ?? '')
  return walk.reverse()
}

const firstRun = (page: Page): Promise<void> =>
  page.getByRole('grid', { name: 'Runs' }).getByRole('row').filter({ hasText: 'Exp3 config1' }).dblclick()

test('goes from every view to every other one and back', async ({ open }) => {
  const page = await open('?still')
  await firstRun(page)
  const walk = everyPair(await viewsOf(page))
  expect(walk.length).toBeGreaterThanOrEqual(7 * 6 + 1)
  for (const view of walk) await goTo(page, view)
})

test('goes from every paper and method to another view', async ({ open }) => {
  const page = await open('?still')
  await goTo(page, 'Papers')
  const entries = page.getByRole('navigation', { name: 'Papers and methods' }).getByRole('button')
  const count = await entries.count()
  expect(count).toBeGreaterThan(20)
  for (let n = 0; n < count; n++) {
    await entries.nth(n).click()
    await expect(entries.nth(n)).toHaveAttribute('aria-current', 'page')
    await expect(page.getByRole('article', { name: 'Reading' }).getByRole('heading').first()).toBeVisible()
    if (n % 8 === 0) {
      await goTo(page, 'Settings')
      await goTo(page, 'Papers')
    }
  }
})

test('draws the charts of a run while it trains', async ({ open }) => {
  const page = await open()
  await page.getByRole('grid', { name: 'Runs' }).getByRole('row').filter({ hasText: 'digits, live' }).dblclick()
  const chart = page.getByRole('region', { name: 'Loss', exact: true })
  const plot = chart.getByRole('img').first()
  await expect(plot.locator('svg').first()).toBeVisible()
  const values = async (): Promise<number> =>
    Number(/([\d,]+) values/.exec((await plot.getAttribute('aria-label')) ?? '')?.[1]?.replaceAll(',', '') ?? 0)
  await expect.poll(values).toBeGreaterThan(100)
  const before = await values()
  await expect.poll(values).toBeGreaterThan(before)
  // Something is drawn in the curve's colour, not only axes.
  await expect
    .poll(() =>
      chart.evaluate(
        (section) =>
          section.querySelectorAll('.scatterlayer .trace path.js-line').length +
          [...section.querySelectorAll('canvas')].filter((canvas) => canvas.width > 0).length,
      ),
    )
    .toBeGreaterThan(0)
})

test('zooms into a chart and back', async ({ open }) => {
  const page = await open('?still')
  await firstRun(page)
  const chart = page.getByRole('region', { name: 'Loss', exact: true })
  const area = chart.locator('.nsewdrag')
  await expect(area).toBeVisible()
  const range = (): Promise<readonly number[]> =>
    chart
      .locator('.js-plotly-plot')
      .evaluate((plot) => [
        ...(plot as unknown as { readonly layout: { readonly xaxis: { readonly range: readonly number[] } } }).layout
          .xaxis.range,
      ])
  const [from = 0, to = 0] = await range()
  const box = await area.boundingBox()
  if (box === null) throw new Error('The chart has no plotting area.')
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.5)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.55, { steps: 5 })
  await page.mouse.up()
  const reset = chart.getByRole('button', { name: 'Reset the zoom' })
  await expect(reset).toBeVisible()
  await expect
    .poll(async () => {
      const [a = 0, b = 0] = await range()
      return (b - a) / (to - from)
    })
    .toBeCloseTo(0.3, 1)
  await reset.click()
  await expect(reset).toHaveCount(0)
  await expect.poll(range).toEqual([from, to])
})

test('compares two checkpoints and shows the outcome', async ({ open }) => {
  const page = await open('?still')
  const rows = page.getByRole('grid', { name: 'Runs' }).getByRole('row')
  await rows.filter({ hasText: 'Exp3 config1' }).click()
  await rows.filter({ hasText: 'Exp3 config2' }).click({ modifiers: ['Control'] })
  await page.keyboard.press('Control+Shift+C')
  await expect(page.getByRole('main')).toHaveAccessibleName('compare')
  await page.getByRole('main').getByRole('button', { name: 'Compare', exact: true }).click()
  await expect(
    page.getByRole('main').getByRole('table').or(page.getByRole('main').getByRole('heading')).nth(1),
  ).toBeVisible()
})

test('opens the palette and goes where it is told, opens an explanation beside the form and closes it', async ({
  open,
}) => {
  const page = await open('?still')
  await page.keyboard.press('Control+K')
  const palette = page.getByRole('dialog', { name: 'Commands' })
  await expect(palette).toBeVisible()
  await page.keyboard.type('Editor')
  await palette.getByText('Editor', { exact: true }).click()
  await expect(palette).toHaveCount(0)
  await expect(page.getByRole('main')).toHaveAccessibleName('editor')

  await page
    .getByRole('main')
    .getByRole('button', { name: /explain/i })
    .first()
    .click()
  const drawer = page.locator('.mantine-Drawer-content')
  await expect(drawer.getByRole('heading').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(drawer).toHaveCount(0)
})

test('starts a run from the editor, pauses it, resumes it and stops it from the keyboard', async ({ open }) => {
  const page = await open()
  const statuses = (): Promise<Readonly<Record<string, string>>> =>
    page.evaluate(async () => {
      const reply = await window.batchlab.call('runs.list', null)
      return reply.ok
        ? Object.fromEntries(
            (JSON.parse(reply.value) as { readonly id: string; readonly status: string }[]).map(({ id, status }) => [
              id,
              status,
            ]),
          )
        : {}
    })
  const before = await statuses()
  await goTo(page, 'Editor')
  // The data set is looked at first; until then there is nothing to start.
  await expect(page.getByRole('main').getByRole('button', { name: 'Start', exact: true })).toHaveAttribute(
    'aria-disabled',
    'false',
  )
  await page.keyboard.press('F5')
  const started = async (): Promise<string | undefined> =>
    Object.entries(await statuses()).find(([id]) => before[id] === undefined)?.[1]
  await expect.poll(started).toBe('running')
  await expect(page.getByRole('main')).toHaveAccessibleName('run')
  for (const [keys, status] of [
    ['F6', 'paused'],
    ['Shift+F6', 'running'],
    ['Shift+F5', 'stopped'],
  ] as const) {
    // The page hears of a change a moment after it, and refuses a key until then.
    await expect(async () => {
      await page.keyboard.press(keys)
      await expect.poll(started, { timeout: 1500 }).toBe(status)
    }).toPass()
  }
})
