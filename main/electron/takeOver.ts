import { app, dialog } from 'electron'
import type { BrowserWindow } from 'electron'
import { join } from 'node:path'
import { silentAfterMs, waitForSilence } from '../files/lock'

/** Begins the app anew with this, so that it takes the library from a program that gives no sign of life. */
export const takeOverSwitch = '--take-over'

/**
 * Where another program has the library, watches it, and offers to take the library over once that program is gone or
 * silent.
 */
export async function offerTakeOver(folder: string, window: () => BrowserWindow | null): Promise<void> {
  const owner = await waitForSilence(join(folder, 'library.lock'))
  const seconds = String(silentAfterMs / 1000)
  const options: Electron.MessageBoxOptions = {
    type: 'question',
    buttons: ['Take over', 'Only look'],
    defaultId: 1,
    cancelId: 1,
    noLink: true,
    message:
      owner === null
        ? 'The program that had this library has ended.'
        : `The program that has this library (process ${String(owner.pid)} on “${owner.host}”, since ` +
          `${owner.since}) has given no sign of life for ${seconds} s.`,
    detail:
      'If you take over, Batchlab starts anew and can write to the library. A program that wakes up again ' +
      'notices it, and writes nothing more.',
  }
  const open = window()
  const { response } = open === null ? await dialog.showMessageBox(options) : await dialog.showMessageBox(open, options)
  if (response !== 0) return
  app.relaunch({ args: [...process.argv.slice(1).filter((one) => one !== takeOverSwitch), takeOverSwitch] })
  app.quit()
}
