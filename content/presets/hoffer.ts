import type { RunConfigInput } from '../../core/config/config'
import { cifar10, cifar100, heldOut, mnist, smallData } from './data'
import type { Evidence, Preset, PresetConfig, ReferenceNumber } from './preset'

const paper = {
  authors: 'Hoffer, Hubara & Soudry',
  year: 2017,
  title: 'Train longer, generalize better: closing the generalization gap in large batch training of neural networks',
  url: 'https://arxiv.org/abs/1705.08741',
} as const

type Regime = Pick<RunConfigInput, 'data' | 'network' | 'epochs'> & {
  readonly base: number
  readonly schedule: NonNullable<RunConfigInput['learningRate']>['schedule']
  readonly weightDecay: number
}

const [small, large] = [128, 4096]

function steps({ base, schedule, weightDecay, ...rest }: Regime): PresetConfig[] {
  const one = (
    name: string,
    title: string,
    batchSize: number,
    scaling: 'fixed' | 'squareRoot',
    batch: RunConfigInput['batch'] = {},
  ): PresetConfig => ({
    name,
    title,
    config: {
      ...rest,
      batchSize,
      batch,
      learningRate: { base, referenceBatch: small, scaling: { type: scaling }, schedule },
      optimizer: { type: 'sgd', momentum: 0.9, weightDecay, clip: { type: 'norm', limit: 5 } },
    },
  })
  return [
    one('small', `Batch ${small}`, small, 'fixed'),
    one('large', `Batch ${large}`, large, 'fixed'),
    one('large-rate', 'Large batch, √ rate', large, 'squareRoot'),
    one('large-ghost', 'Large batch, √ rate, ghost batches of 128', large, 'squareRoot', { ghostSize: small }),
    one('large-adapted', 'Large batch, √ rate, ghost batches, regime adaptation', large, 'squareRoot', {
      ghostSize: small,
      regimeAdaptation: 'epochs',
    }),
    one('large-noise', 'Large batch, multiplicative noise in place of the √ rate', large, 'fixed', {
      ghostSize: small,
      gradientNoise: { type: 'multiplicative' },
    }),
  ]
}

const columns = ['small', 'large', 'large-rate', 'large-ghost', 'large-adapted'] as const
const titles = ['small batch', 'large batch', '+ √ rate', '+ ghost batch norm', '+ regime adaptation'] as const
const remembered: Evidence = 'recalled, not re-verified'

const row = (network: string, values: readonly number[], quoted: readonly number[] = []): ReferenceNumber[] =>
  values.map((value, index) => ({
    label: `${network}: ${titles[index] ?? ''}`,
    ...(columns[index] === undefined ? {} : { config: columns[index] }),
    quantity: 'accuracy',
    value,
    split: 'test',
    evidence: quoted.includes(index) ? 'third-party note' : remembered,
  }))

const protocol =
  'A small batch of 128 and a large one of 4,096, SGD with momentum 0.9, the gradient clipped to norm 5. Each ' +
  'step adds one remedy: the rate times √(4,096/128), then batch norm over ghost batches of 128, then regime ' +
  'adaptation, which stretches every phase of the schedule 32 times, so that the large batch makes as many ' +
  'updates as the small one.'
const expect =
  'The large batch alone loses several points. Each remedy wins some of them back, and with all three the gap ' +
  'closes. The distance of the weights from where they began grows with the logarithm of the updates, with ' +
  'nearly the same slope for all batch sizes once the rate and the ghost batches are matched.'
const readingsWith = (momentum: string): readonly string[] => [
  'The multiplicative noise has variance 4,096/128 − 1, from matching the covariance of the update; the paper ' +
    'mentions the method without numbers that we could read.',
  momentum,
  'The gradient is clipped at 5, as in the published code.',
  'The images are normalised by their own mean and deviation; the published code uses those of ImageNet.',
  heldOut,
]
const readings = readingsWith('Momentum 0.9, as in the published code.')
const ofC1 = [
  ...readingsWith('Momentum 0.9, as for the other networks: for this one the published code does not set it.'),
  "The network is Keskar's. The published code has another variant: it pools before batch norm and without " +
    'padding, and has no biases, 1.39 million weights in place of 1.76.',
]
const c1Schedule: Regime['schedule'] = {
  type: 'points',
  unit: 'epochs',
  between: 'hold',
  relative: true,
  points: [
    { at: 0, value: 1 },
    { at: 60, value: 10 },
    { at: 120, value: 1 },
    { at: 180, value: 0.1 },
  ],
}
const fit = { images: 16, epochs: 20, trainingImages: 2500, network: { type: 'tinyCnn' } } as const
const fits =
  `${smallData} 2,500 training images, batches of 8 and 256 with ghosts of 8, 10 epochs, the tiny CNN. Half a ` +
  'minute to a minute for each config on two cores, but ten or more for the one with regime adaptation, which ' +
  'trains 32 times as long.'

