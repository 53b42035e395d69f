import { beforeAll, describe, expect, it } from 'vitest'
import { isOneThreadEach } from '../../core/engineEnvironment'
import type { RunConfigInput } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { CapturableBackend } from '../../main/trainer/capture/binding'
import { capturePass } from '../../main/trainer/capture/capturePass'
import { parallelPartsOf } from '../../main/trainer/learner/parallelParts'
import { programOf } from '../../main/trainer/learner/program'
import type { LearnerState } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { distance } from './reference'
import { batchOf, configOf, info, stripes } from './setups'
import { describeTensorflow } from './tensorflow'

const cifar: DatasetInfo = {
  ...info,
  shape: [32, 32, 3],
  classes: Array.from('0123456789'),
  counts: { train: 40_000, validation: 0, test: 0 },
}
const parallelParts = (input: RunConfigInput, of = cifar): ReturnType<typeof parallelPartsOf> =>
  parallelPartsOf(configOf(input), of)

describe('parallel parts', () => {
  it('cut a network without batch norm anywhere', () => {
    const { pieces, possible } = parallelParts({ network: { type: 'conv4' }, batchSize: 32 })
    expect(pieces(32, 2)).toEqual([[16], [16]])
    expect(pieces(31, 3)).toEqual([[11], [10], [10]])
    expect(pieces(32, 1)).toEqual([[32]])
    expect(possible).toBeGreaterThanOrEqual(4)
  })

  it('cut a network with batch norm between ghosts only', () => {
    const { pieces, possible } = parallelParts({
      network: { type: 'resnet' },
      batchSize: 160,
      batch: { ghostSize: 32 },
    })
    expect(pieces(160, 2)).toEqual([
      [32, 32, 32],
      [32, 32],
    ])
    expect(possible).toBe(5)
    const whole = parallelParts({ network: { type: 'resnet' }, batchSize: 160 })
    expect(whole.pieces(160, 4)).toEqual([[160]])
    expect(whole.possible).toBe(1)
  })

  it('leave alone what has more weights than work, and what is cut to save memory', () => {
    expect(parallelParts({ network: { type: 'mlp', hidden: [512, 256] }, batchSize: 128 }).possible).toBe(1)
    expect(parallelParts({ network: { type: 'conv4' }, batchSize: 128, batch: { microBatch: 32 } }).possible).toBe(1)
  })

  it('know the work of an operation', () => {
    // conv1 … conv4 and the classifier, multiply-adds per image.
    const work = 9 * 3 * 32 * 1024 + 9 * 32 * 32 * 1024 + 9 * 32 * 64 * 256 + 9 * 64 * 64 * 256 + 4096 * 10
    expect(parallelParts({ network: { type: 'conv4' }, batchSize: 8 }).operation).toBe((8 * work) / 5)
  })
})

describe('threads', () => {
  it('are one for each operation where these are small or an update can be cut, and all for one elsewhere', () => {
    expect(isOneThreadEach({ operation: 1e6, possible: 1 }, 2)).toBe(true)
    expect(isOneThreadEach({ operation: 1e9, possible: 1 }, 2)).toBe(false)
    expect(isOneThreadEach({ operation: 1e9, possible: 2 }, 2)).toBe(true)
    expect(isOneThreadEach({ operation: 1e9, possible: 2 }, 16)).toBe(false)
    // With more threads sharing pays earlier.
    expect(isOneThreadEach({ operation: 100e6, possible: 1 }, 2)).toBe(true)
    expect(isOneThreadEach({ operation: 100e6, possible: 1 }, 4)).toBe(false)
    expect(isOneThreadEach({ operation: 30e6, possible: 1 }, 4)).toBe(true)
    expect(isOneThreadEach({ operation: 30e6, possible: 1 }, 16)).toBe(false)
  })
})

describeTensorflow('an update in parallel parts', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine('tensorflow', {})
  })

  const batch = 280
  const counts = { train: 300, validation: 0, test: 0 }
  const train = (
    input: RunConfigInput,
    count: number,
    capture: 'auto' | 'off',
  ): { readonly losses: readonly number[]; readonly state: LearnerState } => {
    const learner = createLearner(
      { ...engine, parallelParts: count },
      configOf({ ...input, batchSize: batch, engine: { backend: 'tensorflow', capture } }),
      { ...info, counts },
    )
    const losses = Array.from(
      { length: 6 },
      (_, update) =>
        learner.update(batchOf(stripes(batch, update), batch, update), { learningRate: 0.05, momentum: 0.9 }).loss,
    )
    const state = learner.read()
    learner.dispose()
    return { losses, state }
  }

  it.each<[string, RunConfigInput]>([
    [
      'anywhere',
      {
        network: { type: 'conv4' },
        networkOptions: { dropout: 0.3 },
        optimizer: { type: 'sgd', clip: { type: 'norm', limit: 1 } },
      },
    ],
    ['between ghosts', { network: { type: 'resnet', depth: 8 }, batch: { ghostSize: 40 } }],
  ])(
    'is the same update, cut %s, and its captured form has the bits of its eager form',
    { timeout: 60_000 },
    (_, input) => {
      expect(
        parallelPartsOf(configOf({ ...input, batchSize: batch }), { ...info, counts }).pieces(batch, 3),
      ).toHaveLength(3)
      const [whole, cut, captured] = [train(input, 1, 'off'), train(input, 3, 'off'), train(input, 3, 'auto')]
      expect(captured).toEqual(cut)
      for (const [name, { data }] of whole.state)
        expect(distance(cut.state.get(name)!.data, data), name).toBeLessThan(1e-4)
      expect(distance(cut.losses, whole.losses)).toBeLessThan(1e-5)
      expect(cut.state).not.toEqual(whole.state)
    },
  )

  it.each<[string, number, RunConfigInput]>([
    ['in parts', 3 * 7, { network: { type: 'resnet', depth: 8 } }],
    ['of micro-batches in parts', 3 * 3 * 7, { network: { type: 'resnet', depth: 8 }, batch: { microBatch: 100 } }],
    ['once in each parallel part', 3 * 7, { network: { type: 'resnet', depth: 8 }, batch: { ghostSize: 40 } }],
  ])(
    'computes the convolutions %s, so that no thread is without work',
    { timeout: 60_000 },
    (_, convolutions, input) => {
      const program = programOf({ ...engine, parallelParts: 3 }, configOf({ ...input, batchSize: batch }), {
        ...info,
        counts,
      })
      const { recording } = capturePass(engine.native as unknown as CapturableBackend, program, {
        type: 'update',
        count: batch,
      })
      expect(recording.operations.filter(({ operation }) => operation === 'Conv2D')).toHaveLength(convolutions)
      const [whole, cut, captured] = [train(input, 1, 'off'), train(input, 3, 'off'), train(input, 3, 'auto')]
      expect(captured).toEqual(cut)
      for (const [name, { data }] of whole.state)
        expect(distance(cut.state.get(name)!.data, data), name).toBeLessThan(1e-4)
    },
  )
})
