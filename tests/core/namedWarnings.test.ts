import { describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { planOf } from '../support/planInfo'

// 40 updates per epoch.
const images = 5120
const warningsOf = (input: RunConfigInput): readonly string[] => planOf(input, images).warnings.map(({ path }) => path)
const multiStep = (milestones: number[], unit: 'epochs' | 'updates') => ({
  type: 'multiStep' as const,
  milestones,
  unit,
})
const batchNormed: RunConfigInput['network'] = { type: 'mlp', hidden: [32], batchNorm: true }

describe('the warnings of a plan', () => {
  it.each<[string, RunConfigInput, string]>([
    [
      'a rate that is scaled twice',
      { learningRate: { scaling: { type: 'linear' } }, optimizer: { type: 'sgd', momentum: 0, reduction: 'sum' } },
      'learningRate.scaling',
    ],
    [
      'a scaling rule that a table ignores',
      { learningRate: { scaling: { type: 'linear' }, schedule: { type: 'points' } } },
      'learningRate.scaling',
    ],
    [
      'noise that is matched twice',
      {
        batchSize: 512,
        learningRate: { scaling: { type: 'squareRoot' } },
        batch: { gradientNoise: { type: 'multiplicative' } },
      },
      'batch.gradientNoise',
    ],
    [
      'a warm-up that is longer than the first phase',
      { learningRate: { warmup: { type: 'gradual', length: 6 }, schedule: multiStep([5, 15], 'epochs') } },
      'learningRate.warmup.length',
    ],
    [
      'a warm-up that is longer than the first phase, in updates',
      {
        learningRate: {
          warmup: { type: 'constant', length: 201, unit: 'updates' },
          schedule: { type: 'step', every: 5 },
        },
      },
      'learningRate.warmup.length',
    ],
    [
      'a warm-up that is as long as the run',
      { learningRate: { warmup: { type: 'gradual', length: 20 } } },
      'learningRate.warmup.length',
    ],
    [
      'milestones beyond the end',
      { learningRate: { schedule: multiStep([10, 30], 'epochs') } },
      'learningRate.schedule.milestones',
    ],
    [
      'milestones beyond the end of the run that regime adaptation stretches',
      {
        batchSize: 256,
        batch: { regimeAdaptation: 'epochs' },
        learningRate: { schedule: multiStep([10, 25], 'epochs') },
      },
      'learningRate.schedule.milestones',
    ],
    [
      'milestones at the end',
      { learningRate: { schedule: multiStep([10, 800], 'updates') } },
      'learningRate.schedule.milestones',
    ],
    [
      'steps that never come',
      { learningRate: { schedule: { type: 'step', every: 30 } } },
      'learningRate.schedule.every',
    ],
    [
      'points beyond the end',
      {
        learningRate: {
          schedule: {
            type: 'points',
            unit: 'epochs',
            points: [
              { at: 0, value: 0.1 },
              { at: 40, value: 0 },
            ],
          },
        },
      },
      'learningRate.schedule.points',
    ],
    [
      'a batch that never grows',
      { batch: { growth: { type: 'milestones', unit: 'epochs', milestones: [5, 20] } } },
      'batch.growth.milestones',
    ],
    [
      'a growing batch beside a falling rate',
      { learningRate: { schedule: multiStep([10], 'epochs') }, batch: { growth: { type: 'milestones', factor: 2 } } },
      'learningRate.schedule',
    ],
    [
      'early stopping before the first drop',
      { earlyStopping: { enabled: true, patience: 9 }, learningRate: { schedule: multiStep([10, 15], 'epochs') } },
      'earlyStopping.patience',
    ],
    ['early stopping that never comes', { earlyStopping: { enabled: true, patience: 20 } }, 'earlyStopping.patience'],
    [
      'momentum that a schedule turns on',
      {
        optimizer: { type: 'sgd', momentum: 0 },
        learningRate: { schedule: { type: 'oneCycle', inverseMomentum: true } },
      },
      'learningRate.schedule.inverseMomentum',
    ],
    [
      'momentum beside summed gradients',
      { optimizer: { type: 'sgd', momentum: 0.9, reduction: 'sum' } },
      'optimizer.momentum',
    ],
    [
      'a correction with nothing to correct',
      { optimizer: { type: 'sgd', momentumCorrection: true } },
      'optimizer.momentumCorrection',
    ],
    ['a batch of one image before a dense layer', { batchSize: 1, network: batchNormed }, 'batchSize'],
    [
      'micro-batches of one image before a dense layer',
      { network: batchNormed, batch: { microBatch: 1 } },
      'batch.microBatch',
    ],
    [
      'a last batch of one image before a dense layer',
      { network: batchNormed, batchSize: 5119, batch: { lastPartial: 'keep' } },
      'batch.lastPartial',
    ],
    ['ghosts that are not alike', { batchSize: 129, batch: { ghostSize: 2 } }, 'batch.ghostSize'],
    ['ghosts of two values', { network: batchNormed, batch: { ghostSize: 2 } }, 'batch.ghostSize'],
    [
      'an average that begins at the end',
      { regularisation: { average: { type: 'swa', start: 1 } } },
      'regularisation.average.start',
    ],
    [
      'workers that stay together',
      { batch: { workers: { type: 'postLocal', switchAt: 1 } } },
      'batch.workers.switchAt',
    ],
    [
      'a fraction that a stretch pushes beyond the end',
      { learningRate: { schedule: { type: 'stretch', factor: 2, schedule: { type: 'multiStep' } } } },
      'learningRate.schedule.schedule.milestones',
    ],
    [
      'momentum that a part of a schedule turns on',
      {
        optimizer: { type: 'sgd', momentum: 0 },
        learningRate: { schedule: { type: 'scale', schedule: { type: 'cyclic', inverseMomentum: true } } },
      },
      'learningRate.schedule.schedule.inverseMomentum',
    ],
    [
      'an early end before a batch grows',
      {
        earlyStopping: { enabled: true, patience: 5 },
        batch: { growth: { type: 'milestones', unit: 'epochs', milestones: [8] } },
      },
      'earlyStopping.patience',
    ],
    [
      'milestones that whole epochs round up to the end',
      { learningRate: { schedule: multiStep([10, 19.5], 'epochs') } },
      'learningRate.schedule.milestones',
    ],
    [
      'a batch that grows with the end',
      { epochs: 10, batch: { growth: { type: 'milestones', milestones: [0.5, 0.95] } } },
      'batch.growth.milestones',
    ],
    ['a warm-up that has nothing to rise to', { learningRate: { warmup: { type: 'gradual' } } }, 'learningRate.warmup'],
    [
      'a warm-up that has nothing to rise to below the reference batch',
      { batchSize: 64, learningRate: { scaling: { type: 'linear' }, warmup: { type: 'constant' } } },
      'learningRate.warmup',
    ],
    [
      'a warm-up from above',
      { learningRate: { warmup: { type: 'gradual', from: 'rate', start: 0.5 } } },
      'learningRate.warmup.start',
    ],
    [
      'a curve that rises to its end',
      { learningRate: { base: 0.001, schedule: { type: 'scale', schedule: { type: 'cosine', minimum: 0.01 } } } },
      'learningRate.schedule.schedule.minimum',
    ],
    [
      'early stopping before the first drop of a table',
      {
        earlyStopping: { enabled: true, patience: 5 },
        learningRate: {
          schedule: {
            type: 'points',
            unit: 'fraction',
            between: 'hold',
            relative: true,
            points: [
              { at: 0, value: 1 },
              { at: 0.5, value: 0.1 },
            ],
          },
        },
      },
      'earlyStopping.patience',
    ],
    [
      'a rate that is scaled by the rule and by the schedule',
      { learningRate: { scaling: { type: 'linear' }, schedule: { type: 'scale' } } },
      'learningRate.schedule',
    ],
    [
      'noise that the linear rule has matched',
      {
        batchSize: 512,
        learningRate: { scaling: { type: 'linear' } },
        batch: { gradientNoise: { type: 'multiplicative' } },
      },
      'batch.gradientNoise',
    ],
    [
      'a scaled momentum that a schedule cycles',
      {
        batchSize: 512,
        learningRate: { scaling: { type: 'momentum' }, schedule: { type: 'cyclic', inverseMomentum: true } },
      },
      'learningRate.scaling',
    ],
    [
      'a scaled momentum beside summed gradients',
      { optimizer: { type: 'sgd', momentum: 0, reduction: 'sum' }, learningRate: { scaling: { type: 'momentum' } } },
      'learningRate.scaling',
    ],
    [
      'a limit on summed gradients',
      { optimizer: { type: 'sgd', momentum: 0, reduction: 'sum', clip: { type: 'norm' } } },
      'optimizer.clip.limit',
    ],
    ['ghosts larger than the batch', { batchSize: 64, batch: { ghostSize: 128 } }, 'batch.ghostSize'],
    [
      "ghosts larger than a worker's part",
      { batch: { ghostSize: 64, workers: { type: 'postLocal', workers: 4 } } },
      'batch.ghostSize',
    ],
    [
      'micro-batches that cut what batch norm sees',
      { network: batchNormed, batch: { microBatch: 32 } },
      'batch.microBatch',
    ],
    [
      'workers with one image each before a dense layer',
      { network: batchNormed, batchSize: 4, batch: { workers: { type: 'postLocal', workers: 4 } } },
      'batch.workers.workers',
    ],
    ['a dense batch of one image', { network: { type: 'keskarC1' }, batch: { denseBatch: 1 } }, 'batch.denseBatch'],
    [
      'workers that are never averaged again',
      { batch: { workers: { type: 'postLocal', switchAt: 0.95, averageEvery: 100 } } },
      'batch.workers.averageEvery',
    ],
    ['gradient noise of a single image', { batchSize: 1, diagnostics: { every: 10 } }, 'diagnostics.gradientNoise'],
    [
      'one limit for two updates',
      { network: { type: 'conv4' }, batch: { denseBatch: 32 }, optimizer: { type: 'sgd', clip: { type: 'norm' } } },
      'optimizer.clip.limit',
    ],
    ['few updates', { epochs: 2, batchSize: 1280 }, 'batchSize'],
  ])('name %s', (_, input, path) => {
    expect(warningsOf(input)).toContain(path)
  })
})
