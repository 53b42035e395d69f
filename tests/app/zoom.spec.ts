import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { makeLibrary } from './measureLibrary'

type Range = readonly [number, number]

const ranges = (page: Page): Promise<{ readonly x: Range; readonly y: Range }> =>
  page.evaluate(() => {
    const plot = document.querySelector('section[aria-label=Loss] .js-plotly-plot') as unknown as {
      readonly layout: Readonly<Record<'xaxis' | 'yaxis', { readonly range: Range }>>
    }
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

test('zooms into what is dragged over, keeps that when it is drawn anew, and shows everything again', async ({
  open,
  folders,
}) => {
  makeLibrary(folders.library, { runs: 2, epochs: 10, updatesPerEpoch: 100, traced: 2 })
  const { page } = await open()
  await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(1).click()
  const loss = page.getByRole('region', { name: 'Loss' })
  const values = (count: string) =>
    expect(loss.getByRole('img').first()).toHaveAttribute('aria-label', `Loss, ${count} values`)
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
  await expect
    .poll(async () => {
      const { y } = await ranges(page)
      return y[1] - y[0]
    })
    .toBeLessThan((near.y[1] - near.y[0]) * 0.8)
  expect((await ranges(page)).x).toEqual(near.x)

  // From a zoom into a zoom, twice from the same place and faster than a double click.
  await drag(page, [0.5, 0.2], [0.9, 0.9])
  await drag(page, [0.5, 0.2], [0.9, 0.9])
  await expect
    .poll(async () => {
      const { x } = await ranges(page)
      return x[1] - x[0]
    })
    .toBeLessThan((near.x[1] - near.x[0]) * 0.5)
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

test('paints the raw curve where plotly would draw it, through every zoom', async ({ open, folders }) => {
  makeLibrary(folders.library, { runs: 1, epochs: 10, updatesPerEpoch: 20, traced: 1 })
  const { page } = await open()
  const show = async (smoothing: number): Promise<void> => {
    await page.evaluate((share) => window.batchlab.call('settings.change', { smoothing: share }), smoothing)
    await page.reload()
    await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(1).click()
    await expect(page.getByRole('region', { name: 'Loss' }).getByRole('img').first()).toHaveAttribute(
      'aria-label',
      'Loss, 200 values',
    )
  }
  const validation = page.getByRole('button', { name: 'validation, per epoch' })
  // Corners of plotly's own training curve, from the plot's corner; with smoothing off and nothing in front of it that
  // is the raw one.
  const corners = () =>
    page.evaluate(() => {
      const plot = document.querySelector('section[aria-label=Loss] .plot')?.getBoundingClientRect()
      const line = document.querySelector<SVGPathElement>('section[aria-label=Loss] .trace .js-line')
      const area = line?.closest('.plot')?.querySelector('.nsewdrag')
      if (plot === undefined || line === null || area === null || area === undefined) return []
      const [left, top] = ['x', 'y'].map((side) => Number(area.getAttribute(side)))
      return [...(line.getAttribute('d') ?? '').matchAll(/([-\d.e]+),([-\d.e]+)/g)].map(
        ([, x, y]) => [Number(x) + (left ?? 0), Number(y) + (top ?? 0)] as const,
      )
    })
  const painted = (points: readonly Range[]) =>
    page.evaluate((all) => {
      const canvas = document.querySelector<HTMLCanvasElement>('section[aria-label=Loss] .plot > canvas')
      const context = canvas?.getContext('2d')
      if (canvas === null || context === null || context === undefined) return NaN
      const ratio = window.devicePixelRatio
      const area = canvas.parentElement?.querySelector('.nsewdrag')
      const [left, top, width, height] = ['x', 'y', 'width', 'height'].map((side) =>
        Number(area?.getAttribute(side)),
      ) as [number, number, number, number]
      const inside = all.filter(([x, y]) => x > left + 1 && x < left + width - 1 && y > top + 1 && y < top + height - 1)
      // The tip of a spike may end at the very edge of its pixel.
      const isPainted = ([x, y]: readonly [number, number]): boolean =>
        context
          .getImageData(Math.round(x * ratio) - 1, Math.round(y * ratio) - 1, 2, 2)
          .data.some((value, index) => index % 4 === 3 && value > 0)
      return inside.length < 10 ? NaN : inside.filter(isPainted).length / inside.length
    }, points)

  const zoomIn = async (): Promise<void> => {
    const before = await ranges(page)
    await drag(page, [0.25, 0.1], [0.5, 0.95])
    await expect.poll(async () => (await ranges(page)).x[0]).toBeGreaterThan(before.x[0])
  }
  const showAlone = async (smoothing: number): Promise<void> => {
    await show(smoothing)
    await validation.click()
    await expect(validation).toHaveAttribute('aria-pressed', 'false')
    await expect(page.locator('section[aria-label=Loss] .points .point')).toHaveCount(0)
  }
  await showAlone(0)
  const all = await corners()
  expect(await painted(all)).toBe(0)
  await zoomIn()
  const near = await corners()
  await showAlone(0.9)
  // A sheet painted all over would pass the first of these.
  expect(await painted(all)).toBeGreaterThan(0.98)
  expect(await painted(all.map(([x]) => [x, 20]))).toBeLessThan(0.5)
  await zoomIn()
  expect(await painted(near)).toBeGreaterThan(0.98)
  expect(await painted(all)).toBeLessThan(0.7)

  // Behind a validation curve the smoothed one is painted too, and still says whose it is.
  await showAlone(0.9)
  await zoomIn()
  const smooth = await corners()
  await validation.click()
  await expect(page.locator('section[aria-label=Loss] .points .point')).not.toHaveCount(0)
  expect(await painted(smooth)).toBeGreaterThan(0.98)
  const plot = await page.locator('section[aria-label=Loss] .plot').first().boundingBox()
  const [x, y] = smooth[Math.round(smooth.length / 4)] ?? [0, 0]
  await page.mouse.move((plot?.x ?? 0) + x, (plot?.y ?? 0) + y)
  await expect(page.locator('section[aria-label=Loss] .hoverlayer')).toContainText('· train')
})
