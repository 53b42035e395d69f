import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../core/events'
import type { AppEvent } from '../../core/protocol'
import { newRun } from '../../core/run'
import { createEventThrottle } from '../../main/queue/eventThrottle'
import { manualClock } from '../support/fakeClock'
import { onePoint, smallConfig } from '../support/fakeTraining'

const id = 'run00001'
const advanced = (update: number): AppEvent => ({
  type: 'run',
  id,
  events: [{ type: 'advanced', points: onePoint({ update, epoch: 0, position: 0, examples: 0, seconds: update }) }],
})
const noted = (message: string): TrainEvent => ({ type: 'noted', at: '', update: 0, message })

describe('the throttle', () => {
  it('sends a flood of events as at most ten messages a second, and loses none', () => {
    const clock = manualClock()
    const sent: { readonly at: number; readonly event: AppEvent }[] = []
    const throttle = createEventThrottle(clock, (event) => sent.push({ at: clock.now(), event }))
    for (let update = 1; update <= 3000; update++) {
      throttle.push(advanced(update))
      if (update % 50 === 0)
        throttle.push({ type: 'load', id, rssBytes: update, cpuFraction: 1, gpu: null, stalled: false })
      if (update % 10 === 0) throttle.push({ type: 'progress', id, message: String(update), fraction: null })
      clock.advance(1)
    }
    clock.advance(1000)
    for (let from = 0; from < 3000; from += 100) {
      expect(sent.filter(({ at }) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(10)
    }
    const updates = sent
      .flatMap(({ event }) => (event.type === 'run' ? event.events : []))
      .flatMap((event) => (event.type === 'advanced' ? event.points.update : []))
    expect(updates).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1))
    expect(sent.length).toBeGreaterThan(20)
  })

  it('sends the first event at once', () => {
    const sent: AppEvent[] = []
    createEventThrottle(manualClock(), (event) => sent.push(event)).push(advanced(1))
    expect(sent).toEqual([advanced(1)])
  })

  it('keeps the order of events and never lets a new status overtake them', () => {
    const clock = manualClock()
    const sent: AppEvent[] = []
    const throttle = createEventThrottle(clock, (event) => sent.push(event))
    throttle.push(advanced(1))
    throttle.push({ type: 'run', id, events: [noted('a')] })
    throttle.push(advanced(2))
    const changed: AppEvent = { type: 'runChanged', run: newRun(id, '', smallConfig(), { type: 'new' }) }
    throttle.push(changed)
    expect(sent).toEqual([
      advanced(1),
      { type: 'run', id, events: [noted('a'), ...(advanced(2) as Extract<AppEvent, { type: 'run' }>).events] },
      changed,
    ])
  })
})
