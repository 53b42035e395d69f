import { describe, expect, it } from 'vitest'
import { bestCheckpoint, bestCheckpoints, bestEpoch, newestCheckpoints } from '../../core/best'
import type { Monitor } from '../../core/config/stopping'
import type { Checkpoint, Epoch } from '../../core/events'
import { start } from '../../core/moment'

const score = (accuracy: number, loss: number | null = 1) => ({ accuracy, loss, images: 100 })
const checkpoint = (
  name: string,
  kind: Checkpoint['kinds'][number],
  epoch: number,
  accuracy: number | null,
  { position = 0, loss = 1 } = {},
): Checkpoint => ({
  name,
  kinds: [kind],
  moment: { ...start, update: 10 * epoch + position, epoch, position },
  bytes: 1,
  validation: accuracy === null ? null : score(accuracy, loss),
})
const runOf = (checkpoints: readonly Checkpoint[], monitor: Monitor = 'validationAccuracy') => ({
  config: { earlyStopping: { monitor } },
  checkpoints,
})
const names = (checkpoints: readonly Checkpoint[]) => checkpoints.map(({ name }) => name)

describe('the checkpoint that stands for a run', () => {
  // As `keepBest` 3 saves them: in the order of the epochs.
  const three = [
    checkpoint('best-00002', 'best', 2, 0.9),
    checkpoint('best-00004', 'best', 4, 0.95),
    checkpoint('last', 'last', 6, 0.8),
    checkpoint('best-00005', 'best', 5, 0.92),
  ]

  it('is the best by validation, not the last that was saved as one of the best', () => {
    expect(bestCheckpoint(runOf(three))?.name).toBe('best-00004')
    expect(names(bestCheckpoints(runOf(three)))).toEqual(['best-00004', 'best-00005', 'best-00002', 'last'])
  })

  it('follows the metric that the run watches', () => {
    const both = [
      checkpoint('best-00001', 'best', 1, 0.9, { loss: 2 }),
      checkpoint('best-00002', 'best', 2, 0.8, { loss: 0.5 }),
    ]
    expect(bestCheckpoint(runOf(both))?.name).toBe('best-00001')
    expect(bestCheckpoint(runOf(both, 'validationLoss'))?.name).toBe('best-00002')
  })

  it('is the earlier of equals, under the name that says so', () => {
    const equal = [
      checkpoint('last', 'last', 3, 0.9),
      checkpoint('epoch-00002', 'periodic', 2, 0.9),
      checkpoint('best-00002', 'best', 2, 0.9),
    ]
    expect(names(bestCheckpoints(runOf(equal)))).toEqual(['best-00002', 'epoch-00002', 'last'])
  })

  it('is none whose score is that of the epoch before', () => {
    expect(
      bestCheckpoint(runOf([checkpoint('manual-00000027', 'manual', 2, 0.99, { position: 7 }), ...three]))?.name,
    ).toBe('best-00004')
  })

  it('is the final or the last one where nothing was validated', () => {
    const unjudged = [
      checkpoint('manual-1', 'manual', 1, null),
      checkpoint('last', 'last', 3, null),
      checkpoint('final', 'final', 3, null),
    ]
    expect(bestCheckpoint(runOf(unjudged))?.name).toBe('final')
    expect(bestCheckpoint(runOf(unjudged.slice(0, 2)))?.name).toBe('last')
    expect(bestCheckpoint(runOf([]))).toBeUndefined()
  })
})

it('checkpoints to go on from are the newest first, the last before its copies', () => {
  const all = [
    checkpoint('final', 'final', 3, 0.5),
    checkpoint('best-00003', 'best', 3, 0.5),
    checkpoint('last', 'last', 3, 0.5),
    checkpoint('best-00001', 'best', 1, 0.5),
  ]
  const runAt = (update: number) => ({ checkpoints: all, moment: { ...start, update } })
  expect(names(newestCheckpoints(runAt(30)))).toEqual(['last', 'final', 'best-00003', 'best-00001'])
  // A trainer that began before a checkpoint took back what was recorded up to it.
  expect(names(newestCheckpoints(runAt(29)))).toEqual(['best-00001', 'last', 'final', 'best-00003'])
})

describe('the best epoch', () => {
  const epoch = (accuracy: number | null, loss: number | null = 1): Epoch => ({
    epoch: 1,
    moment: start,
    train: score(0.5),
    validation: accuracy === null ? null : score(accuracy, loss),
    learningRate: 0.1,
    batchSize: 8,
    seconds: 1,
    distance: null,
  })
  const best = (epochs: readonly Epoch[], monitor?: Monitor) =>
    epochs.indexOf(bestEpoch({ epochs: [...epochs] }, monitor)!)

  it('is the first with the best value, and none where nothing was measured', () => {
    expect(best([epoch(0.5), epoch(null), epoch(0.9), epoch(0.9), epoch(0.1)])).toBe(2)
    expect(best([epoch(0.5, null), epoch(0.4, 0.2), epoch(0.3, 0.2)], 'validationLoss')).toBe(1)
    expect(best([epoch(null)])).toBe(-1)
    expect(best([])).toBe(-1)
  })
})
