import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { noPoints, type TrainEvent } from '../../core/events'
import { packPoints } from '../../core/packing'
import type { AppEvent } from '../../core/protocol'
import { loadTrace } from '../../renderer/charts/traces'
import { sync } from '../../renderer/sync'
import { initialWindowState, useStore } from '../../renderer/store'
import { fakeRun } from './fakeRun'

const pointsOf = (updates: readonly number[]) => ({
  ...noPoints(),
  update: [...updates],
  loss: updates.map((update) => 1 / update),
  accuracy: updates.map(() => 0.5),
  learningRate: updates.map(() => 0.1),
  batchSize: updates.map(() => 32),
  gradientNorm: updates.map(() => 1),
  seconds: updates.map((update) => update / 10),
  momentum: updates.map(() => 0.9),
})
const upTo = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const advanced = (from: number, to: number): TrainEvent => ({ type: 'advanced', points: pointsOf(upTo(from, to)) })

let tell: (event: AppEvent) => void = () => undefined
let answer: (updates: readonly number[]) => void = () => undefined
let off = (): void => undefined
const { run } = fakeRun(1, {}, { status: 'running', done: 0.5 })

beforeEach(async () => {
  vi.useFakeTimers()
  useStore.setState({ ...initialWindowState(), traces: {} }, true)
  vi.stubGlobal(
    'window',
    Object.assign(new EventTarget(), {
      batchlab: {
        call: async (name: string) => {
          if (name === 'runs.list')
            return {
              ok: true,
              value: JSON.stringify([{ ...run, moment: { ...run.moment, update: 0, examples: 0 }, log: [] }]),
            }
          if (name === 'app.state') return { ok: true, value: { settings: initialWindowState().settings, notices: [] } }
          if (name === 'runs.trace')
            return {
              ok: true,
              value: packPoints(
                pointsOf(
                  await new Promise<readonly number[]>((resolve) => {
                    answer = resolve
                  }),
                ),
              ),
            }
          return { ok: true, value: [] }
        },
        listen: (on: (event: AppEvent) => void) => {
          tell = on
          return () => undefined
        },
        pathOf: () => '',
      },
    }),
  )
  off = sync(() => undefined)
  await vi.advanceTimersByTimeAsync(10)
})
afterEach(() => {
  off()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const say = (...events: readonly TrainEvent[]): void => tell({ type: 'run', id: run.id, events })
const shown = (): readonly number[] | undefined => useStore.getState().traces[run.id]?.trace.update
const moment = (): { readonly update: number; readonly examples: number } | undefined =>
  useStore.getState().runs[run.id]?.moment

describe('a running run that is opened', () => {
  // What the log had when it was read: less than was told already, as much, or more.
  it.each([40, 50, 55, 60, 65])(
    'has every point once, at once, when its log was read with %d updates and it goes on meanwhile',
    async (logged) => {
      say(advanced(1, 50))
      await vi.advanceTimersByTimeAsync(300)
      const loading = loadTrace(run.id)
      say(advanced(51, 55))
      await vi.advanceTimersByTimeAsync(150)
      say(advanced(56, 60))
      // Main completes what it reads with what it has told, so at least 50 are in the answer.
      answer(upTo(1, Math.max(50, logged)))
      await loading
      expect(shown()).toEqual(upTo(1, Math.max(60, logged)))
      // The same events have waited for their turn to be shown.
      await vi.advanceTimersByTimeAsync(300)
      expect(shown()).toEqual(upTo(1, Math.max(60, logged)))
      expect(moment()).toMatchObject({ update: 60, examples: 60 * 32 })
      say(advanced(61, 70))
      await vi.advanceTimersByTimeAsync(300)
      expect(shown()).toEqual(upTo(1, 70))
      expect(moment()).toMatchObject({ update: 70, examples: 70 * 32 })
    },
  )

  it('has each remark once, though it was told before the list came and is in the list', async () => {
    const noted: TrainEvent = { type: 'noted', at: '2026-03-10T12:00:00.000Z', update: 3, message: 'The rate fell' }
    say(noted)
    say(noted)
    await vi.advanceTimersByTimeAsync(300)
    expect(useStore.getState().runs[run.id]?.log).toEqual([{ at: noted.at, update: 3, message: 'The rate fell' }])
  })
})
