import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { momentumFor, ScheduleConfig, scheduleFor, schedulesIn } from '../../../core/schedules/all'
import { partsOn } from '../../../core/schedules/composed'
import { evenClock, phasedClock } from '../../../core/schedules/schedule'
import { expectClose } from '../../support/close'
import { configOf, planOf } from '../../support/planInfo'

type Input = z.input<typeof ScheduleConfig>

const rateOf = (config: Input, clock = evenClock(10, 100), base = 0.1) =>
  scheduleFor(ScheduleConfig.parse(config), base, clock)
const step2 = { type: 'step', factor: 0.5, every: 2 } as const

/** Ten epochs of 100 updates from 0.1; [update, rate] pairs worked out by hand from each part's formula. */
const rows: readonly {
  readonly name: string
  readonly config: Input
  readonly rates: readonly (readonly [number, number])[]
}[] = [
  {
    name: 'join by default: constant, then half a cosine over the rest',
    config: { type: 'join' },
    rates: [
      [0, 0.1],
      [499, 0.1],
      [500, 0.1],
      [750, 0.05],
      [999, 0.05 * (1 + Math.cos((Math.PI * 499) / 500))],
    ],
  },
  {
    name: 'a step that counts its epochs from its own start',
    config: { type: 'join', parts: [{ schedule: { type: 'constant' }, length: 3 }, { schedule: step2 }] },
    rates: [
      [299, 0.1],
      [300, 0.1],
      [499, 0.1],
      [500, 0.05],
      [700, 0.025],
      [999, 0.0125],
    ],
  },
  {
    name: 'milestones as fractions of their part',
    config: {
      type: 'join',
      parts: [
        { schedule: { type: 'multiStep', milestones: [0.5] }, length: 400, unit: 'updates' },
        { schedule: { type: 'multiStep', milestones: [0.5] }, length: 0.6, unit: 'fraction' },
      ],
    },
    rates: [
      [199, 0.1],
      [200, 0.01],
      [399, 0.01],
      [400, 0.1],
      [699, 0.1],
      [700, 0.01],
    ],
  },
  {
    name: 'a last part that is over before the run',
    config: {
      type: 'join',
      parts: [
        { schedule: { type: 'polynomial', minimum: 0.02 }, length: 2 },
        { schedule: { type: 'cosine' }, length: 4 },
      ],
    },
    rates: [
      [100, 0.06],
      [200, 0.1],
      [400, 0.05],
      [599, 0.05 * (1 + Math.cos((Math.PI * 399) / 400))],
      [600, 0.05 * (1 + Math.cos((Math.PI * 399) / 400))],
      [999, 0.05 * (1 + Math.cos((Math.PI * 399) / 400))],
    ],
  },
  {
    name: 'a part that ends inside an update and has that one too',
    config: {
      type: 'join',
      parts: [
        { schedule: { type: 'constant' }, length: 2.5, unit: 'updates' },
        { schedule: { type: 'polynomial' }, length: 4.5, unit: 'updates' },
        { schedule: { type: 'scale', factor: 2, schedule: { type: 'constant' } } },
      ],
    },
    rates: [
      [2, 0.1],
      [3, 0.1],
      [4, 0.075],
      [6, 0.025],
      [7, 0.2],
      [999, 0.2],
    ],
  },
  {
    name: 'scale',
    config: { type: 'scale', factor: 3, schedule: { type: 'cosine', minimum: 0.01 } },
    rates: [
      [0, 0.3],
      [500, 0.165],
      [1000, 0.03],
    ],
  },
  {
    name: 'stretch to twice the length',
    config: { type: 'stretch', factor: 2, schedule: { type: 'cosine' } },
    rates: [
      [0, 0.1],
      [500, 0.05 * (1 + Math.cos(Math.PI / 4))],
      [999, 0.05 * (1 + Math.cos(0.4995 * Math.PI))],
    ],
  },
  {
    name: 'stretch of drops',
    config: { type: 'stretch', factor: 1.5, schedule: step2 },
    rates: [
      [299, 0.1],
      [300, 0.05],
      [600, 0.025],
      [900, 0.0125],
    ],
  },
  {
    name: 'stretch to half the length, whose last rate is held',
    config: { type: 'stretch', factor: 0.5, schedule: { type: 'polynomial', minimum: 0.02 } },
    rates: [
      [0, 0.1],
      [250, 0.06],
      [499, 0.02 + 0.08 * 0.002],
      [500, 0.02 + 0.08 * 0.001],
      [999, 0.02 + 0.08 * 0.001],
    ],
  },
  {
    name: 'a stretched join of scaled parts',
    config: {
      type: 'join',
      parts: [
        { schedule: { type: 'scale', factor: 0.5, schedule: { type: 'constant' } }, length: 4 },
        { schedule: { type: 'stretch', factor: 2, schedule: { type: 'polynomial' } } },
      ],
    },
    rates: [
      [0, 0.05],
      [399, 0.05],
      [400, 0.1],
      [700, 0.075],
      [999, 0.1 * (1 - 599 / 1200)],
    ],
  },
  {
    name: 'a scaled and stretched table of absolute rates',
    config: {
      type: 'scale',
      factor: 0.5,
      schedule: {
        type: 'stretch',
        factor: 2,
        schedule: {
          type: 'points',
          points: [
            { at: 0, value: 0.4 },
            { at: 100, value: 0 },
          ],
        },
      },
    },
    rates: [
      [0, 0.2],
      [100, 0.1],
      [200, 0],
      [999, 0],
    ],
  },
]

