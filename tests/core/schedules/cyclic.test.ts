import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { momentumFor, ScheduleConfig, scheduleFor } from '../../../core/schedules/all'
import { evenClock } from '../../../core/schedules/schedule'
import { expectClose } from '../../support/close'

const clock = evenClock(40, 1000)
const cyclic = (settings: object) =>
  ScheduleConfig.parse({ type: 'cyclic', factor: 10, period: 4000, unit: 'updates', ...settings })

describe('the cyclic schedule', () => {
  const table = [
    {
      mode: 'triangular',
      rates: [
        [0, 0.01],
        [1000, 0.055],
        [2000, 0.1],
        [3000, 0.055],
        [4000, 0.01],
        [6000, 0.1],
        [10_000, 0.1],
      ],
    },
    {
      mode: 'triangular2',
      rates: [
        [2000, 0.1],
        [4000, 0.01],
        [6000, 0.055],
        [10_000, 0.0325],
      ],
    },
    {
      mode: 'exp_range',
      rates: [
        [0, 0.01],
        [1000, 0.0523793277],
        [2000, 0.0898225519],
        [6000, 0.0727901912],
        [10_000, 0.0593921581],
      ],
    },
  ] as const
  for (const { mode, rates } of table) {
    it(`gives the published rates: ${mode}`, () => {
      const rate = scheduleFor(cyclic({ mode }), 0.01, clock)
      for (const [update, expected] of rates) expectClose(rate(update), expected, 1e-8)
    })
  }

  it('rises in 1000 and falls in 3000 updates where the rising part is a quarter', () => {
    const rate = scheduleFor(cyclic({ riseFraction: 0.25 }), 0.01, clock)
    for (const [update, expected] of [
      [0, 0.01],
      [500, 0.055],
      [1000, 0.1],
      [2500, 0.055],
      [4000, 0.01],
    ] as const)
      expectClose(rate(update), expected, 1e-9)
  })

  it('decays exp_range by the updates of the run, also when the period is in epochs', () => {
    const rate = scheduleFor(
      ScheduleConfig.parse({ type: 'cyclic', mode: 'exp_range', factor: 10, period: 4 }),
      0.01,
      clock,
    )
    for (const [update, expected] of [
      [2000, 0.0898225519],
      [6000, 0.0727901912],
    ] as const)
      expectClose(rate(update), expected, 1e-8)
  })

  it('takes the base rate for its floor or its ceiling', () => {
    const [floor, ceiling] = (['floor', 'ceiling'] as const).map((baseIs) =>
      scheduleFor(cyclic({ baseIs, factor: 5 }), 0.1, clock),
    )
    for (const [update, low, high] of [
      [0, 0.1, 0.02],
      [2000, 0.5, 0.1],
    ] as const) {
      expectClose(floor!(update), low, 1e-9)
      expectClose(ceiling!(update), high, 1e-9)
    }
  })

  for (const [factor, mean] of [
    [10, 5.5],
    [2, 1.5],
    [5, 3],
  ] as const) {
    it(`averages ${mean} times the floor with a factor of ${factor}`, () => {
      const rate = scheduleFor(cyclic({ factor }), 0.01, clock)
      const sum = Array.from({ length: 4000 }, (_, update) => rate(update)).reduce((total, value) => total + value, 0)
      expectClose(sum / 4000, mean * 0.01, 1e-9)
    })
  }

  it('has as many cycles whatever the batch size when the period is in epochs', () => {
    for (const updatesPerEpoch of [10, 313]) {
      const rate = scheduleFor(
        ScheduleConfig.parse({ type: 'cyclic', factor: 10, period: 8 }),
        0.01,
        evenClock(40, updatesPerEpoch),
      )
      expectClose(rate(4 * updatesPerEpoch), 0.1, 1e-9)
      expectClose(rate(8 * updatesPerEpoch), 0.01, 1e-9)
      expectClose(rate(36 * updatesPerEpoch), 0.1, 1e-9)
    }
  })

  it('cycles the momentum against the rate only when asked', () => {
    const asked = momentumFor(cyclic({ inverseMomentum: true, mode: 'triangular2' }), 0.5, clock)
    for (const [update, expected] of [
      [0, 0.9],
      [1000, 0.85],
      [2000, 0.8],
      [4000, 0.9],
      [6000, 0.85],
    ] as const)
      expectClose(asked(update), expected, 1e-9)
    expect(momentumFor(cyclic({}), 0, clock)(2000)).toBe(0)
  })

  it('stays between floor and ceiling in every mode', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('triangular', 'triangular2', 'exp_range'),
        fc.integer({ min: 0, max: 39_999 }),
        fc.double({ min: 1, max: 50, noNaN: true }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.integer({ min: 1, max: 5000 }),
        (mode, update, factor, riseFraction, period) => {
          const value = scheduleFor(cyclic({ mode, factor, riseFraction, period }), 0.01, clock)(update)
          expect(value).toBeGreaterThanOrEqual(0.01)
          expect(value).toBeLessThanOrEqual(0.01 * factor * (1 + 1e-12))
        },
      ),
    )
  })
})
