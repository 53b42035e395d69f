import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScheduleConfig, scheduleFor } from '../../../core/schedules/all'
import { evenClock } from '../../../core/schedules/schedule'
import { WarmupConfig, withWarmup } from '../../../core/schedules/warmup'
import { expectClose } from '../../support/close'

const goyal = ScheduleConfig.parse({ type: 'multiStep', milestones: [30, 60, 80], unit: 'epochs' })

/**
 * Goyal's schedule at k times the reference rate 0.1, with a warm-up, at updatesPerEpoch updates in each of 90 epochs.
 */
function warmed(settings: object, k: number, updatesPerEpoch: number) {
  const clock = evenClock(90, updatesPerEpoch)
  const target = 0.1 * k
  return withWarmup(scheduleFor(goyal, target, clock), WarmupConfig.parse(settings), { target, unscaled: 0.1 }, clock)
}

describe('constant warm-up', () => {
  it('holds the unscaled rate for five epochs and then jumps', () => {
    const rate = warmed({ type: 'constant' }, 32, 100)
    for (const [update, expected] of [
      [0, 0.1],
      [499, 0.1],
      [500, 3.2],
    ] as const)
      expectClose(rate(update), expected, 1e-12)
  })
})

describe('gradual warm-up', () => {
  const tables = [
    {
      k: 32,
      updatesPerEpoch: 156,
      rates: [
        [0, 0.1],
        [1, 0.103974359],
        [390, 1.65],
        [779, 3.19602564],
        [780, 3.2],
      ],
    },
    {
      k: 8,
      updatesPerEpoch: 40,
      rates: [
        [1, 0.1035],
        [100, 0.45],
        [199, 0.7965],
        [200, 0.8],
      ],
    },
  ] as const
  for (const { k, updatesPerEpoch, rates } of tables) {
    it(`gives the published rates for k = ${k}`, () => {
      const rate = warmed({ type: 'gradual' }, k, updatesPerEpoch)
      for (const [update, expected] of rates) expectClose(rate(update), expected, 1e-8)
    })
  }

  it("leaves the milestones on the schedule's own clock", () => {
    const rate = warmed({ type: 'gradual' }, 32, 156)
    for (const [update, expected] of [
      [30 * 156 - 1, 3.2],
      [30 * 156, 0.32],
      [60 * 156, 0.032],
      [80 * 156, 0.0032],
    ] as const)
      expectClose(rate(update), expected, 1e-9)
  })

  it('starts one increment up, at kη/W from 0, and ends on its last update when it counts (t + 1)/W', () => {
    const rate = warmed(
      { type: 'gradual', from: 'rate', start: 0, firstUpdate: 'oneIncrement', length: 200, unit: 'updates' },
      8,
      40,
    )
    for (const [update, expected] of [
      [0, 0.8 / 200],
      [99, 0.4],
      [199, 0.8],
      [200, 0.8],
    ] as const)
      expectClose(rate(update), expected, 1e-12)
  })

  it('starts from a rate or from a fraction of the scaled rate', () => {
    expectClose(warmed({ type: 'gradual', from: 'rate', start: 0.02 }, 8, 40)(0), 0.02, 1e-12)
    expectClose(warmed({ type: 'gradual', from: 'fraction', start: 0.25 }, 8, 40)(0), 0.2, 1e-12)
  })

  it('does nothing where the scaled rate is not above the unscaled one', () => {
    for (const k of [1, 1 / 64]) {
      const rate = warmed({ type: 'gradual' }, k, 40)
      for (const update of [0, 100, 199, 200]) expectClose(rate(update), 0.1 * k, 1e-12)
    }
  })

  it('reaches the schedule without a jump when it rises to the schedule', () => {
    const types = ['constant', 'polynomial', 'cosine', 'warmRestarts', 'cyclic', 'oneCycle'] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0.2, max: 32, noNaN: true }),
        (type, length, k) => {
          const clock = evenClock(90, 1000)
          const base = scheduleFor(ScheduleConfig.parse({ type }), 0.1 * k, clock)
          const rate = withWarmup(
            base,
            WarmupConfig.parse({ type: 'gradual', toward: 'schedule', length }),
            { target: 0.1 * k, unscaled: 0.1 },
            clock,
          )
          const end = 1000 * length
          // The limit from below, where rounding no longer counts as having reached the end.
          const before = end - 1e-5 * end
          expect(Math.abs(rate(before) - base(end))).toBeLessThan(1e-3 * k)
          expect(rate(end)).toBe(base(end))
        },
      ),
    )
  })

  it('rises to the base rate along the straight line by default, whatever the schedule does underneath', () => {
    const clock = evenClock(100, 10)
    const rate = withWarmup(
      scheduleFor(ScheduleConfig.parse({ type: 'cosine' }), 0.8, clock),
      WarmupConfig.parse({ type: 'gradual' }),
      { target: 0.8, unscaled: 0.1 },
      clock,
    )
    for (let update = 0; update < 50; update += 1) expectClose(rate(update), 0.1 + (0.7 * update) / 50, 1e-12)
    expectClose(rate(50), 0.4 * (1 + Math.cos(0.05 * Math.PI)), 1e-12)
  })

  it('lasts no update when its length is 0', () => {
    for (const type of ['constant', 'gradual']) expect(warmed({ type, length: 0 }, 8, 40)(0)).toBe(0.8)
  })
})
