import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFaultLog } from '../../main/requests/faultLog'
import { openLibrary } from '../../main/library/library'
import { relativeDate } from '../../renderer/format'
import { advanced, ended, epochEnded, started } from '../support/history'
import { smallConfig, temporaryFolder } from '../support/fakeTraining'

const day = 86_400_000
const jumps = [
  Date.UTC(2026, 5, 1),
  Date.UTC(2026, 5, 1) - day,
  Date.UTC(2026, 5, 1) + day,
  0,
  -day,
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2100, 0, 1),
  0,
]

afterEach(() => {
  vi.useRealTimers()
})

describe('a clock that jumps', () => {
  it('by a day, into 1970 and back gives no id twice, and every run is there, trained, removed and restored as asked', async () => {
    const folder = temporaryFolder()
    const made: string[] = []
    for (const [i, time] of jumps.entries()) {
      const library = await openLibrary(folder, { now: () => new Date(time), random: () => 0.5 })
      expect(library.notices()).toEqual([])
      expect(
        library
          .runs()
          .map(({ id }) => id)
          .sort(),
      ).toEqual([...made].sort())
      const { id } = await library.addRun(smallConfig(String(i)), { type: 'new' }, null)
      made.push(id)
      await library.record(id, started())
      await library.record(id, advanced(1))
      for (let epoch = 1; epoch <= 3; epoch++) await library.record(id, epochEnded(epoch))
      await library.record(id, ended)
      await library.remove([id])
      await library.close()
    }
    expect(new Set(made).size).toBe(jumps.length)
    const library = await openLibrary(folder, { now: () => new Date(Date.UTC(2200, 0, 1)) })
    // The trash knows no age: what is in it goes when a person deletes it.
    expect(library.runs()).toHaveLength(jumps.length)
    for (const { removedAt } of library.runs()) expect(removedAt).not.toBeNull()
    await library.restore(library.runs().map(({ id }) => id))
    for (const run of library.runs()) {
      expect(run).toMatchObject({ status: 'finished', removedAt: null })
      expect(run.epochs.map(({ epoch }) => epoch)).toEqual(
        [...run.epochs.map(({ epoch }) => epoch)].sort((a, b) => a - b),
      )
    }
    await library.close()
  })

  it('shows a date for what seems to lie ahead, not an age', () => {
    const now = Date.UTC(2026, 5, 1, 12)
    expect(relativeDate(new Date(now + day).toISOString(), now)).toBe('2026-06-02')
    expect(relativeDate(new Date(now + 5000).toISOString(), now)).toBe('just now')
    expect(relativeDate(new Date(0).toISOString(), now)).toBe('1970-01-01')
  })

  it('that was set back silences no log of failures for longer than meant', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const written: string[] = []
    const log = createFaultLog((message) => written.push(message))
    for (let i = 0; i < 30; i++) log({ where: 'x', message: String(i), stack: '' })
    vi.advanceTimersByTime(11 * 60_000)
    vi.setSystemTime(Date.now() - day)
    log({ where: 'x', message: 'one more', stack: '' })
    expect(written.at(-1)).toBe('the page: x: one more')
  })
})
