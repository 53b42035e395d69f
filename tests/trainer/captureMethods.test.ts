import { beforeAll, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Learner, LearnerState } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { batchOf, configOf, info, stripes } from './setups'
import { describeTensorflow } from './tensorflow'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('tensorflow', {})
})

const learnerOf = (input: RunConfigInput, capture: 'auto' | 'off'): Learner =>
  createLearner(engine, configOf({ ...input, engine: { backend: 'tensorflow', capture } }), {
    ...info,
    counts: { train: 48, validation: 10, test: 7 },
  })

const bits = (state: LearnerState): string[] =>
  [...state].map(
    ([name, { data }]) => `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`,
  )

const lenet = { network: { type: 'lenet' } } as const
const cases: readonly (readonly [string, RunConfigInput])[] = [
  [
    'label smoothing, mixup, noise and a moving average',
    {
      ...lenet,
      learningRate: { referenceBatch: 4 },
      regularisation: { labelSmoothing: 0.1, mixup: 0.4, average: { type: 'ema', decay: 0.9 } },
      batch: { gradientNoise: { type: 'multiplicative' } },
    },
  ],
  [
    'the same in micro-batches with ghosts',
    {
      network: { type: 'mlp', hidden: [9], batchNorm: true },
      learningRate: { referenceBatch: 4 },
      regularisation: { labelSmoothing: 0.1, mixup: 0.4 },
      batch: { gradientNoise: { type: 'multiplicative' }, microBatch: 6, ghostSize: 3 },
    },
  ],
  [
    'a smaller batch of the dense layers',
    {
      network: { type: 'keskarC1' },
      batch: { denseBatch: 4, ghostSize: 6 },
      regularisation: { average: { type: 'ema' } },
    },
  ],
  [
    'dense layers with a batch of their own, corrected and clipped adaptively',
    {
      ...lenet,
      batch: { denseBatch: 4 },
      optimizer: { type: 'sgd', rate: 'inside', momentumCorrection: true, clip: { type: 'adaptive' } },
    },
  ],
  [
    'a joined cycle of momentum',
    {
      ...lenet,
      optimizer: { type: 'sgd', momentum: 0, nesterov: true },
      learningRate: { schedule: { type: 'join', parts: [{ schedule: { type: 'cyclic', inverseMomentum: true } }] } },
    },
  ],
  ['batch norm over the whole batch', { network: { type: 'tinyCnn' } }],
  [
    'simulated workers',
    { network: { type: 'mlp', hidden: [9], batchNorm: true }, batch: { workers: { type: 'postLocal', workers: 3 } } },
  ],
  ['six simulated workers', { ...lenet, batch: { workers: { type: 'postLocal', workers: 6 } } }],
]

describeTensorflow('the captured step of a method', () => {
  it.each(cases)('computes the bits of the eager step: %s', { timeout: 120_000 }, (_, input) => {
    const [eager, captured] = [learnerOf(input, 'off'), learnerOf(input, 'auto')]
    expect(captured.engine).toMatchObject({ captured: true, note: '' })
    for (let update = 0; update < 6; update++) {
      const batch = batchOf(stripes(48, update), 12, update)
      const rates = {
        learningRate: 0.05,
        momentum: 0.9,
        momentumCorrection: 1 + update / 5,
        averageWorkers: update % 3 === 0,
      }
      expect(captured.update(batch, rates)).toEqual(eager.update(batch, rates))
    }
    const last = batchOf(stripes(48, 9), 12, 9)
    expect(captured.measure(last, { learningRate: 0.05, momentum: 0.9 })).toEqual(
      eager.measure(last, { learningRate: 0.05, momentum: 0.9 }),
    )
    expect(captured.reestimate(stripes(30, 8))).toEqual(eager.reestimate(stripes(30, 8)))
    expect(bits(captured.read())).toEqual(bits(eager.read()))
    eager.dispose()
    captured.dispose()
  })
})
