import type { RunConfigInput } from '../../core/config/config'
import { cifar10, heldOut, smallData } from './data'
import type { Preset, PresetConfig } from './preset'

const one = (name: string, title: string, learningRate: NonNullable<RunConfigInput['learningRate']>): PresetConfig => ({
  name,
  title,
  config: {
    data: cifar10,
    network: { type: 'resnet', depth: 56 },
    batchSize: 1000,
    epochs: 200,
    batch: { microBatch: 250, ghostSize: 250 },
    learningRate: { referenceBatch: 1000, ...learningRate },
    optimizer: { type: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
  },
})

const cycle = {
  type: 'oneCycle',
  convention: 'torch',
  phases: 'three',
  curve: 'linear',
  riseFraction: 0.45,
  startDivision: 30,
  finalDivision: 100,
} as const

/** One cycle to a very large rate (Smith & Topin 2017). */
export const superConvergence: Preset = {
  id: 'super-convergence',
  title: 'Super-convergence with one cycle',
  paper: {
    authors: 'Smith & Topin',
    year: 2017,
    title: 'Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates',
    url: 'https://arxiv.org/abs/1708.07120',
  },
  protocol:
    'The rate rises in a straight line to a peak far above what a constant rate would stand, falls as long to ' +
    'where it began, and ends far below. Beside it an ordinary multi-step schedule of the same length.',
  expect:
    'The one cycle needs several times fewer updates for the same accuracy, and reaches a higher one, the more ' +
    'so the fewer training images there are. The large rates regularise, so other regularisation should be ' +
    'turned down.',
  configs: [
    one('one-cycle', 'One cycle, 0.1 to 3 and back', { base: 3, schedule: cycle }),
    one('one-cycle-momentum', 'One cycle with the momentum against it', {
      base: 3,
      schedule: { ...cycle, inverseMomentum: true },
    }),
    one('multi-step', 'Multi-step from 0.35', {
      base: 0.35,
      schedule: { type: 'multiStep', factor: 0.1, milestones: [0.5, 0.75], unit: 'fraction' },
    }),
  ],
  reference: [
    {
      label: 'ResNet-56: one cycle, 10,000 updates',
      config: 'one-cycle',
      quantity: 'accuracy',
      value: 92.4,
      split: 'test',
      evidence: 'recalled, not re-verified',
    },
    {
      label: 'ResNet-56: multi-step, 80,000 updates',
      config: 'multi-step',
      quantity: 'accuracy',
      value: 91.2,
      split: 'test',
      evidence: 'recalled, not re-verified',
    },
  ],
  ourReading: [
    'The gradient of 1,000 images is computed in micro-batches of 250, and batch norm sees one of them at a ' +
      'time: set the ghost batch size to 1,000 and empty the micro-batch where the memory allows it.',
    'The last fall goes to a hundredth of the starting rate.',
    "The multi-step run has the same 200 epochs; the paper's was about eight times as long (set epochs to see).",
    "The config with the cycled momentum follows Smith's later report (arXiv 1803.09820).",
    heldOut,
  ],
  recalled: [
    'ResNet-56, batches of 1,000, one cycle from 0.1 to 3 in 10,000 updates, weight decay 1e-4, first rate ' +
      '0.35 of the multi-step schedule.',
  ],
  fit: { images: 8, ghostSize: 125, epochs: 20, trainingImages: 5000, network: { type: 'resnet', depth: 8 } },
  fits:
    `${smallData} 5,000 training images, batches of 125, 10 epochs, ResNet-8. There are no micro-batches, so ` +
    'batch norm sees all 125 images. Two minutes for each config on two cores.',
}
