import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { momentumFor, ScheduleConfig, scheduleFor } from '../../../core/schedules/all'
import { evenClock } from '../../../core/schedules/schedule'
import { expectClose } from '../../support/close'

type Input = z.input<typeof ScheduleConfig>

/** One update per epoch: positions in epochs, updates and rows of the table are the same number. */
const byEpoch = (epochs: number) => evenClock(epochs, 1)
/** 100 updates per epoch, so that half epochs are updates too. */
const fine = (epochs: number) => evenClock(epochs, 100)

interface Row {
  readonly name: string
  readonly config: Input
  readonly clock: ReturnType<typeof evenClock>
  readonly base: number
  /** [update, rate] pairs. */
  readonly rates: readonly (readonly [number, number])[]
}

const rows: readonly Row[] = [
  {
    name: 'constant',
    config: { type: 'constant' },
    clock: byEpoch(10),
    base: 0.1,
    rates: [
      [0, 0.1],
      [9, 0.1],
    ],
  },
  {
    name: 'step, γ 0.5 every 20 epochs',
    config: { type: 'step', factor: 0.5, every: 20 },
    clock: byEpoch(100),
    base: 0.1,
    rates: [
      [19, 0.1],
      [20, 0.05],
      [45, 0.025],
      [99, 0.00625],
    ],
  },
  {
    name: 'step, dropping at the first update of an epoch',
    config: { type: 'step', factor: 0.5, every: 2 },
    clock: evenClock(6, 313),
    base: 0.1,
    rates: [
      [625, 0.1],
      [626, 0.05],
      [1251, 0.05],
      [1252, 0.025],
    ],
  },
  {
    name: 'Masters & Luschi on whole epochs',
    config: { type: 'multiStep', milestones: [41, 61.5], unit: 'epochs' },
    clock: byEpoch(82),
    base: 0.1,
    rates: [
      [40, 0.1],
      [41, 0.01],
      [61, 0.01],
      [62, 0.001],
    ],
  },
  {
    name: 'Masters & Luschi on whole epochs, between epochs',
    config: { type: 'multiStep', milestones: [41, 61.5], unit: 'epochs' },
    clock: fine(82),
    base: 0.1,
    rates: [
      [4099, 0.1],
      [4100, 0.01],
      [6175, 0.01],
      [6199, 0.01],
      [6200, 0.001],
    ],
  },
  {
    name: 'Masters & Luschi at 50 % and 75 % of updates',
    config: { type: 'multiStep' },
    clock: evenClock(82, 391),
    base: 0.1,
    rates: [
      [16_030, 0.1],
      [16_031, 0.01],
      [24_046, 0.01],
      [24_047, 0.001],
    ],
  },
  {
    name: 'Goyal, drops at 30, 60 and 80 of 90',
    config: { type: 'multiStep', milestones: [30, 60, 80], unit: 'epochs' },
    clock: byEpoch(90),
    base: 0.1,
    rates: [
      [29, 0.1],
      [30, 0.01],
      [60, 0.001],
      [80, 1e-4],
    ],
  },
  {
    name: 'Hoffer, ResNet-44',
    config: { type: 'multiStep', milestones: [81, 122, 164], unit: 'epochs' },
    clock: byEpoch(200),
    base: 0.1,
    rates: [
      [80, 0.1],
      [81, 1e-2],
      [122, 1e-3],
      [164, 1e-4],
    ],
  },
  {
    name: 'multi-step in updates',
    config: { type: 'multiStep', milestones: [150], unit: 'updates', factor: 0.2 },
    clock: fine(3),
    base: 1,
    rates: [
      [149, 1],
      [150, 0.2],
    ],
  },
  {
    name: 'multi-step at a fraction that rounds up',
    config: { type: 'multiStep', milestones: [0.07], unit: 'fraction' },
    clock: byEpoch(100),
    base: 1,
    rates: [
      [6, 1],
      [7, 0.1],
    ],
  },
  {
    name: 'exponential every 25 epochs',
    config: { type: 'exponential', factor: 0.5, every: 25 },
    clock: byEpoch(100),
    base: 0.1,
    rates: [
      [24, 0.1],
      [25, 0.05],
      [60, 0.025],
    ],
  },
  {
    name: 'exponential every epoch',
    config: { type: 'exponential', factor: 0.9 },
    clock: byEpoch(100),
    base: 0.1,
    rates: [
      [1, 0.09],
      [10, 0.03486784401],
    ],
  },
  {
    name: 'polynomial of power 0.9',
    config: { type: 'polynomial', power: 0.9 },
    clock: byEpoch(100),
    base: 0.1,
    rates: [
      [0, 0.1],
      [50, 0.05358867313],
      [99, 0.001584893192],
      [100, 0],
      [101, 0],
    ],
  },
  {
    name: 'polynomial of power 2',
    config: { type: 'polynomial', power: 2 },
    clock: byEpoch(100),
    base: 0.1,
    rates: [
      [50, 0.025],
      [99, 1e-5],
      [100, 0],
    ],
  },
  {
    name: 'polynomial of power 1 by default, to a final rate',
    config: { type: 'polynomial', minimum: 0.02 },
    clock: byEpoch(100),
    base: 0.1,
    rates: [
      [50, 0.06],
      [100, 0.02],
    ],
  },
  {
    name: 'cosine',
    config: { type: 'cosine' },
    clock: byEpoch(100),
    base: 0.1,
    rates: [
      [0, 0.1],
      [25, 0.08535533906],
      [50, 0.05],
      [75, 0.01464466094],
      [99, 2.467198171e-5],
      [100, 0],
    ],
  },
  {
    name: 'cosine to a final rate',
    config: { type: 'cosine', minimum: 1e-3 },
    clock: byEpoch(100),
    base: 0.1,
    rates: [[50, 0.0505]],
  },
  {
    name: 'warm restarts, doubling',
    config: { type: 'warmRestarts' },
    clock: fine(70),
    base: 0.1,
    rates: [
      [500, 0.05],
      [950, 6.155829702e-4],
      [1000, 0.1],
      [2000, 0.05],
      [2950, 1.541333133e-4],
      [3000, 0.1],
      [5000, 0.05],
    ],
  },
  {
    name: 'warm restarts of equal length',
    config: { type: 'warmRestarts', period: 10, growth: 1 },
    clock: fine(30),
    base: 0.1,
    rates: [
      [0, 0.1],
      [500, 0.05],
      [999, 0.05 * (1 + Math.cos(0.999 * Math.PI))],
      [1000, 0.1],
      [2500, 0.05],
    ],
  },
  {
    name: 'points in updates',
    config: {
      type: 'points',
      points: [
        { at: 2, value: 0.2 },
        { at: 6, value: 0.4 },
        { at: 8, value: 0 },
      ],
    },
    clock: byEpoch(10),
    base: 5,
    rates: [
      [0, 0.2],
      [2, 0.2],
      [3, 0.25],
      [6, 0.4],
      [7, 0.2],
      [8, 0],
      [9, 0],
    ],
  },
  {
    name: 'points as multiples of the base rate, held, in epochs',
    config: {
      type: 'points',
      points: [
        { at: 0, value: 1 },
        { at: 60, value: 0.2 },
        { at: 120, value: 0.04 },
        { at: 140, value: 0.001 },
      ],
      unit: 'epochs',
      between: 'hold',
      relative: true,
    },
    clock: fine(200),
    base: 0.1,
    rates: [
      [0, 0.1],
      [5999, 0.1],
      [6000, 0.02],
      [12_000, 0.004],
      [13_999, 0.004],
      [14_000, 1e-4],
      [19_999, 1e-4],
    ],
  },
  {
    name: 'points as fractions',
    config: {
      type: 'points',
      points: [
        { at: 0, value: 0 },
        { at: 1, value: 1 },
      ],
      unit: 'fraction',
    },
    clock: byEpoch(40),
    base: 0.1,
    rates: [
      [0, 0],
      [10, 0.25],
      [39, 0.975],
    ],
  },
]

