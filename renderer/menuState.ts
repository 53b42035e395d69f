import { menuStateOf } from './actions'
import { call } from './api'
import { useStore, type State } from './store'

/** What decides which runs a menu item means, and what can be done with them. */
const meaning: readonly (keyof State)[] = ['runs', 'view', 'openRun', 'selected', 'look']

/** Tells main which items of the native menu can be used, whenever that changes. */
export function followMenu(): () => void {
  let told = ''
  const tell = (state: State): void => {
    const enabled = menuStateOf(state)
    if (JSON.stringify(enabled) === told) return
    told = JSON.stringify(enabled)
    void call('menu.enable', enabled)
  }
  tell(useStore.getState())
  return useStore.subscribe((state, before) => {
    if (meaning.some((key) => state[key] !== before[key])) tell(state)
  })
}
