import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..', '..')
const sources = ['main', 'preload', 'renderer'].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|html)$/.test(entry.name))
    .map((entry) => ({
      file: relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
      text: readFileSync(join(entry.parentPath, entry.name), 'utf8'),
    })),
)

const filesWith = (pattern: RegExp): readonly string[] =>
  sources
    .filter(({ text }) => pattern.test(text))
    .map(({ file }) => file)
    .sort()

/** What Electron's checklist warns of, and the only files that may hold it. */
const words: readonly (readonly [string, RegExp, readonly string[]])[] = [
  [
    'settings that open the page',
    /\b(webSecurity|allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|nodeIntegration\w*: true|sandbox: false|contextIsolation: false|webviewTag: true)\b/,
    [],
  ],
  [
    'switches that open Chromium',
    /['"](disable-web-security|no-sandbox['"], |remote-debugging-port|ignore-certificate-errors|disable-site-isolation-trials)/,
    [],
  ],
  ['windows', /new BrowserWindow\(|new BrowserView\(|new WebContentsView\(/, ['main/electron/window.ts']],
  ['scripts for a page', /executeJavaScript\(|insertCSS\(|executeInMainWorld/, ['main/electron/figureWindow.ts']],
  ['requests of a page', /ipcMain\b/, ['main/electron/ipc.ts']],
  ['what the page reaches of Electron', /ipcRenderer\b|contextBridge\b/, ['preload/index.ts']],
  ['other programs', /shell\.open(External|Path)|openExternal/, ['main/electron/docs.ts', 'main/index.ts']],
  ['certificates that are no good', /certificate-error|setCertificateVerifyProc|rejectUnauthorized/, []],
  [
    'dialogs that hold up main',
    /showErrorBox|showMessageBoxSync|showOpenDialogSync|showSaveDialogSync|\b(alert|confirm|prompt)\(['"`]/,
    [],
  ],
  ['code made of text', /\beval\(|new Function\(|dangerouslySetInnerHTML|\.innerHTML\b|document\.write\(/, []],
  ["Chromium's own network for main", /\bnet\.(request|fetch)\(|session\.\w*\.?fetch\(|autoUpdater/, []],
]

describe("Electron's checklist in the source", () => {
  it.each(words)('finds %s nowhere but where they belong', (_what, pattern, files) => {
    expect(filesWith(pattern)).toEqual(files)
  })

  it('gives every window the same settings', () => {
    const { text = '' } = sources.find(({ file }) => file === 'main/electron/window.ts') ?? {}
    const windows = text.split('new BrowserWindow(').slice(1)
    expect(windows).toHaveLength(2)
    for (const window of windows)
      expect(window.slice(0, window.indexOf('})'))).toMatch(
        /webPreferences: (webPreferences\(preload\)|\{ \.\.\.webPreferences\(null\))/,
      )
  })
})
