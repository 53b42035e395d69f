import { describe, expect, it } from 'vitest'
import type { Diagnosis } from '../../core/events'
import { drawDiagnoses, measuredLines, placed } from '../../renderer/charts/diagnosisDrawings'
import { screenInk } from '../../renderer/charts/chartTheme'
import { applyEvent, noRecords, withRuns } from '../../renderer/records'
import { fakeRun } from './fakeRun'

const diagnosis = (update: number, more: Partial<Diagnosis> = {}): Diagnosis => ({
  update,
  rateToBatch: 0.001,
  ratios: { conv1: update / 1000, dense1: 0.002 },
  gradient: { spread: 6, squaredNorm: 0.5 },
  ...more,
})

describe('measurements', () => {
  it('are kept with the trace that is looked at, and taken back by an attempt that starts before them', () => {
    const { run, trace } = fakeRun(1, {}, { status: 'running', done: 0.5 })
    const records = {
      ...withRuns(noRecords, [run]),
      traces: { [run.id]: { trace, diagnoses: [diagnosis(10)], version: 1 } },
    }
    const after = applyEvent(records, {
      type: 'run',
      id: run.id,
      events: [
        { type: 'diagnosed', diagnosis: diagnosis(20) },
        { type: 'diagnosed', diagnosis: diagnosis(30) },
      ],
    })
    expect(after.traces[run.id]?.diagnoses.map(({ update }) => update)).toEqual([10, 20, 30])
    const again = applyEvent(after, {
      type: 'run',
      id: run.id,
      events: [{ type: 'diagnosed', diagnosis: diagnosis(20) }],
    })
    expect(again.traces[run.id]?.diagnoses.map(({ update }) => update)).toEqual([10, 20])
  })

  it('stand where their updates stand, and wait for points that have not come', () => {
    const { run, trace } = fakeRun(1)
    const last = trace.update.at(-1) ?? 0
    expect(
      placed({ run, trace, diagnoses: [diagnosis(10), diagnosis(20), diagnosis(last + 5)] }).map(
        ({ at }) => trace.update[at],
      ),
    ).toEqual([10, 20])
  })

  it('become a line for each layer, with a gap where one was not finite', () => {
    expect(
      measuredLines(
        'updateRatio',
        [diagnosis(10), diagnosis(20, { ratios: { conv1: null, dense1: 0.003 } })],
        [32, 32],
      ),
    ).toEqual([
      { name: 'conv1', values: [0.01, null] },
      { name: 'dense1', values: [0.002, 0.003] },
    ])
  })

  it('average S and |G|² apart before they are divided, beside the batch size', () => {
    const [scale, batch] = measuredLines(
      'gradientNoise',
      [diagnosis(10), diagnosis(20, { gradient: { spread: 2, squaredNorm: 1.5 } }), diagnosis(30, { gradient: null })],
      [32, 64, 64],
    )
    // (0.9·6 + 2)/(0.9·0.5 + 1.5), not the mean of 12 and 4/3.
    expect(scale?.values[0]).toBeCloseTo(12, 12)
    expect(scale?.values[1]).toBeCloseTo(7.4 / 1.95, 12)
    expect(scale?.values[2]).toBe(scale?.values[1])
    expect(batch?.values).toEqual([32, 64, 64])
  })

  it('are drawn on the axis that all charts share', () => {
    const { run, trace } = fakeRun(1)
    const options = {
      kind: 'updateRatio',
      logX: false,
      colour: '#0072b2',
      theme: screenInk('light'),
      legend: false,
    } as const
    const traced = { run, trace, diagnoses: [diagnosis(10), diagnosis(20)] }
    expect(drawDiagnoses(traced, { ...options, xAxis: 'update' }).traces.map(({ x }) => x)).toEqual([
      [10, 20],
      [10, 20],
    ])
    expect(drawDiagnoses(traced, { ...options, xAxis: 'examples' }).traces[0]?.x).toEqual([320, 640])
  })
})
