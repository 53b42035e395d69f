import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../core/events'
import { noPoints } from '../../core/events'
import { applyEvent, noRecords, withRuns } from '../../renderer/records'
import { fakeRun } from './fakeRun'

const at = '2026-03-10T12:00:00.000Z'

function advanced(from: number, count: number): TrainEvent {
  const points = noPoints()
  for (let update = from; update < from + count; update++) {
    points.update.push(update)
    points.loss.push(1 / update)
    points.accuracy.push(0.5)
    points.learningRate.push(0.1)
    points.batchSize.push(32)
    points.gradientNorm.push(1)
    points.momentum.push(0.9)
    points.seconds.push(update / 10)
  }
  return { type: 'advanced', points }
}

const half = () => fakeRun(1, {}, { status: 'running', done: 0.5 })

describe('applyEvent', () => {
  it('folds training events into the run, with or without its trace', () => {
    const { run, trace } = half()
    const next = run.moment.update + 1
    const records = withRuns(noRecords, [run])
    const untraced = applyEvent(records, { type: 'run', id: run.id, events: [advanced(next, 5)] })
    expect(untraced.runs[run.id]?.moment.update).toBe(run.moment.update + 5)
    expect(untraced.traces).toEqual({})
    const traced = applyEvent(
      { ...records, traces: { [run.id]: { trace, diagnoses: [], version: 1 } } },
      { type: 'run', id: run.id, events: [advanced(next, 5)] },
    )
    expect(traced.traces[run.id]?.version).toBe(2)
    expect(traced.traces[run.id]?.trace.update.at(-1)).toBe(run.moment.update + 5)
  })

  it('may be told the same thing twice', () => {
    const { run, trace } = half()
    const event = { type: 'run' as const, id: run.id, events: [advanced(run.moment.update + 1, 5)] }
    const once = applyEvent(
      { ...withRuns(noRecords, [run]), traces: { [run.id]: { trace, diagnoses: [], version: 1 } } },
      event,
    )
    const length = once.traces[run.id]?.trace.update.length
    const twice = applyEvent(once, event)
    expect(twice.runs[run.id]).toEqual(once.runs[run.id])
    expect(twice.traces[run.id]?.trace.update).toHaveLength(length ?? -1)
  })

  it('leaves alone what it was never told of', () => {
    expect(applyEvent(noRecords, { type: 'run', id: 'unknownrun', events: [advanced(1, 1)] })).toBe(noRecords)
  })

  it('keeps the load of a run only while it trains', () => {
    const { run } = half()
    const busy = applyEvent(withRuns(noRecords, [run]), {
      type: 'load',
      id: run.id,
      rssBytes: 1,
      cpuFraction: 1,
      gpu: null,
      stalled: false,
    })
    expect(busy.loads[run.id]?.rssBytes).toBe(1)
    expect(
      applyEvent(busy, { type: 'run', id: run.id, events: [{ type: 'paused', at, moment: run.moment, cause: '' }] })
        .loads,
    ).toEqual({})
    expect(applyEvent(busy, { type: 'runChanged', run: { ...run, status: 'interrupted' } }).loads).toEqual({})
  })

  it('forgets a purged run and everything of it', () => {
    const { run, trace } = half()
    const purged = applyEvent(
      { ...withRuns(noRecords, [run]), traces: { [run.id]: { trace, diagnoses: [], version: 1 } } },
      { type: 'runPurged', id: run.id },
    )
    expect(purged.runs).toEqual({})
    expect(purged.traces).toEqual({})
  })

  it('lets a run keep its colour whatever is listed, added or purged later', () => {
    const runs = [0, 1, 2].map((index) => fakeRun(index).run)
    const first = withRuns(noRecords, runs)
    const later = withRuns(applyEvent(first, { type: 'runPurged', id: runs[0]!.id }), [fakeRun(7).run])
    for (const { id } of runs) expect(later.colours[id]).toBe(first.colours[id])
    expect(new Set(Object.values(later.colours)).size).toBe(4)
  })
})
