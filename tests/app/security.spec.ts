import type { ElectronApplication, Page } from '@playwright/test'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contentSecurityPolicy } from './policy'
import { expect, test } from './fixtures'
import { button, goTo } from './screens'

/** The settings that the window's page really has. */
const preferences = (app: ElectronApplication): Promise<Record<string, unknown>> =>
  app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    // Not in the type declarations, but it tells the effective settings, not the wished ones.
    return (
      window?.webContents as unknown as { getLastWebPreferences: () => Record<string, unknown> }
    ).getLastWebPreferences()
  })

const counts = (app: ElectronApplication): Promise<{ windows: number; contents: number }> =>
  app.evaluate(({ BrowserWindow, webContents }) => ({
    windows: BrowserWindow.getAllWindows().length,
    contents: webContents.getAllWebContents().length,
  }))

/** Runs something in the page that may fail, and says how it went. */
const attempt = (page: Page, script: string): Promise<string> =>
  page.evaluate(
    `(async () => { try { return 'done: ' + String(await (async () => (${script}))()) } catch (error) { return ` +
      "'refused: ' + error } })()",
  )

test.describe('the page', () => {
  test('is sandboxed and isolated, with no Node in reach', async ({ opened: { app, page } }) => {
    expect(await preferences(app)).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
    })
    expect((await preferences(app))['enableBlinkFeatures'] ?? '').toBe('')
    const globals = '[typeof require, typeof process, typeof Buffer, typeof module, typeof global].join()'
    expect(await page.evaluate(globals)).toBe('undefined,undefined,undefined,undefined,undefined')
    expect(
      await page.evaluate(
        "(() => { const frame = document.createElement('iframe'); document.body.append(frame); const found = " +
          '[typeof frame.contentWindow.require, typeof frame.contentWindow.process, typeof ' +
          'frame.contentWindow.batchlab].join(); frame.remove(); return found })()',
      ),
    ).toBe('undefined,undefined,undefined')
    const inWorker =
      'new Promise((resolve, reject) => { const worker = new Worker(URL.createObjectURL(new ' +
      "Blob(['postMessage([typeof require, typeof process, typeof Buffer].join())']))); worker.onmessage = ({ " +
      'data }) => resolve(data); worker.onerror = reject })'
    expect(await page.evaluate(inWorker)).toBe('undefined,undefined,undefined')
  })

  test('gets three functions and nothing of Electron', async ({ opened: { page } }) => {
    expect(
      await page.evaluate(() =>
        Object.entries(window.batchlab)
          .map(([name, value]) => `${name}: ${typeof value}`)
          .sort(),
      ),
    ).toEqual(['call: function', 'listen: function', 'pathOf: function'])
    expect(await attempt(page, 'Object.assign(window.batchlab, { call: 1 }), typeof window.batchlab.call')).not.toBe(
      'done: number',
    )
    // The answer is what the caller gets, whatever the page has done to the language.
    expect(
      await page.evaluate(`(async () => {
      const { push } = Array.prototype, { parse } = JSON, { call, apply } = Function.prototype
      const stolen = []
      Array.prototype.push = function (...all) { stolen.push(all); return 0 }
      JSON.parse = () => { stolen[stolen.length] = 'parse'; return {} }
      Function.prototype.call = function () { stolen[stolen.length] = 'call' }
      try { const reply = await window.batchlab.call('runs.list', null); return { ok: reply.ok, stolen: stolen.length } }
      finally { Array.prototype.push = push; JSON.parse = parse; Function.prototype.call = call; Function.prototype.apply = apply }
    })()`),
    ).toEqual({ ok: true, stolen: 0 })
  })

  test('is served with the policy, and only from its own folder', async ({ opened: { page } }) => {
    expect(page.url()).toMatch(/^app:\/\/bundle\/index\.html/)
    expect(
      await page.evaluate(async () => (await fetch('app://bundle/index.html')).headers.get('content-security-policy')),
    ).toBe(contentSecurityPolicy)
    for (const address of [
      'app://bundle/../../package.json',
      'app://bundle/%2e%2e%2f%2e%2e%2fpackage.json',
      'app://bundle/..%5c..%5cpackage.json',
      'app://bundle//etc/hosts.txt',
      'app://bundle/missing.js',
    ]) {
      expect(await page.evaluate(async (url) => (await fetch(url)).status, address), address).toBe(404)
    }
  })
})

test('refuses what a request may not say', async ({ opened: { page } }) => {
  const reply = (name: string, input: unknown): Promise<unknown> =>
    page.evaluate(([n, i]) => window.batchlab.call(n as never, i as never), [name, input])
  expect(await reply('__proto__', null)).toMatchObject({ ok: false })
  expect(await reply('runs.nothing', null)).toMatchObject({ ok: false })
  expect(await reply('runs.pause', '../../etc')).toMatchObject({
    ok: false,
    issues: [{ message: expect.stringContaining('run id') }],
  })
  expect(await reply('settings.change', { unknown: 1 })).toMatchObject({ ok: false })
})

