import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { ScalingConfig, sumDecayOfMean, sumRateOfMean } from '../../core/scaling'
import { ScheduleConfig } from '../../core/schedules/all'
import { WarmupConfig } from '../../core/schedules/warmup'
import type { Dataset } from '../../main/data/dataset'
import { digits, digitsConfig, parametersIn, trainOnDigits, useFolder } from '../support/digits'
import { initialOf, plainLoss, plainRun, type PlainUpdate } from './plainRun'
import { distance } from './reference'

/*
 * Every schedule, warm-up and scaling rule trains a perceptron on real digits, 3 epochs of 10 updates, beside a plain
 * run at rates that are written out here.
 */

const folder = useFolder()
const [epochs, perEpoch] = [3, 10]
const last = epochs * perEpoch
let dataset: Dataset
beforeAll(async () => {
  dataset = await digits(digitsConfig({}), folder())
  expect(dataset.info.counts.train).toBe(24 * perEpoch)
})

type Rates = (update: number) => Pick<PlainUpdate, 'rate' | 'momentum' | 'weightDecay'>
type Row = readonly [string, RunConfigInput, Rates]

const rated =
  (rate: (update: number) => number): Rates =>
  (update) => ({ rate: rate(update) })
const halfCosine = (part: number): number => (1 + Math.cos(Math.PI * part)) / 2
const between = (from: number, to: number, part: number): number => to + (from - to) * halfCosine(part)
const epochOf = (update: number): number => Math.floor(update / perEpoch)
/** Up over the first `rise` of ten updates, down over the rest. */
const triangle = (update: number, rise = 5): number =>
  update % 10 <= rise ? (update % 10) / rise : (10 - (update % 10)) / (10 - rise)

type Schedule = NonNullable<NonNullable<RunConfigInput['learningRate']>['schedule']>
type Warmup = NonNullable<NonNullable<RunConfigInput['learningRate']>['warmup']>
const on = (schedule: Schedule, warmup: Warmup = { type: 'none' }): RunConfigInput => ({
  learningRate: { base: 0.1, referenceBatch: 24, schedule, warmup },
})
const cyclic = { type: 'cyclic', baseIs: 'ceiling', period: 10, unit: 'updates' } as const
const restart = (update: number): number =>
  update < 5 ? halfCosine(update / 5) : update < 15 ? halfCosine((update - 5) / 10) : halfCosine((update - 15) / 20)
const torchCycle = (update: number, low: number, high: number, end: number): number =>
  update <= 8 ? between(low, high, update / 8) : between(high, end, (update - 8) / 21)
const fastaiCycle = (update: number, low: number, high: number, end: number): number =>
  update <= 7.5 ? between(low, high, update / 7.5) : between(high, end, (update - 7.5) / 22.5)

const schedules: readonly Row[] = [
  ['constant', on({ type: 'constant' }), rated(() => 0.1)],
  ['step', on({ type: 'step', factor: 0.5, every: 1 }), rated((update) => 0.1 * 0.5 ** epochOf(update))],
  [
    'multi-step at fractions',
    on({ type: 'multiStep' }),
    rated((update) => (update < 15 ? 0.1 : update < 23 ? 0.01 : 0.001)),
  ],
  [
    'multi-step at epochs',
    on({ type: 'multiStep', milestones: [1, 2], unit: 'epochs', factor: 0.3 }),
    rated((update) => [0.1, 0.03, 0.009][epochOf(update)]!),
  ],
  [
    'multi-step at updates',
    on({ type: 'multiStep', milestones: [7], unit: 'updates', factor: 0.2 }),
    rated((update) => (update < 7 ? 0.1 : 0.02)),
  ],
  ['exponential', on({ type: 'exponential', factor: 0.8 }), rated((update) => 0.1 * 0.8 ** epochOf(update))],
  [
    'polynomial',
    on({ type: 'polynomial', power: 2, minimum: 0.01 }),
    rated((update) => 0.09 * (1 - update / last) ** 2 + 0.01),
  ],
  ['cosine', on({ type: 'cosine', minimum: 0.01 }), rated((update) => between(0.1, 0.01, update / last))],
  ['warm restarts', on({ type: 'warmRestarts', period: 0.5 }), rated((update) => 0.1 * restart(update))],
  [
    'one cycle (PyTorch)',
    on({ type: 'oneCycle', inverseMomentum: true }),
    (update) => ({ rate: torchCycle(update, 0.004, 0.1, 4e-7), momentum: torchCycle(update, 0.95, 0.85, 0.95) }),
  ],
  [
    'one cycle (fastai)',
    on({ type: 'oneCycle', convention: 'fastai', riseFraction: 0.25, finalDivision: 1e5, inverseMomentum: true }),
    (update) => ({ rate: fastaiCycle(update, 0.004, 0.1, 1e-6), momentum: fastaiCycle(update, 0.95, 0.85, 0.95) }),
  ],
  ['triangular', on({ ...cyclic }), rated((update) => 0.02 + 0.08 * triangle(update))],
  [
    'triangular from a floor, in epochs',
    { learningRate: { base: 0.05, referenceBatch: 24, schedule: { type: 'cyclic', factor: 3, period: 1 } } },
    rated((update) => 0.05 + 0.1 * triangle(update)),
  ],
  [
    'triangular2',
    on({ ...cyclic, mode: 'triangular2' }),
    rated((update) => 0.02 + (0.08 * triangle(update)) / 2 ** epochOf(update)),
  ],
  [
    'exp_range',
    on({ ...cyclic, mode: 'exp_range', decay: 0.95 }),
    rated((update) => 0.02 + 0.08 * triangle(update) * 0.95 ** update),
  ],
  [
    'an asymmetric cycle, momentum against it',
    on({ ...cyclic, riseFraction: 0.3, inverseMomentum: true }),
    (update) => ({ rate: 0.02 + 0.08 * triangle(update, 3), momentum: 0.9 - 0.1 * triangle(update, 3) }),
  ],
  [
    'a table of points',
    on({
      type: 'points',
      points: [
        { at: 4, value: 0.02 },
        { at: 14, value: 0.12 },
      ],
    }),
    rated((update) => Math.min(0.12, 0.02 + 0.01 * Math.max(0, update - 4))),
  ],
  [
    'a table of multiples that are held',
    on({
      type: 'points',
      relative: true,
      between: 'hold',
      unit: 'epochs',
      points: [
        { at: 0, value: 1 },
        { at: 1.5, value: 0.2 },
      ],
    }),
    rated((update) => (update < 15 ? 0.1 : 0.02)),
  ],
  [
    'join',
    on({ type: 'join', parts: [{ schedule: { type: 'constant' }, length: 1 }, { schedule: { type: 'cosine' } }] }),
    rated((update) => (update < 10 ? 0.1 : 0.1 * halfCosine((update - 10) / 20))),
  ],
  [
    'scale',
    on({ type: 'scale', factor: 0.4, schedule: { type: 'step', factor: 0.5, every: 1 } }),
    rated((update) => 0.04 * 0.5 ** epochOf(update)),
  ],
  [
    'stretch',
    on({ type: 'stretch', factor: 2, schedule: { type: 'cosine' } }),
    rated((update) => 0.1 * halfCosine(update / 60)),
  ],
]

