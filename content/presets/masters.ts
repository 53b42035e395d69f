import { sumDecayOfMean } from '../../core/scaling'
import { cifar10, heldOut, smallData } from './data'
import type { Preset, PresetConfig } from './preset'

// η̃ of the sum, the rate per example; 2⁻⁸ is 0.125 for the mean of 32.
const ratePerExample = 2 ** -8

interface Case {
  readonly m: number
  readonly more?: PresetConfig['config']
  readonly name?: string
  readonly title?: string
  readonly decay?: number
}

const one = ({ m, more = {}, name = `m${m}`, title = `m = ${m}`, decay = 1e-4 }: Case): PresetConfig => ({
  name,
  title,
  config: {
    data: cifar10,
    network: { type: 'resnet', depth: 32 },
    batchSize: m,
    epochs: 82,
    learningRate: {
      base: ratePerExample,
      referenceBatch: m,
      schedule: { type: 'multiStep', factor: 0.1, milestones: [0.5, 0.75], unit: 'fraction' },
    },
    // Summed gradients are m times larger, and so is the decay that keeps up with them.
    optimizer: { type: 'sgd', momentum: 0, reduction: 'sum', weightDecay: sumDecayOfMean(decay, m) },
    networkOptions: { initialisation: { method: 'heNormal' } },
    ...more,
  },
})

const warmUp: PresetConfig['config'] = {
  learningRate: {
    base: ratePerExample,
    referenceBatch: 512,
    schedule: { type: 'multiStep', factor: 0.1, milestones: [0.5, 0.75], unit: 'fraction' },
    warmup: { type: 'gradual', length: 5, from: 'fraction', start: 32 / 512 },
  },
}

/** Small batches at a constant rate per example (Masters & Luschi 2018). */
export const masters: Preset = {
  id: 'masters',
  title: 'Small batches at a constant rate per example',
  paper: {
    authors: 'Masters & Luschi',
    year: 2018,
    title: 'Revisiting Small Batch Training for Deep Neural Networks',
    url: 'https://arxiv.org/abs/1804.07612',
  },
  protocol:
    'The update follows the sum of the gradients of a batch, so one rate η̃ moves the weights equally far per ' +
    'example at every batch size m. No momentum. 82 epochs of CIFAR-10, the rate divided by 10 at 50 % and 75 ' +
    '% of the updates, weight decay 1e-4 (5e-4 for the AlexNet), He initialisation. Reported is the median ' +
    'test accuracy of the last five epochs.',
  expect:
    'The best accuracies at m between 2 and 32. The larger m, the narrower the range of rates that train at ' +
    'all; a gradual warm-up helps the large ones without bringing them back to the small ones. Batch norm over ' +
    'fewer images than the update uses is a choice of its own.',
  configs: [
    ...[2, 8, 32, 128, 512].map((m) => one({ m })),
    one({ m: 512, name: 'm512-warmup', title: 'm = 512 with a gradual warm-up', more: warmUp }),
    one({ m: 256, name: 'm256-bn16', title: 'm = 256, batch norm over 16', more: { batch: { ghostSize: 16 } } }),
    one({
      m: 8,
      name: 'alexnet-m8',
      title: 'Reduced AlexNet, m = 8',
      decay: 5e-4,
      more: { network: { type: 'reducedAlexnet', batchNorm: true } },
    }),
    one({
      m: 256,
      name: 'alexnet-m256',
      title: 'Reduced AlexNet, m = 256',
      decay: 5e-4,
      more: { network: { type: 'reducedAlexnet', batchNorm: true } },
    }),
  ],
  reference: [],
  withoutNumbers: 'The tables of its test accuracies could not be read again, so none of their numbers stands here.',
  ourReading: [
    'One rate per example, η̃ = 2⁻⁸; the paper searches a grid of powers of two for each m.',
    'ResNet-32 of the three depths; batch sizes 2, 8, 32, 128 and 512 out of all powers of two.',
    'Weight decay is multiplied by m, because the gradients are summed: the decay per update relative to η is ' +
      'then that of the mean.',
    'The layers of the reduced AlexNet are an approximation.',
    'The warm-up starts from the rate that m = 32 would have for the mean and lasts five epochs.',
    heldOut,
  ],
  recalled: ['The grid of rates, about η̃ = 2⁻¹² to 2⁰, and batch sizes up to 1,024 and beyond.'],
  fit: { images: 1, epochs: 82 / 8, trainingImages: 5000, network: { type: 'tinyCnn' } },
  fits:
    `${smallData} 5,000 training images, 8 epochs, the tiny CNN; the batch sizes are the paper's own. A minute ` +
    'or two for each config on two cores, m = 2 about four.',
}
