import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { end, expect, test } from './fixtures'
import { launchAlone } from './launch'
import { renderersOf } from './processes'

// No driver may be attached when a page's process crashes: it would hold the new one.
test('loads the page again when its process crashes', async ({ folders }) => {
  test.skip(process.platform !== 'linux', 'finds the process in /proc')
  const child = await launchAlone(folders, ['--remote-debugging-port=0'])
  const pid = child.pid ?? 0
  try {
    const portFile = join(folders.userData, 'DevToolsActivePort')
    await expect.poll(() => renderersOf(pid).length === 1 && existsSync(portFile)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const [before = 0] = renderersOf(pid)
    process.kill(before, 'SIGSEGV')
    await expect.poll(() => renderersOf(pid).some((each) => each !== before)).toBe(true)

    const [port] = readFileSync(portFile, 'utf8').split('\n')
    const pages = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/json`)).json()
    // The title comes from the document, so with it the page is really there.
    await expect.poll(pages).toEqual([
      expect.objectContaining({
        type: 'page',
        title: 'Batchlab',
        url: expect.stringMatching(/^app:\/\/bundle\/index\.html/),
      }),
    ])
    expect(readFileSync(join(folders.userData, 'logs', 'main.log'), 'utf8')).toContain(
      "the page's process is gone: crashed",
    )
  } finally {
    await end(child)
  }
})
