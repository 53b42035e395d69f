import { describe, expect, it } from 'vitest'
import { RunConfig } from '../../core/config/config'
import type { Run } from '../../core/run'
import { newRun } from '../../core/run'
import { notificationOf } from '../../main/electron/notification'

const run = (name: string, more: Partial<Run>): Run => ({
  ...newRun(
    'run000000001',
    '2026-01-01T00:00:00Z',
    RunConfig.parse({ name, network: { type: 'lenet' }, batchSize: 32, learningRate: { base: 0.1 } }),
    { type: 'new' },
  ),
  ...more,
})

describe('a notification', () => {
  it('calls a run by its name, or by its settings', () => {
    expect(notificationOf(run('Baseline', { status: 'finished' }))).toEqual({ title: '“Baseline” finished', body: '' })
    expect(notificationOf(run('', { status: 'finished' }))).toEqual({
      title: '“LeNet-5 · Digits · B 32 · η 0.1” finished',
      body: '',
    })
  })

  it('says why once, as a sentence', () => {
    expect(notificationOf(run('x', { status: 'stopped', message: 'stopped by hand' }))).toEqual({
      title: '“x” was stopped by hand',
      body: '',
    })
    expect(
      notificationOf(
        run('x', { status: 'earlyStopped', message: 'no better validation loss for 3 epochs; the best was epoch 2' }),
      ),
    ).toEqual({ title: '“x” was stopped early', body: 'No better validation loss for 3 epochs; the best was epoch 2.' })
  })

  it('says of a pause that nobody asked for what forced it', () => {
    expect(
      notificationOf(
        run('x', { status: 'paused', message: 'The engine ran out of memory. Set the micro-batch to 16.' }),
      ),
    ).toEqual({ title: '“x” is paused', body: 'The engine ran out of memory. Set the micro-batch to 16.' })
  })

  it('is not given while there is more to come', () => {
    for (const status of ['queued', 'running', 'paused'] as const)
      expect(notificationOf(run('x', { status }))).toBeNull()
  })
})