describe('a composed schedule', () => {
  it.each(rows)('gives the rates of $name', ({ config, rates }) => {
    const rate = rateOf(config)
    for (const [update, expected] of rates) expectClose(rate(update), expected, 1e-12)
  })

  it('is continuous where a scaled part begins at the rate that the one before it reaches', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 400 }),
        fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        (length, share) => {
          const rate = rateOf({
            type: 'join',
            parts: [
              { schedule: { type: 'polynomial', minimum: 0.1 * share }, length, unit: 'updates' },
              { schedule: { type: 'scale', factor: share, schedule: { type: 'cosine' } } },
            ],
          })
          expectClose(rate(length), 0.1 * share, 1e-12)
          // One straight step before it.
          expectClose(rate(length - 1) - rate(length), (0.1 * (1 - share)) / length, 1e-9)
        },
      ),
    )
  })

  it('equals the schedule alone when the join has one part, the scale and the stretch are 1', () => {
    for (const schedule of [
      { type: 'cosine' },
      { type: 'oneCycle' },
      { type: 'cyclic', period: 3 },
      { type: 'warmRestarts', period: 2 },
      step2,
    ] as never[]) {
      const alone = rateOf(schedule)
      for (const config of [
        { type: 'join', parts: [{ schedule }] },
        { type: 'scale', factor: 1, schedule },
        { type: 'stretch', factor: 1, schedule },
      ] as Input[]) {
        const composed = rateOf(config)
        for (let update = 0; update < 1000; update += 7)
          expect(composed(update), `${config.type} ${update}`).toBe(alone(update))
      }
    }
  })

  it('counts the epochs of a part by the updates that they have, where the batch grows', () => {
    const clock = phasedClock([
      { epochs: 4, updatesPerEpoch: 100 },
      { epochs: 4, updatesPerEpoch: 20 },
    ])
    const parts = ScheduleConfig.parse({
      type: 'join',
      parts: [
        { schedule: { type: 'constant' }, length: 3 },
        { schedule: step2, length: 4 },
        { schedule: { type: 'constant' } },
      ],
    })
    if (parts.type !== 'join') throw new Error('not a join')
    expect(partsOn(parts.parts, clock).map(({ start, updates }) => [start, updates])).toEqual([
      [0, 300],
      [300, 160],
      [460, 20],
    ])
    const rate = scheduleFor(parts, 0.1, clock)
    // Two epochs behind update 300: one of 100 updates and one of 20.
    expect([419, 420, 459, 460].map(rate)).toEqual([0.1, 0.05, 0.05, 0.1])
  })

  it('has no boundary lost to rounding: ten tenths are the run', () => {
    const parts = Array.from({ length: 10 }, () => ({
      schedule: { type: 'cosine' },
      length: 0.1,
      unit: 'fraction',
    })) as never
    const rate = rateOf({ type: 'join', parts })
    for (let part = 0; part < 10; part += 1) expect(rate(100 * part)).toBe(0.1)
  })

  it('cycles the momentum of the part that asks for it', () => {
    const config = ScheduleConfig.parse({
      type: 'join',
      parts: [
        { schedule: { type: 'constant' }, length: 5 },
        {
          schedule: {
            type: 'stretch',
            factor: 0.5,
            schedule: { type: 'oneCycle', inverseMomentum: true, curve: 'linear' },
          },
        },
      ],
    })
    const momentum = momentumFor(config, 0.7, evenClock(10, 100))
    expect([0, 499].map(momentum)).toEqual([0.7, 0.7])
    expectClose(momentum(500), 0.95, 1e-12)
    // The peak at 0.3 · 500 − 1 updates of a curve that takes 250.
    expectClose(momentum(500 + 74.5), 0.85, 1e-12)
    expect(momentumFor(ScheduleConfig.parse({ type: 'scale' }), 0.7, evenClock(10, 100))(3)).toBe(0.7)
  })

  it('has a warm-up on top, which rises to the scaled base rate or to what it finds underneath', () => {
    const schedule: Input = {
      type: 'join',
      parts: [
        { schedule: { type: 'scale', factor: 0.5, schedule: { type: 'constant' } }, length: 5 },
        { schedule: { type: 'cosine' } },
      ],
    }
    const warmup = { type: 'gradual', length: 2, from: 'fraction', start: 0 } as const
    const rates = (toward: 'base' | 'schedule') =>
      planOf({ epochs: 10, learningRate: { schedule, warmup: { ...warmup, toward } } }, 5120).learningRate
    expectClose(rates('base')(40), 0.05, 1e-12)
    expectClose(rates('schedule')(40), 0.025, 1e-12)
    for (const toward of ['base', 'schedule'] as const)
      for (const [update, rate] of [
        [80, 0.05],
        [199, 0.05],
        [200, 0.1],
        [300, 0.05],
      ] as const)
        expectClose(rates(toward)(update), rate, 1e-12)
  })
})

