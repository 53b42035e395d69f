import { cifar10, heldOut, smallData } from './data'
import type { Preset, PresetConfig, ReferenceNumber } from './preset'

const one = (convolutions: number, dense: number): PresetConfig => ({
  name: `${convolutions}-${dense}`,
  title: `Batch ${convolutions} in the convolutions, ${dense} in the dense layers`,
  config: {
    data: cifar10,
    network: { type: 'reducedAlexnet' },
    batchSize: convolutions,
    epochs: 90,
    batch: { denseBatch: dense === convolutions ? null : dense },
    learningRate: {
      base: 0.01,
      referenceBatch: 128,
      scaling: { type: 'linear' },
      schedule: { type: 'multiStep', factor: 1 / Math.cbrt(250), milestones: [0.25, 0.5, 0.75], unit: 'fraction' },
    },
    optimizer: { type: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    networkOptions: { dropout: 0.5 },
  },
})

const pairs = [
  [128, 128],
  [256, 256],
  [256, 128],
  [512, 512],
  [512, 128],
  [1024, 1024],
  [1024, 128],
] as const
const errors = [42.33, 42.63, 42.27, 42.59, 42.44, 43.28, 42.86] as const

/** A smaller batch in the dense layers (Krizhevsky 2014). */
export const krizhevsky: Preset = {
  id: 'krizhevsky',
  title: 'A smaller batch in the dense layers',
  paper: {
    authors: 'Krizhevsky',
    year: 2014,
    title: 'One weird trick for parallelizing convolutional neural networks',
    url: 'https://arxiv.org/abs/1404.5997',
  },
  protocol:
    'The convolutions are updated once per batch of 128·K images, the dense layers after each 128 of them. The ' +
    'rate is multiplied by k where the batch is, although theory would say √k; momentum 0.9 throughout.',
  expect:
    'About one point of error more at 1,024 than at 128, much of which the small batch of the dense layers wins back.',
  configs: pairs.map(([convolutions, dense]) => one(convolutions, dense)),
  reference: pairs.map(([convolutions, dense], index): ReferenceNumber => ({
    label: `ImageNet, AlexNet variant: (${convolutions}, ${dense})`,
    config: `${convolutions}-${dense}`,
    quantity: 'error',
    value: errors[index] ?? null,
    split: 'test',
    evidence: 'recalled, not re-verified',
  })),
  ourReading: [
    'CIFAR-10 and an approximation of a reduced AlexNet in place of ImageNet and the full one: the order is to ' +
      'be compared, not the errors.',
    '90 epochs with the three drops at a quarter, half and three quarters of them; the source does not say ' +
      'where they lie.',
    'Weight decay 5e-4 and dropout 0.5 before the classifier, as usual for AlexNet.',
    heldOut,
  ],
  recalled: ['Base rate 0.01 at 128 images, and three drops by 250^(1/3) (low confidence).'],
  fit: { images: 8, epochs: 9, trainingImages: 5000, network: { type: 'lenet' } },
  fits:
    `${smallData} 5,000 training images, batches of 16 to 128, 10 epochs, LeNet-5, whose three dense layers hold ` +
    'most of its weights. Half a minute for each config on two cores.',
}
