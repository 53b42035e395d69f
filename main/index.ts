import { app, crashReporter, dialog, nativeTheme, powerMonitor, shell } from 'electron'
import type { BrowserWindow } from 'electron'
import { dirname, join, resolve } from 'node:path'
import { errorText } from '../core/errorText'
import { plain } from '../core/plain'
import type { Handlers, MenuAction } from '../core/protocol'
import { registerAppScheme, serveApp } from './electron/appProtocol'
import { argumentAfter } from './electron/argument'
import { followTraining } from './electron/notifications'
import { createRunQueue } from './queue/runQueue'
import { openAddress, openDocs } from './electron/docs'
import { electronDialogs } from './electron/electronDialogs'
import { createFaultLog } from './requests/faultLog'
import { drawFiguresInWindow } from './electron/figureWindow'
import { createHandlers } from './requests/handlers'
import { broadcast, serve } from './electron/ipc'
import { quitOrderly, quitWhileOpening } from './electron/quit'
import { openLibrary } from './library/library'
import { logError, logInfo, openAppLog, logWarning } from './electron/log'
import { showMenu } from './electron/menu'
import { createOutputLog } from './electron/outputLog'
import { keepPageAlive } from './electron/pageKeeper'
import { offerTakeOver, takeOverSwitch } from './electron/takeOver'
import { leaveNetwork, openWindow, secure } from './electron/window'
import { withDataService } from './hosts/dataService'
import { utilityHost } from './hosts/utilityHost'

// TensorFlow must never be loaded in this process: on Linux with Mesa it ends it (docs/decisions). Trainers have
// processes of their own.

const page = join(__dirname, '..', 'renderer')
const resources = app.isPackaged ? process.resourcesPath : join(app.getAppPath(), 'resources')

async function start(): Promise<void> {
  const userData = app.getPath('userData')
  const folder = argumentAfter(process.argv, '--dir') ?? process.env['BATCHLAB_LIBRARY'] ?? join(userData, 'library')
  // The page loads while the library opens, and what it asks waits for that.
  const opening = openLibrary(folder, { validatesLater: true, takeOver: process.argv.includes(takeOverSwitch) }).then(
    (opened) => {
      nativeTheme.themeSource = opened.settings().theme
      return opened
    },
  )
  let window: BrowserWindow | null = null
  const current = (): BrowserWindow | null => window
  const early = quitWhileOpening(opening)
  let quitting: { readonly isLeaving: () => boolean } = early

  const open = (): void => {
    window = openWindow({
      preload: join(__dirname, '..', 'preload', 'index.js'),
      stateFile: join(userData, 'window.json'),
      icon: join(resources, 'icon.png'),
      ready: opening,
    })
    keepPageAlive(window, () => quitting.isLeaving())
    window.on('close', (event) => {
      // The question whether to quit needs the window that it is asked in.
      if (process.platform === 'darwin' || quitting.isLeaving()) return
      event.preventDefault()
      app.quit()
    })
    window.on('closed', () => {
      window = null
    })
  }
  const show = (): void => {
    if (window === null) return open()
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  const send = (action: MenuAction): void => {
    show()
    broadcast({ type: 'menu', action })
  }

  let serveWith: (handlers: Handlers) => void = () => undefined
  serve(
    new Promise((resolve) => {
      serveWith = resolve
    }),
    (name, error) => logError(`the request ${name}`, error),
  )
  open()

  const library = await opening
  if (early.end()) return
  const host = withDataService(
    utilityHost({
      script: join(__dirname, 'utilityProcess.js'),
      thread: join(__dirname, 'trainerThread.js'),
      onOutput: createOutputLog(logInfo),
    }),
  )
  const queue = createRunQueue({
    library,
    host,
    folders: { cache: join(library.folder, 'cache'), resources, library: library.folder },
  })
  quitting = quitOrderly({ queue, library, window: current })

  powerMonitor.on('suspend', queue.suspend)
  powerMonitor.on('resume', queue.wake)

  if (library.isTaken)
    offerTakeOver(library.folder, current).catch((error: unknown) =>
      logError('offering to take the library over', error),
    )

  const documents = openDocs(app.getAppPath(), library.folder)
  const enableMenu = showMenu({
    send,
    openLogs: () => void shell.openPath(app.getPath('logs')),
    openDocs: (what) => void documents(what).catch((error: unknown) => logError('opening a document', error)),
  })
  const handlers = createHandlers({
    library,
    queue,
    dialogs: electronDialogs(app.getPath('home')),
    app: {
      version: app.getVersion(),
      platform: process.platform,
      openDocs: documents,
      openAddress,
      noteFault: createFaultLog(logWarning),
      enableMenu,
      versions: { electron: process.versions.electron, chrome: process.versions.chrome, node: process.versions.node },
    },
  })
  serveWith({
    ...handlers,
    'settings.change': async (changes) => {
      const settings = await handlers['settings.change'](changes)
      nativeTheme.themeSource = settings.theme
      return settings
    },
  })

  const follow = followTraining({ library, window: current, onClick: show })
  queue.listen((event) => {
    // What the window or the system does with an event must never come back to the queue.
    try {
      broadcast(event)
      follow(event)
    } catch (error) {
      logError('telling what happened', error)
    }
  })

  app.on('second-instance', show)
  app.on('activate', show)
}

/**
 * Ends with a sentence where nothing can go on; in a dialog too where somebody looks. Not an error box: that would hold
 * up main, and with it whoever tells the app to end.
 */
function giveUp(error: unknown, isSeen: boolean): void {
  const sentence = plain(errorText(error))
  process.stderr.write(`${sentence}\n`)
  const told = isSeen
    ? dialog.showMessageBox({ type: 'error', buttons: ['Quit'], message: 'Batchlab cannot start', detail: sentence })
    : Promise.resolve()
  void told.finally(() => app.exit(1))
}

const figures = argumentAfter(process.argv, '--figures')
// Figures are drawn beside a running app, whose profile is not theirs to touch; whoever wrote the job clears its folder
// away.
if (figures !== null) app.setPath('userData', join(dirname(resolve(figures)), 'profile'))
const isFirst = figures !== null || app.requestSingleInstanceLock()

// As root on Linux there is no sandbox to be had: --no-sandbox says so, and enabling it all the same would stop every
// process.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
leaveNetwork()
registerAppScheme()
crashReporter.start({ uploadToServer: false })

if (!isFirst) app.exit(0)
else {
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && figures === null) app.quit()
  })
  app
    .whenReady()
    .then(() => {
      secure()
      serveApp(page)
      if (figures !== null) return drawFiguresInWindow(figures).then(() => app.exit(0))
      openAppLog(app.getPath('logs'))
      return start()
    })
    .catch((error: unknown) => {
      giveUp(error, figures === null && app.isReady())
    })
}
