import { describe, expect, it } from 'vitest'
import { BatchConfig } from '../../core/config/batch'
import type { RunConfigInput } from '../../core/config/config'
import { planOf } from '../support/planInfo'

type Input = NonNullable<NonNullable<RunConfigInput['learningRate']>['schedule']>
type Inner = NonNullable<Extract<Input, { type: 'scale' }>['schedule']>
type Plain = NonNullable<Extract<Inner, { type: 'scale' }>['schedule']>

// 40 updates per epoch.
const images = 5120
const warningsOf = (input: RunConfigInput): readonly string[] => planOf(input, images).warnings.map(({ path }) => path)
const multiStep = (milestones: number[], unit: 'epochs' | 'updates') => ({
  type: 'multiStep' as const,
  milestones,
  unit,
})

/** 20 epochs of 40 updates, in two parts: 8 epochs, then the rest. */
const joinOf = (first: Inner, second: Inner, length = 8): Input => ({
  type: 'join',
  parts: [{ schedule: first, length }, { schedule: second }],
})
/** The same as part of another schedule, whose parts can only be plain. */
const innerJoin = (first: Plain, second: Plain, length: number): Inner => ({
  type: 'join',
  parts: [{ schedule: first, length }, { schedule: second }],
})
const atWarning = (input: RunConfigInput, path: string): string | undefined =>
  planOf(input, images).warnings.find((warning) => warning.path === path)?.message

describe('inside a composed schedule', () => {
  const milestones = multiStep([5, 10], 'epochs')

  it.each<[string, Input, string, string]>([
    [
      'a join',
      joinOf(milestones, { type: 'constant' }),
      'parts.0.schedule.milestones',
      '10 falls beyond the end of its part at 8 epochs, so the rate never drops there',
    ],
    [
      'the last part of a join',
      joinOf({ type: 'constant' }, multiStep([12], 'epochs')),
      'parts.1.schedule.milestones',
      '12 falls beyond the end of its part at 12 epochs, so the rate never drops there',
    ],
    [
      'a join, in updates',
      joinOf(multiStep([320, 400], 'updates'), { type: 'constant' }),
      'parts.0.schedule.milestones',
      '320, 400 fall beyond the end of its part at 320 updates, so the rate never drops there',
    ],
    [
      'a scale',
      { type: 'scale', schedule: multiStep([25], 'epochs') },
      'schedule.milestones',
      '25 falls beyond the end of its part at 20 epochs, so the rate never drops there',
    ],
    [
      'a stretch',
      { type: 'stretch', factor: 2.5, schedule: milestones },
      'schedule.milestones',
      '10 falls beyond the end of its part at 8 epochs, so the rate never drops there',
    ],
    [
      'a stretched part of a join',
      joinOf({ type: 'stretch', factor: 2, schedule: { type: 'step', every: 4 } }, { type: 'constant' }),
      'parts.0.schedule.schedule.every',
      'is 4 epochs, its part has 4, so the rate never drops',
    ],
    [
      'a short stretch',
      { type: 'stretch', factor: 0.5, schedule: multiStep([25], 'epochs') },
      'schedule.milestones',
      '25 falls beyond the end of its part at 20 epochs, so the rate never drops there',
    ],
    [
      'a stretched join',
      { type: 'stretch', factor: 4, schedule: innerJoin({ type: 'constant' }, { type: 'cosine' }, 8) },
      'schedule.parts',
      'has 1 part that begins at or beyond the end of its part at update 200',
    ],
  ])('milestones, steps and parts that never come are named in %s', (_, schedule, path, message) => {
    expect(atWarning({ learningRate: { schedule } }, `learningRate.schedule.${path}`)).toBe(message)
  })

  // The drop comes at epoch 8 + 2, 2 · 5, 5, and 8: where a part begins with a lower rate.
  it.each<[string, Input, number]>([
    ['a step in the second part', joinOf({ type: 'constant' }, { type: 'step', every: 2 }), 10],
    ['stretched milestones', { type: 'stretch', factor: 2, schedule: multiStep([5], 'epochs') }, 10],
    ['scaled milestones', { type: 'scale', factor: 3, schedule: multiStep([5], 'epochs') }, 5],
    [
      'a part that begins lower',
      joinOf({ type: 'constant' }, { type: 'scale', factor: 0.1, schedule: { type: 'constant' } }),
      8,
    ],
    [
      'a table of rates behind the base rate',
      joinOf({ type: 'constant' }, { type: 'points', points: [{ at: 0, value: 0.02 }] }),
      8,
    ],
    [
      'a stretched part that begins lower',
      {
        type: 'stretch',
        factor: 2,
        schedule: innerJoin(
          { type: 'constant' },
          { type: 'points', relative: true, points: [{ at: 0, value: 0.1 }] },
          4,
        ),
      },
      8,
    ],
  ])('the first drop is found: %s', (_, schedule, epoch) => {
    const stopping = (patience: number): RunConfigInput => ({
      earlyStopping: { enabled: true, patience },
      learningRate: { schedule },
    })
    expect(atWarning(stopping(epoch - 1), 'earlyStopping.patience')).toBe(
      `of ${epoch - 1} epochs can end the run before the first drop at epoch ${epoch}, which usually brings ` +
        'the next improvement',
    )
    expect(atWarning(stopping(epoch), 'earlyStopping.patience')).toBeUndefined()
    const warmed = (length: number): RunConfigInput => ({
      learningRate: { schedule, warmup: { type: 'gradual', length } },
    })
    expect(atWarning(warmed(epoch + 1), 'learningRate.warmup.length')).toContain(
      `later than the first drop of the rate at update ${40 * epoch}:`,
    )
    expect(atWarning(warmed(epoch), 'learningRate.warmup.length')).toBeUndefined()
  })
})

