import { cifar10, heldOut, smallData } from './data'
import type { Preset, PresetConfig } from './preset'

const one = (name: string, batchSize: number, rate: number): PresetConfig => ({
  name,
  title: `B = ${batchSize}, η = ${rate}`,
  config: {
    data: cifar10,
    network: { type: 'resnet', depth: 110 },
    batchSize,
    epochs: 200,
    learningRate: { base: rate, referenceBatch: batchSize },
    optimizer: { type: 'sgd', momentum: 0, weightDecay: 0 },
  },
})

/** The ratio of batch size to rate and generalisation (He, Liu & Tao 2019). */
export const he: Preset = {
  id: 'he',
  title: 'Keep batch size over rate small',
  paper: {
    authors: 'He, Liu & Tao',
    year: 2019,
    title: 'Control Batch Size and Learning Rate to Generalize Well: Theoretical and Empirical Evidence',
    url: 'https://proceedings.neurips.cc/paper/2019/hash/dc6a70712a252123c40d2adba6a11d84-Abstract.html',
  },
  protocol:
    'Networks are trained with plain SGD over a grid of batch sizes and rates, both held constant. In each row ' +
    'and column of the grid the rank correlation of test accuracy with the batch size, or with the rate, is ' +
    'computed: 1,600 networks, 164 groups.',
  expect:
    'At a fixed rate the accuracy falls as the batch grows; at a fixed batch it rises with the rate. Batch ' +
    'size over rate should not be too large. It is the inverse of the ratio that Jastrzębski et al. want ' +
    'large, so the two say the same.',
  configs: [
    ...[16, 64, 160, 320].map((batch) => one(`b${batch}`, batch, 0.1)),
    ...[0.01, 0.05, 0.1, 0.2].map((rate) => one(`rate${rate}`, 128, rate)),
  ],
  reference: [],
  withoutNumbers: 'The accuracies and correlations of its tables could not be read again, so none of them stands here.',
  ourReading: [
    'One row and one column of the grid; batchlab sweep makes the rest.',
    'ResNet-110 on CIFAR-10, one of four pairs of network and data set.',
    heldOut,
  ],
  recalled: [
    'The grid of batch sizes 16, 32 … 320 and rates 0.01, 0.02 … 0.20, 200 epochs, no momentum and no weight decay.',
  ],
  fit: { images: 8, epochs: 25, trainingImages: 5000, network: { type: 'resnet', depth: 8 } },
  fits:
    `${smallData} 5,000 training images, batches of 2 to 40, 8 epochs, ResNet-8. Two to four minutes for each ` +
    'config on two cores.',
}