const warmups: readonly Row[] = [
  [
    'constant warm-up',
    on({ type: 'constant' }, { type: 'constant', length: 1, from: 'rate', start: 0.02 }),
    rated((update) => (update < 10 ? 0.02 : 0.1)),
  ],
  [
    'gradual warm-up, the schedule on its own clock',
    on({ type: 'cosine' }, { type: 'gradual', length: 1, from: 'fraction', start: 0.1 }),
    rated((update) => (update < 10 ? 0.01 + 0.009 * update : 0.1 * halfCosine(update / last))),
  ],
  [
    'gradual warm-up from one increment',
    on(
      { type: 'constant' },
      { type: 'gradual', length: 6, unit: 'updates', from: 'rate', firstUpdate: 'oneIncrement' },
    ),
    rated((update) => 0.1 * Math.min(1, (update + 1) / 6)),
  ],
  [
    'gradual warm-up toward the schedule',
    on({ type: 'polynomial' }, { type: 'gradual', length: 1, from: 'rate', start: 0.02, toward: 'schedule' }),
    rated((update) => {
      const to = 0.1 * (1 - update / last)
      return update < 10 ? 0.02 + ((to - 0.02) * update) / 10 : to
    }),
  ],
  [
    'Goyal: linear rule, warm-up from the unscaled rate',
    {
      learningRate: {
        base: 0.025,
        referenceBatch: 6,
        scaling: { type: 'linear' },
        warmup: { type: 'gradual', length: 2 },
        schedule: { type: 'multiStep', milestones: [2], unit: 'epochs' },
      },
    },
    rated((update) => (update < 20 ? 0.025 + (0.075 * update) / 20 : 0.01)),
  ],
]

const scaled = (
  base: number,
  referenceBatch: number,
  scaling: NonNullable<NonNullable<RunConfigInput['learningRate']>['scaling']>,
): RunConfigInput => ({ learningRate: { base, referenceBatch, scaling } })
const rules: readonly Row[] = [
  ['fixed', scaled(0.04, 6, { type: 'fixed' }), rated(() => 0.04)],
  ['linear', scaled(0.02, 6, { type: 'linear' }), rated(() => 0.08)],
  ['square root', scaled(0.03, 6, { type: 'squareRoot' }), rated(() => 0.06)],
  ['constant ratio', scaled(9, 6, { type: 'constantRatio', ratio: 0.003 }), rated(() => 0.072)],
  ['proportional to the data set', scaled(0.7, 6, { type: 'datasetProportional' }), rated(() => 0.07)],
  // 24 images at 1 − μ = 0.05 have the noise of 12 at 0.1.
  ['momentum scaled with the batch', scaled(0.05, 12, { type: 'momentum' }), () => ({ rate: 0.05, momentum: 0.95 })],
  [
    'momentum where the reference batch has none',
    { optimizer: { type: 'sgd', momentum: 0 }, ...scaled(0.05, 6, { type: 'momentum' }) },
    () => ({ rate: 0.05, momentum: 0.75 }),
  ],
  // Masters & Luschi: no momentum, summed gradients; rate and decay are those of the mean, per image.
  [
    'summed gradients',
    {
      optimizer: { type: 'sgd', momentum: 0, reduction: 'sum', weightDecay: sumDecayOfMean(5e-3, 24) },
      learningRate: { base: sumRateOfMean(0.2, 24), referenceBatch: 24 },
    },
    () => ({ rate: 0.2, momentum: 0, weightDecay: 5e-3 }),
  ],
]

