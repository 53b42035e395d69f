import { BrowserWindow, dialog } from 'electron'
import { dirname, join } from 'node:path'
import type { Dialogs, FileFilter } from '../requests/dialogs'
import { deliver } from '../files/durableWrite'

const owner = (): BrowserWindow | undefined => BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]

const electronFilters = (filters: readonly FileFilter[]): Electron.FileFilter[] =>
  filters.map(({ name, extensions }) => ({ name, extensions: [...extensions] }))

/** The system's own dialogs, each opening where the last one ended. */
export function electronDialogs(startFolder: string): Dialogs {
  let folder = startFolder

  const open = async (options: Electron.OpenDialogOptions): Promise<string | null> => {
    const window = owner()
    const all = { ...options, defaultPath: folder }
    const {
      canceled,
      filePaths: [path],
    } = window === undefined ? await dialog.showOpenDialog(all) : await dialog.showOpenDialog(window, all)
    if (canceled || path === undefined) return null
    folder = dirname(path)
    return path
  }

  return {
    confirm: async ({ message, detail, yes }) => {
      const window = owner()
      const options: Electron.MessageBoxOptions = {
        type: 'question',
        buttons: ['Cancel', yes],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
        message,
        detail,
      }
      const { response } =
        window === undefined ? await dialog.showMessageBox(options) : await dialog.showMessageBox(window, options)
      return response === 1
    },
    chooseFolder: () => open({ properties: ['openDirectory'] }),
    chooseFile: (filters) => open({ properties: ['openFile'], filters: electronFilters(filters) }),
    saveFile: async (suggestedName, filters, bytes) => {
      const window = owner()
      const options: Electron.SaveDialogOptions = {
        defaultPath: join(folder, suggestedName),
        filters: electronFilters(filters),
        properties: ['showOverwriteConfirmation', 'createDirectory'],
      }
      const { canceled, filePath } =
        window === undefined ? await dialog.showSaveDialog(options) : await dialog.showSaveDialog(window, options)
      if (canceled || filePath === undefined || filePath === '') return null
      folder = dirname(filePath)
      await deliver(filePath, bytes)
      return filePath
    },
  }
}
