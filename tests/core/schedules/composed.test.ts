import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { momentumFor, ScheduleConfig, scheduleFor } from '../../../core/schedules/all'
import { partsOn } from '../../../core/schedules/composed'
import { evenClock, phasedClock } from '../../../core/schedules/schedule'
import { expectClose } from '../../support/close'
import { planOf } from '../../support/planInfo'
import { type Input, step2, rows } from './composedRows'

const rateOf = (config: Input, clock = evenClock(10, 100), base = 0.1) =>
  scheduleFor(ScheduleConfig.parse(config), base, clock)

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
