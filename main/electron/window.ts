import { app, BrowserWindow, nativeTheme, screen, session } from 'electron'
import type { WebContents } from 'electron'
import { appOrigin, isPage } from './appProtocol'
import { loadWindowState, saveWindowState, smallestWindow } from './windowState'

/** The page's own colours, so that nothing flashes before it draws. */
const background = { light: '#ffffff', dark: '#1a1b1e' }
const backgroundColor = (): string => background[nativeTheme.shouldUseDarkColors ? 'dark' : 'light']

const isLocal = (address: string): boolean => /^(app|devtools|blob|data):/.test(address)

/** Settings that every window of the app has; nothing in the app may loosen them. */
const webPreferences = (preload: string | null): Electron.WebPreferences => ({
  ...(preload === null ? {} : { preload }),
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
  // A page that opens one alert after the other would cover what the system asks.
  disableDialogs: true,
})

function guard(contents: WebContents): void {
  // WebRTC asks no filter of requests and no policy of the page; without UDP it is left with TCP, which goes to the
  // proxy that is not there.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.on('will-navigate', (event, address) => {
    if (!isPage(address)) event.preventDefault()
  })
  contents.on('will-redirect', (event, address) => {
    if (!isPage(address)) event.preventDefault()
  })
  contents.on('will-frame-navigate', (event) => {
    if (!isPage(event.url) && event.url !== 'about:blank') event.preventDefault()
  })
}

/**
 * Leaves Chromium no network at all, below everything that a page can ask of it: no name is looked up, addresses
 * included, and connections go to a proxy that does not exist, those to this machine too. Downloads are made by main
 * with Node, which reads neither switch. Call it before the app is ready.
 */
export function leaveNetwork(): void {
  const { commandLine } = app
  commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  commandLine.appendSwitch('proxy-server', 'http://proxy.invalid:1')
  commandLine.appendSwitch('proxy-bypass-list', '<-loopback>')
}

/**
 * Shuts every door that the app does not use: other addresses, permissions, devices, downloads, navigation, new
 * windows. Call it when the app is ready, before any window.
 */
export function secure(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === 'clipboard-sanitized-write'),
  )
  defaultSession.setPermissionCheckHandler((_contents, permission) => permission === 'clipboard-sanitized-write')
  defaultSession.setDevicePermissionHandler(() => false)
  defaultSession.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !isLocal(details.url) }))
  defaultSession.on('will-download', (event) => event.preventDefault())
  app.on('web-contents-created', (_event, contents) => guard(contents))
}

/**
 * Opens the app's window where it was last time, and remembers where it goes. It is shown when its page is drawn and
 * what it waits for is settled: by then its theme is known.
 */
export function openWindow({
  preload,
  stateFile,
  icon,
  ready,
}: {
  readonly preload: string
  readonly stateFile: string
  readonly icon: string
  readonly ready: Promise<unknown>
}): BrowserWindow {
  const state = loadWindowState(
    stateFile,
    screen.getAllDisplays().map(({ workArea }) => workArea),
  )
  const window = new BrowserWindow({
    ...state.bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    backgroundColor: backgroundColor(),
    title: 'Batchlab',
    icon,
    webPreferences: webPreferences(preload),
  })
  window.once('ready-to-show', () => {
    const show = (): void => {
      if (window.isDestroyed()) return
      if (state.isMaximized) window.maximize()
      window.show()
    }
    void ready.then(show, show)
  })
  nativeTheme.on('updated', () => {
    if (!window.isDestroyed()) window.setBackgroundColor(backgroundColor())
  })
  // The page may not rename the window: its title would come from what people type.
  window.on('page-title-updated', (event) => event.preventDefault())
  remember(window, stateFile)
  void window.loadURL(`${appOrigin}/index.html`)
  return window
}

/** A window that is never seen, for drawing figures. It has no bridge to main at all. */
export const openHidden = ({ width, height }: { readonly width: number; readonly height: number }): BrowserWindow =>
  new BrowserWindow({
    width,
    height,
    show: false,
    useContentSize: true,
    backgroundColor: '#ffffff',
    webPreferences: { ...webPreferences(null), offscreen: true, backgroundThrottling: false },
  })

/** Writes the window's place when it changes, not when it closes: after a power cut it is still where it was. */
function remember(window: BrowserWindow, stateFile: string): void {
  let timer: NodeJS.Timeout | undefined
  const save = (): void => {
    clearTimeout(timer)
    if (!window.isDestroyed() && !window.isMinimized() && !window.isFullScreen())
      saveWindowState(stateFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() })
  }
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(save, 400)
  }
  // Named one by one: `on` has one overload per event name.
  window.on('resize', soon)
  window.on('move', soon)
  window.on('maximize', soon)
  window.on('unmaximize', soon)
  window.on('close', save)
}
