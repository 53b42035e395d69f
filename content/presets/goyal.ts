import type { RunConfigInput } from '../../core/config/config'
import { cifar10, heldOut, smallData } from './data'
import type { Preset, PresetConfig, ReferenceNumber } from './preset'

type Rate = NonNullable<RunConfigInput['learningRate']>

const gradual: Rate['warmup'] = { type: 'gradual', length: 5, unit: 'epochs', from: 'unscaled' }

const one = (name: string, kn: number, title: string, rate: Rate): PresetConfig => ({
  name,
  title,
  config: {
    data: cifar10,
    network: { type: 'resnet', depth: 56 },
    batchSize: kn,
    epochs: 90,
    batch: { ghostSize: 32, microBatch: kn > 256 ? 256 : null },
    learningRate: {
      base: 0.1,
      referenceBatch: 256,
      scaling: { type: 'linear' },
      schedule: { type: 'multiStep', factor: 0.1, milestones: [30, 60, 80], unit: 'epochs' },
      ...rate,
    },
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
    networkOptions: { zeroLastGamma: true },
  },
})

const error = (label: string, value: number, spread?: number, config?: string): ReferenceNumber => ({
  label: `ImageNet, ResNet-50: ${label}`,
  quantity: 'error',
  value,
  split: 'test',
  evidence: 'recalled, not re-verified',
  ...(spread === undefined ? {} : { spread }),
  ...(config === undefined ? {} : { config }),
})

/** Large batches by linear scaling and gradual warm-up (Goyal et al. 2017). */
export const goyal: Preset = {
  id: 'goyal',
  title: 'Large batches by linear scaling and a gradual warm-up',
  paper: {
    authors: 'Goyal et al.',
    year: 2017,
    title: 'Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour',
    url: 'https://arxiv.org/abs/1706.02677',
  },
  protocol:
    'The rate is η = 0.1 · kn/256 for a batch of kn images, divided by 10 at epochs 30, 60 and 80 of 90. For ' +
    'kn above 256 it rises by a constant amount at every update from 0.1 to η over the first 5 epochs, while ' +
    'the milestones stay where they are. Batch norm always sees the 32 images of one worker. The last batch ' +
    'norm of each residual block starts at γ = 0.',
  expect:
    'The error stays the same from 256 up to about 8,192 images, then rises. At 8,192 a gradual warm-up ' +
    'matches the small batch; none at all, or a constant one, does worse, and √k in place of k works poorly. ' +
    'Here the shape of the curve is what to compare: a 50,000-image data set reaches its limit at much smaller ' +
    'batches than ImageNet.',
  configs: [
    one('256', 256, 'kn = 256', {}),
    ...[512, 1024, 2048, 4096].map((kn) =>
      one(kn === 512 ? '512' : `${kn / 1024}k`, kn, `kn = ${kn}, gradual warm-up`, { warmup: gradual }),
    ),
    one('8k-gradual', 8192, 'kn = 8192, gradual warm-up', { warmup: gradual }),
    one('8k-none', 8192, 'kn = 8192, no warm-up', {}),
    one('8k-constant', 8192, 'kn = 8192, constant warm-up', {
      warmup: { type: 'constant', length: 5, unit: 'epochs', from: 'unscaled' },
    }),
    one('8k-sqrt', 8192, 'kn = 8192, square root rule', { scaling: { type: 'squareRoot' } }),
    one('8k-unscaled', 8192, 'kn = 8192, unscaled rate', { scaling: { type: 'fixed' } }),
  ],
  reference: [
    error('kn = 256', 23.6, 0.12, '256'),
    error('kn = 512', 23.48, undefined, '512'),
    error('kn = 1k', 23.53, undefined, '1k'),
    error('kn = 2k', 23.49, undefined, '2k'),
    error('kn = 4k', 23.56, undefined, '4k'),
    error('kn = 8k, gradual warm-up', 23.74, 0.09, '8k-gradual'),
    error('kn = 8k, no warm-up', 24.84, 0.37, '8k-none'),
    error('kn = 8k, constant warm-up', 25.88, 0.56, '8k-constant'),
    error('kn = 8k, η = 0.1·√32', 26.22, 0.03, '8k-sqrt'),
    error('kn = 8k, η = 0.1', 41.67, 0.1, '8k-unscaled'),
    error('kn = 16k', 24.79),
    error('kn = 32k', 27.55),
    error('kn = 64k', 33.96),
    error('kn = 256, γ = 1', 23.84),
    error('kn = 8k, γ = 1', 24.11),
  ],
  ourReading: [
    'CIFAR-10 and ResNet-56 in place of ImageNet and ResNet-50: the errors cannot be compared as numbers, only ' +
      'their order.',
    'The square root and the unscaled config have no warm-up.',
    'The gradient is computed in micro-batches of 256, which changes nothing but the memory it takes.',
    heldOut,
  ],
  recalled: [
    'Nesterov momentum 0.9, weight decay 1e-4 (not on batch norm), and that the final layer starts from N(0, ' +
      '0.01²), which is not imitated.',
  ],
  fit: { images: 16, epochs: 5, trainingImages: 5000, network: { type: 'resnet', depth: 8 }, ghostSize: 16 },
  fits:
    `${smallData} 5,000 training images, 18 epochs with milestones at 6, 12 and 16 and a warm-up of one epoch, ` +
    'ResNet-8, batches of 16 to 512. A ghost batch is 16 images, the reference batch: a sixteenth of 32 would ' +
    'leave two. Two to four minutes for each config on two cores.',
}
