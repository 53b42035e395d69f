import { app, dialog, powerMonitor } from 'electron'
import type { BrowserWindow } from 'electron'
import type { Desk } from './desk/desk'
import type { Library } from './library/library'
import { complain } from './log'

/** How long runs may take to stop in their own time. */
const stopWithinMs = 8000
/** The desk ends within ten seconds by its own word; a little more, so that its word is what counts. */
const closeWithinMs = 11_000

const within = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))])

interface Options { readonly desk: Desk; readonly library: Library; readonly window: () => BrowserWindow | null }

type Choice = 'pause' | 'stop' | 'cancel'

async function ask(window: BrowserWindow | null, count: number): Promise<Choice> {
  const options: Electron.MessageBoxOptions = {
    type: 'question', buttons: ['Pause & quit', 'Stop & quit', 'Cancel'], defaultId: 0, cancelId: 2, noLink: true,
    message: count === 1 ? 'A run is training.' : `${String(count)} runs are training.`,
    detail: 'Pausing writes a checkpoint, and the run goes on from there whenever you like. Stopping keeps what was saved and ends the run.',
  }
  const { response } = window === null ? await dialog.showMessageBox(options) : await dialog.showMessageBox(window, options)
  return response === 0 ? 'pause' : response === 1 ? 'stop' : 'cancel'
}

/** Sees to it that the app leaves no training and no unsaved word behind: asks, pauses or stops, closes the library, then goes. */
export function leaveOrderly({ desk, library, window }: Options): { readonly isLeaving: () => boolean } {
  let state: 'here' | 'asking' | 'closing' | 'gone' = 'here'

  const stopAll = async (): Promise<void> => {
    await Promise.all(desk.live().map(async (id) => {
      await desk.stop(id)
      await desk.settled(id)
    }))
  }

  const close = async (choice: 'pause' | 'stop'): Promise<void> => {
    if (state === 'closing' || state === 'gone') return
    state = 'closing'
    try {
      if (choice === 'stop') await within(stopWithinMs, stopAll())
      await within(closeWithinMs, desk.shutDown({ pause: choice === 'pause' }).then(() => library.close()))
    } catch (error) {
      complain('closing', error)
    }
    state = 'gone'
    app.quit()
  }

  const question = async (): Promise<void> => {
    state = 'asking'
    const choice = await ask(window(), desk.live().length).catch((): Choice => 'pause')
    state = 'here'
    if (choice !== 'cancel') await close(choice)
  }

  app.on('before-quit', (event) => {
    if (state === 'gone') return
    event.preventDefault()
    if (state === 'here') void (desk.live().length > 0 ? question() : close('pause'))
  })

  // Nobody is there to answer a question.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void close('pause'))
  powerMonitor.on('shutdown', (event?: { preventDefault: () => void }) => {
    event?.preventDefault()
    void close('pause')
  })

  return { isLeaving: () => state === 'closing' || state === 'gone' }
}