describe('every schedule', () => {
  for (const { name, config, clock, base, rates } of rows) {
    it(`gives the published rates: ${name}`, () => {
      const schedule = scheduleFor(ScheduleConfig.parse(config), base, clock)
      for (const [update, rate] of rates) expectClose(schedule(update), rate, 1e-9)
    })
  }

  it('counts restarts of a tenth of an epoch without losing one to rounding', () => {
    const schedule = scheduleFor(
      ScheduleConfig.parse({ type: 'warmRestarts', period: 0.1, growth: 1 }),
      0.1,
      evenClock(10, 10),
    )
    for (let update = 0; update < 100; update += 1) expectClose(schedule(update), 0.1, 1e-9)
  })

  it('finds every doubling restart at its exact update', () => {
    const schedule = scheduleFor(
      ScheduleConfig.parse({ type: 'warmRestarts', period: 3, unit: 'updates' }),
      0.1,
      byEpoch(2000),
    )
    for (let restart = 1; restart < 9; restart += 1) {
      const update = 3 * (2 ** restart - 1)
      expect(schedule(update)).toBe(0.1)
      expect(schedule(update - 1)).toBeLessThan(0.05)
    }
  })

  it('is a finite rate at every update with its defaults, also in a run of one update', () => {
    for (const type of ScheduleConfig.options.map((option) => option.shape.type.value)) {
      for (const clock of [evenClock(1, 1), evenClock(3, 7), evenClock(200, 10)]) {
        const config = ScheduleConfig.parse({ type })
        const [rate, momentum] = [scheduleFor(config, 0.1, clock), momentumFor(config, 0.9, clock)]
        for (let update = 0; update < clock.updates; update += 1) {
          expect(
            Number.isFinite(rate(update)) && rate(update) >= 0,
            `${type} at ${update} of ${clock.updates}: ${rate(update)}`,
          ).toBe(true)
          expect(momentum(update)).toBe(0.9)
        }
      }
    }
  })
})

