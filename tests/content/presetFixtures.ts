import { parseConfig } from '../../core/config/parse'
import type { RunConfig } from '../../core/config/config'
import { planRun, type Plan } from '../../core/plan/plan'
import { presetNamed } from '../../content/presets/all'
import { infoOf } from '../support/planInfo'

export function configNamed(name: string): RunConfig {
  const parsed = parseConfig(presetNamed(name))
  if (!parsed.ok) throw new Error(`${name}: ${JSON.stringify(parsed.issues)}`)
  return parsed.value
}

/** Facts of what a preset trains on: CIFAR-10 or CIFAR-100, MNIST, or the digits. */
export function infoFor({ data }: RunConfig, images?: number) {
  const classes = data.source.type === 'cifar100' ? 100 : 10
  const shape: [number, number, number] =
    data.source.type === 'idx' ? [28, 28, 1] : data.source.type === 'digits' ? [8, 8, 1] : [32, 32, 3]
  const all = data.source.type === 'idx' ? 60_000 : 50_000
  const info = infoOf(images ?? data.trainingImages ?? Math.round(all * (1 - data.validationFraction)))
  return { ...info, shape, classes: Array.from({ length: classes }, (_, index) => `class ${index}`) }
}

export const planNamed = (name: string, images?: number): Plan => {
  const config = configNamed(name)
  return planRun(config, infoFor(config, images))
}

/** [preset, training images, [epoch, rate] pairs as the source has them]. */
export const rates: readonly (readonly [
  name: string,
  images: number,
  pairs: readonly (readonly [epoch: number, rate: number])[],
])[] = [
  [
    'goyal/256',
    50_000,
    [
      [0, 0.1],
      [29, 0.1],
      [30, 0.01],
      [60, 1e-3],
      [80, 1e-4],
    ],
  ],
  [
    'goyal/8k-gradual',
    50_000,
    [
      [0, 0.1],
      [2.5, 1.65],
      [5, 3.2],
      [29, 3.2],
      [30, 0.32],
      [60, 0.032],
      [80, 0.0032],
    ],
  ],
  [
    'goyal/8k-constant',
    50_000,
    [
      [0, 0.1],
      [4, 0.1],
      [5, 3.2],
    ],
  ],
  ['goyal/8k-sqrt', 50_000, [[0, 0.1 * Math.sqrt(32)]]],
  ['goyal/8k-unscaled', 50_000, [[0, 0.1]]],
  [
    'hoffer/resnet44/small',
    50_000,
    [
      [0, 0.1],
      [80, 0.1],
      [81, 1e-2],
      [122, 1e-3],
      [164, 1e-4],
    ],
  ],
  [
    'hoffer/resnet44/large-rate',
    50_000,
    [
      [0, 0.565685424949238],
      [81, 0.0565685424949238],
    ],
  ],
  // 32 times the epochs: 81, 122, 164 become 2592, 3904, 5248.
  [
    'hoffer/resnet44/large-adapted',
    50_000,
    [
      [2591, 0.565685424949238],
      [2592, 0.0565685424949238],
      [3904, 0.00565685424949238],
      [5248, 0.000565685424949238],
    ],
  ],
  [
    'hoffer/c1/small',
    50_000,
    [
      [0, 1e-3],
      [59, 1e-3],
      [60, 1e-2],
      [120, 1e-3],
      [180, 1e-4],
    ],
  ],
  [
    'hoffer/c3/small',
    50_000,
    [
      [0, 1e-3],
      [59, 1e-3],
      [60, 1e-2],
      [120, 1e-3],
      [180, 1e-4],
    ],
  ],
  [
    'hoffer/wrn/small',
    50_000,
    [
      [0, 0.1],
      [60, 2e-2],
      [120, 4e-3],
      [140, 1e-4],
    ],
  ],
  [
    'hoffer/f1/small',
    60_000,
    [
      [0, 0.1],
      [10, 1e-2],
      [20, 1e-3],
      [30, 1e-4],
    ],
  ],
  ['krizhevsky/1024-1024', 50_000, [[0, 0.08]]],
  [
    'krizhevsky/128-128',
    50_000,
    [
      [0, 0.01],
      [40, 0.0015874010519682],
      [80, 4e-5],
    ],
  ],
  [
    'lin/large',
    50_000,
    [
      [0, 0.1],
      [5, 1.6],
      [149, 1.6],
      [150, 0.16],
      [225, 0.016],
    ],
  ],
  [
    'lin/large-rate3.2',
    50_000,
    [
      [0, 0.1],
      [5, 3.2],
      [150, 0.32],
    ],
  ],
  [
    'lin/small',
    50_000,
    [
      [0, 0.1],
      [150, 0.01],
      [225, 1e-3],
    ],
  ],
  [
    'smith/decay',
    50_000,
    [
      [0, 0.1],
      [59, 0.1],
      [60, 0.02],
      [120, 0.004],
      [160, 8e-4],
    ],
  ],
  [
    'smith/increase',
    50_000,
    [
      [0, 0.1],
      [60, 0.1],
      [120, 0.1],
      [160, 0.1 * (5120 / 16_000)],
    ],
  ],
  [
    'jastrzebski/beta2',
    50_000,
    [
      [0, 0.2],
      [199, 0.2],
    ],
  ],
  ['super-convergence/one-cycle', 50_000, [[0, 0.1]]],
  [
    'notes/exp1/config6',
    40_000,
    [
      [0, 0.1],
      [49, 0.1],
      [50, 0.05],
      [299, 0.1 / 32],
    ],
  ],
  ['notes/exp2/config6', 40_000, [[0, 3.2]]],
  [
    'notes/exp4/config6',
    40_000,
    [
      [0, 0.1],
      [5, 3.2],
    ],
  ],
  [
    'notes/exp5/config1',
    40_000,
    [
      [0, 0.1],
      [50, 1],
      [100, 0.1],
      [150, 0.55],
    ],
  ],
]
