import type { RunConfigInput } from '../../core/config/config'
import { cifar10, heldOut, smallData } from './data'
import type { Preset, PresetConfig } from './preset'

const ratio = 0.1 / 50

const one = (
  name: string,
  title: string,
  batchSize: number,
  learningRate: NonNullable<RunConfigInput['learningRate']>,
): PresetConfig => ({
  name,
  title,
  config: {
    data: cifar10,
    network: { type: 'resnet', depth: 56 },
    batchSize,
    epochs: 200,
    learningRate,
    optimizer: { type: 'sgd', momentum: 0 },
  },
})

/** What rate over batch size decides (Jastrzębski et al. 2017). */
export const jastrzebski: Preset = {
  id: 'jastrzebski',
  title: 'Rate over batch size decides the width of the minimum',
  paper: {
    authors: 'Jastrzębski et al.',
    year: 2017,
    title: 'Three Factors Influencing Minima in SGD',
    url: 'https://arxiv.org/abs/1711.04623',
  },
  protocol:
    'Plain SGD at a constant rate. First the rate and the batch grow together, η = 0.1β and S = 50β, so that ' +
    'η/S stays the same; then η/S is varied at one batch size. Minima are compared by the largest eigenvalue ' +
    'of the Hessian, by the loss on the line between them, and by test accuracy.',
  expect:
    'The same curves for all small β, which part once the rate becomes too large or, as the lab notes add, the ' +
    'batch too small. A larger η/S ends in a wider minimum and generalises better, more so on small data sets.',
  configs: [
    ...[1, 2, 4, 8, 16].map((beta) =>
      one(`beta${beta}`, `β = ${beta}: batch ${50 * beta} at the same η/S`, 50 * beta, {
        base: 0.1,
        referenceBatch: 50,
        scaling: { type: 'constantRatio', ratio },
      }),
    ),
    ...[0.01, 0.05, 0.2].map((rate) =>
      one(`rate${rate}`, `η = ${rate} at batch 50`, 50, { base: rate, referenceBatch: 50 }),
    ),
  ],
  reference: [],
  withoutNumbers: 'None of its numbers could be read again, so none stands here.',
  ourReading: [
    'ResNet-56 at a constant rate for 200 epochs, without weight decay; the schedules and lengths of the paper ' +
      'could not be read.',
    'The cyclic batch size of the paper is left out; a cyclic rate is one setting away ' +
      '(learningRate.schedule.type=cyclic).',
    'The eigenvalues, and the loss on the line between two minima, are what batchlab flatness measures of two ' +
      'checkpoints.',
    heldOut,
  ],
  recalled: ['ResNet-56 and VGG-11 on CIFAR-10; η = 0.1β with S = 50β.'],
  fit: { images: 5, epochs: 20, trainingImages: 5000, network: { type: 'resnet', depth: 8 } },
  fits:
    `${smallData} 5,000 training images, batches of 10 to 160, 10 epochs, ResNet-8. A fifth of the batch and ` +
    "about a ninth of the images: rates stay the paper's, so η/S is five times as large, and ηN/S about half. " +
    'Two minutes for each config on two cores.',
}
