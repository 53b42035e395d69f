import { describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { planOf } from './planFacts'

// 40 updates per epoch.
const images = 5120
const warningsOf = (input: RunConfigInput): readonly string[] => planOf(input, images).warnings.map(({ path }) => path)
const multiStep = (milestones: number[], unit: 'epochs' | 'updates') => ({ type: 'multiStep' as const, milestones, unit })
const batchNormed: RunConfigInput['network'] = { type: 'mlp', hidden: [32], batchNorm: true }

describe('the warnings of a plan', () => {
  it('are none for the defaults', () => {
    expect(warningsOf({})).toEqual([])
    expect(warningsOf({ learningRate: { scaling: { type: 'linear' }, warmup: { type: 'gradual' }, schedule: multiStep([10, 15], 'epochs') }, batchSize: 512, earlyStopping: { enabled: true, patience: 12 } })).toEqual([])
  })

  it.each<[string, RunConfigInput, string]>([
    ['a rate that is scaled twice', { learningRate: { scaling: { type: 'linear' } }, optimizer: { type: 'sgd', momentum: 0, reduction: 'sum' } }, 'learningRate.scaling'],
    ['a scaling rule that a table ignores', { learningRate: { scaling: { type: 'linear' }, schedule: { type: 'points' } } }, 'learningRate.scaling'],
    ['noise that is matched twice', { batchSize: 512, learningRate: { scaling: { type: 'squareRoot' } }, batch: { gradientNoise: { type: 'multiplicative' } } }, 'batch.gradientNoise'],
    ['a warm-up that is longer than the first phase', { learningRate: { warmup: { type: 'gradual', length: 6 }, schedule: multiStep([5, 15], 'epochs') } }, 'learningRate.warmup.length'],
    ['a warm-up that is longer than the first phase, in updates', { learningRate: { warmup: { type: 'constant', length: 201, unit: 'updates' }, schedule: { type: 'step', every: 5 } } }, 'learningRate.warmup.length'],
    ['a warm-up that is as long as the run', { learningRate: { warmup: { type: 'gradual', length: 20 } } }, 'learningRate.warmup.length'],
    ['milestones beyond the end', { learningRate: { schedule: multiStep([10, 30], 'epochs') } }, 'learningRate.schedule.milestones'],
    ['milestones at the end', { learningRate: { schedule: multiStep([10, 800], 'updates') } }, 'learningRate.schedule.milestones'],
    ['steps that never come', { learningRate: { schedule: { type: 'step', every: 30 } } }, 'learningRate.schedule.every'],
    ['points beyond the end', { learningRate: { schedule: { type: 'points', unit: 'epochs', points: [{ at: 0, value: 0.1 }, { at: 40, value: 0 }] } } }, 'learningRate.schedule.points'],
    ['a batch that never grows', { batch: { growth: { type: 'milestones', unit: 'epochs', milestones: [5, 20] } } }, 'batch.growth.milestones'],
    ['a growing batch beside a falling rate', { learningRate: { schedule: multiStep([10], 'epochs') }, batch: { growth: { type: 'milestones', factor: 2 } } }, 'learningRate.schedule'],
    ['early stopping before the first drop', { earlyStopping: { enabled: true, patience: 9 }, learningRate: { schedule: multiStep([10, 15], 'epochs') } }, 'earlyStopping.patience'],
    ['early stopping that never comes', { earlyStopping: { enabled: true, patience: 20 } }, 'earlyStopping.patience'],
    ['momentum that a schedule turns on', { optimizer: { type: 'sgd', momentum: 0 }, learningRate: { schedule: { type: 'oneCycle', inverseMomentum: true } } }, 'learningRate.schedule.inverseMomentum'],
    ['momentum beside summed gradients', { optimizer: { type: 'sgd', momentum: 0.9, reduction: 'sum' } }, 'optimizer.momentum'],
    ['a correction with nothing to correct', { optimizer: { type: 'sgd', momentumCorrection: true } }, 'optimizer.momentumCorrection'],
    ['a batch of one image before a dense layer', { batchSize: 1, network: batchNormed }, 'batchSize'],
    ['micro-batches of one image before a dense layer', { network: batchNormed, batch: { microBatch: 1 } }, 'batch.microBatch'],
    ['a last batch of one image before a dense layer', { network: batchNormed, batchSize: 5119, batch: { lastPartial: 'keep' } }, 'batch.lastPartial'],
    ['ghosts that are not alike', { batchSize: 129, batch: { ghostSize: 2 } }, 'batch.ghostSize'],
    ['ghosts of two values', { network: batchNormed, batch: { ghostSize: 2 } }, 'batch.ghostSize'],
    ['an average that begins at the end', { regularisation: { average: { type: 'swa', start: 1 } } }, 'regularisation.average.start'],
    ['workers that stay together', { batch: { workers: { type: 'postLocal', switchAt: 1 } } }, 'batch.workers.switchAt'],
    ['few updates', { epochs: 2, batchSize: 1280 }, 'batchSize'],
  ])('name %s', (_, input, path) => {
    expect(warningsOf(input)).toContain(path)
  })

  it.each<[string, RunConfigInput]>([
    ['ghosts of one image in convolutions', { batchSize: 1, network: { type: 'conv4', batchNorm: true } }],
    ['a warm-up that ends with the first phase', { learningRate: { warmup: { type: 'gradual', length: 5 }, schedule: multiStep([5, 15], 'epochs') } }],
    ['patience that reaches the first drop', { earlyStopping: { enabled: true, patience: 10 }, learningRate: { schedule: multiStep([10, 15], 'epochs') } }],
    ['summed gradients without momentum', { optimizer: { type: 'sgd', momentum: 0, reduction: 'sum' } }],
    ['a cycled momentum where there is one', { learningRate: { schedule: { type: 'oneCycle', inverseMomentum: true } } }],
    ['scaling with Adam\'s mean', { batchSize: 512, learningRate: { scaling: { type: 'linear' } }, optimizer: { type: 'adamw' } }],
  ])('are silent about %s', (_, input) => {
    expect(warningsOf(input)).toEqual([])
  })
})
