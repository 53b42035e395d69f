import { describe, expect, it } from 'vitest'
import { xColumn } from '../../renderer/charts/columns'
import { fakeRun } from './fakeRun'

describe('xColumn', () => {
  it('reaches whole epochs exactly where they ended, and the run’s own counts at the end', () => {
    const traced = fakeRun(1)
    const { run, trace } = traced
    const epochs = xColumn(traced, 'epoch')
    for (const { moment } of run.epochs)
      expect(epochs[trace.update.indexOf(moment.update)]).toBeCloseTo(moment.epoch, 9)
    expect(xColumn(traced, 'examples').at(-1)).toBe(run.moment.examples)
    expect(xColumn(traced, 'update')).toBe(trace.update)
  })

  it('counts what a fork’s parent had already seen', () => {
    const { run, trace } = fakeRun(1)
    const at = run.epochs[1]!.moment
    const later = Object.fromEntries(
      Object.entries(trace).map(([name, values]) => [name, (values as number[]).slice(at.update)]),
    ) as unknown as typeof trace
    const fork = { run: { ...run, epochs: run.epochs.slice(2) }, trace: later }
    expect(xColumn(fork, 'examples')[0]).toBe(at.examples + 32)
    expect(xColumn(fork, 'epoch')[0]).toBeCloseTo(2 + 1 / 35, 6)
  })

  it('follows a trace that grows in place', () => {
    const traced = fakeRun(3, {}, { done: 0.5, status: 'paused' })
    const before = xColumn(traced, 'epoch').length
    traced.trace.update.push(traced.trace.update.at(-1)! + 1)
    expect(xColumn(traced, 'epoch')).toHaveLength(before + 1)
  })
})
