import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AppState, RequestName } from '../../core/protocol'
import { changedSettings, Settings } from '../../core/protocol'
import { changeSettings } from '../../renderer/commands'
import { initialWindowState, useStore } from '../../renderer/store'

vi.mock('@mantine/notifications', () => ({ notifications: { show: () => '', hide: () => undefined } }))

const asked: RequestName[] = []
let answer: () => Promise<unknown> = async () => ({ ok: true, value: null })
const open = (readOnly: string): void =>
  useStore.setState({ ...initialWindowState(), phase: 'open', app: { readOnly } as AppState }, true)

beforeEach(() => {
  asked.length = 0
  vi.stubGlobal('window', {
    batchlab: {
      call: (name: RequestName) => {
        asked.push(name)
        return answer()
      },
    },
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('a setting', () => {
  it('of one panel leaves those of the others as they are', () => {
    const before = changedSettings(Settings.parse({}), { panelSizes: { runs: [40] } })
    expect(changedSettings(before, { panelSizes: { editor: [60] } }).panelSizes).toEqual({ runs: [40], editor: [60] })
  })

  it('that is refused takes no other one back with it', async () => {
    open('')
    let refuse: (reply: unknown) => void = () => undefined
    answer = () =>
      new Promise((resolve) => {
        refuse = resolve
      })
    const first = changeSettings({ smoothing: 0.2 })
    answer = async () => ({ ok: true, value: null })
    await changeSettings({ theme: 'dark' })
    refuse({ ok: false, issues: [{ path: '', message: 'The disk is full' }] })
    await first
    expect(useStore.getState().settings).toMatchObject({ smoothing: 0.6, theme: 'dark' })
  })

  it('holds until the window is closed where the library is another process’s, which is neither asked nor blamed', async () => {
    open('it is open elsewhere')
    await changeSettings({ theme: 'dark' })
    expect(useStore.getState().settings.theme).toBe('dark')
    expect(asked).toEqual([])
  })
})