describe('the warnings of a plan', () => {
  it('are none for the defaults', () => {
    expect(warningsOf({})).toEqual([])
    expect(
      warningsOf({
        learningRate: {
          scaling: { type: 'linear' },
          warmup: { type: 'gradual' },
          schedule: multiStep([10, 15], 'epochs'),
        },
        batchSize: 512,
        earlyStopping: { enabled: true, patience: 12 },
      }),
    ).toEqual([])
  })

  it('refuse ghosts of one image outright', () => {
    expect(BatchConfig.safeParse({ ghostSize: 1 }).error?.issues[0]?.path).toEqual(['ghostSize'])
  })

  it.each<[string, RunConfigInput]>([
    [
      'a table whose last point is the end',
      {
        learningRate: {
          schedule: {
            type: 'points',
            unit: 'fraction',
            points: [
              { at: 0, value: 0.1 },
              { at: 1, value: 0 },
            ],
          },
        },
      },
    ],
    [
      'a curve that goes on smoothly in the next part',
      {
        earlyStopping: { enabled: true, patience: 4 },
        learningRate: {
          schedule: {
            type: 'join',
            parts: [
              { schedule: { type: 'polynomial', minimum: 0.05 }, length: 10 },
              { schedule: { type: 'scale', factor: 0.5, schedule: { type: 'cosine' } } },
            ],
          },
        },
      },
    ],
    [
      'milestones of the run that regime adaptation imitates',
      {
        batchSize: 256,
        batch: { regimeAdaptation: 'epochs' },
        learningRate: { schedule: multiStep([10, 15], 'epochs') },
      },
    ],
    ['ghosts of one image in convolutions', { batchSize: 1, network: { type: 'conv4', batchNorm: true } }],
    [
      'a warm-up that ends with the first phase',
      {
        learningRate: {
          warmup: { type: 'gradual', length: 5, from: 'fraction', start: 0.1 },
          schedule: multiStep([5, 15], 'epochs'),
        },
      },
    ],
    [
      'patience that reaches the first drop',
      { earlyStopping: { enabled: true, patience: 10 }, learningRate: { schedule: multiStep([10, 15], 'epochs') } },
    ],
    ['summed gradients without momentum', { optimizer: { type: 'sgd', momentum: 0, reduction: 'sum' } }],
    [
      'a cycled momentum where there is one',
      { learningRate: { schedule: { type: 'oneCycle', inverseMomentum: true } } },
    ],
    [
      'micro-batches of a network without batch norm',
      { network: { type: 'conv4', batchNorm: false }, batch: { microBatch: 32 } },
    ],
    [
      'micro-batches of a whole ghost batch',
      { network: { type: 'conv4', batchNorm: true }, batch: { microBatch: 32, ghostSize: 32 } },
    ],
    [
      'a table that only rises',
      {
        earlyStopping: { enabled: true, patience: 5 },
        learningRate: {
          schedule: {
            type: 'points',
            unit: 'fraction',
            between: 'hold',
            relative: true,
            points: [
              { at: 0, value: 0.1 },
              { at: 0.5, value: 1 },
            ],
          },
        },
      },
    ],
    [
      "scaling with Adam's mean",
      { batchSize: 512, learningRate: { scaling: { type: 'linear' } }, optimizer: { type: 'adamw' } },
    ],
  ])('are silent about %s', (_, input) => {
    expect(warningsOf(input)).toEqual([])
  })
})
