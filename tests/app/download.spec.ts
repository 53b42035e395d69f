import type { ElectronApplication } from '@playwright/test'
import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from './fixtures'
import { choose, goTo } from './screens'

/** Answers the next questions by their n-th button. */
const answerNext = (app: ElectronApplication, button: number): Promise<void> =>
  app.evaluate(({ dialog }, response) => {
    dialog.showMessageBox = () => Promise.resolve({ response, checkboxChecked: false })
  }, button)

test('a download says whose the data is, shows how far it is, and stops with its part kept', async ({
  opened: { app, page },
  folders,
}) => {
  const asked: string[] = []
  // Announces the archive's real length and sends the first 40 MB of nothing.
  const server = createServer((request, response) => {
    asked.push(`${request.url ?? ''} ${request.headers.range ?? ''}`.trim())
    response
      .on('error', () => undefined)
      .writeHead(200, { 'content-length': 170_052_171 })
      .write(Buffer.alloc(40_000_000))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await goTo(page, 'Editor')
    await choose(page, 'data.source.type', 'Image folder')
    await expect(page.getByRole('button', { name: 'Download…' })).toHaveCount(0)
    await choose(page, 'data.source.type', 'CIFAR-10')
    await page.getByRole('button', { name: 'Download…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Download a data set' })
    await expect(dialog).toContainText('Krizhevsky')
    await expect(dialog).toContainText('https://www.cs.toronto.edu/~kriz/')
    await expect(dialog).toContainText(join(folders.library, 'datasets', 'cifar10'))
    await dialog.getByRole('textbox', { name: 'Mirror' }).fill('ftp://example.org/')
    await dialog.getByRole('button', { name: 'Download', exact: true }).click()
    await expect(dialog.getByRole('alert')).toContainText(
      'expected an address that begins with https:// or http://, found ftp://',
    )
    const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`
    await answerNext(app, 0)
    await dialog.getByRole('textbox', { name: 'Mirror' }).fill(`http://${host}/mirror/`)
    await dialog.getByRole('button', { name: 'Download', exact: true }).click()
    await expect(dialog.getByRole('alert')).toContainText(
      `Nothing was fetched from ${host}, because it was not confirmed`,
    )
    expect(asked).toEqual([])
    await answerNext(app, 1)
    await dialog.getByRole('button', { name: 'Download', exact: true }).click()
    await expect(dialog).toContainText(/cifar-10-binary\.tar\.gz: 38\sMiB of 162\sMiB/)
    await page.keyboard.press('Escape')
    await expect(dialog).toBeVisible()
    await dialog.getByRole('button', { name: 'Stop' }).click()
    await expect(dialog.getByRole('alert')).toContainText('what is here is kept')
    const archive = join(folders.library, 'datasets', 'cifar10', 'cifar-10-binary.tar.gz')
    expect([existsSync(archive), statSync(`${archive}.part`).size, asked]).toEqual([
      false,
      40_000_000,
      ['/mirror/cifar-10-binary.tar.gz'],
    ])
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await choose(page, 'data.source.type', 'IDX files')
    await page.getByRole('button', { name: 'Download…' }).click()
    await dialog.getByRole('combobox', { name: 'Data set' }).click()
    await page.getByRole('option', { name: 'Fashion-MNIST' }).click()
    await expect(dialog).toContainText('MIT licence')
    await expect(dialog).toContainText(join('datasets', 'fashion-mnist'))
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
