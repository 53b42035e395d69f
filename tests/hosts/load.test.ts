import { describe, expect, it } from 'vitest'
import { loadSampler, parseGpu } from '../../main/hosts/load'

describe('parseGpu', () => {
  it('takes the busiest GPU and the memory of all', () => {
    expect(parseGpu('37, 4096\n')).toEqual({ utilisation: 0.37, memoryBytes: 4096 * 2 ** 20 })
    expect(parseGpu('3, 100\n98, 200\n')).toEqual({ utilisation: 0.98, memoryBytes: 300 * 2 ** 20 })
  })

  it.each(['', 'No devices were found', '[N/A], 4096', '12'])('makes nothing of %j', (answer) => {
    expect(parseGpu(answer)).toBeNull()
  })
})

describe('loadSampler', () => {
  it('measures how busy the cores were since the last sample', () => {
    const sample = loadSampler()
    sample()
    const until = performance.now() + 200
    while (performance.now() < until) {
      /* keep one core busy */
    }
    const { cpuFraction, rssBytes } = sample()
    expect(cpuFraction).toBeGreaterThan(0)
    expect(cpuFraction).toBeLessThanOrEqual(1)
    expect(rssBytes).toBeGreaterThan(10e6)
  })
})
