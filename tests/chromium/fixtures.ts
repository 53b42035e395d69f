import type { Browser, ConsoleMessage, Page } from '@playwright/test'
import { test as base, chromium, expect } from '@playwright/test'
import { build } from 'esbuild'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { servePage } from './served'

const root = resolve(__dirname, '..', '..')

/** What went wrong in a page, as the browser tells it: empty at the end of every test that does not empty it itself. */
type Wrongs = string[]
interface Worker {
  readonly browserHere: Browser
  readonly address: string
  readonly double: string
}
interface Fixtures {
  readonly wrongs: Wrongs
  readonly open: (query?: string) => Promise<Page>
}

/** An error or a refusal of the policy; what a page only remarks is none. */
const isWrong = (message: ConsoleMessage): boolean =>
  message.type() === 'error' || /content security policy/i.test(message.text())

function watch(page: Page, wrongs: Wrongs): void {
  page.on('pageerror', (error) => {
    wrongs.push(`page error: ${error.message}`)
  })
  page.on('console', (message) => {
    if (isWrong(message)) wrongs.push(`console: ${message.text()}`)
  })
  page.on('requestfailed', (request) => {
    wrongs.push(`request failed: ${request.url()}`)
  })
  page.on('crash', () => {
    wrongs.push('the page crashed')
  })
}

export const test = base.extend<Fixtures, Worker>({
  browserHere: [
    async ({}, use) => {
      const path = process.env['BATCHLAB_CHROMIUM']
      if (path === undefined) throw new Error('BATCHLAB_CHROMIUM names no Chromium: `npm test -- chromium` finds one.')
      // Without its sandbox only where there is none to be had (as root): the page under test is our own.
      const given = process.env['BATCHLAB_CHROMIUM_SWITCHES'] ?? (process.getuid?.() === 0 ? '--no-sandbox' : '')
      const browser = await chromium.launch({
        executablePath: path,
        args: given.split(' ').filter((each) => each !== ''),
      })
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  address: [
    async ({}, use) => {
      const { address, close } = await servePage(join(root, 'out', 'renderer'))
      await use(address)
      close()
    },
    { scope: 'worker' },
  ],
  double: [
    async ({}, use) => {
      const { outputFiles } = await build({
        entryPoints: [join(__dirname, 'double.ts')],
        bundle: true,
        write: false,
        format: 'iife',
        target: 'chrome114',
        logLevel: 'error',
      })
      await use(outputFiles[0]?.text ?? '')
    },
    { scope: 'worker' },
  ],
  wrongs: async ({}, use) => {
    const wrongs: Wrongs = []
    await use(wrongs)
    expect(wrongs, 'errors of the page and violations of its policy').toEqual([])
  },
  open: async ({ browserHere, address, double, wrongs }, use) => {
    const context = await browserHere.newContext({
      viewport: { width: 1360, height: 850 },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await use(async (query = '') => {
      const page = await context.newPage()
      watch(page, wrongs)
      await page.addInitScript(double)
      await page.goto(`${address}/index.html${query}`)
      await expect(page.getByRole('main')).toHaveAttribute('aria-busy', 'false')
      return page
    })
    await context.close()
  },
})
export { expect }

/** The views in the order of the rail, by the names that `main` carries: new ones are found by themselves. */
export async function viewsOf(page: Page): Promise<readonly string[]> {
  return await page
    .getByRole('navigation', { name: 'Views' })
    .getByRole('button')
    .allInnerTexts()
    .then((texts) => texts.map((text) => text.trim()))
}

export async function goTo(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: view, exact: true }).click()
  await expect(page.getByRole('main')).toHaveAccessibleName(view.toLowerCase())
  await expect(page.getByRole('main').locator(':scope > :not(h1)').first()).toBeVisible()
  await expect(page.getByRole('main').getByRole('alert').filter({ hasText: 'could not be shown' })).toHaveCount(0)
}

/** What axe finds serious or critical on the page, one line each. */
export async function findingsOf(page: Page): Promise<readonly string[]> {
  // Evaluated by the driver, because the page's policy lets in no script from elsewhere.
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, impact, nodes }) =>
        nodes.map(
          ({ target, any, all, none }) =>
            `${id} (${String(impact)}) at ${target.join(' ')}: ${[...any, ...all, ...none][0]?.message ?? ''}`,
        ),
      )
  })
}