test('reaches no network', async ({ opened: { app, page } }) => {
  let hits = 0
  const server = createServer((_request, response) => {
    hits++
    response.end('hit')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`
  // Without the page's policy in the way (main asks here), the session itself must refuse.
  const fromMain = await app.evaluate(async ({ BrowserWindow, session }, url) => {
    const load = async (): Promise<string> => {
      const window = new BrowserWindow({ show: false })
      try {
        await window.loadURL(url)
        return 'loaded'
      } catch (error) {
        return String(error)
      } finally {
        window.destroy()
      }
    }
    const fetched = await session.defaultSession.fetch(url).then(
      () => 'fetched',
      (error: unknown) => String(error),
    )
    return [await load(), fetched]
  }, `http://${address}/`)
  expect(fromMain[0]).toContain('ERR_BLOCKED_BY_CLIENT')
  expect(fromMain[1]).toContain('ERR_BLOCKED_BY_CLIENT')
  expect(hits).toBe(0)
  server.close()
  expect(page.url()).toContain('app://bundle/')
})

test('grants no permission and no device', async ({ opened: { page } }) => {
  expect(await attempt(page, 'navigator.mediaDevices.getUserMedia({ audio: true })')).toContain('refused')
  expect(await attempt(page, 'Notification.requestPermission()')).toBe('done: denied')
  expect(
    await attempt(
      page,
      'new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, ({ code }) => reject(code)))',
    ),
  ).toBe('refused: 1')
  for (const kind of ['geolocation', 'notifications', 'camera', 'microphone', 'clipboard-read', 'midi']) {
    expect(await attempt(page, `(await navigator.permissions.query({ name: '${kind}' })).state`), kind).toBe(
      'done: denied',
    )
  }
  for (const request of [
    'navigator.usb.requestDevice({ filters: [] })',
    'navigator.serial.requestPort()',
    'navigator.hid.requestDevice({ filters: [] }).then((found) => { if (found.length === 0) throw "none" })',
  ]) {
    expect(await attempt(page, request), request).toContain('refused')
  }
})

// This provokes violations on purpose, and takes them back.
test('stays on its page and opens no other window', async ({ opened: { app, page, violations } }) => {
  const before = page.url()
  const start = await counts(app)
  for (const script of [
    "location.href = 'https://example.com/'",
    "location.href = 'javascript:document.title = 1, document.body.remove()'",
    "location.href = 'blob:app://bundle/1'",
    "open('javascript:1', '_self')",
    "location.href = 'file:///etc/passwd'",
    "location.href = 'data:text/html,x'",
    "location.href = 'app://other/index.html'",
    "window.open('https://example.com/')",
    "window.open('app://bundle/index.html')",
    "window.open('about:blank')",
    "(() => { const link = document.createElement('a'); link.href = 'https://example.com/'; link.target = " +
      "'_blank'; document.body.append(link); link.click(); link.dispatchEvent(new MouseEvent('click', { " +
      "shiftKey: true, bubbles: true })); link.dispatchEvent(new MouseEvent('auxclick', { button: 1, bubbles: " +
      "true })); link.target = ''; link.click(); link.remove() })()",
    "document.body.append(document.createElement('webview'))",
  ]) {
    await attempt(page, script)
  }
  await page.waitForTimeout(500)
  expect(page.url()).toBe(before)
  expect(await page.locator('body').count()).toBe(1)
  expect(await counts(app)).toEqual(start)
  // Chromium asks nobody about an empty page: there it reaches nothing, and it is brought back.
  for (const script of ["location.replace('about:blank')", "location.href = 'about:srcdoc'"]) {
    await app.evaluate(({ BrowserWindow }) => {
      Reflect.set(globalThis, 'isBack', false)
      BrowserWindow.getAllWindows()[0]?.webContents.once('did-finish-load', () => {
        Reflect.set(globalThis, 'isBack', true)
      })
    })
    await page.evaluate(`setTimeout(() => { ${script} })`)
    await expect.poll(() => app.evaluate(() => Boolean(Reflect.get(globalThis, 'isBack')))).toBe(true)
    await expect.poll(() => page.url()).toBe(before)
    await expect
      .poll(() => page.evaluate(() => window.batchlab.call('runs.list', null).then(({ ok }) => ok)).catch(() => false))
      .toBe(true)
  }
  // Nor does it say anything in a box of the system.
  expect(await attempt(page, "(alert('x'), confirm('x'))")).toBe('done: false')
  violations.length = 0
})

test('opens no address that the page names', async ({ opened: { app, page } }) => {
  await app.evaluate(({ shell }) => {
    const calls: string[] = []
    Object.assign(globalThis, { shellCalls: calls })
    shell.openExternal = (url) => {
      calls.push(url)
      return Promise.resolve()
    }
    shell.openPath = (path) => {
      calls.push(path)
      return Promise.resolve('')
    }
  })
  for (const what of [
    'https://example.com/',
    'file:///etc/passwd',
    'smb://host/x',
    'ms-msdt:x',
    '\\\\host\\x',
    '../..',
    'constructor',
  ]) {
    expect(await page.evaluate((input) => window.batchlab.call('app.openDocs', input as never), what)).toMatchObject({
      ok: false,
    })
  }
  expect(await app.evaluate(() => (globalThis as unknown as { shellCalls: string[] }).shellCalls)).toEqual([])
  expect(await page.evaluate(() => window.batchlab.call('app.openDocs', 'readme'))).toMatchObject({ ok: true })
  expect(await app.evaluate(() => (globalThis as unknown as { shellCalls: string[] }).shellCalls)).toEqual([
    expect.stringMatching(/README\.md$/),
  ])

  for (const address of [
    'https://example.com/',
    'http://arxiv.org/abs/1706.02677',
    'https://arxiv.org/abs/1706.02677?x',
    'https://arxiv.org/abs/0000.00000',
    'file:///etc/passwd',
    'javascript:alert(1)',
    { href: 'https://arxiv.org/abs/1706.02677' },
  ]) {
    expect(await page.evaluate((input) => window.batchlab.call('papers.open', input as never), address)).toMatchObject({
      ok: false,
    })
  }
  expect(await app.evaluate(() => (globalThis as unknown as { shellCalls: string[] }).shellCalls)).toHaveLength(1)
})

test('opens the papers that it cites in a browser, by mouse and keys, and stays where it is', async ({
  opened: { app, page },
}) => {
  await app.evaluate(({ shell }) => {
    const calls: string[] = []
    Object.assign(globalThis, { shellCalls: calls })
    shell.openExternal = (url) => {
      calls.push(url)
      return Promise.resolve()
    }
  })
  const calls = (): Promise<string[]> =>
    app.evaluate(() => (globalThis as unknown as { shellCalls: string[] }).shellCalls)
  await goTo(page, 'Papers')
  await page
    .getByRole('navigation', { name: 'Papers and methods' })
    .getByRole('button', { name: /^Large batches by linear scaling/ })
    .click()
  const link = page.getByRole('link', { name: 'https://arxiv.org/abs/1706.02677' })
  await link.click()
  await link.focus()
  await page.keyboard.press('Enter')
  await expect.poll(calls).toEqual(['https://arxiv.org/abs/1706.02677', 'https://arxiv.org/abs/1706.02677'])
  await link.click({ modifiers: ['Control'] })
  await link.click({ button: 'middle' })
  await expect.poll(calls).toHaveLength(3)
  await button(page, 'Copy the address').click()
  await expect(page.getByText('The address is copied')).toBeVisible()
  expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe('https://arxiv.org/abs/1706.02677')
  expect(page.url()).toMatch(/^app:\/\/bundle\/index\.html/)
  expect(await counts(app)).toEqual({ windows: 1, contents: 1 })
})

// This provokes violations on purpose, and takes them back.
test('runs no script but its own', async ({ opened: { page, violations } }) => {
  // In a callback, because what a driver evaluates itself is exempt from the policy.
  const later = (script: string): Promise<string> =>
    attempt(
      page,
      `new Promise((resolve, reject) => setTimeout(() => { try { resolve(${script}) } catch (error) { ` +
        'reject(error) } }))',
    )
  expect(await later("(0, eval)('1')")).toContain('refused')
  expect(await later("new Function('return 1')()")).toContain('refused')
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'window.__inline = 1'
    document.head.append(script)
    const image = document.createElement('div')
    image.innerHTML = '<img src="x" onerror="window.__handler = 1">'
    document.body.append(image)
  })
  await page.waitForTimeout(300)
  expect(
    await page.evaluate(() => [typeof Reflect.get(window, '__inline'), typeof Reflect.get(window, '__handler')]),
  ).toEqual(['undefined', 'undefined'])
  expect(await attempt(page, "fetch('http://127.0.0.1:9/')")).toContain('refused')
  expect(await attempt(page, "fetch('file:///etc/hosts')")).toContain('refused')
  await expect.poll(() => violations.some((violation) => violation === 'connect-src file')).toBe(true)
  expect(violations.some((violation) => violation.startsWith('script-src'))).toBe(true)
  violations.length = 0
})
