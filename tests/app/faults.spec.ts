import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures'
import { button, goTo, shows, start } from './screens'

test('what fails in the page is in the log once, and a training goes on', async ({ opened: { app, page } }) => {
  const log = join(await app.evaluate(({ app: running }) => running.getPath('logs')), 'main.log')
  const written = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '')
  await goTo(page, 'Editor')
  await start(page)
  await shows(page, /Training|Finished/)
  await page.evaluate(() => {
    for (let n = 0; n < 50; n++)
      setTimeout(() => {
        throw new Error('a timer of the page failed')
      })
  })
  await expect(page.getByRole('alert').getByRole('button', { name: 'Copy details' })).toHaveCount(1)
  await expect.poll(written).toContain('the page: the window: Error: a timer of the page failed')
  expect(written().split('a timer of the page failed')).toHaveLength(2)
  await shows(page, /Training|Finished/)
  await page.getByRole('alert').getByRole('button', { name: 'Copy details' }).click()
  await expect
    .poll(() => app.evaluate(({ clipboard }) => clipboard.readText()))
    .toMatch(/^Batchlab .*electron .*\nWhere: the window\nError: a timer of the page failed\n/)
  await goTo(page, 'Run')
  await expect(button(page, 'Reload this view')).toHaveCount(0)
})
