import type { RunConfigInput } from '../../core/config/config'
import { cifar10, heldOut, smallData } from './data'
import type { Preset, PresetConfig, ReferenceNumber } from './preset'

const milestones = [0.3, 0.6, 0.8]
const grow: NonNullable<RunConfigInput['batch']>['growth'] = {
  type: 'milestones',
  factor: 5,
  milestones,
  unit: 'fraction',
  cap: 5120,
}

const one = (
  name: string,
  title: string,
  batchSize: number,
  base: number,
  momentum: number,
  more: 'decay' | 'grow',
): PresetConfig => ({
  name,
  title,
  config: {
    data: cifar10,
    network: { type: 'wideResnet', depth: 16, width: 4 },
    batchSize,
    epochs: 200,
    batch: { lastPartial: 'keep', ghostSize: 128, growth: more === 'grow' ? grow : { type: 'none' } },
    learningRate: {
      base,
      referenceBatch: batchSize,
      schedule:
        more === 'grow' ? { type: 'constant' } : { type: 'multiStep', factor: 0.2, milestones, unit: 'fraction' },
    },
    optimizer: { type: 'sgd', momentum, weightDecay: 5e-4 },
  },
})

const numbers = (
  label: string,
  config: string,
  updates: number,
  bound: 'about' | 'below',
  accuracy: number,
): ReferenceNumber[] => [
  { label, config, quantity: 'updates', value: updates, bound, split: '', evidence: 'recalled, not re-verified' },
  { label, config, quantity: 'accuracy', value: accuracy, split: 'test', evidence: 'recalled, not re-verified' },
]

/** A growing batch in place of a falling rate (Smith et al. 2017). */
export const smith: Preset = {
  id: 'smith',
  title: "Increase the batch, don't decay the rate",
  paper: {
    authors: 'Smith, Kindermans, Ying & Le',
    year: 2017,
    title: "Don't Decay the Learning Rate, Increase the Batch Size",
    url: 'https://arxiv.org/abs/1711.00489',
  },
  protocol:
    'Where the rate would be divided by a factor, the batch is multiplied by it: the noise scale ηN/(B(1 − μ)) ' +
    'falls the same way, with far fewer updates. When the batch has reached its cap, the rate falls after all. ' +
    'A larger first rate, and then a larger momentum, allow a larger first batch at the same noise scale.',
  expect:
    'The same accuracy per epoch from a falling rate and from a growing batch, with about a third of the ' +
    'updates; a further factor of four from the larger first rate. The larger momentum saves the most updates ' +
    'and costs a little accuracy.',
  configs: [
    one('decay', 'The rate falls', 128, 0.1, 0.9, 'decay'),
    one('increase', 'The batch grows', 128, 0.1, 0.9, 'grow'),
    one('increase-rate', 'The batch grows from 640 at five times the rate', 640, 0.5, 0.9, 'grow'),
    one('increase-momentum', 'The batch grows from 3200 at momentum 0.98', 3200, 0.5, 0.98, 'grow'),
  ],
  reference: [
    ...numbers('WRN-16-4: falling rate', 'decay', 80_000, 'about', 94.3),
    ...numbers('WRN-16-4: growing batch', 'increase', 29_000, 'about', 94.4),
    ...numbers('WRN-16-4: η = 0.5, batch from 640', 'increase-rate', 6500, 'about', 94.5),
    ...numbers('WRN-16-4: μ = 0.98, batch from 3,200', 'increase-momentum', 2500, 'below', 93.3),
  ],
  ourReading: [
    'Weight decay 5e-4, usual for wide residual networks.',
    'The last partial batch of an epoch is used.',
    heldOut,
  ],
  recalled: [
    'Batch 128 at rate 0.1 and momentum 0.9, factor 5 at epochs 60, 120 and 160 of 200, ghost batches of 128, ' +
      'cap 5,120.',
  ],
  fit: { images: 8, epochs: 20, trainingImages: 5000, network: { type: 'wideResnet', depth: 10, width: 1 } },
  fits:
    `${smallData} 5,000 training images, batches from 16, 80 and 400 up to 640, ghosts of 16, 10 epochs growing ` +
    'at 3, 6 and 8, WRN-10-1. One to two minutes for each config on two cores.',
}
