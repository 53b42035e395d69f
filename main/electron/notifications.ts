import { Notification, powerSaveBlocker } from 'electron'
import type { BrowserWindow } from 'electron'
import type { AppEvent } from '../../core/protocol'
import { isLive } from '../../core/run'
import type { Run, RunId } from '../../core/run'
import type { Library } from '../library/library'
import { notificationOf } from './notification'

/** How far the runs at work have come, 0…1; null when none is. */
const overallProgress = (runs: readonly Run[]): number | null => {
  const updates = runs.reduce((sum, run) => sum + run.updates, 0)
  return runs.length === 0
    ? null
    : updates === 0
      ? 0
      : Math.min(1, runs.reduce((sum, run) => sum + run.moment.update, 0) / updates)
}

interface Options {
  readonly library: Library
  readonly window: () => BrowserWindow | null
  readonly onClick: (run: Run) => void
}

/**
 * While anything trains: keeps the machine awake, shows progress in the dock or taskbar, and says when a run ends and
 * nobody is looking.
 */
export function followTraining({ library, window, onClick }: Options): (event: AppEvent) => void {
  const working = new Set<RunId>()
  let blocker: number | null = null

  const stayAwake = (isNeeded: boolean): void => {
    if (isNeeded && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
    else if (!isNeeded && blocker !== null) {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
  }

  const announce = (run: Run): void => {
    const told = notificationOf(run)
    const open = window()
    if (told === null || (open !== null && open.isFocused()) || !Notification.isSupported()) return
    const notification = new Notification(told)
    notification.on('click', () => onClick(run))
    notification.show()
  }

  return (event) => {
    if (event.type !== 'run' && event.type !== 'runChanged') return
    const run = library.run(event.type === 'run' ? event.id : event.run.id)
    const ends = !isLive(run.status) && working.delete(run.id)
    if (isLive(run.status)) working.add(run.id)
    stayAwake(working.size > 0)
    const open = window()
    if (open !== null && !open.isDestroyed())
      open.setProgressBar(overallProgress([...working].map((id) => library.run(id))) ?? -1)
    if (ends) announce(run)
  }
}
