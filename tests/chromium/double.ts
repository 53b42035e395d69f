// What the preload script is in the app: the development API put on the page before its own scripts run.
import '../../renderer/strict'
import type { AppEvent } from '../../core/protocol'
import { fakeApi } from '../../renderer/dev/fakeApi'
import { recipes } from '../../renderer/dev/recipes'

const query = new URLSearchParams(location.search)
const theme = query.get('theme') === 'dark' ? 'dark' : 'light'
const api = fakeApi({
  recipes,
  tickMs: query.has('still') ? 0 : 250,
  theme,
  damaged: query.has('damaged'),
  refuse: {},
  notices: [{ id: 'disk', level: 'warning', message: 'Only 1.2 GiB are free.' }],
})
const listeners = new Set<(event: AppEvent) => void>()
/** What main would tell the page, and what the page told main of its faults. */
const double = { say: (event: AppEvent): void => listeners.forEach((on) => on(event)), faults: [] as unknown[] }

Object.assign(window, {
  double,
  batchlab: {
    ...api,
    call: async (name: never, input: never) => {
      if (name === 'app.fault') double.faults.push(input)
      return api.call(name, input)
    },
    listen: (on: (event: AppEvent) => void) => {
      listeners.add(on)
      const off = api.listen(on)
      return () => {
        off()
        listeners.delete(on)
      }
    },
  },
})
