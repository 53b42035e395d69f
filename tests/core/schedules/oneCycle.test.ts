import { describe, expect, it } from 'vitest'
import { momentumFor, ScheduleConfig, scheduleFor } from '../../../core/schedules/all'
import { evenClock } from '../../../core/schedules/schedule'
import { expectClose } from '../../support/close'

const updates = (count: number) => evenClock(count, 1)

describe('the one-cycle schedule', () => {
  it("agrees with PyTorch's defaults, rate and momentum", () => {
    const config = ScheduleConfig.parse({ type: 'oneCycle', inverseMomentum: true })
    const [rate, momentum] = [scheduleFor(config, 0.1, updates(100)), momentumFor(config, 0.5, updates(100))]
    const table = [
      [0, 0.004, 0.95],
      [14, 0.0494013324, 0.902706945],
      [29, 0.1, 0.85],
      [30, 0.0999496535, 0.850050347],
      [64, 0.0500002, 0.9],
      [99, 4e-7, 0.95],
    ] as const
    for (const [update, expectedRate, expectedMomentum] of table) {
      expectClose(rate(update), expectedRate, 1e-8)
      expectClose(momentum(update), expectedMomentum, 1e-8)
    }
  })

  // Printed by PyTorch 2.15: with so few updates the peak lies before the first of them.
  it.each([
    [2, [0.0811745653949763, 4e-7], [0.8688255099070633, 0.95]],
    [3, [0.09944154354509119, 0.0462637102666975, 4e-7], [0.8505584586887436, 0.9037365046793212, 0.95]],
  ] as const)('agrees with PyTorch over %d updates', (count, rates, momenta) => {
    const config = ScheduleConfig.parse({ type: 'oneCycle', inverseMomentum: true })
    rates.forEach((expected, update) => expectClose(scheduleFor(config, 0.1, updates(count))(update), expected, 1e-9))
    momenta.forEach((expected, update) => expectClose(momentumFor(config, 0.9, updates(count))(update), expected, 1e-9))
  })

  it("agrees with PyTorch's three linear phases, and holds the momentum in the last", () => {
    const config = ScheduleConfig.parse({
      type: 'oneCycle',
      phases: 'three',
      curve: 'linear',
      riseFraction: 0.45,
      startDivision: 10,
      finalDivision: 100,
      inverseMomentum: true,
    })
    const [rate, momentum] = [scheduleFor(config, 0.1, updates(100)), momentumFor(config, 0.9, updates(100))]
    for (const [update, expected] of [
      [0, 0.01],
      [22, 0.055],
      [44, 0.1],
      [66, 0.055],
      [88, 0.01],
      [99, 1e-4],
    ] as const)
      expectClose(rate(update), expected, 1e-9)
    for (const [update, expected] of [
      [0, 0.95],
      [44, 0.85],
      [88, 0.95],
      [95, 0.95],
      [99, 0.95],
    ] as const)
      expectClose(momentum(update), expected, 1e-9)
  })

  it('agrees with fastai, whose final rate is a part of the peak', () => {
    const config = ScheduleConfig.parse({
      type: 'oneCycle',
      convention: 'fastai',
      riseFraction: 0.25,
      finalDivision: 1e5,
    })
    const rate = scheduleFor(config, 0.1, updates(8))
    for (const [position, expected] of [
      [0, 0.004],
      [0.125, 0.052],
      [0.25, 0.1],
      [0.625, 0.0500005],
      [1, 1e-6],
    ] as const)
      expectClose(rate(8 * position), expected, 1e-9)
  })

  it("has three phases by fastai's counting too, turning at whole fractions", () => {
    const config = ScheduleConfig.parse({
      type: 'oneCycle',
      convention: 'fastai',
      phases: 'three',
      curve: 'linear',
      riseFraction: 0.25,
      startDivision: 10,
      finalDivision: 100,
    })
    const rate = scheduleFor(config, 0.1, updates(8))
    for (const [update, expected] of [
      [0, 0.01],
      [1, 0.055],
      [2, 0.1],
      [3, 0.055],
      [4, 0.01],
      [6, 0.0055],
      [8, 0.001],
    ] as const)
      expectClose(rate(update), expected, 1e-9)
  })

  it('never emits the exact peak where the turn falls between two updates', () => {
    const rate = scheduleFor(ScheduleConfig.parse({ type: 'oneCycle' }), 0.1, updates(391))
    const rates = Array.from({ length: 391 }, (_, update) => rate(update))
    expect(Math.max(...rates)).toBeLessThan(0.1)
    expect(Math.max(...rates)).toBeGreaterThan(0.0999)
    expect(rates.indexOf(Math.max(...rates))).toBe(116)
  })

  it('leaves the momentum alone unless asked, also a momentum of 0', () => {
    const momentum = momentumFor(ScheduleConfig.parse({ type: 'oneCycle' }), 0, updates(100))
    for (const update of [0, 29, 99]) expect(momentum(update)).toBe(0)
  })
})
