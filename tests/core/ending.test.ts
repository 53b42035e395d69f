import { describe, expect, it } from 'vitest'
import { divergedMeans, endingOf, explained } from '../../core/ending'
import type { Run } from '../../core/run'

const checkpoint = {
  name: 'last',
  kinds: ['last' as const],
  moment: { update: 1860, epoch: 1, position: 0, examples: 1, seconds: 1 },
  bytes: 1,
  validation: null,
}
const run = (status: Run['status'], message = '', checkpoints: Run['checkpoints'] = [checkpoint]) => ({
  status,
  message,
  checkpoints,
})

describe('what became of a run', () => {
  it('is said once', () => {
    expect(endingOf(run('stopped', 'stopped by hand'))).toEqual({ what: 'was stopped by hand', why: '' })
    expect(explained(run('stopped', 'stopped by hand'))).toBe('')
    expect(explained(run('finished'))).toBe('')
  })

  it('says what happened, what is left and what can be done, each once', () => {
    expect(explained(run('interrupted', 'The trainer was killed. It can go on from update 1860.'))).toBe(
      'The trainer was killed. It can go on from update 1860. Resume goes on from there.',
    )
    expect(explained(run('interrupted', 'The trainer was killed. No checkpoint had been saved.', []))).toBe(
      'The trainer was killed. No checkpoint had been saved.',
    )
    expect(explained(run('interrupted', 'Batchlab ended while this run was in progress'))).toBe(
      'Batchlab ended while this run was in progress. The checkpoint at update 1,860 is safe. Resume goes on ' +
        'from there.',
    )
    expect(explained(run('failed', 'out of memory on the GPU', []))).toBe(
      'Out of memory on the GPU. No checkpoint had been written yet.',
    )
    expect(explained(run('failed', ''))).toBe(
      'The checkpoint at update 1,860 is safe. Fork goes on from it with changed settings.',
    )
  })

  it('says what it means to diverge', () => {
    expect(
      explained(run('diverged', 'The loss became NaN at update 1900; the last checkpoint with finite weights is kept')),
    ).toBe(
      `The loss became NaN at update 1900; the last checkpoint with finite weights is kept. ${divergedMeans} ` +
        'Fork goes on from it with changed settings.',
    )
  })

  it('begins with a capital and ends with a full stop', () => {
    expect(explained(run('earlyStopped', 'no better validation loss for 3 epochs; the best was epoch 2'))).toBe(
      'No better validation loss for 3 epochs; the best was epoch 2.',
    )
  })
})
