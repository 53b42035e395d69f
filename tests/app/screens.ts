import { expect } from '@playwright/test'
import type { ElectronApplication, Locator, Page } from '@playwright/test'

type View = 'Runs' | 'Editor' | 'Run' | 'Compare' | 'Papers' | 'Compute' | 'Settings'

export const goTo = async (page: Page, view: View): Promise<void> => {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: view, exact: true }).click()
}

/** Types into a field of the editor, named by its path in the config. */
export async function fill(page: Page, path: string, value: string): Promise<void> {
  const box = page.locator(`[data-path="${path}"]`).getByRole('textbox')
  await box.fill(value)
  await box.blur()
}

/** Picks an option of a setting by its label. */
export async function choose(page: Page, path: string, label: string): Promise<void> {
  await page
    .locator(`[data-path="${path}"]`)
    .getByRole('combobox')
    .or(page.locator(`[data-path="${path}"]`).getByRole('textbox'))
    .first()
    .click()
  await page.getByRole('option', { name: label, exact: true }).click()
}

export const nameRun = (page: Page, name: string): Promise<void> =>
  page.getByRole('textbox', { name: 'Name of the run' }).fill(name)
export const start = (page: Page): Promise<void> =>
  page.getByRole('main').getByRole('button', { name: 'Start', exact: true }).click()
/** A button of the open view, not of the strip above it. */
export const button = (page: Page, name: string): Locator =>
  page.getByRole('main').getByRole('button', { name, exact: true })
export const row = (page: Page, name: string): Locator =>
  page.getByRole('grid', { name: 'Runs' }).getByRole('row').filter({ hasText: name })

/** The state that the open run is in, as the window shows it. */
export const shows = (page: Page, status: string | RegExp): Promise<void> =>
  expect(page.getByRole('main').locator('.status')).toContainText(status, { timeout: 30_000 })

/** One of the numbers in the head of the open run. */
export async function numberOf(page: Page, label: string): Promise<string> {
  const text = await page.getByRole('main').getByText(label, { exact: true }).locator('..').innerText()
  return text.split('\n')[1] ?? ''
}

export const epochOf = async (page: Page): Promise<number> =>
  Number((await numberOf(page, 'Epoch')).split('/')[0]?.trim().replaceAll(',', ''))

/** How many values a chart says that it shows. */
export async function valuesOf(page: Page, chart: string): Promise<number> {
  const label = await page
    .getByRole('region', { name: chart, exact: true })
    .getByRole('img', { name: chart })
    .first()
    .getAttribute('aria-label')
  return Number(/, ([\d,. ]+) values/.exec(label ?? '')?.[1]?.replaceAll(/[^\d]/g, '') ?? 0)
}

/** Answers the next questions where to save with a path. */
export const saveTo = (app: ElectronApplication, path: string): Promise<void> =>
  app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath })
  }, path)

export async function saveChart(
  page: Page,
  chart: string,
  what: 'Figure as SVG' | 'Figure as PNG' | 'All data as CSV',
): Promise<void> {
  await page.getByRole('button', { name: `Save ${chart}`, exact: true }).click()
  await page.getByRole('menuitem', { name: what }).click()
}
