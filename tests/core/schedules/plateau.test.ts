import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { RunConfigInput } from '../../../core/config/config'
import { contradictions } from '../../../core/plan/plan'
import { measuredFor, noPlateau, plateauConfig, watchPlateau } from '../../../core/schedules/plateau'
import { plateauFactor } from '../../support/plateauFactor'
import { expectClose } from '../../support/close'
import { configOf, infoOf, planOf } from '../../support/planInfo'

interface Row {
  readonly name: string
  readonly config: Omit<z.input<typeof plateauConfig>, 'type'>
  readonly base: number
  /** Measured at the end of each epoch; null is NaN. */
  readonly values: readonly (number | null)[]
  /** The rate after each epoch. */
  readonly rates: readonly number[]
}

// From torch.optim.lr_scheduler.ReduceLROnPlateau of PyTorch 2.15, stepped with these values.
const rows: readonly Row[] = [
  {
    name: 'the defaults',
    config: {},
    base: 0.1,
    values: Array.from({ length: 24 }, () => 1),
    rates: [
      0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01,
      0.01, 0.001, 0.001,
    ],
  },
  {
    name: 'patience 2 and factor 0.5',
    config: { patience: 2, factor: 0.5 },
    base: 0.1,
    values: [1, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8],
    rates: [0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125],
  },
  {
    name: 'no patience',
    config: { patience: 0 },
    base: 0.1,
    values: [1, 0.5, 0.6, 0.4, 0.4],
    rates: [0.1, 0.1, 0.01, 0.01, 0.001],
  },
  {
    name: 'an improvement that the relative threshold lets pass',
    config: { patience: 1, factor: 0.5, threshold: 0.1 },
    base: 0.1,
    values: [1, 0.95, 0.9, 0.89, 0.8, 0.75, 0.7],
    rates: [0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05],
  },
  {
    name: 'an absolute threshold',
    config: { patience: 1, factor: 0.5, threshold: 0.1, thresholdMode: 'abs' },
    base: 0.1,
    values: [1, 0.95, 0.9, 0.89, 0.85, 0.75, 0.74],
    rates: [0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05],
  },
  {
    name: 'accuracy, which should rise',
    config: { metric: 'validationAccuracy', patience: 1, factor: 0.2 },
    base: 0.1,
    values: [0.5, 0.6, 0.6, 0.55, 0.61, 0.6001, 0.61, 0.61, 0.7],
    rates: [0.1, 0.1, 0.1, 0.02, 0.02, 0.02, 0.004, 0.004, 0.004],
  },
  {
    name: 'accuracy with a relative threshold',
    config: { metric: 'validationAccuracy', patience: 1, factor: 0.2, threshold: 0.1 },
    base: 0.1,
    values: [0.5, 0.54, 0.55, 0.56, 0.6, 0.61],
    rates: [0.1, 0.1, 0.02, 0.02, 0.02, 0.004],
  },
  {
    name: 'accuracy with an absolute threshold',
    config: { metric: 'validationAccuracy', patience: 1, factor: 0.2, threshold: 0.1, thresholdMode: 'abs' },
    base: 0.1,
    values: [0.5, 0.54, 0.55, 0.61, 0.6, 0.62, 0.63, 0.64],
    rates: [0.1, 0.1, 0.02, 0.02, 0.02, 0.004, 0.004, 0.0008],
  },
  {
    name: 'accuracy from 0',
    config: { metric: 'validationAccuracy', patience: 0, factor: 0.5 },
    base: 0.1,
    values: [0, 0, 0.1, 0.1, 0.1],
    rates: [0.1, 0.05, 0.05, 0.025, 0.0125],
  },
  {
    name: 'a cooldown',
    config: { patience: 1, factor: 0.5, cooldown: 3 },
    base: 0.1,
    values: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    rates: [0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025, 0.025, 0.0125, 0.0125],
  },
  {
    name: 'an improvement in a cooldown',
    config: { patience: 1, factor: 0.5, cooldown: 2 },
    base: 0.1,
    values: [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5],
    rates: [0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025],
  },
  {
    name: 'a lowest rate',
    config: { patience: 0, factor: 0.1, minimum: 0.004 },
    base: 0.1,
    values: [1, 1, 1, 1, 1, 1, 1, 1],
    rates: [0.1, 0.01, 0.004, 0.004, 0.004, 0.004, 0.004, 0.004],
  },
  {
    name: 'a lowest rate above the rate',
    config: { patience: 0, minimum: 0.2 },
    base: 0.1,
    values: [1, 1, 1, 1],
    rates: [0.1, 0.1, 0.1, 0.1],
  },
  {
    name: 'a change too small to be made',
    config: { patience: 0, factor: 0.1 },
    base: 1e-6,
    values: [1, 1, 1, 1, 1, 1],
    rates: [1e-6, 1e-7, 1e-8, 1e-8, 1e-8, 1e-8],
  },
  {
    name: 'values that are not finite',
    config: { patience: 1, factor: 0.5 },
    base: 0.1,
    values: [null, null, null, 1, null, null, 0.5],
    rates: [0.1, 0.05, 0.05, 0.05, 0.05, 0.025, 0.025],
  },
  {
    name: 'a loss below 0',
    config: { patience: 1, factor: 0.5, threshold: 0.1 },
    base: 0.1,
    values: [-1, -1.05, -1.2, -1.2, -1.2],
    rates: [0.1, 0.1, 0.1, 0.1, 0.1],
  },
]