const family = (
  name: string,
  title: string,
  regime: Regime,
  reference: ReferenceNumber[],
  more: Partial<Pick<Preset, 'ourReading' | 'fit' | 'fits' | 'recalled'>> = {},
): Preset => ({
  id: `hoffer/${name}`,
  title,
  paper,
  protocol,
  expect,
  configs: steps(regime),
  reference,
  ourReading: readings,
  recalled: [],
  fit,
  fits,
  ...more,
})

/** The remedies against the generalization gap, one after the other, for six networks (Hoffer et al. 2017). */
export const hoffer: readonly Preset[] = [
  family(
    'resnet44',
    'Training longer: ResNet-44 on CIFAR-10',
    {
      data: cifar10,
      network: { type: 'resnet', depth: 44, shortcut: 'projection' },
      epochs: 200,
      base: 0.1,
      weightDecay: 1e-4,
      schedule: { type: 'multiStep', factor: 0.1, milestones: [81, 122, 164], unit: 'epochs' },
    },
    row('ResNet44', [92.83, 86.1, 89.3, 90.5, 93.07]),
    { ourReading: [...readings, '200 epochs: the code gives the milestones, not the end.'] },
  ),
  family(
    'c1',
    'Training longer: C1 on CIFAR-10',
    {
      data: cifar10,
      network: { type: 'keskarC1' },
      epochs: 200,
      base: 1e-3,
      weightDecay: 5e-4,
      schedule: c1Schedule,
    },
    row('C1', [87.8, 83.95, 86.15, 86.4, 88.2], [0, 1, 4]),
    { ourReading: ofC1 },
  ),
  family(
    'vgg',
    'Training longer: VGG on CIFAR-10',
    {
      data: cifar10,
      network: { type: 'keskarC2' },
      epochs: 200,
      base: 0.1,
      weightDecay: 1e-4,
      schedule: { type: 'multiStep', factor: 0.1, milestones: [81, 122, 164], unit: 'epochs' },
    },
    row('VGG', [92.3, 84.1, 88.6, 91.5, 93.03]),
    {
      ourReading: [
        ...readings,
        "Neither the layers of this VGG nor its regime could be read: here it is Keskar's C2, VGG-16 with " +
          'batch norm and dropout, and the rates, milestones and weight decay are those of ResNet-44.',
      ],
      fit: { ...fit, network: { type: 'vggSmall' } },
      fits:
        `${smallData} 2,500 training images, batches of 8 and 256 with ghosts of 8, 10 epochs, VGG small in ` +
        'place of VGG-16. The config with regime adaptation trains 32 times as long as the others. How long that ' +
        'is was not measured.',
    },
  ),
  family(
    'c3',
    'Training longer: C3 on CIFAR-100',
    {
      data: cifar100,
      network: { type: 'keskarC1' },
      epochs: 200,
      base: 1e-3,
      weightDecay: 5e-4,
      schedule: c1Schedule,
    },
    row('C3', [61.25, 51.5, 57.38, 57.5, 63.2], [0, 1, 4]),
    {
      ourReading: [...ofC1, 'C3 is C1 with a hundred classes, at the same regime.'],
      fits: `${fits} CIFAR-10 in place of CIFAR-100.`,
    },
  ),
  family(
    'wrn',
    'Training longer: WRN-16-4 on CIFAR-100',
    {
      data: cifar100,
      network: { type: 'wideResnet', depth: 16, width: 4 },
      epochs: 200,
      base: 0.1,
      weightDecay: 1e-4,
      schedule: {
        type: 'points',
        unit: 'epochs',
        between: 'hold',
        relative: true,
        points: [
          { at: 0, value: 1 },
          { at: 60, value: 0.2 },
          { at: 120, value: 0.04 },
          { at: 140, value: 0.001 },
        ],
      },
    },
    row('WRN16-4', [73.7, 68.15, 69.05, 71.2, 73.57]),
    {
      ourReading: [
        ...readings,
        '200 epochs: the code gives the milestones, not the end.',
        'The network of that name in the published code is another one, with batch norm behind the ' +
          'convolutions, projection shortcuts and two blocks a stage: 2.78 million weights in place of 2.75. ' +
          'Here it is that of Zagoruyko and Komodakis.',
      ],
      fits: `${fits} CIFAR-10 in place of CIFAR-100.`,
    },
  ),
  family(
    'f1',
    'Training longer: F1 on MNIST',
    {
      data: mnist,
      network: { type: 'mlp', hidden: [512, 512, 512, 512, 512], batchNorm: true },
      epochs: 50,
      base: 0.1,
      weightDecay: 1e-4,
      schedule: { type: 'multiStep', factor: 0.1, milestones: [10, 20, 30], unit: 'epochs' },
    },
    row('F1', [98.27, 97.05, 97.55, 97.6, 98.53], [0, 1, 4]),
    {
      fit: {
        images: 16,
        epochs: 5,
        trainingImages: 1200,
        network: { type: 'mlp', hidden: [64, 64], batchNorm: true },
        digits: true,
      },
      fits:
        'The built-in handwritten digits in place of MNIST, 1,200 of them for training, batches of 8 and 256 ' +
        'with ghosts of 8, 10 epochs, two hidden layers of 64. A few seconds for each config, a minute for the ' +
        'one with regime adaptation, which trains 32 times as long.',
    },
  ),
]
