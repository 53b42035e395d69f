import { changeSettings } from '../commands'
import type { State } from '../store'
import { useStore } from '../store'
import { keptLook } from './look'

const afterMs = 800

/** Keeps how the history is looked at, a moment after it changed and when the window goes. Returns how to stop. */
export function keepLook(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const keep = (): void => {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    const { look, selected } = useStore.getState()
    void changeSettings({ runsLook: keptLook(look, selected) })
  }
  const off = useStore.subscribe((now: State, before: State) => {
    if (
      now.phase !== 'open' ||
      before.phase !== 'open' ||
      (now.look === before.look && now.selected === before.selected)
    )
      return
    clearTimeout(timer)
    timer = setTimeout(keep, afterMs)
  })
  window.addEventListener('pagehide', keep)
  return () => {
    off()
    keep()
    window.removeEventListener('pagehide', keep)
  }
}
