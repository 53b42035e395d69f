import { app, dialog } from 'electron'
import type { BrowserWindow } from 'electron'
import { appOrigin, isPage } from './appProtocol'
import { logError, logInfo } from './log'

const mostCrashes = 3
const withinMs = 60_000
/** Chromium's ERR_ABORTED: nothing was loaded, and the page is where it was. */
const aborted = -3

/**
 * A page that crashes is loaded again (training goes on without it) unless it crashes on and on; then, and of one that
 * hangs, a person decides. No question here holds up main: a training waits for nobody to be at the keyboard.
 */
export function keepPageAlive(window: BrowserWindow, isLeaving: () => boolean): void {
  let crashes: number[] = []
  let asking: AbortController | null = null
  let isMeant = false

  // Not reload: it may be somewhere else by now.
  const load = (): void => {
    if (!window.isDestroyed())
      void window.loadURL(`${appOrigin}/index.html`).catch((error: unknown) => logError('loading the page', error))
  }

  // One question at a time; it goes away by itself where the window answers again or is closed.
  async function ask(message: string, detail: string, buttons: readonly [string, string]): Promise<0 | 1 | null> {
    if (asking !== null || window.isDestroyed()) return null
    const mine = new AbortController()
    asking = mine
    const { response } = await dialog
      .showMessageBox(window, {
        type: 'warning',
        buttons: [...buttons],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
        signal: mine.signal,
        message,
        detail,
      })
      .finally(() => {
        if (asking === mine) asking = null
      })
    return mine.signal.aborted || window.isDestroyed() || isLeaving() ? null : response === 1 ? 1 : 0
  }

  async function crashed(): Promise<void> {
    // One that a person asked for is no sign of more to come.
    if (isMeant) {
      isMeant = false
      return load()
    }
    const now = performance.now()
    crashes = [...crashes.filter((at) => now - at < withinMs), now]
    if (crashes.length <= mostCrashes) return load()
    const answer = await ask('The window keeps crashing.', 'Training goes on and is saved, whatever you choose.', [
      'Reload',
      'Quit',
    ])
    crashes = []
    if (answer === 0) load()
    if (answer === 1) app.quit()
  }

  async function hangs(): Promise<void> {
    const answer = await ask(
      'The window does not respond.',
      'Training goes on in a process of its own, whatever you choose.',
      ['Wait', 'Reload'],
    )
    // A page in an endless loop does not reload; without its process it does.
    if (answer !== 1) return
    isMeant = true
    window.webContents.forcefullyCrashRenderer()
  }

  const done = (what: string, work: Promise<void>): void => {
    work.catch((error: unknown) => logError(what, error))
  }
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (isLeaving() || reason === 'clean-exit') return
    logInfo(`the page's process is gone: ${reason} (${String(exitCode)})`)
    // Whatever was asked about the page that is gone.
    asking?.abort()
    asking = null
    done('bringing the page back', crashed())
  })
  // No event asks beforehand about an empty page: whoever is there is brought back, as from a crash.
  const left = (address: string): void => {
    if (isLeaving() || window.isDestroyed() || isPage(address)) return
    logInfo(`the page went to ${address.slice(0, 100)}`)
    done('bringing the page back', crashed())
  }
  window.webContents.on('did-navigate', (_event, address) => {
    left(address)
  })
  window.webContents.on('did-fail-load', (_event, code, _description, address, isMainFrame) => {
    if (isMainFrame && code !== aborted) left(address)
  })
  window.on('unresponsive', () => {
    if (!isLeaving()) done('asking about a page that hangs', hangs())
  })
  window.on('responsive', () => {
    asking?.abort()
  })
  window.on('closed', () => {
    asking?.abort()
  })
}