describe('the schedule in a config', () => {
  const messageOf = (input: unknown): string | undefined => ScheduleConfig.safeParse(input).error?.issues[0]?.message

  it('refuses milestones beyond 1 that are fractions', () => {
    expect(messageOf({ type: 'multiStep', milestones: [0.5, 30] })).toBe(
      'must be between 0 and 1 as fractions, found 30; choose epochs or updates for larger numbers',
    )
    expect(messageOf({ type: 'multiStep', milestones: [30], unit: 'epochs' })).toBeUndefined()
  })

  it('refuses points that are out of order or beyond the run', () => {
    expect(
      messageOf({
        type: 'points',
        points: [
          { at: 2, value: 1 },
          { at: 2, value: 0 },
        ],
      }),
    ).toMatch(/^must be in increasing order of position/)
    expect(messageOf({ type: 'points', unit: 'fraction', points: [{ at: 2, value: 1 }] })).toMatch(
      /^must have positions between 0 and 1/,
    )
  })

  it('refuses three phases that would be longer than the run', () => {
    expect(messageOf({ type: 'oneCycle', phases: 'three', riseFraction: 0.6 })).toMatch(/^must be at most 0.5/)
  })

  it('refuses unknown settings, unknown types and numbers that are not finite', () => {
    for (const input of [
      { type: 'cosine', gamma: 1 },
      { type: 'cosin' },
      { type: 'step', factor: NaN },
      { type: 'cyclic', period: Infinity },
      { type: 'points', points: [] },
    ]) {
      expect(ScheduleConfig.safeParse(input).success, JSON.stringify(input)).toBe(false)
    }
  })

  it('has a label and help on every kind and every setting', () => {
    for (const option of ScheduleConfig.options) {
      expect(option.meta(), option.shape.type.value).toMatchObject({
        label: expect.any(String),
        help: expect.any(String),
      })
      for (const [key, field] of Object.entries(option.shape)) {
        if (key !== 'type')
          expect(field.meta(), `${option.shape.type.value}.${key}`).toMatchObject({
            label: expect.any(String),
            help: expect.any(String),
          })
      }
    }
  })
})