describe('the config of a composed schedule', () => {
  const issueOf = (input: unknown) => {
    const issue = ScheduleConfig.safeParse(input).error?.issues[0]
    return issue === undefined ? undefined : `${issue.path.join('.')}: ${issue.message}`
  }

  it('refuses a part without a length before the last', () => {
    expect(
      issueOf({ type: 'join', parts: [{ schedule: { type: 'constant' } }, { schedule: { type: 'cosine' } }] }),
    ).toBe('parts.0.length: must be given for every part but the last')
  })

  it('holds two levels, and neither three nor a plateau', () => {
    const once = { type: 'scale', schedule: { type: 'cosine' } }
    const twice = { type: 'stretch', schedule: once }
    expect(issueOf(twice)).toBeUndefined()
    expect(issueOf({ type: 'join', parts: [{ schedule: once }] })).toBeUndefined()
    expect(issueOf({ type: 'join', parts: [{ schedule: twice }] })).toMatch(/^parts\.0\.schedule\.schedule/)
    expect(issueOf({ type: 'scale', schedule: { type: 'plateau' } })).toMatch(/^schedule/)
  })

  it('names a mistake inside a part by its place', () => {
    expect(
      issueOf({
        type: 'join',
        parts: [{ schedule: { type: 'constant' }, length: 1 }, { schedule: { type: 'multiStep', milestones: [30] } }],
      }),
    ).toMatch(/^parts\.1\.schedule\.milestones: must be between 0 and 1/)
    expect(issueOf({ type: 'join', parts: [] })).toMatch(/^parts: /)
  })

  it('lists what it is made of', () => {
    const config = configOf({
      learningRate: {
        schedule: {
          type: 'join',
          parts: [
            { schedule: { type: 'scale', schedule: { type: 'step' } }, length: 1 },
            { schedule: { type: 'cosine' } },
          ],
        },
      },
    })
    expect(schedulesIn(config.learningRate.schedule).map(({ type }) => type)).toEqual([
      'join',
      'scale',
      'step',
      'cosine',
    ])
  })

  it('warns of parts that never come', () => {
    const schedule: Input = {
      type: 'join',
      parts: [{ schedule: { type: 'constant' }, length: 20 }, { schedule: { type: 'cosine' } }],
    }
    expect(planOf({ epochs: 20, learningRate: { schedule } }, 5120).warnings).toEqual([
      {
        path: 'learningRate.schedule.parts',
        message: 'has 1 part that begins at or beyond the end of the run at update 800',
      },
    ])
    expect(planOf({ epochs: 21, learningRate: { schedule } }, 5120).warnings).toEqual([])
  })
})
