import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { IpcRendererEvent } from 'electron'
import type { Api, AppEvent } from '../core/protocol'

// Electron before 29 has no webUtils; there a file still carries its path (the property went in 32).
const pathOf = (file: File): string =>
  (webUtils as typeof webUtils | undefined)?.getPathForFile(file) ?? (file as File & { readonly path?: string }).path ?? ''

const api: Api = {
  call: (name, input) => ipcRenderer.invoke('call', name, input),
  listen: (on) => {
    // The page must not get hold of the event: it carries the sender.
    const heard = (_event: IpcRendererEvent, event: AppEvent): void => on(event)
    ipcRenderer.on('event', heard)
    return () => { ipcRenderer.off('event', heard) }
  },
  pathOf,
}

contextBridge.exposeInMainWorld('batchlab', api)
