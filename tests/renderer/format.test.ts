import { formatCount, significant } from '../../core/numbers'
import { describe, expect, it } from 'vitest'
import {
  bytes,
  compact,
  compactCounted,
  cutMiddle,
  duration,
  insideSentence,
  percent,
  percentagePoints,
  relativeDate,
} from '../../renderer/format'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

describe('numbers', () => {
  it('gives accuracies two digits and a unit, and a dash where there is none', () => {
    expect(plain(percent(0.86374))).toBe('86.37 %')
    expect([percent(null), percent(undefined), percent(NaN)]).toEqual(['–', '–', '–'])
  })

  it('gives differences a sign and percentage points', () => {
    expect([0.0733, -0.012, 0].map((value) => plain(percentagePoints(value)))).toEqual([
      '+7.33 pp',
      '−1.20 pp',
      '±0.00 pp',
    ])
  })

  it('shortens large counts', () => {
    expect([7, 940, 1_234, 12_345, 4_567_890, 2e9].map((value) => plain(compact(value)))).toEqual([
      '7',
      '940',
      '1.23 k',
      '12.3 k',
      '4.57 M',
      '2 G',
    ])
    expect(plain(compactCounted(1, 'update'))).toBe('1 update')
    expect(plain(compactCounted(1_200, 'update'))).toBe('1.2 k updates')
    expect(formatCount(40_000)).toBe('40,000')
  })

  it('writes rates without trailing zeros and tiny ones with an exponent', () => {
    expect([0.1, 0.0003, 0.00001, 0, 1.5e-7, 250, 0.123456].map((value) => significant(value))).toEqual([
      '0.1',
      '0.0003',
      '1e-5',
      '0',
      '1.5e-7',
      '250',
      '0.1235',
    ])
  })

  it('writes durations as people say them', () => {
    expect([0.432, 51.3, 60, 72, 59.97, 3_600, 7_500, 100 * 3_600].map((value) => plain(duration(value)))).toEqual([
      '0.43 s',
      '51.3 s',
      '1 min',
      '1 min 12 s',
      '1 min',
      '1 h 00 min',
      '2 h 05 min',
      '4 d 4 h',
    ])
    expect(duration(null)).toBe('–')
  })

  it('writes bytes in binary units', () => {
    expect([12, 2_048, 3.3 * 1024 ** 3].map((value) => plain(bytes(value)))).toEqual(['12 B', '2.0 KiB', '3.3 GiB'])
  })
})

describe('insideSentence', () => {
  it('begins small, and leaves abbreviations and symbols', () => {
    expect(['Never beyond the rate (LARC)', 'XLA', 'β₁', 'L2 limit', ''].map(insideSentence)).toEqual([
      'never beyond the rate (LARC)',
      'XLA',
      'β₁',
      'L2 limit',
      '',
    ])
  })
})

describe('relativeDate', () => {
  const now = Date.parse('2026-03-10T12:00:00Z')
  it('says how long ago, and the date when that is long', () => {
    expect(
      [
        '2026-03-10T11:59:30Z',
        '2026-03-10T11:55:00Z',
        '2026-03-10T09:00:00Z',
        '2026-03-09T09:00:00Z',
        '2026-03-05T12:00:00Z',
        '2025-11-01T12:00:00Z',
        'nonsense',
      ].map((at) => relativeDate(at, now)),
    ).toEqual(['just now', '5 min ago', '3 h ago', 'yesterday', '5 days ago', '2025-11-01', '–'])
  })
})

describe('cutMiddle', () => {
  it('keeps both ends and never splits a character', () => {
    expect(cutMiddle('short', 10)).toBe('short')
    expect(cutMiddle('abcdefghij', 5)).toBe('ab…ij')
    expect([...cutMiddle('🦓'.repeat(30), 9)]).toHaveLength(9)
    expect(cutMiddle('🦓'.repeat(30), 9)).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/)
  })
})
