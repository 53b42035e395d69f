import { beforeAll, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Learner, LearnerState, UpdateResult } from '../../main/trainer/learner'
import { createLearner } from '../../main/trainer/openLearner'
import { batchOf, configOf, facts, stripes } from './setups'
import { describeTensorflow } from './tensorflow'

let engine: Engine
beforeAll(async () => { engine = await openEngine('tensorflow', {}) })

type Rates = Parameters<Learner['update']>[1]
const rates = (update: number): Rates => ({ learningRate: 0.05 / (1 + update), momentum: 0.9 - 0.01 * update })

const learnerOf = (input: RunConfigInput, capture: 'auto' | 'off'): Learner =>
  createLearner(engine, configOf({ ...input, engine: { backend: 'tensorflow', capture } }), { ...facts, counts: { train: 52, validation: 10, test: 7 } })

/** Updates on shifted batches of the stripes; the last of each five is the partial one. */
function train(learner: Learner, from: number, to: number, partial = 4): UpdateResult[] {
  return Array.from({ length: to - from }, (_, i) => {
    const update = from + i
    return learner.update(batchOf(stripes(48, update), update % 5 === 4 ? partial : 12, update), rates(update))
  })
}

const bits = (state: LearnerState): string[] => [...state].map(([name, { shape, data }]) => `${name} [${shape.join()}] ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`)

/** The largest difference of two states, for messages of tests that fail. */
function differences(a: LearnerState, b: LearnerState): string[] {
  return [...a].flatMap(([name, { data }]) => {
    const other = b.get(name)?.data ?? []
    const largest = data.reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] ?? NaN))), 0)
    return largest === 0 ? [] : [`${name}: ${largest.toExponential(1)}`]
  })
}

const cases: readonly (readonly [string, RunConfigInput])[] = [
  ['an MLP', { network: { type: 'mlp', hidden: [7, 5] } }],
  ['an MLP with batch norm', { network: { type: 'mlp', hidden: [7, 5], batchNorm: true } }],
  ['LeNet with momentum', { network: { type: 'lenet' }, optimizer: { type: 'sgd', momentum: 0.9 } }],
  ['conv4 with Nesterov and coupled decay', { network: { type: 'conv4' }, optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-3 } }],
  ['conv4 with batch norm, clipped by norm', { network: { type: 'conv4', batchNorm: true }, optimizer: { type: 'sgd', clip: { type: 'norm', limit: 0.5 } } }],
  ['LeNet with decoupled decay, clipped by value', { network: { type: 'lenet' }, optimizer: { type: 'sgd', weightDecay: 1e-2, decay: 'decoupled', clip: { type: 'value', limit: 1e-3 } } }],
  ['LeNet without momentum', { network: { type: 'lenet' }, optimizer: { type: 'sgd', momentum: 0 } }],
  ['a tiny CNN with the rate inside', { network: { type: 'tinyCnn' }, optimizer: { type: 'sgd', momentum: 0.9, rate: 'inside', reduction: 'sum' } }],
  ['LeNet with momentum correction', { network: { type: 'lenet' }, optimizer: { type: 'sgd', rate: 'inside', momentumCorrection: true } }],
  ['LeNet with LARS', { network: { type: 'lenet' }, optimizer: { type: 'lars' } }],
  ['LeNet with LAMB', { network: { type: 'lenet' }, optimizer: { type: 'lamb' } }],
  ['LeNet with Adam', { network: { type: 'lenet' }, optimizer: { type: 'adam', weightDecay: 1e-3 } }],
  ['LeNet with AdamW, clipped adaptively', { network: { type: 'lenet' }, optimizer: { type: 'adamw', clip: { type: 'adaptive' } } }],
  ['C1 of Keskar with its dropout layers', { network: { type: 'keskarC1' } }],
  ['ResNet-8', { network: { type: 'resnet', depth: 8 } }],
  ['ResNet-8 with projections and ghosts', { network: { type: 'resnet', depth: 8, shortcut: 'projection' }, batch: { ghostSize: 4 } }],
  ['ResNet-8 with ghosts, micro-batches and dropout', { network: { type: 'resnet', depth: 8 }, batch: { ghostSize: 2, microBatch: 6 }, networkOptions: { dropout: 0.3 } }],
  ['a wide ResNet', { network: { type: 'wideResnet', depth: 10, width: 1 } }],
  ['ResNet-9', { network: { type: 'resnet9' } }],
]

describeTensorflow('the captured step', () => {
  it.each(cases)('computes the bits of the eager step: %s', { timeout: 120_000 }, (_, input) => {
    const eager = learnerOf(input, 'off')
    const captured = learnerOf(input, 'auto')
    expect(eager.engine.captured).toBe(false)
    expect(captured.engine).toMatchObject({ captured: true, note: '' })
    expect(bits(captured.read())).toEqual(bits(eager.read()))
    const [expected, found] = [train(eager, 0, 20), train(captured, 0, 20)]
    expect(differences(captured.read(), eager.read())).toEqual([])
    expect(found).toEqual(expected)
    expect(captured.evaluate(stripes(10, 99))).toEqual(eager.evaluate(stripes(10, 99)))
    eager.dispose()
    captured.dispose()
  })
})
