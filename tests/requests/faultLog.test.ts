import { describe, expect, it } from 'vitest'
import { inputs } from '../../core/protocol'
import { createFaultLog } from '../../main/requests/faultLog'

const fault = (n: number) => ({ where: 'Runs', message: `TypeError: ${String(n)}`, stack: 'at Runs' })

describe('the log of what failed in the page', () => {
  it('has what failed, where and why', () => {
    const lines: string[] = []
    createFaultLog((line) => {
      lines.push(line)
    })(fault(1))
    expect(lines).toEqual(['the page: Runs: TypeError: 1\nat Runs'])
  })

  it('is not flooded by a page that fails on and on, and says how much it left out', () => {
    const lines: string[] = []
    let at = 0
    const note = createFaultLog(
      (line) => {
        lines.push(line)
      },
      () => at,
    )
    for (let n = 0; n < 10_000; n++) note(fault(n))
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toContain('only counted')
    at += 11 * 60_000
    note(fault(10_000))
    expect(lines.slice(21)).toEqual([
      'the page: 9980 more failures were left out of this log',
      'the page: Runs: TypeError: 10000\nat Runs',
    ])
  })

  it('gets no more text than a log can bear', () => {
    expect(inputs['app.fault'].safeParse({ ...fault(1), stack: 'x'.repeat(6001) }).success).toBe(false)
    expect(inputs['app.fault'].safeParse({ ...fault(1), more: 1 }).success).toBe(false)
  })
})
