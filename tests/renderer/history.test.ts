import { describe, expect, it } from 'vitest'
import { Settings } from '../../core/protocol'
import type { Run } from '../../core/run'
import { aroundColumns, fittingColumns, leastName, runColumns } from '../../renderer/history/columns'
import { showAll } from '../../renderer/history/filter'
import { firstLook, keptLook, lookFrom } from '../../renderer/history/look'
import { held, isSorted, newestRunsFirst, sorted } from '../../renderer/history/order'
import { fakeRun } from './fakeRun'

const ids = (runs: readonly Run[]): readonly string[] => runs.map(({ id }) => id)

describe('the order of rows', () => {
  const [a, b, c] = [0, 1, 2].map((index) => fakeRun(index).run) as [Run, Run, Run]
  const byStatus = { column: 'status', descending: false }

  it('is the newest first, and that of a column when asked', () => {
    expect(ids(sorted([a, b, c], newestRunsFirst))).toEqual(ids([c, b, a]))
    expect(ids(sorted([a, { ...b, status: 'queued' }, { ...c, status: 'failed' }], byStatus))).toEqual(ids([c, a, b]))
  })

  it('has rows without a value last, whichever way it goes', () => {
    const untested = { ...a, test: { last: null, best: null } }
    for (const descending of [true, false])
      expect(ids(sorted([untested, b, c], { column: 'test', descending })).at(-1)).toBe(a.id)
  })

  it('holds while a queue works: other states, times and accuracies move no row', () => {
    const order = ids([c, b, a])
    const worked = [
      { ...a, status: 'running' as const, startedAt: '2031-01-01T00:00:00Z' },
      { ...b, status: 'queued' as const, test: { last: null, best: null } },
      c,
    ]
    for (const sorting of [newestRunsFirst, byStatus, { column: 'test', descending: true }])
      expect(ids(held(order, worked, sorting))).toEqual(order)
    expect(isSorted(held(order, worked, newestRunsFirst), newestRunsFirst)).toBe(false)
    expect(isSorted(sorted(worked, newestRunsFirst), newestRunsFirst)).toBe(true)
  })

  it('takes a new run in where it belongs, and lets one go, without moving the others', () => {
    const fresh = { ...fakeRun(3).run, status: 'failed' as const }
    expect(ids(held(ids([c, b, a]), [a, b, c, fresh], newestRunsFirst))).toEqual(ids([fresh, c, b, a]))
    expect(ids(held(ids([b, c, a]), [a, c, fresh], byStatus))).toEqual(ids([fresh, c, a]))
    expect(ids(held(ids([b, c, a]), [a, c], newestRunsFirst))).toEqual(ids([c, a]))
  })

  it('is made of thousands of rows in no time', () => {
    const many = Array.from({ length: 2000 }, (_, index): Run => ({
      ...a,
      id: `run${String(index).padStart(9, '0')}`,
      name: `sweep ${(index * 7919) % 2000}`,
    }))
    const byName = { column: 'name', descending: false }
    const order = ids(sorted(many, byName))
    let best = Infinity
    for (let n = 0; n < 20 && best >= 100; n++) {
      const began = performance.now()
      expect(isSorted(held(order, many, byName), byName)).toBe(true)
      best = Math.min(best, performance.now() - began)
    }
    // It is done with every message of a trainer. The best of some counts: the machine may be busy with other things.
    expect(best).toBeLessThan(100)
  })
})

describe('the columns', () => {
  const whole: Readonly<Record<string, number>> = Object.fromEntries(
    runColumns.map(({ id }) => [id, id === 'name' ? 0 : 80]),
  )
  const widths = { whole, short: { ...whole, status: 30 } as Readonly<Record<string, number>> }
  const room = (columns: number): number => aroundColumns + leastName + 80 * columns

  it('give way in the order of their importance, and results before settings', () => {
    expect(fittingColumns(room(0), widths, []).columns).toEqual(['name'])
    expect(fittingColumns(room(3), widths, []).columns).toEqual(['status', 'name', 'validation', 'test'])
    expect(fittingColumns(room(5), widths, [])).toEqual({
      columns: ['status', 'name', 'batch', 'rate', 'validation', 'test'],
      isShort: false,
    })
    expect(fittingColumns(room(11), widths, []).columns).toEqual(runColumns.map(({ id }) => id))
  })

  it('leave their room to others where a person put them away', () => {
    expect(fittingColumns(room(3), widths, ['status', 'validation'])).toEqual({
      columns: ['name', 'batch', 'rate', 'test'],
      isShort: false,
    })
  })

  it('let a word give way to its sign before a setting or a result does', () => {
    expect(fittingColumns(room(5) - 40, widths, [])).toEqual({
      columns: ['status', 'name', 'batch', 'rate', 'validation', 'test'],
      isShort: true,
    })
  })

  it('never take more room than there is', () => {
    for (let width = 100; width < 1600; width += 37) {
      const { columns, isShort } = fittingColumns(width, widths, [])
      const taken = columns.reduce(
        (sum, id) => sum + (widths[isShort ? 'short' : 'whole'][id] ?? 0),
        aroundColumns + leastName,
      )
      expect(columns.length === 1 || taken <= width, `${width}`).toBe(true)
    }
  })
})

describe('how the runs were looked at', () => {
  const [a, b] = [fakeRun(0).run, { ...fakeRun(1).run, removedAt: '2026-01-01T00:00:00Z' }]
  const runs = { [a.id]: a, [b.id]: b }
  const look = {
    filter: { ...showAll, text: 'batch>8', tags: ['exp'] },
    sorting: { column: 'test', descending: true },
    top: a.id,
  }

  it('is there again at the next start', () => {
    const kept = Settings.parse(JSON.parse(JSON.stringify({ runsLook: keptLook(look, [a.id]) }))).runsLook
    expect(lookFrom(kept, runs)).toEqual({ look, selected: [a.id] })
  })

  it('begins with all runs where nothing was kept, as in a library from before', () => {
    expect(lookFrom(Settings.parse({ theme: 'dark' }).runsLook, runs)).toEqual({ look: firstLook, selected: [] })
  })

  it('selects nothing that is gone or in the trash, and never begins in the trash', () => {
    expect(lookFrom(keptLook(look, [b.id, 'run999999999', a.id]), runs).selected).toEqual([a.id])
    const trash = { ...look, filter: { ...look.filter, trash: true } }
    expect(lookFrom(keptLook(trash, [b.id]), runs)).toMatchObject({ look: { filter: { trash: false } }, selected: [] })
  })
})
