import type { RunConfigInput } from '../../core/config/config'
import { cifar10, heldOut, smallData } from './data'
import type { Preset, PresetConfig, ReferenceNumber } from './preset'

const [local, workers] = [128, 16]
const large = local * workers

const one = (
  name: string,
  title: string,
  batchSize: number,
  more: { readonly base?: number; readonly batch?: RunConfigInput['batch'] } = {},
): PresetConfig => ({
  name,
  title,
  config: {
    data: cifar10,
    network: { type: 'resnet', depth: 20 },
    batchSize,
    epochs: 300,
    batch: more.batch ?? {},
    learningRate: {
      base: 0.1,
      referenceBatch: more.base ?? local,
      scaling: { type: 'linear' },
      schedule: { type: 'multiStep', factor: 0.1, milestones: [0.5, 0.75], unit: 'fraction' },
      warmup: batchSize > local ? { type: 'gradual', length: 5, unit: 'epochs', from: 'unscaled' } : { type: 'none' },
    },
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
  },
})

const post = (name: string, averageEvery: number, base = local): PresetConfig =>
  one(name, `Post-local SGD, H = ${averageEvery}${base === local ? '' : ', rate 3.2'}`, large, {
    base,
    batch: { workers: { type: 'postLocal', workers, averageEvery, switchAt: 0.5 } },
  })

const accuracy = (label: string, value: number, config?: string, spread?: number): ReferenceNumber => ({
  label,
  quantity: 'accuracy',
  value,
  split: 'test',
  evidence: 'recalled, not re-verified',
  ...(config === undefined ? {} : { config }),
  ...(spread === undefined ? {} : { spread }),
})

const other = (network: string, values: readonly [number, number, number, number]): ReferenceNumber[] =>
  ['small batch', 'large batch', 'post-local, H = 16', 'post-local, H = 32'].map((what, index) =>
    accuracy(`${network}: ${what}`, values[index] ?? NaN),
  )

/** Large batches first, local SGD afterwards (Lin et al. 2018). */
export const lin: Preset = {
  id: 'lin',
  title: 'Post-local SGD',
  paper: {
    authors: 'Lin, Stich, Patel & Jaggi',
    year: 2018,
    title: "Don't Use Large Mini-Batches, Use Local SGD",
    url: 'https://arxiv.org/abs/1808.07217',
  },
  protocol:
    'K = 16 workers with 128 images each make one batch of 2,048. Until the rate first drops, at epoch 150 of ' +
    '300, their weights are averaged after every update, which is large-batch SGD; afterwards only after every ' +
    'H = 16 or 32. Only weights are averaged, each worker keeps its momentum. The rate grows with the whole ' +
    'batch and warms up for 5 epochs; it drops by 10 at epochs 150 and 225. Nesterov momentum 0.9, weight ' +
    'decay 1e-4.',
  expect:
    'Post-local SGD generalises better than the large batch and at least as well as the small one, at the ' +
    'communication of local SGD. Here the workers are simulated one after the other, so there is no speed to ' +
    'be won, only accuracy.',
  configs: [
    one('small', `Batch ${local}`, local),
    one('large', `Batch ${large}, rate 1.6`, large),
    one('large-rate3.2', `Batch ${large}, rate 3.2`, large, { base: local / 2 }),
    post('post-local-h16', 16),
    post('post-local-h32', 32),
    post('post-local-h16-rate3.2', 16, local / 2),
  ],
  reference: [
    accuracy('ResNet-20: small batch', 92.63, 'small', 0.26),
    accuracy('ResNet-20: large batch', 92.48, 'large', 0.17),
    accuracy('ResNet-20: post-local, H = 16', 92.8, 'post-local-h16', 0.16),
    accuracy('ResNet-20: post-local, H = 32', 93.02, 'post-local-h32', 0.24),
    ...other('DenseNet-40-12', [94.41, 94.36, 94.43, 94.58]),
    ...other('WRN-28-10', [95.89, 95.43, 95.94, 95.76]),
  ],
  ourReading: [
    'The published examples quote the rate 0.1 at 64 images in some places and at 128 in others, so the large ' +
      'batch gets 3.2 or 1.6: both are here.',
    "The running statistics of the workers' batch norms are averaged for evaluation.",
    heldOut,
  ],
  recalled: [],
  fit: { images: 16, epochs: 30, trainingImages: 5000, network: { type: 'resnet', depth: 8 } },
  fits:
    `${smallData} 5,000 training images, batches of 8 and 128, 16 workers with 8 images each, 10 epochs, ` +
    'ResNet-8; H stays 16 and 32 updates. Two to four minutes for each config on two cores.',
}
