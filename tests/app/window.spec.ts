import type { ElectronApplication } from '@playwright/test'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { end, expect, test } from './fixtures'
import { launchAlone } from './launch'

const bounds = (
  app: ElectronApplication,
): Promise<{ x: number; y: number; width: number; height: number } | undefined> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds())

const quit = async (app: ElectronApplication): Promise<number | null> => {
  const child = app.process()
  const gone = once(child, 'exit')
  // Not awaited: the app may be gone before it can answer.
  void app.evaluate(({ app: electron }) => electron.quit()).catch(() => undefined)
  await gone
  return child.exitCode
}

test('opens within a moment and says so', async ({ open }) => {
  const { app, page, startMs } = await open()
  const painted = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
  )
  test.info().annotations.push({ type: 'startup', description: `${startMs.toFixed(0)} ms to the loaded page` })
  console.log(
    `startup: ${startMs.toFixed(0)} ms to the loaded page, first paint ` +
      `${painted === null ? 'not seen' : `${painted.toFixed(0)} ms into it`}`,
  )
  expect(await app.evaluate(({ app: electron }) => electron.getName())).toBe('Batchlab')
  expect(startMs).toBeLessThan(10_000)
})

test('shows nothing before the page is drawn, and has its own title', async ({ opened: { app, page } }) => {
  await expect.poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(true)
  await page.evaluate(() => {
    document.title = 'something a person typed'
  })
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle())).toBe('Batchlab')
})

test('comes back where it was', async ({ open }) => {
  const wanted = { x: 60, y: 50, width: 1000, height: 700 }
  const first = await open()
  await first.app.evaluate(({ BrowserWindow }, place) => BrowserWindow.getAllWindows()[0]?.setBounds(place), wanted)
  await expect.poll(() => bounds(first.app)).toEqual(wanted)
  expect(await quit(first.app)).toBe(0)
  const second = await open()
  await expect.poll(() => bounds(second.app)).toEqual(wanted)
})

test('comes back on a visible display', async ({ open, folders }) => {
  mkdirSync(folders.userData, { recursive: true })
  writeFileSync(
    join(folders.userData, 'window.json'),
    JSON.stringify({ bounds: { x: -9000, y: 12_000, width: 1000, height: 700 }, isMaximized: false }),
  )
  const { app } = await open()
  const area = await app.evaluate(({ screen }) => screen.getPrimaryDisplay().workArea)
  const found = await bounds(app)
  expect(found).toMatchObject({ width: 1000, height: 700 })
  expect(found?.x).toBeGreaterThanOrEqual(area.x)
  expect((found?.y ?? Infinity) + 700).toBeLessThanOrEqual(area.y + area.height)
})

test('starts once per person: a second start shows the first window and ends', async ({ open, folders }) => {
  const { app } = await open()
  await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    Object.assign(globalThis, { focused: 0 })
    if (window !== undefined)
      window.focus = () => {
        Object.assign(globalThis, { focused: 1 })
      }
    window?.minimize()
  })
  const second = await launchAlone(folders)
  try {
    const [code] = (await once(second, 'exit')) as [number | null]
    expect(code).toBe(0)
    await expect.poll(() => app.evaluate(() => Reflect.get(globalThis, 'focused') as number)).toBe(1)
    expect(
      await app.evaluate(({ BrowserWindow }) => [
        BrowserWindow.getAllWindows().length,
        BrowserWindow.getAllWindows()[0]?.isMinimized(),
      ]),
    ).toEqual([1, false])
  } finally {
    await end(second)
  }
})

test('keeps to the folders that it is given', async ({ opened: { app, page }, folders }) => {
  expect(await app.evaluate(({ app: electron }) => electron.getPath('userData'))).toBe(folders.userData)
  expect(
    await page.evaluate(async () => {
      const reply = await window.batchlab.call('app.state', null)
      return reply.ok ? reply.value.library : reply.issues
    }),
  ).toBe(folders.library)
})

test('follows the chosen theme outside the page too', async ({ opened: { app, page } }) => {
  for (const theme of ['dark', 'light', 'system'] as const) {
    expect(
      await page.evaluate((choice) => window.batchlab.call('settings.change', { theme: choice }), theme),
    ).toMatchObject({ ok: true })
    expect(await app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe(theme)
  }
  await page.evaluate(() => window.batchlab.call('settings.change', { theme: 'dark' }))
  expect(await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBackgroundColor())).toBe(
    '#1A1B1E',
  )
})

test('has a menu whose shortcuts are all different and whose items reach the page', async ({
  opened: { app, page },
}) => {
  const items = await app.evaluate(({ Menu }) => {
    const walk = (
      menu: Electron.Menu | null | undefined,
    ): { id: string; label: string; accelerator: string; enabled: boolean }[] =>
      (menu?.items ?? []).flatMap((item) => [
        { id: item.id, label: item.label, accelerator: String(item.accelerator ?? ''), enabled: item.enabled },
        ...walk(item.submenu),
      ])
    return walk(Menu.getApplicationMenu())
  })
  const shortcuts = items.map(({ accelerator }) => accelerator).filter((accelerator) => accelerator !== '')
  expect(new Set(shortcuts).size).toBe(shortcuts.length)
  expect(items.map(({ label }) => label)).toEqual(
    expect.arrayContaining(['&File', '&Edit', '&View', '&Run', '&Window', '&Help']),
  )
  // Nothing trains in an empty library.
  for (const id of ['pauseRun', 'resumeRun', 'stopRun'])
    expect(
      items.find((item) => item.id === id),
      id,
    ).toMatchObject({ enabled: false })

  await page.evaluate(() => {
    const heard: string[] = []
    Reflect.set(window, 'heard', heard)
    window.batchlab.listen((event) => {
      if (event.type === 'menu') heard.push(event.action)
    })
  })
  const actions = [
    'newRun',
    'openConfig',
    'saveConfig',
    'showRuns',
    'showEditor',
    'showCompare',
    'showPapers',
    'showCompute',
    'showSettings',
    'palette',
    'startRun',
  ]
  await app.evaluate(({ Menu }, ids) => {
    for (const id of ids) Menu.getApplicationMenu()?.getMenuItemById(id)?.click()
  }, actions)
  await expect.poll(() => page.evaluate(() => Reflect.get(window, 'heard') as string[])).toEqual(actions)
})

test('tells the path of a dropped file', async ({ opened: { page } }) => {
  // A file that the page made has no path; one that a person chose has.
  expect(await page.evaluate(() => window.batchlab.pathOf(new File(['x'], 'made.json')))).toBe('')
  await page.evaluate(() => {
    const input = document.createElement('input')
    input.type = 'file'
    input.id = 'chooser'
    document.body.append(input)
  })
  const chosen = join(__dirname, 'window.spec.ts')
  await page.setInputFiles('#chooser', chosen)
  expect(
    await page.evaluate(() => {
      const file = document.querySelector<HTMLInputElement>('#chooser')?.files?.[0]
      return file === undefined ? null : window.batchlab.pathOf(file)
    }),
  ).toBe(chosen)
})
