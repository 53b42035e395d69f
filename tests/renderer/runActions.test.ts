import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RequestName } from '../../core/protocol'
import { titleOf } from '../../core/names'
import type { Run } from '../../core/run'
import { actions, runsInFocus } from '../../renderer/actions'
import { askPurge, filterRuns, purgeRuns, removeRuns, select } from '../../renderer/commands'
import { applied } from '../../renderer/sync'
import { showAll } from '../../renderer/history/filter'
import { selectedRuns } from '../../renderer/history/selection'
import { runActions } from '../../renderer/runActions'
import { initialWindowState, useStore } from '../../renderer/store'
import { fakeRun } from './fakeRun'

const shown = vi.hoisted(() => new Map<string, { readonly message: unknown }>())
vi.mock('@mantine/notifications', () => ({
  notifications: {
    show: (one: { readonly message: unknown }) => {
      const id = String(shown.size)
      shown.set(id, one)
      return id
    },
    hide: (id: string) => {
      shown.delete(id)
    },
  },
}))

const asked: (readonly [RequestName, unknown])[] = []

const load = (runs: readonly Run[]): void =>
  useStore.setState(
    { ...initialWindowState(), phase: 'open', runs: Object.fromEntries(runs.map((run) => [run.id, run])) },
    true,
  )
const many = (count: number, more: Partial<Run> = {}): readonly Run[] =>
  Array.from({ length: count }, (_, index) => ({ ...fakeRun(index).run, ...more }))

beforeEach(() => {
  asked.length = 0
  shown.clear()
  vi.stubGlobal('window', {
    batchlab: {
      call: async (name: RequestName, input: unknown) => {
        asked.push([name, input])
        return { ok: true, value: null }
      },
    },
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const perform = (id: string): string => {
  const action = actions.find((one) => one.id === id)!
  const reason = action.blocked(useStore.getState())
  if (reason === '') action.act()
  return reason
}
const idsOf = (runs: readonly Run[]): readonly string[] => runs.map(({ id }) => id)

describe('a selection', () => {
  it('means the same runs for a button, a key, the menu and the palette, also those that are not drawn', async () => {
    const runs = many(25)
    load(runs)
    select(idsOf(runs))
    expect(idsOf(selectedRuns(useStore.getState()))).toEqual(idsOf(runs))
    expect(runActions.trash.label(selectedRuns(useStore.getState()))).toBe('Put 25\u00a0runs into the trash')
    perform('removeSelected')
    await vi.waitFor(() => expect(asked).toEqual([['runs.remove', idsOf(runs)]]))
    await vi.waitFor(() => expect(useStore.getState().selected).toEqual([]))
  })

  it('holds runs that a filter hides, and none of the other place', () => {
    const [here, gone] = [fakeRun(0).run, { ...fakeRun(1).run, removedAt: '2026-01-01T00:00:00Z' }]
    load([here, gone])
    select([here.id, gone.id])
    expect(idsOf(selectedRuns(useStore.getState()))).toEqual([here.id])
    filterRuns({ ...showAll, text: 'nothing fits this' })
    expect(idsOf(selectedRuns(useStore.getState()))).toEqual([here.id])
    filterRuns({ ...showAll, trash: true })
    expect(useStore.getState().selected).toEqual([])
  })

  it('is paused, resumed, stopped and starred as one', () => {
    const runs = [
      { ...fakeRun(0).run, status: 'queued' as const },
      { ...fakeRun(1).run, status: 'paused' as const },
      { ...fakeRun(2).run, status: 'running' as const },
    ]
    load(runs)
    select(idsOf(runs))
    expect(runActions.pause.label(runs)).toBe('Pause 2 of 3\u00a0runs')
    for (const id of ['pauseRun', 'resumeRun', 'stopRun', 'starSelected']) perform(id)
    const of = (name: RequestName): readonly unknown[] => asked.flatMap(([one, input]) => (one === name ? [input] : []))
    expect(of('runs.pause')).toEqual([runs[0]?.id, runs[2]?.id])
    expect(of('runs.resume')).toEqual([runs[1]?.id])
    expect(of('runs.stop')).toEqual(idsOf(runs))
    expect(of('runs.annotate')).toMatchObject(runs.map(({ id }) => ({ id, starred: true })))
  })

  it('goes into the trash whole or not at all', () => {
    const runs = [fakeRun(0).run, { ...fakeRun(1).run, status: 'running' as const }]
    load(runs)
    select(idsOf(runs))
    expect(perform('removeSelected')).toBe(`${titleOf(runs[1]!)} is training: pause or stop it before you remove it`)
    runActions.trash.act(runs)
    expect(asked).toEqual([])
  })

  it('is what keys mean where it can be seen, the open run in its own view, and elsewhere the one that trains', () => {
    const runs = [fakeRun(0).run, { ...fakeRun(1).run, status: 'running' as const }]
    load(runs)
    select([runs[0]!.id])
    const focus = (state: object): readonly string[] => idsOf(runsInFocus({ ...useStore.getState(), ...state }))
    expect(focus({ view: 'runs' })).toEqual([runs[0]?.id])
    expect(focus({ view: 'editor' })).toEqual([runs[1]?.id])
    expect(focus({ view: 'run', openRun: runs[0]!.id })).toEqual([runs[0]?.id])
    expect(focus({ view: 'runs', selected: [] })).toEqual([runs[1]?.id])
  })

  it('is compared only when it is two, whoever asks', () => {
    const runs = many(3)
    load(runs)
    select(idsOf(runs))
    expect(perform('compareSelected')).toBe('Select exactly two runs')
    select(idsOf(runs).slice(0, 2))
    expect(perform('compareSelected')).toBe('')
    expect(useStore.getState().compare).toMatchObject({ a: { run: runs[0]?.id }, b: { run: runs[1]?.id } })
  })
})

describe('a way back', () => {
  it('is offered while there is one, and no longer when the runs are deleted for good', async () => {
    const [one, two] = many(2) as [Run, Run]
    load([one, two])
    await removeRuns([one.id])
    await removeRuns([two.id])
    expect(shown.size).toBe(2)
    await purgeRuns([one.id])
    expect([...shown.keys()]).toEqual(['1'])
  })

  it('is what is asked for before runs are deleted for good, and nothing is deleted meanwhile', () => {
    const runs = many(2, { removedAt: '2026-01-01T00:00:00Z' })
    load(runs)
    filterRuns({ ...showAll, trash: true })
    select(idsOf(runs))
    expect(perform('removeSelected')).toBe('They are in the trash')
    expect(perform('purgeSelected')).toBe('')
    expect(useStore.getState().purging).toEqual(idsOf(runs))
    expect(asked).toEqual([])
    useStore.setState((state) => applied(state, { type: 'runPurged', id: runs[0]!.id }))
    expect(useStore.getState().purging).toEqual([runs[1]?.id])
    askPurge([])
    expect(useStore.getState().purging).toEqual([])
  })
})
