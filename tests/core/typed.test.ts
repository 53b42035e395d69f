import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { typedNumber, typedNumbers } from '../../core/typed'

const any = { kind: 'number', isShare: false } as const
const whole = { kind: 'integer', isShare: false } as const
const share = { kind: 'number', isShare: true } as const
const read = (text: string, expected: Parameters<typeof typedNumber>[1]): number | string => {
  const typed = typedNumber(text, expected)
  return typed.ok ? typed.value : typed.problem
}
const list = (text: string, expected: Parameters<typeof typedNumbers>[1] = any): unknown => {
  const typed = typedNumbers(text, expected)
  return typed.ok ? typed.values : typed.problem
}

describe('a typed number', () => {
  it.each<[string, number]>([
    ['1,000', 1000],
    ['12,345', 12_345],
    ['1,234,567', 1_234_567],
    ['1.234.567', 1_234_567],
    ['1 000', 1000],
    ['1\u00a0000', 1000],
    ['1\u202f000\u202f000', 1_000_000],
    ['1\u2009000', 1000],
    ["1'000", 1000],
    ['1’000', 1000],
    ['1_000', 1000],
    ['1e3', 1000],
    ['1E+3', 1000],
    ['64', 64],
    [' 64\u00a0', 64],
    ['\u22123', -3],
    ['+7', 7],
    ['3·10⁴', 30_000],
    ['10^6', 1e6],
    ['007', 7],
  ])('%s is %d where whole numbers are typed', (text, value) => {
    expect(read(text, whole)).toBe(value)
  })

  it.each<[string, number]>([
    ['0,5', 0.5],
    ['0,001', 0.001],
    [',5', 0.5],
    ['.25', 0.25],
    ['1.5', 1.5],
    ['1.000', 1],
    ['1e-3', 0.001],
    ['1e\u22123', 0.001],
    ['5×10⁻⁴', 5e-4],
    ['5 · 10^-4', 5e-4],
    ['10⁻³', 1e-3],
    ['1.234,5', 1234.5],
    ['1,234.5', 1234.5],
    ['1 234,5', 1234.5],
    ["1'234.5", 1234.5],
    ['−0,1', -0.1],
    ['1,234,567', 1_234_567],
    ['2.', 2],
  ])('%s is %d where any are', (text, value) => {
    expect(read(text, any)).toBe(value)
  })

  it.each<[string, 'integer' | 'number', string]>([
    ['1,000', 'number', '“1,000” can mean 1000 or 1'],
    ['1,5', 'number', '“1,5” can mean 1.5 or 15'],
    ['1,50', 'number', '“1,50” can mean 1.5 or 150'],
    ['1.000', 'integer', '“1.000” can mean 1000 or 1'],
    ['12.500', 'integer', '“12.500” can mean 12500 or 12.5'],
    ['1,5', 'integer', '“1,5” can mean 1.5 or 15'],
  ])('%s is refused with both readings (%s)', (text, kind, readings) => {
    expect(read(text, { kind, isShare: false })).toBe(`must be written in one way only: ${readings}`)
  })

  it.each(
    [
      '',
      ' ',
      'abc',
      '12px',
      '0x10',
      '0x101',
      'NaN',
      'Infinity',
      '1e400',
      '1 00',
      '1,00,000',
      '1.2.3',
      '5²',
      '2*103',
      '--1',
      '1e',
      '1-2',
      '1.',
      '1,',
      ',',
      '.',
    ].filter((text) => text !== '1.'),
  )('%j is none', (text) => {
    expect(read(text, any)).toMatch(/^must be a number, found /)
  })

  it('may be a percentage of a share only', () => {
    expect([read('90 %', share), read('12.5%', share), read('7 %', share), read('0 %', share)]).toEqual([
      0.9, 0.125, 0.07, 0,
    ])
    expect(read('90 %', any)).toBe('must be a number and no percentage, found “90 %”')
    expect(read('1,5 %', share)).toMatch(/can mean 1\.5 or 15/)
  })

  it('is the number that a program writes, whatever it is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(String(value), any)).toBe(value === 0 ? 0 : value)
      }),
    )
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(read(String(value), whole)).toBe(value === 0 ? 0 : value)
      }),
    )
  })

  it('is, grouped in any country, itself where whole numbers are typed, or refused by name', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.constantFrom('en-US', 'de-DE', 'fr-FR', 'de-CH', 'sv-SE', 'es-ES', 'pt-PT'),
        (value, locale) => {
          const typed = typedNumber(value.toLocaleString(locale), whole)
          if (typed.ok) expect(typed.value).toBe(value)
          else expect(typed.problem).toContain(`can mean ${value} or `)
        },
      ),
    )
  })

  it('is, with a fraction as any country writes it, itself or refused with itself as one of the readings', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }).map((n) => n / 1000),
        fc.constantFrom('en-US', 'de-DE', 'fr-FR', 'de-CH'),
        (value, locale) => {
          const typed = typedNumber(value.toLocaleString(locale, { maximumFractionDigits: 3 }), any)
          if (typed.ok && !(locale === 'de-DE' && Number.isInteger(value) && value < 1e6))
            expect(typed.value).toBe(value)
          else if (!typed.ok) expect(typed.problem).toContain(String(value))
        },
      ),
    )
  })
})

describe('a typed list', () => {
  it.each<[string, readonly unknown[]]>([
    ['0.5, 0.75', [0.5, 0.75]],
    ['0.5,0.75', [0.5, 0.75]],
    ['30 60;80', [30, 60, 80]],
    ['30,60,80', [30, 60, 80]],
    ['0,5; 0,75', [0.5, 0.75]],
    ['0,5\n0,75\n', [0.5, 0.75]],
    ['0,5 0,75', [0.5, 0.75]],
    ['0,5, 0,75', [0.5, 0.75]],
    ['0,25\t0,5', [0.25, 0.5]],
    ['1 000, 2 000', [1000, 2000]],
    ['[64, 32]', [64, 32]],
    ['64', [64]],
    ['', []],
    ['1e-3, x', [0.001, 'x']],
    ['1,000; 2,000', ['1,000', '2,000']],
  ])('%j has the entries %j', (text, values) => {
    expect(list(text)).toEqual(values)
  })

  it('of whole numbers may group thousands where something else separates', () => {
    expect(list('1,000; 2,000', whole)).toEqual([1000, 2000])
    expect(list('1,000, 2,000', whole)).toEqual([1000, 2000])
  })

  it.each(['1,000', '512,256', '0,5', '1,024,2,048', '0,1,0,05', '1 000 2 000'])(
    '%s is refused, for it may be numbers with commas in them',
    (text) => {
      expect(list(text)).toMatch(/^must be written in one way only: “.*” can mean /)
    },
  )

  it('names both readings', () => {
    expect(list('1,000', whole)).toBe(
      'must be written in one way only: “1,000” can mean 1 and 0, or 1000; put “, ” between numbers and ' +
        'nothing inside them',
    )
  })
})
