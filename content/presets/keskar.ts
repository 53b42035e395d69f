import type { RunConfigInput } from '../../core/config/config'
import { cifar10, cifar100, mnist, smallData } from './data'
import type { Preset, PresetConfig, ReferenceNumber } from './preset'

const paper = {
  authors: 'Keskar et al.',
  year: 2016,
  title: 'On Large-Batch Training for Deep Learning: Generalization Gap and Sharp Minima',
  url: 'https://arxiv.org/abs/1609.04836',
} as const

function pair(
  data: NonNullable<RunConfigInput['data']>,
  network: NonNullable<RunConfigInput['network']>,
  large: number,
  fitOfLarge: PresetConfig['fit'] = {},
): PresetConfig[] {
  return [['small', 256] as const, ['large', large] as const].map(([name, batchSize]): PresetConfig => ({
    name,
    title: `Batch ${batchSize}`,
    ...(name === 'large' ? { fit: fitOfLarge } : {}),
    config: {
      data: { ...data, normalisation: 'none', augmentation: {} },
      network,
      batchSize,
      epochs: 100,
      learningRate: { base: 1e-3, referenceBatch: 256 },
      optimizer: { type: 'adam' },
    },
  }))
}

/** Train and test accuracy and sharpness at ε = 1e-3 and 5e-4, each for the small and the large batch. */
type Row = readonly [train: Both, test: Both, sharpness: Both, finer: Both]
type Both = readonly [small: number, large: number]

function row(network: string, [train, test, sharpness, finer]: Row): ReferenceNumber[] {
  const both = (
    what: string,
    quantity: ReferenceNumber['quantity'],
    split: ReferenceNumber['split'],
    values: Both,
  ): ReferenceNumber[] =>
    (['small', 'large'] as const).map((config, index) => ({
      label: `${network}: ${config} batch, ${what}`,
      config,
      quantity,
      value: values[index] ?? null,
      split,
      evidence: 'recalled, not re-verified',
    }))
  return [
    ...both('training accuracy', 'accuracy', 'train', train),
    ...both('test accuracy', 'accuracy', 'test', test),
    ...both('sharpness at ε = 1e-3', 'sharpness', 'train', sharpness),
    ...both('sharpness at ε = 5e-4', 'sharpness', 'train', finer),
  ]
}

const protocol =
  'Adam with a batch of 256 and with a tenth of the training images, the same rate for both, trained until the ' +
  'loss no longer falls. Then the sharpness of both minima: how much the training loss can rise inside a small ' +
  'box around the weights, and the loss along the line between the two.'
const expect =
  'Both fit the training images; the large batch is some points behind on the test images and sits in a far ' +
  'sharper minimum. Beside it belong the objections: the same rate at both sizes, batch norm over the whole ' +
  'large batch, only two sizes, augmentation that removes the gap, a sharpness that depends on how the weights ' +
  'are parametrised, and Hoffer, Goyal and Shallue, who close the gap.'
const readings = [
  'Rate 0.001, the usual one for Adam; the same at both batch sizes, as one objection says.',
  '100 epochs stand for “until the loss no longer falls”; the published script uses 20.',
  'Pixels divided by 255 and nothing else, as in the published script; no augmentation.',
  'A tenth of the training images is held out for validation, so 5,000 (of MNIST 6,000) is a ninth of the rest.',
]
const compared =
  'Their sharpness, and the loss on the line between them, is what batchlab flatness measures of the two final ' +
  'checkpoints.'

// What makes 6,000 a tenth of 1,170 images, and 256 a whole number.
const tenthOfFew = { images: 256 / 5 } as const

interface Options {
  readonly fit: Preset['fit']
  readonly fits: string
}

const fit = (network: Preset['fit']['network']): Preset['fit'] => ({
  images: 8,
  epochs: 10,
  trainingImages: 6250,
  network,
})
const fits = (network: string, minutes: string): string =>
  `${smallData} 6,250 training images, batches of 32 and 625, a tenth of them, 10 epochs, ${network}. ` +
  `${minutes} for each config on two cores. ${compared}`

const net = (
  name: string,
  title: string,
  configs: PresetConfig[],
  reference: ReferenceNumber[],
  { fit: size, fits: words }: Options,
): Preset => ({
  id: `keskar/${name}`,
  title,
  paper,
  protocol,
  expect,
  configs,
  reference,
  ourReading: readings,
  recalled: [],
  fit: size,
  fits: words,
})

/** Sharp and flat minima of the networks F1 and C1 to C4 (Keskar et al. 2016). */
export const keskar: readonly Preset[] = [
  net(
    'f1',
    'Sharp minima: F1 on MNIST',
    pair(mnist, { type: 'mlp', hidden: [512, 512, 512, 512, 512], batchNorm: true }, 6000, tenthOfFew),
    row('F1', [
      [99.66, 99.92],
      [98.03, 97.81],
      [1.23, 205.14],
      [0.61, 42.9],
    ]),
    {
      fit: {
        images: 32,
        epochs: 10,
        trainingImages: 1170,
        network: { type: 'mlp', hidden: [64, 64], batchNorm: true },
        digits: true,
      },
      fits:
        'The built-in handwritten digits in place of MNIST, 1,170 of them for training, batches of 8 and 117, a ' +
        'tenth of them, 10 epochs, two hidden layers of 64. The large batch is 15 times the small one, not 23 ' +
        `times: a smaller one would leave batch norm too few images. A few seconds for each config. ${compared}`,
    },
  ),
  net(
    'c1',
    'Sharp minima: C1 on CIFAR-10',
    pair(cifar10, { type: 'keskarC1' }, 5000),
    row('C1', [
      [99.89, 99.66],
      [80.04, 77.26],
      [28.58, 707.23],
      [7.08, 227.31],
    ]),
    { fit: fit({ type: 'keskarC1' }), fits: fits('the same network', 'Three to five minutes') },
  ),
  net(
    'c2',
    'Sharp minima: C2 on CIFAR-10',
    pair(cifar10, { type: 'keskarC2' }, 5000),
    row('C2', [
      [99.99, 99.99],
      [89.24, 87.26],
      [8.68, 925.32],
      [2.07, 175.31],
    ]),
    { fit: fit({ type: 'vggSmall' }), fits: fits('VGG small in place of VGG-16', 'Two minutes') },
  ),
  net(
    'c3',
    'Sharp minima: C3 on CIFAR-100',
    pair(cifar100, { type: 'keskarC1' }, 5000),
    row('C3', [
      [99.56, 99.88],
      [49.58, 46.45],
      [29.85, 258.75],
      [8.56, 105.11],
    ]),
    {
      fit: fit({ type: 'keskarC1' }),
      fits: fits('the same network on CIFAR-10 in place of CIFAR-100', 'Three to five minutes'),
    },
  ),
  net(
    'c4',
    'Sharp minima: C4 on CIFAR-100',
    pair(cifar100, { type: 'keskarC2' }, 5000),
    row('C4', [
      [99.1, 99.57],
      [63.08, 57.81],
      [12.83, 421.84],
      [4.07, 109.35],
    ]),
    {
      fit: fit({ type: 'vggSmall' }),
      fits: fits('VGG small in place of VGG-16, CIFAR-10 in place of CIFAR-100', 'Two minutes'),
    },
  ),
]
