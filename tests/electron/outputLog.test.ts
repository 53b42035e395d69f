import { describe, expect, it } from 'vitest'
import { grown } from '../../main/cli/childProcess'
import { createOutputLog } from '../../main/electron/outputLog'

describe('the log of what a trainer prints', () => {
  it('has it, and of a flood no more than 64 Ki characters in ten minutes, then how much it left out', () => {
    const written: string[] = []
    let time = 0
    const log = createOutputLog(
      (text) => written.push(text),
      () => time,
    )
    log('a warning')
    expect(written).toEqual(['a warning'])
    const line = 'x'.repeat(64 * 1024)
    // A gigabyte.
    for (let i = 0; i < 2 ** 14; i++) log(line)
    expect(written.join('').length).toBeLessThan(65 * 1024)
    time = 11 * 60_000
    log('quiet again')
    expect(written.slice(-2)).toEqual([
      `the trainer: ${String(2 ** 30 + 'a warning'.length - 2 ** 16)} more characters were left out of this log`,
      'quiet again',
    ])
  })
})

describe('what a child of the command line prints', () => {
  it('is kept from its end, however much it is', () => {
    let text = ''
    for (let i = 0; i < 10_000; i++) {
      text = grown(text, `${String(i)}\n`, 1000)
      expect(text.length).toBeLessThanOrEqual(2000)
    }
    expect(text.endsWith('9998\n9999\n')).toBe(true)
    expect(text.length).toBeGreaterThanOrEqual(1000)
    expect(grown('a', 'b', 1000)).toBe('ab')
  })
})