describe('on real digits, as a plain run at its rates does, trains', () => {
  it.each([...schedules, ...warmups, ...rules])('%s', { timeout: 120_000 }, async (_, input, rates) => {
    const config = digitsConfig(input)
    const {
      traced: { trace },
      final,
    } = await trainOnDigits(config, folder())
    const updates = Array.from({ length: last }, (_unused, update) => ({
      epoch: epochOf(update),
      batch: 24,
      ...rates(update),
    }))
    const plain = plainRun(config, dataset, await initialOf(config, dataset), updates)
    const factor = config.optimizer.reduction === 'sum' ? 24 : 1
    trace.learningRate.forEach((rate, update) =>
      expect(Math.abs(factor * rate - updates[update]!.rate), `update ${update}`).toBeLessThan(1e-12),
    )
    expect(distance(trace.loss as number[], plain.losses)).toBeLessThan(1e-4)
    const found = parametersIn(final)
    for (const name of Object.keys(plain.parameters))
      expect(distance(found[name]!, plain.parameters[name]!), name).toBeLessThan(1e-4)
  })

  it(
    'reduce on plateau, falling where the validation losses of the plain run say so',
    { timeout: 120_000 },
    async () => {
      // Hardly any epoch is better by a third than the best so far: patience 0 halves the rate behind each that is not.
      const config = digitsConfig({
        epochs: 5,
        learningRate: {
          base: 0.1,
          referenceBatch: 24,
          schedule: { type: 'plateau', factor: 0.5, patience: 0, threshold: 0.35 },
        },
      })
      const {
        traced: { trace },
        final,
      } = await trainOnDigits(config, folder())
      const start = await initialOf(config, dataset)
      let [rate, best] = [0.1, Infinity]
      const updates: PlainUpdate[] = []
      let plain = plainRun(config, dataset, start, updates)
      for (let epoch = 0; epoch < 5; epoch++) {
        updates.push(...Array.from({ length: perEpoch }, () => ({ epoch, batch: 24, rate })))
        plain = plainRun(config, dataset, start, updates)
        const loss = plainLoss(config, dataset, dataset.validation, plain.parameters)
        if (loss < best * 0.65) best = loss
        else rate /= 2
      }
      expect(trace.learningRate).toEqual(updates.map((update) => update.rate))
      expect(new Set(trace.learningRate).size).toBeGreaterThan(1)
      expect(distance(trace.loss as number[], plain.losses)).toBeLessThan(1e-4)
      for (const [name, values] of Object.entries(plain.parameters))
        expect(distance(parametersIn(final)[name]!, values), name).toBeLessThan(1e-4)
    },
  )

  it(
    'by the sum of gradients at η/m with mλ what it trains by their mean at η with λ',
    { timeout: 120_000 },
    async () => {
      const runs = await Promise.all(
        (['mean', 'sum'] as const).map(async (reduction) => {
          const [rate, decay] = reduction === 'sum' ? [sumRateOfMean(0.1, 24), sumDecayOfMean(0.01, 24)] : [0.1, 0.01]
          const { traced, final } = await trainOnDigits(
            digitsConfig({
              optimizer: { type: 'sgd', reduction, weightDecay: decay },
              learningRate: { base: rate, referenceBatch: 24 },
            }),
            folder(),
          )
          return { losses: traced.trace.loss as number[], parameters: parametersIn(final) }
        }),
      )
      expect(distance(runs[1]!.losses, runs[0]!.losses)).toBeLessThan(1e-5)
      for (const [name, values] of Object.entries(runs[0]!.parameters))
        expect(distance(runs[1]!.parameters[name]!, values), name).toBeLessThan(1e-5)
    },
  )
})

describe('a run here', () => {
  const kinds = (options: readonly { readonly shape: { readonly type: { readonly value: string } } }[]): string[] =>
    options.map((option) => option.shape.type.value)
  const used = (rows: readonly Row[], part: 'schedule' | 'warmup' | 'scaling'): unknown[] =>
    rows.map(([, { learningRate }]) => learningRate?.[part]?.type)

  it.each<[string, readonly string[], readonly unknown[]]>([
    // The plateau's rates follow from what is measured, so it has a test of its own above.
    ['schedule', kinds(ScheduleConfig.options), [...used(schedules, 'schedule'), 'plateau']],
    ['warm-up', kinds(WarmupConfig.options), [...used(warmups, 'warmup'), 'none']],
    ['scaling rule', kinds(ScalingConfig.options), used(rules, 'scaling')],
  ])('is there for every %s', (_, all, here) => {
    expect(all.filter((kind) => !here.includes(kind))).toEqual([])
  })
})
