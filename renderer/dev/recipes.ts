import type { RunConfigInput } from '../../core/config/config'
import type { Recipe } from './fakeRuns'

const cifar = (batchSize: number, more: RunConfigInput = {}): RunConfigInput => ({
  data: {
    source: { type: 'cifar10', path: '/home/kim/data/cifar-10-binary.tar.gz' },
    augmentation: { pad: 4, flip: true },
  },
  network: { type: 'resnet', depth: 8 },
  batchSize,
  epochs: 24,
  learningRate: {
    base: 0.1,
    referenceBatch: 128,
    scaling: { type: 'linear' },
    schedule: { type: 'multiStep' },
    warmup: { type: 'gradual', length: 3 },
  },
  optimizer: { type: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  ...more,
})
const digits = (more: RunConfigInput = {}): RunConfigInput => ({
  network: { type: 'lenet' },
  epochs: 20,
  batchSize: 32,
  learningRate: { base: 0.05 },
  ...more,
})

const longWords = 'a very long name that goes on and on '.repeat(6)
export const hostileName = `<img src=x onerror=alert(1)> & ../../../etc/passwd — ${longWords}🦓🧪`

/** A small library with every state a run can be in. */
export const recipes: readonly Recipe[] = [
  {
    config: cifar(128, { name: 'Exp3 config1' }),
    status: 'finished',
    done: 1,
    finalAccuracy: 0.882,
    secondsPerEpoch: 51.4,
    hoursAgo: 24 * 40,
    tags: ['exp3', 'baseline'],
    starred: true,
  },
  {
    config: cifar(256, { name: 'Exp3 config2' }),
    status: 'finished',
    done: 1,
    finalAccuracy: 0.885,
    secondsPerEpoch: 48.3,
    hoursAgo: 24 * 39,
    tags: ['exp3'],
  },
  {
    config: cifar(512, { name: 'Exp3 config3' }),
    status: 'finished',
    done: 1,
    finalAccuracy: 0.884,
    secondsPerEpoch: 40.8,
    hoursAgo: 24 * 38,
    tags: ['exp3'],
  },
  {
    config: cifar(2048, { name: 'Exp3 config5' }),
    status: 'finished',
    done: 1,
    finalAccuracy: 0.813,
    secondsPerEpoch: 39.2,
    hoursAgo: 24 * 37,
    tags: ['exp3'],
  },
  {
    config: cifar(4096, { name: 'Exp3 config6' }),
    status: 'earlyStopped',
    done: 0.8,
    finalAccuracy: 0.79,
    secondsPerEpoch: 34,
    hoursAgo: 24 * 36,
    tags: ['exp3'],
    message: 'No better validation accuracy for 5 epochs; the best was epoch 14',
  },
  {
    config: cifar(64, { name: hostileName }),
    status: 'stopped',
    done: 0.4,
    finalAccuracy: 0.87,
    secondsPerEpoch: 55,
    hoursAgo: 50,
    tags: ['<b>bold</b>'],
  },
  {
    config: cifar(8, { name: 'batch 8, rate too high', learningRate: { base: 1, referenceBatch: 8 }, epochs: 1 }),
    status: 'diverged',
    done: 0.2,
    finalAccuracy: 0.1,
    secondsPerEpoch: 90,
    hoursAgo: 30,
    message: 'The loss was not finite at update 1,000; the last finite checkpoint is at update 950',
  },
  {
    config: cifar(1024, { name: 'Exp3 config4' }),
    status: 'interrupted',
    done: 0.55,
    finalAccuracy: 0.8818,
    secondsPerEpoch: 40.8,
    hoursAgo: 26,
    tags: ['exp3'],
    message: 'The machine went down while it was training; nothing before update 860 is lost',
  },
  {
    config: cifar(32, { network: { type: 'wideResnet', depth: 16, width: 4 } }),
    status: 'failed',
    done: 0.05,
    finalAccuracy: 0.5,
    secondsPerEpoch: 400,
    hoursAgo: 22,
    message: 'Out of memory on the GPU: 23.6 GiB wanted, 8 GiB there. A micro-batch of 16 would fit',
  },
  { config: digits(), status: 'finished', done: 1, finalAccuracy: 0.985, secondsPerEpoch: 0.43, hoursAgo: 5 },
  {
    config: digits({ name: 'digits, another split', batchSize: 128, data: { splitSeed: 1 } }),
    status: 'finished',
    done: 1,
    finalAccuracy: 0.972,
    secondsPerEpoch: 0.31,
    hoursAgo: 4.5,
  },
  {
    config: digits({ batchSize: 512, learningRate: { base: 0.2 } }),
    status: 'paused',
    done: 0.5,
    finalAccuracy: 0.91,
    secondsPerEpoch: 0.3,
    hoursAgo: 3,
  },
  {
    config: digits({ name: 'digits, live', batchSize: 16, epochs: 60, diagnostics: { every: 20 } }),
    status: 'running',
    done: 0.3,
    finalAccuracy: 0.987,
    secondsPerEpoch: 6,
    hoursAgo: 0.05,
  },
  {
    config: digits({ name: 'next in line', seed: 2 }),
    status: 'queued',
    done: 0,
    finalAccuracy: 0.98,
    secondsPerEpoch: 0.5,
    hoursAgo: 0.01,
  },
]

/** Long runs, for trying the charts: 50,050 updates each. */
export const longRecipes = (count: number): readonly Recipe[] =>
  Array.from({ length: count }, (_, index): Recipe => ({
    config: digits({ name: `long ${index}`, epochs: 1430, seed: index }),
    status: 'stopped',
    done: 1,
    finalAccuracy: 0.8 + index / 150,
    secondsPerEpoch: 1,
    hoursAgo: index / 1000,
  }))

/** A library of any size, for trying the table. */
export const manyRecipes = (count: number): readonly Recipe[] =>
  Array.from({ length: count }, (_, index): Recipe => ({
    config: digits({
      name: `sweep ${index}`,
      batchSize: 2 ** (3 + (index % 6)),
      seed: index,
      epochs: 3,
      learningRate: { base: [0.01, 0.02, 0.05, 0.1][index % 4] ?? 0.1 },
    }),
    status: 'finished',
    done: 1,
    finalAccuracy: 0.9 + (index % 97) / 1000,
    secondsPerEpoch: 0.3 + (index % 13) / 10,
    hoursAgo: 30 + index,
    tags: [`sweep${index % 5}`],
  }))
