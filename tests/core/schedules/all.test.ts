import { describe, expect, it } from 'vitest'
import { momentumFor, ScheduleConfig, scheduleFor } from '../../../core/schedules/all'
import { evenClock } from '../../../core/schedules/schedule'
import { expectClose } from '../../support/close'
import { byEpoch } from './scheduleRow'
import { rows } from './scheduleRows'

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
