import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { IpcRendererEvent } from 'electron'
import type { Api, AppEvent } from '../core/protocol'

// Electron before 29 has no webUtils; there a file still carries its path (the property went in 32).
const pathOf = (file: File): string =>
  (webUtils as typeof webUtils | undefined)?.getPathForFile(file) ??
  (file as File & { readonly path?: string }).path ??
  ''

// Main has limits of its own (main/requests/requestText.ts). These keep from it what it would have to copy before it
// could refuse it, and more than it could answer.
const mostCharacters = 2 ** 21
const mostValues = 100_000
const mostBytes = 2 ** 26
const mostWaiting = 1000
let waiting = 0
let isSaving = false

const refused = (
  message: string,
): { readonly ok: false; readonly issues: readonly [{ readonly path: ''; readonly message: string }] } => ({
  ok: false,
  issues: [{ path: '', message }],
})

/** Gives up on what is no JSON, or too much of it, before all of it is written. */
function counting(): (key: string, value: unknown) => unknown {
  let values = 0
  return (_key, value) => {
    if (++values > mostValues) throw new RangeError(`it has more than ${String(mostValues)} values`)
    if (ArrayBuffer.isView(value)) throw new TypeError('only a file that is saved has bytes')
    return value
  }
}

/**
 * An input as JSON, so that its size is known before main builds anything from it; the bytes of a file go beside it.
 */
function written(input: unknown): { readonly text: string; readonly bytes?: ArrayBufferView } {
  if (typeof input !== 'object' || input === null || !('bytes' in input) || !ArrayBuffer.isView(input.bytes))
    return { text: JSON.stringify(input, counting()) }
  const { bytes, ...rest } = input
  return { text: JSON.stringify(rest, counting()), bytes }
}

async function send(name: unknown, input: unknown): Promise<unknown> {
  if (typeof name !== 'string' || name.length > 100) return refused('The name of a request is a short text')
  const { text, bytes } = written(input)
  // What has no JSON, a function as an example, has no text.
  if (typeof text !== 'string') return refused('A request needs an input')
  if (text.length > mostCharacters)
    return refused(`A request is at most ${String(mostCharacters)} characters long, found ${String(text.length)}`)
  if (bytes === undefined) return await ipcRenderer.invoke('call', name, text)
  // A view is sent with all of the buffer that it is a part of.
  if (bytes.buffer.byteLength > mostBytes)
    return refused(
      `A file that the window saves has at most ${String(mostBytes)} bytes, found ${String(bytes.buffer.byteLength)}`,
    )
  if (isSaving) return refused('Another file is being saved; this one can be saved when that is done')
  isSaving = true
  try {
    return await ipcRenderer.invoke('call', name, text, bytes)
  } finally {
    isSaving = false
  }
}

/** Asks main; whatever the page hands over, it gets an answer and never an error. */
async function call(name: unknown, input: unknown): Promise<unknown> {
  if (waiting >= mostWaiting)
    return refused(`${String(mostWaiting)} requests wait for an answer; this one can be made when there are fewer`)
  waiting++
  try {
    return await send(name, input)
  } catch (error) {
    // eslint-disable-next-line no-restricted-syntax -- only types come from core here, so that the script stays alone
    return refused(`The request could not be made: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    waiting--
  }
}

const api: Api = {
  // Main's answer is of the type that belongs to the name.
  call: call as Api['call'],
  listen: (on) => {
    // The page must not get hold of the event: it carries the sender.
    const heard = (_event: IpcRendererEvent, event: AppEvent): void => on(event)
    ipcRenderer.on('event', heard)
    return () => {
      ipcRenderer.off('event', heard)
    }
  },
  pathOf,
}

contextBridge.exposeInMainWorld('batchlab', api)