describe('reduce on plateau', () => {
  it.each(rows)('gives the rates of PyTorch with $name', ({ config, base, values, rates }) => {
    const parsed = plateauConfig.parse({ type: 'plateau', ...config })
    expect(rates.length).toBe(values.length)
    rates.forEach((rate, epoch) =>
      expectClose(base * plateauFactor(parsed, base, values.slice(0, epoch + 1)), rate, 1e-11),
    )
  })

  it('has the defaults of PyTorch', () => {
    expect(plateauConfig.parse({ type: 'plateau' })).toEqual({
      type: 'plateau',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minimum: 0,
      metric: 'validationLoss',
    })
  })

  it('comes to the same state through a pause that is written as JSON between any two epochs', () => {
    const config = plateauConfig.parse({ type: 'plateau', patience: 1, factor: 0.3, cooldown: 1 })
    const values = [1, 0.7, 0.71, null, 0.7, 0.69, 0.72, 0.72, 0.73, 0.5, 0.6, 0.6, 0.6]
    let state = noPlateau
    for (const value of values)
      state = watchPlateau(config, 0.1, JSON.parse(JSON.stringify(state)) as typeof state, value)
    expect(state.factor).toBe(plateauFactor(config, 0.1, values))
    expect(state.factor).toBeLessThan(0.3)
  })

  it('remembers the factor of the epoch before, for momentum that holds the rate', () => {
    const config = plateauConfig.parse({ type: 'plateau', patience: 0 })
    const fallen = watchPlateau(config, 0.1, watchPlateau(config, 0.1, noPlateau, 1), 1)
    expect(fallen).toMatchObject({ factor: 0.1, before: 1 })
    expect(watchPlateau(config, 0.1, fallen, 0.5)).toMatchObject({ factor: 0.1, before: 0.1 })
  })

  it('goes by the value that the metric names', () => {
    const [train, validation] = [
      { loss: 1, accuracy: 0.2, images: 10 },
      { loss: null, accuracy: 0.4, images: 10 },
    ]
    expect(
      (['trainingLoss', 'validationLoss', 'validationAccuracy'] as const).map((metric) =>
        measuredFor({ metric }, train, validation),
      ),
    ).toEqual([1, null, 0.4])
    expect(
      (['trainingLoss', 'validationLoss', 'validationAccuracy'] as const).map((metric) =>
        measuredFor({ metric }, train, null),
      ),
    ).toEqual([1, null, null])
  })
})

describe('a plan with reduce on plateau', () => {
  // 40 updates per epoch.
  const images = 5120
  const withPlateau = (schedule: object, more: RunConfigInput = {}): RunConfigInput => ({
    ...more,
    learningRate: { ...more.learningRate, schedule: { type: 'plateau', ...schedule } },
  })

  it('shows the highest rate there can be, and says when it can fall at the earliest', () => {
    const plan = planOf(
      withPlateau(
        { patience: 3 },
        { learningRate: { warmup: { type: 'gradual', length: 1, from: 'fraction', start: 0 } } },
      ),
      images,
    )
    expect([0, 20, 40, 799].map(plan.learningRate)).toEqual([0, 0.05, 0.1, 0.1])
    expect(plan.warnings).toEqual([
      {
        path: 'learningRate.schedule',
        message:
          'is shown at its highest: what is measured decides when it falls, at the earliest after epoch 5 ' +
          '(from update 200 on)',
      },
    ])
  })

  it.each<[string, RunConfigInput, string]>([
    ['that never falls in so short a run', withPlateau({ patience: 18 }), 'learningRate.schedule.patience'],
    ['whose lowest rate is the scaled one', withPlateau({ minimum: 0.1 }), 'learningRate.schedule.minimum'],
    [
      'behind early stopping',
      withPlateau({ patience: 5 }, { earlyStopping: { enabled: true, patience: 6 } }),
      'earlyStopping.patience',
    ],
    [
      'in the middle of a warm-up',
      withPlateau({ patience: 1 }, { learningRate: { warmup: { type: 'gradual', length: 5 } } }),
      'learningRate.warmup.length',
    ],
  ])('names one %s', (_, input, path) => {
    expect(planOf(input, images).warnings.map((warning) => warning.path)).toContain(path)
  })

  it('is refused without the validation images that it needs', () => {
    const info = { ...infoOf(images), counts: { train: images, validation: 0, test: 100 } }
    expect(contradictions(configOf(withPlateau({})), info)).toEqual([
      {
        path: 'learningRate.schedule.metric',
        message: 'needs validation images, found none: raise the validation fraction, or choose trainingLoss',
      },
    ])
    expect(contradictions(configOf(withPlateau({ metric: 'trainingLoss' })), info)).toEqual([])
  })
})
