import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { makeLibrary } from './measureLibrary'

type Range = readonly [number, number]

const ranges = (page: Page): Promise<{ readonly x: Range; readonly y: Range }> => page.evaluate(() => {
  const plot = document.querySelector('section[aria-label=Loss] .js-plotly-plot') as unknown as { readonly layout: Readonly<Record<'xaxis' | 'yaxis', { readonly range: Range }>> }
  return { x: [...plot.layout.xaxis.range] as const, y: [...plot.layout.yaxis.range] as const }
})

async function drag(page: Page, from: Range, to: Range): Promise<void> {
  const area = await page.locator('section[aria-label=Loss] .nsewdrag').boundingBox()
  if (area === null) throw new Error('The loss chart has no plotting area')
  const at = ([x, y]: Range): [number, number] => [area.x + x * area.width, area.y + y * area.height]
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 5 })
  await expect(page.locator('.zoom-shade')).toHaveCount(1)
  await page.mouse.up()
  await expect(page.locator('.zoom-shade')).toHaveCount(0)
}

test('zooms into what is dragged over, keeps that when it is drawn anew, and shows everything again', async ({ open, folders }) => {
  makeLibrary(folders.library, { runs: 2, epochs: 10, updatesPerEpoch: 100, traced: 2 })
  const { page } = await open()
  await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(1).click()
  const loss = page.getByRole('region', { name: 'Loss' })
  const values = (count: string) => expect(loss.getByRole('img').first()).toHaveAttribute('aria-label', `Loss, ${count} values`)
  await values('1,000')
  const all = await ranges(page)

  await drag(page, [0.25, 0.5], [0.5, 0.52])
  await expect(loss.getByRole('button', { name: 'Reset the zoom' })).toBeVisible()
  const width = all.x[1] - all.x[0]
  await expect.poll(async () => (await ranges(page)).x[0]).toBeCloseTo(all.x[0] + width * 0.25, 0)
  const near = await ranges(page)
  expect(near.x[1]).toBeCloseTo(all.x[0] + width * 0.5, 0)

  // Another curve is drawn anew in the same range, and a steep drag leaves that alone.
  await page.getByRole('button', { name: 'validation, per epoch' }).click()
  await drag(page, [0.5, 0.2], [0.51, 0.8])
  await expect.poll(async () => { const { y } = await ranges(page); return y[1] - y[0] }).toBeLessThan((near.y[1] - near.y[0]) * 0.8)
  expect((await ranges(page)).x).toEqual(near.x)

  // From a zoom into a zoom, twice from the same place and faster than a double click.
  await drag(page, [0.5, 0.2], [0.9, 0.9])
  await drag(page, [0.5, 0.2], [0.9, 0.9])
  await expect.poll(async () => { const { x } = await ranges(page); return x[1] - x[0] }).toBeLessThan((near.x[1] - near.x[0]) * 0.5)
  expect((await ranges(page)).x[0]).toBeGreaterThan(near.x[0] + 0.1)

  await page.getByRole('button', { name: 'validation, per epoch' }).click()
  await loss.getByRole('button', { name: 'Reset the zoom' }).click()
  await expect.poll(() => ranges(page)).toEqual(all)
  await expect(loss.getByRole('button', { name: 'Reset the zoom' })).toHaveCount(0)

  // A click is no zoom; a double click shows everything.
  await drag(page, [0.25, 0.5], [0.5, 0.52])
  await expect.poll(async () => (await ranges(page)).x[0]).toBeGreaterThan(all.x[0] + 0.5)
  await page.locator('section[aria-label=Loss] .nsewdrag').dblclick()
  await expect.poll(() => ranges(page)).toEqual(all)
})
