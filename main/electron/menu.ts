import { app, Menu } from 'electron'
import type { MenuItemConstructorOptions } from 'electron'
import type { Input, MenuAction } from '../../core/protocol'

type MenuState = Input<'menu.enable'>

interface Options {
  readonly send: (action: MenuAction) => void
  readonly openLogs: () => void
  readonly openDocs: (what: 'readme' | 'licences' | 'library') => void
}

const isMac = process.platform === 'darwin'
const separator: MenuItemConstructorOptions = { type: 'separator' }

function template({ send, openLogs, openDocs }: Options): MenuItemConstructorOptions[] {
  const item = (label: string, action: MenuAction, accelerator?: string): MenuItemConstructorOptions => ({
    id: action,
    label,
    ...(accelerator !== undefined && { accelerator }),
    click: () => send(action),
  })
  const settings = item('Settings…', 'showSettings', 'CmdOrCtrl+,')
  return [
    ...(isMac
      ? [
          {
            role: 'appMenu' as const,
            submenu: [
              { role: 'about' as const },
              separator,
              settings,
              separator,
              { role: 'services' as const },
              separator,
              { role: 'hide' as const },
              { role: 'hideOthers' as const },
              { role: 'unhide' as const },
              separator,
              { role: 'quit' as const },
            ],
          },
        ]
      : []),
    {
      label: '&File',
      submenu: [
        item('New run', 'newRun', 'CmdOrCtrl+N'),
        item('Open config…', 'openConfig', 'CmdOrCtrl+O'),
        item('Save config as…', 'saveConfig', 'CmdOrCtrl+S'),
        separator,
        { label: 'Open library folder', click: () => openDocs('library') },
        item('Check library…', 'checkLibrary'),
        ...(isMac
          ? [separator, { role: 'close' as const }]
          : [separator, settings, separator, { role: 'quit' as const, accelerator: 'CmdOrCtrl+Q' }]),
      ],
    },
    { role: 'editMenu', label: '&Edit' },
    {
      label: '&View',
      submenu: [
        item('Runs', 'showRuns', 'CmdOrCtrl+1'),
        item('Editor', 'showEditor', 'CmdOrCtrl+2'),
        item('Compare', 'showCompare', 'CmdOrCtrl+4'),
        item('Compute', 'showCompute', 'CmdOrCtrl+5'),
        item('Papers', 'showPapers', 'CmdOrCtrl+6'),
        separator,
        item('Command palette…', 'palette', 'CmdOrCtrl+Shift+P'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        { role: 'reload' },
        { role: 'toggleDevTools' },
      ],
    },
    {
      label: '&Run',
      submenu: [
        item('Start', 'startRun', 'F5'),
        item('Pause', 'pauseRun', 'F6'),
        item('Resume', 'resumeRun', 'Shift+F6'),
        item('Stop', 'stopRun', 'Shift+F5'),
      ],
    },
    { role: 'windowMenu', label: '&Window' },
    {
      role: 'help',
      label: '&Help',
      submenu: [
        { label: 'Read me', click: () => openDocs('readme') },
        { label: 'Licences', click: () => openDocs('licences') },
        { label: 'Open logs', click: openLogs },
        ...(isMac ? [] : [separator, { role: 'about' as const }]),
      ],
    },
  ]
}

/** What can be done while no page says so. */
const nothing: MenuState = { pauseRun: false, resumeRun: false, stopRun: false }

/** Puts up the menu bar; the returned function enables the items that the window says can be used. */
export function showMenu(options: Options): (state: MenuState) => void {
  const menu = Menu.buildFromTemplate(template(options))
  Menu.setApplicationMenu(menu)
  const { electron, chrome, node } = process.versions
  app.setAboutPanelOptions({
    applicationName: 'Batchlab',
    applicationVersion: app.getVersion(),
    copyright: 'MIT licence',
    credits: `Electron ${electron}, Chrome ${chrome}, Node ${node}`,
  })
  const enable = (state: MenuState): void => {
    for (const [action, isPossible] of Object.entries(state)) {
      const item = menu.getMenuItemById(action)
      if (item !== null && item.enabled !== isPossible) item.enabled = isPossible
    }
  }
  enable(nothing)
  return enable
}
