import { describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../core/events'
import { noPoints } from '../../core/events'
import { comingToAnEnd, noPace, paceAfter } from '../../core/pausing'

const advanced = (update: number, seconds: number): TrainEvent => ({
  type: 'advanced',
  points: { ...noPoints(), update: [update], seconds: [seconds] },
})

describe('what a training is said to do that comes to an end', () => {
  it('names the time that its update still takes, from the newest updates', () => {
    let pace = [advanced(2, 20), advanced(3, 64)].reduce(paceAfter, noPace)
    expect(pace.secondsPerUpdate).toBe(44)
    expect(comingToAnEnd('pause', pace, 4)).toBe('Pausing after this update, about 40 s')
    expect(comingToAnEnd('stop', pace, 37.5)).toBe('Stopping after this update, about 7 s')
    expect(comingToAnEnd('pause', pace, 50)).toBe('Pausing after this update, any moment now')
    pace = paceAfter(pace, advanced(4, 64 + 300))
    expect(comingToAnEnd('pause', pace, 0)).toBe('Pausing after this update, about 5 min')
  })

  it('promises nothing before the first update, and says no more than needed of quick ones', () => {
    expect(comingToAnEnd('pause', noPace, 100)).toBe('Pausing after this update')
    expect(comingToAnEnd('pause', [advanced(1, 1), advanced(11, 2)].reduce(paceAfter, noPace), 0)).toBe('Pausing')
  })
})
