import { BrowserWindow, ipcMain } from 'electron'
import { parseWith } from '../../core/config/parse'
import { inputs } from '../../core/protocol'
import type { AppEvent, Handlers, Reply, RequestName } from '../../core/protocol'
import { isPage } from './appProtocol'
import { issuesOf, RequestError } from '../requests/requestError'
import { countRequests } from '../requests/requestCounts'
import { readRequest } from '../requests/requestText'

interface Frame {
  readonly url: string
}
/** The part of an IPC event that says who asks; a frame is null when it is already gone. */
export interface IpcSender {
  readonly senderFrame: Frame | null
  readonly sender: { readonly mainFrame: Frame | null }
}

const refused = (path: string, message: string): Reply<RequestName> => ({ ok: false, issues: [{ path, message }] })

/** Whether a request comes from the top frame of our own page: a frame inside it may not ask for anything. */
const isOurs = ({ senderFrame, sender }: IpcSender): boolean =>
  senderFrame !== null && senderFrame === sender.mainFrame && isPage(senderFrame.url)

const isRequest = (name: unknown): name is RequestName => typeof name === 'string' && Object.hasOwn(inputs, name)

/**
 * Answers the requests of the window: who asks, what is asked, how much of it and with what are all checked, and
 * nothing is ever thrown across.
 */
export function answering(handlers: Handlers, onFault: (name: string, error: unknown) => void) {
  const counted = countRequests()
  return async (asking: IpcSender, name: unknown, text: unknown, bytes?: unknown): Promise<Reply<RequestName>> => {
    if (!isOurs(asking)) return refused('', "only the app's own page may make requests")
    if (!isRequest(name))
      return refused(
        '',
        `there is no request called ${typeof name === 'string' ? JSON.stringify(name.slice(0, 60)) : typeof name}`,
      )
    try {
      // Counted first: what is one too many costs nothing.
      return await counted(name, async () => {
        const parsed = parseWith(inputs[name], readRequest(name, text, bytes))
        if (!parsed.ok) return parsed
        const handle = handlers[name] as (input: unknown) => Promise<never>
        return { ok: true, value: await handle(parsed.value) }
      })
    } catch (error) {
      if (!(error instanceof RequestError)) onFault(name, error)
      return { ok: false, issues: issuesOf(error) }
    }
  }
}

/** Serves the requests of the window, all on one channel, as soon as there is who can answer. */
export function serve(handlers: Promise<Handlers>, onFault: (name: string, error: unknown) => void): void {
  const answer = handlers.then((all) => answering(all, onFault))
  ipcMain.handle('call', async (event, name: unknown, text: unknown, bytes: unknown) =>
    (await answer)(event, name, text, bytes),
  )
}

/** Tells every window what happened, all on one channel. */
export function broadcast(event: AppEvent): void {
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.isDestroyed() && !window.webContents.isDestroyed() && !window.webContents.isCrashed())
      window.webContents.send('event', event)
  }
}
