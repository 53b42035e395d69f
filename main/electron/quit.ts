import { app, dialog, powerMonitor } from 'electron'
import type { BrowserWindow } from 'electron'
import type { RunQueue } from '../queue/runQueue'
import { titleOf } from '../../core/names'
import { isDiskSilent } from '../files/guard'
import type { Library } from '../library/library'
import { logError } from './log'

/** How long stopping may take before the test that ends it is left out. */
const stopWithinMs = 8000
/** What takes longer than this is said. */
const sayAfterMs = 1500

const within = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))])

/** How long an opening may still take once nobody waits for it any more. */
const openWithinMs = 3000
const closeWithinMs = 30_000

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Ends this process whatever one of its threads waits for: a disk that does not answer would hold up an orderly exit
 * for ever. What is on disk is whole at any moment.
 */
const endAtOnce = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

/**
 * Lets the app go while its library still opens, and nothing trains. `end` is called once it is open: it comes back
 * with whether the app is going.
 */
export function quitWhileOpening(opening: Promise<Library>): {
  readonly isLeaving: () => boolean
  readonly end: () => boolean
} {
  let state: 'here' | 'leaving' | 'gone' = 'here'
  const leave = (): void => {
    if (state !== 'here') return
    state = 'leaving'
    setTimeout(endAtOnce, openWithinMs)
    const quit = (): void => {
      state = 'gone'
      app.quit()
    }
    opening.then((library) => library.close()).then(quit, quit)
  }
  const onQuit = (event: Electron.Event): void => {
    if (state === 'gone') return
    event.preventDefault()
    leave()
  }
  app.on('before-quit', onQuit)
  for (const signal of signals) process.on(signal, leave)
  return {
    isLeaving: () => state !== 'here',
    end: () => {
      if (state !== 'here') return true
      app.off('before-quit', onQuit)
      for (const signal of signals) process.off(signal, leave)
      return false
    },
  }
}

interface Options {
  readonly queue: RunQueue
  readonly library: Library
  readonly window: () => BrowserWindow | null
}

type Choice = 'pause' | 'stop' | 'cancel'

async function ask(window: BrowserWindow | null, count: number): Promise<Choice> {
  const options: Electron.MessageBoxOptions = {
    type: 'question',
    buttons: ['Pause & quit', 'Stop & quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
    message: count === 1 ? 'A run is training.' : `${String(count)} runs are training.`,
    detail:
      'Pausing writes a checkpoint, and the run goes on from there whenever you like. Stopping keeps what was ' +
      'saved and ends the run.',
  }
  const { response } =
    window === null ? await dialog.showMessageBox(options) : await dialog.showMessageBox(window, options)
  return response === 0 ? 'pause' : response === 1 ? 'stop' : 'cancel'
}

/**
 * Says in a small dialog what the app waits for, until it is over, and ends the trainer where somebody does not want to
 * wait.
 */
async function sayWait(
  queue: RunQueue,
  library: Library,
  window: BrowserWindow | null,
  over: AbortSignal,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, sayAfterMs))
  const [id] = queue.live()
  if (over.aborted || id === undefined) return
  const options: Electron.MessageBoxOptions = {
    type: 'info',
    buttons: ['Keep waiting', 'End now'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
    signal: over,
    message: `Waiting for ${titleOf(library.run(id))}.`,
    detail:
      'It finishes its update and writes a checkpoint; then Batchlab quits. If you end it now, what came after ' +
      'its last checkpoint is lost.',
  }
  const { response } =
    window === null || window.isDestroyed()
      ? await dialog.showMessageBox(options)
      : await dialog.showMessageBox(window, options)
  if (response === 1 && !over.aborted) await queue.kill(id)
}

/**
 * Sees to it that the app leaves no training and no unsaved word behind: asks, pauses or stops, closes the library,
 * then goes.
 */
export function quitOrderly({ queue, library, window }: Options): { readonly isLeaving: () => boolean } {
  let state: 'here' | 'asking' | 'closing' | 'gone' = 'here'

  const stopAll = async (): Promise<void> => {
    await Promise.all(
      queue.live().map(async (id) => {
        await queue.stop(id)
        await queue.settled(id)
      }),
    )
  }

  const close = async (choice: 'pause' | 'stop', isSomebodyThere: boolean): Promise<void> => {
    if (state === 'closing' || state === 'gone') return
    state = 'closing'
    let isStuck = false
    const over = new AbortController()
    if (isSomebodyThere)
      sayWait(queue, library, window(), over.signal).catch((error: unknown) =>
        logError('saying what closing waits for', error),
      )
    try {
      // A trainer that is at work is waited for, however long its update takes; the queue ends one that gives no sign
      // of life.
      if (choice === 'stop') await within(stopWithinMs, stopAll())
      await queue.shutDown({ pause: true })
      isStuck =
        (await within(
          closeWithinMs,
          library.close().then(() => true),
        )) !== true
    } catch (error) {
      logError('closing', error)
    }
    over.abort()
    state = 'gone'
    if (isStuck || isDiskSilent()) app.on('quit', endAtOnce)
    app.quit()
  }

  const question = async (): Promise<void> => {
    state = 'asking'
    const choice = await ask(window(), queue.live().length).catch((): Choice => 'pause')
    state = 'here'
    if (choice !== 'cancel') await close(choice, true)
  }

  app.on('before-quit', (event) => {
    if (state === 'gone') return
    event.preventDefault()
    if (state === 'here') void (queue.live().length > 0 ? question() : close('pause', false))
  })

  // Nobody is there to answer a question.
  for (const signal of signals) process.on(signal, () => void close('pause', false))
  powerMonitor.on('shutdown', (event?: { preventDefault: () => void }) => {
    event?.preventDefault()
    void close('pause', false)
  })

  return { isLeaving: () => state === 'closing' || state === 'gone' }
}
