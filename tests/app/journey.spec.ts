import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures'
import type { OpenApp } from './launch'
import { button, epochOf, fill, goTo, nameRun, row, saveChart, saveTo, shows, start, valuesOf } from './screens'

async function quit({ app, process: child }: OpenApp): Promise<void> {
  const gone = once(child, 'exit')
  void app.evaluate(({ app: electron }) => electron.quit()).catch(() => undefined)
  await gone
  expect(child.exitCode).toBe(0)
}

const arrives = (path: string): Promise<void> =>
  expect.poll(() => existsSync(path) && statSync(path).size > 0).toBe(true)

test('a person writes a config, trains, pauses, comes back another day, resumes, compares and exports', async ({
  open,
  folders,
}) => {
  test.setTimeout(180_000)
  const first = await open()
  let page = first.page

  await test.step('an empty library says what to do', async () => {
    await button(page, 'Configure the first run').click()
    await expect(page.getByRole('main')).toHaveAccessibleName('editor')
  })

  await test.step('the editor says what is wrong and what follows', async () => {
    await fill(page, 'batchSize', '0')
    await expect(page.getByRole('alert')).toContainText('at least 1')
    await nameRun(page, 'Small batch <img src=x onerror=alert(1)>')
    await fill(page, 'batchSize', '32')
    await fill(page, 'learningRate.base', '0.02')
    await fill(page, 'epochs', '5000')
    await expect(page.getByRole('alert')).toHaveCount(0)
    // 1,150 training images make 35 full batches of 32.
    await expect(page.getByRole('main')).toContainText(/Updates per epoch\s*35/)
    await start(page)
  })

  await test.step('the run can be watched', async () => {
    await shows(page, 'Training')
    await expect.poll(() => epochOf(page), { timeout: 30_000 }).toBeGreaterThan(2)
    const before = await valuesOf(page, 'Loss')
    expect(before).toBeGreaterThan(0)
    await expect.poll(() => valuesOf(page, 'Loss')).toBeGreaterThan(before)
    await expect(page.getByRole('status').first()).toContainText('images/s')
    for (const chart of ['Noise scale', 'Rate over batch size'])
      await expect.poll(() => valuesOf(page, chart)).toBeGreaterThan(before)
  })

  await test.step('its charts are put away and brought back', async () => {
    const chart = page.getByRole('region', { name: 'Noise scale', exact: true })
    const toggle = async (): Promise<void> => {
      await button(page, 'Charts').click()
      await page.getByRole('menuitemcheckbox', { name: 'Noise scale' }).click()
      await page.keyboard.press('Escape')
    }
    await toggle()
    await expect(chart).toHaveCount(0)
    await toggle()
    await expect(chart).toBeVisible()
  })

  let pausedAt = 0
  await test.step('it pauses, and the app is quit', async () => {
    await button(page, 'Pause').click()
    await shows(page, 'Paused')
    pausedAt = await epochOf(page)
    await quit(first)
  })

  const second = await open()
  page = second.page
  await test.step('another day the run is there, and goes on from where it was', async () => {
    await expect(row(page, 'Small batch')).toContainText('Paused')
    await row(page, 'Small batch').dblclick()
    expect(await epochOf(page)).toBe(pausedAt)
    await expect(page.getByRole('heading', { name: 'Small batch <img src=x onerror=alert(1)>' })).toBeVisible()
    await button(page, 'Resume').click()
    await shows(page, 'Training')
    await expect.poll(() => epochOf(page), { timeout: 30_000 }).toBeGreaterThan(pausedAt + 2)
    await button(page, 'Stop').click()
    await shows(page, 'Stopped')
  })

  await test.step('a second run starts from its config', async () => {
    await button(page, 'New like this').click()
    await nameRun(page, 'Large batch')
    await fill(page, 'batchSize', '256')
    await fill(page, 'epochs', '30')
    await start(page)
    await shows(page, 'Finished')
  })

  await test.step('two checkpoints are compared on the same images', async () => {
    await goTo(page, 'Runs')
    await row(page, 'Small batch').click()
    await row(page, 'Large batch').click({ modifiers: ['Control'] })
    await button(page, 'Compare checkpoints').click()
    await button(page, 'Compare').click()
    await expect(page.getByRole('heading', { name: 'Is it a difference?' })).toBeVisible({ timeout: 30_000 })
    await expect(page.getByRole('main')).toContainText(/Accuracy on validation\s*\d+(\.\d+)?\s?%\s*\d+(\.\d+)?\s?%/)
    await expect(page.getByRole('main')).toContainText(/Images\s*288/)
  })

  await test.step('a figure and its data are exported', async () => {
    await goTo(page, 'Runs')
    await row(page, 'Small batch').dblclick()
    await expect.poll(() => valuesOf(page, 'Loss')).toBeGreaterThan(100)
    const [svg, png, csv] = ['svg', 'png', 'csv'].map((extension) => join(folders.library, `figure.${extension}`)) as [
      string,
      string,
      string,
    ]
    await saveTo(second.app, svg)
    await saveChart(page, 'Accuracy', 'Figure as SVG')
    await arrives(svg)
    expect(readFileSync(svg, 'utf8')).toMatch(/<svg[^]*accuracy \(%\)[^]*<\/svg>/)
    await saveTo(second.app, png)
    await saveChart(page, 'Loss', 'Figure as PNG')
    await arrives(png)
    expect(readFileSync(png).subarray(1, 4).toString()).toBe('PNG')
    await saveTo(second.app, csv)
    await saveChart(page, 'Loss', 'All data as CSV')
    await arrives(csv)
    const rows = readFileSync(csv, 'utf8').trim().split('\n')
    expect(rows.length).toBeGreaterThan(100)
    expect(rows[0]).toContain('update')
  })

  await quit(second)
  const third = await open()
  page = third.page
  await test.step('everything is still there', async () => {
    await expect(row(page, 'Small batch')).toContainText('Stopped')
    await expect(row(page, 'Large batch')).toContainText('Finished')
    await goTo(page, 'Editor')
    await expect(page.locator('[data-path="batchSize"]').getByRole('textbox')).toHaveValue('256')
  })
})
