import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ScheduleConfig, scheduleFor } from '../../../core/schedules/all'
import {
  evenClock,
  hasReached,
  hold,
  join,
  phasedClock,
  scale,
  type Schedule,
  stretchClock,
  wholePeriods,
} from '../../../core/schedules/schedule'
import { expectClose } from '../../support/close'

const linear = (update: number): number => 1 + update
/** The same curve, `factor` times as long: f(t / factor). */
const stretch =
  (schedule: Schedule, factor: number): Schedule =>
  (update) =>
    schedule(update / factor)

describe('join', () => {
  it('lets each part count from its own start and the last go on', () => {
    const joined = join([
      { schedule: linear, updates: 3 },
      { schedule: hold(7), updates: 2 },
      { schedule: linear, updates: 4 },
    ])
    expect([0, 2, 3, 4, 5, 8, 9, 20].map(joined)).toEqual([1, 3, 7, 7, 1, 4, 5, 16])
  })

  it('is continuous where one part starts at the value that the other reaches', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (rise, fall, peak) => {
          const cosine = scheduleFor(ScheduleConfig.parse({ type: 'cosine' }), peak, evenClock(fall, 1))
          const joined = join([
            { schedule: (update) => (peak * update) / rise, updates: rise },
            { schedule: cosine, updates: fall },
          ])
          expectClose(joined(rise), peak, 1e-12)
          expectClose(joined(rise - 1e-9 * rise), peak, 1e-8)
        },
      ),
    )
  })

  it('refuses to join nothing', () => {
    expect(() => join([])).toThrow('join needs at least one schedule, found none')
  })
})

describe('scale and stretch', () => {
  it('multiply the value and the length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 64 }), (update, factor) => {
        expect(scale(linear, factor)(update)).toBe(factor * linear(update))
        expect(stretch(linear, factor)(update * factor)).toBe(linear(update))
      }),
    )
  })

  it('make the same rates from a stretched clock as from a stretched schedule', () => {
    const clock = evenClock(10, 13)
    for (const type of ['step', 'multiStep', 'exponential', 'polynomial', 'cosine', 'warmRestarts'] as const) {
      const config = ScheduleConfig.parse(type === 'step' ? { type, every: 3 } : { type })
      const [byClock, byStretch] = [
        scheduleFor(config, 0.1, stretchClock(clock, 4)),
        stretch(scheduleFor(config, 0.1, clock), 4),
      ]
      for (let update = 0; update < 520; update += 1) expectClose(byClock(update), byStretch(update), 1e-12)
    }
  })
})

describe('regime adaptation', () => {
  it("moves Hoffer's milestones 32 times later", () => {
    // ⌈50 000 / 4096⌉ = 13 updates per epoch; each phase takes 32 times as many epochs.
    const small = evenClock(200, 13)
    const rate = scheduleFor(
      ScheduleConfig.parse({ type: 'multiStep', milestones: [81, 122, 164], unit: 'epochs' }),
      0.1,
      stretchClock(small, 32),
    )
    for (const [update, before, after] of [
      [33_696, 0.1, 0.01],
      [50_752, 0.01, 0.001],
      [68_224, 0.001, 1e-4],
    ] as const) {
      expectClose(rate(update - 1), before, 1e-9)
      expectClose(rate(update), after, 1e-9)
    }
    expect([81, 122, 164].map((epoch) => 32 * epoch)).toEqual(
      [33_696, 50_752, 68_224].map((update) => small.epochAt(update)),
    )
  })

  it('keeps both directions of the clock inverse to each other', () => {
    const clock = stretchClock(evenClock(90, 313), 8)
    for (const epoch of [0, 1, 30, 719.5]) expectClose(clock.epochAt(clock.updateAt(epoch)), epoch, 1e-12)
    expect(clock.updates).toBe(90 * 313 * 8)
  })
})

describe('a clock with phases', () => {
  // ⌈50 000 / B⌉ updates per epoch; drops at 60, 120 and 160 of 200 epochs (Smith et al. 2017).
  const phased = (batches: readonly number[]) =>
    phasedClock(
      [60, 60, 40, 40].map((epochs, index) => ({
        epochs,
        updatesPerEpoch: Math.ceil(50_000 / (batches[index] ?? NaN)),
      })),
    )

  it("counts the updates of the paper's growing batches", () => {
    const rows = [
      [[128, 128, 128, 128], 78_200],
      [[128, 640, 3200, 16_000], 29_000],
      [[128, 640, 3200, 5120], 29_240],
      [[640, 3200, 5120, 5120], 6_500],
      [[3200, 5120, 5120, 5120], 2_360],
    ] as const
    for (const [batches, updates] of rows) expect(phased(batches).updates).toBe(updates)
  })

  it('goes both ways, through every phase and beyond the last', () => {
    const clock = phased([128, 640, 3200, 16_000])
    expect([0, 60, 120, 160, 200, 210].map(clock.updateAt)).toEqual([0, 23_460, 28_200, 28_840, 29_000, 29_040])
    fc.assert(
      fc.property(fc.double({ min: 0, max: 250, noNaN: true }), (epoch) =>
        expectClose(clock.epochAt(clock.updateAt(epoch)), epoch, 1e-9),
      ),
    )
  })

  it('drops a rate in epochs where the batch grows', () => {
    const clock = phased([128, 640, 3200, 16_000])
    const rate = scheduleFor(
      ScheduleConfig.parse({ type: 'multiStep', factor: 0.2, milestones: [60, 120, 160], unit: 'epochs' }),
      0.1,
      clock,
    )
    for (const [update, expected] of [
      [23_459, 0.1],
      [23_460, 0.02],
      [28_199, 0.02],
      [28_200, 0.004],
      [28_840, 8e-4],
    ] as const)
      expectClose(rate(update), expected, 1e-9)
  })
})

describe('boundaries', () => {
  it('are met up to rounding and not before', () => {
    expect(hasReached(7, 0.07 * 100)).toBe(true)
    expect(hasReached(24_046, 24_046.5)).toBe(false)
    expect(wholePeriods(0.3, 0.1)).toBe(3)
  })

  it('count whole periods like exact division', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 1000 }), (position, length) => {
        expect(wholePeriods(position, length)).toBe(Math.floor(position / length))
        expect(wholePeriods(position / 10, length / 10)).toBe(Math.floor(position / length))
      }),
    )
  })
})
