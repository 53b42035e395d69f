import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatClock,
  formatCount,
  formatCounted,
  formatDuration,
  formatPercent,
  none,
  significant,
} from '../../core/numbers'

describe('numbers for people', () => {
  it('have their unit behind the space that is asked for', () => {
    expect([formatPercent(0.8637), formatPercent(0.5, 0, '\u00a0')]).toEqual(['86.37 %', '50\u00a0%'])
    expect([formatBytes(3.1 * 2 ** 30), formatBytes(2 ** 20, '\u00a0')]).toEqual(['3.1 GiB', '1.0\u00a0MiB'])
    expect([formatDuration(72), formatDuration(0.432, '\u00a0')]).toEqual(['1 min 12 s', '0.43\u00a0s'])
  })

  it('are counted in the one and in the many', () => {
    expect([1, 0, 1200].map((runs) => formatCounted(runs, 'run'))).toEqual(['1 run', '0 runs', '1,200 runs'])
    expect(formatCounted(2, 'class', 'classes')).toBe('2 classes')
  })

  it('show seconds as a clock from a minute on', () => {
    expect([0.154, 8.26, 12.6, 245, 3723].map(formatClock)).toEqual(['0.15 s', '8.3 s', '13 s', '4:05', '1:02:03'])
  })

  it('are a dash where there is none', () => {
    for (const missing of [null, undefined, NaN, Infinity])
      for (const write of [significant, formatPercent, formatCount, formatDuration, formatClock, formatBytes])
        expect(write(missing)).toBe(none)
  })
})
