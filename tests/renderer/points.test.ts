import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  curveOf,
  gridOf,
  parsePoints,
  pointsFrom,
  reachOf,
  snap,
  withMoved,
  withoutPoint,
  withPoint,
} from '../../renderer/editor/points'

const three = [
  { at: 0, value: 0.1 },
  { at: 30, value: 0.01 },
  { at: 60, value: 0.001 },
]
const parsed = (text: string) => {
  const result = parsePoints(text)
  return result.ok ? result.points : result.problem
}

describe('pasted points', () => {
  it.each([
    ['tabs, as a spreadsheet copies', '0\t0.1\n30\t0.01\n60\t1e-3'],
    ['commas', '0,0.1\n30,0.01\n60,0.001\n'],
    ['commas and blanks', '0, .1\n30, 0.01\n60, 0.001'],
    ['semicolons', '0;0.1\r\n30;0.01\r\n60;0.001\r\n'],
    ['blanks', '  0   0.1\n30 0.01\n\n60  0.001  \n'],
    ['quotes', '"0","0.1"\n"30","0.01"\n"60","0.001"'],
    ['a header', 'epoch\tlearning rate\n0\t0.1\n30\t0.01\n60\t0.001'],
    ['a header with blanks between', 'learning rate\n0 0.1\n30 0.01\n60 0.001'],
    ['a header with commas', 'epoch,learning rate\n0,0.1\n30,0.01\n60,0.001'],
  ])('are read with %s', (_, text) => {
    expect(parsed(text)).toEqual(three)
  })

  it.each([
    ['0\t0.1\n30\t0,01', 'Line 2 has a decimal comma in 0,01: write 0.01'],
    ['epoch;rate\n0;0,1', 'Line 2 has a decimal comma in 0,1: write 0.1'],
    ['0,5 0,1', 'Line 1 has a decimal comma in 0,5: write 0.5'],
    ['0,5 0.1', 'Line 1 has a decimal comma in 0,5: write 0.5'],
    ['0;0.1\n\n30', 'Line 3 has 1 column, expected 2: a position and a rate'],
    ['0,1,2', 'Line 1 has 3 columns, expected 2: a position and a rate'],
    ['0 0.1\n30 fast', 'Line 2 has “fast” where a number is expected'],
    ['0\t0.1\n30\t', 'Line 2 has an empty cell where a number is expected'],
    ['0 0.1\nepoch rate\n3 1', 'Line 2 has “epoch” where a number is expected'],
    ['0 0.1\n-3 1', 'Line 2 has the position -3, expected 0 to 1e9'],
    ['0 -0.1', 'Line 1 has the rate -0.1, expected 0 to 1e6'],
    ['0 0.1\n30 1\n30 2', 'Line 3 has the position 30, which does not come after 30'],
    ['', 'There are no points: each line needs a position and a rate'],
    ['epoch\trate', 'There are no points: each line needs a position and a rate'],
    [
      Array.from({ length: 10_001 }, (_, i) => `${i} 1`).join('\n'),
      'There are 10001 points, at most 10000 are allowed',
    ],
  ])('are refused by line: %j', (text, problem) => {
    expect(parsed(text)).toBe(problem)
  })

  it('are refused where a comma or point may be between thousands', () => {
    expect(parsed('0\t0.1\n1,000\t0.01')).toBe(
      'Line 2 has a number that must be written in one way only: “1,000” can mean 1000 or 1',
    )
    expect(parsePoints('0\t0.1\n1.000\t0.01', 'updates')).toEqual({
      ok: false,
      problem: 'Line 2 has a number that must be written in one way only: “1.000” can mean 1000 or 1',
    })
    expect(parsePoints('0\t0.1\n1,000\t0.01\n2 000\t1e\u22123', 'updates')).toEqual({
      ok: true,
      points: [
        { at: 0, value: 0.1 },
        { at: 1000, value: 0.01 },
        { at: 2000, value: 0.001 },
      ],
    })
  })

  it('come back from every separator as they were written', () => {
    const numbers = fc.uniqueArray(
      fc.double({ min: 0, max: 1e6, noNaN: true }).map((x) => (x === 0 ? 0 : x)),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(numbers, fc.constantFrom('\t', ';', ',', ' ', ', '), (positions, separator) => {
        const points = positions
          .slice()
          .sort((a, b) => a - b)
          .map((at, i) => ({ at, value: positions[i] ?? 0 }))
        expect(parsed(points.map(({ at, value }) => `${at}${separator}${value}`).join('\n'))).toEqual(points)
      }),
    )
  })
})

describe('drawn points', () => {
  it('are drawn on axes with room for them, up to the end of the run', () => {
    expect(reachOf(three, 'epochs', 90)).toEqual({ at: 90, value: 0.15 })
    expect(reachOf(three, 'epochs', 20)).toEqual({ at: 80, value: 0.15 })
    expect(reachOf([{ at: 0, value: 0 }], 'updates', 20)).toEqual({ at: 1000, value: 0.1 })
    expect(reachOf([{ at: 0.5, value: 3 }], 'fraction', 20)).toEqual({ at: 1, value: 4 })
  })

  it('lie on a grid: whole updates, and steps that can be read', () => {
    expect(gridOf({ at: 80, value: 0.15 }, 'epochs')).toEqual({ at: 0.1, value: 0.001 })
    expect(gridOf({ at: 80, value: 0.15 }, 'updates').at).toBe(1)
    expect(gridOf({ at: 1, value: 1 }, 'fraction').at).toBe(0.01)
    expect(snap({ at: 30.04, value: 0.0704 }, { at: 0.1, value: 0.001 }, { at: 80, value: 0.15 })).toEqual({
      at: 30,
      value: 0.07,
    })
    expect(snap({ at: -3, value: 9 }, { at: 0.1, value: 0.001 }, { at: 80, value: 0.15 })).toEqual({
      at: 0,
      value: 0.15,
    })
  })

  it('are added in their place, over one at the same position', () => {
    expect(withPoint(three, { at: 40, value: 0.5 })).toEqual({
      index: 2,
      points: [three[0], three[1], { at: 40, value: 0.5 }, three[2]],
    })
    expect(withPoint(three, { at: 30, value: 0.5 })).toEqual({
      index: 1,
      points: [three[0], { at: 30, value: 0.5 }, three[2]],
    })
  })

  it('stay between their neighbours when they are moved', () => {
    const grid = { at: 1, value: 0.001 }
    expect(withMoved(three, 1, { at: 90, value: 0.2 }, grid)[1]).toEqual({ at: 59, value: 0.2 })
    expect(withMoved(three, 1, { at: -5, value: 0.2 }, grid)[1]).toEqual({ at: 1, value: 0.2 })
    expect(withMoved(three, 2, { at: 900, value: 0.2 }, grid)[2]).toEqual({ at: 900, value: 0.2 })
    expect(
      withMoved(
        [
          { at: 0, value: 1 },
          { at: 0.5, value: 1 },
          { at: 1, value: 1 },
        ],
        1,
        { at: 0.7, value: 2 },
        grid,
      )[1],
    ).toEqual({ at: 0.5, value: 2 })
  })

  it('keep the order of the table whatever is drawn, so that the schema takes it', () => {
    const grid = { at: 1, value: 0.01 }
    const place = fc.record({ at: fc.integer({ min: 0, max: 100 }), value: fc.double({ min: 0, max: 1, noNaN: true }) })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('add', 'move', 'remove'), place, fc.nat(10)), { maxLength: 40 }),
        (strokes) => {
          let points: readonly { at: number; value: number }[] = three
          for (const [stroke, to, index] of strokes) {
            points =
              stroke === 'add'
                ? withPoint(points, to).points
                : stroke === 'move'
                  ? withMoved(points, index, to, grid)
                  : withoutPoint(points, index)
          }
          expect(points.length).toBeGreaterThan(0)
          points.forEach(({ at }, i) => expect(at).toBeGreaterThan(points[i - 1]?.at ?? -1))
        },
      ),
    )
  })

  it('are removed down to the last, which stays', () => {
    expect(withoutPoint(three, 1)).toEqual([three[0], three[2]])
    expect(withoutPoint([three[0]!], 0)).toEqual([three[0]])
  })

  it('are joined by straight lines or held, and flat before and after', () => {
    const place = ({ at, value }: { at: number; value: number }) => [at, 10 - value] as const
    const points = [
      { at: 2, value: 1 },
      { at: 4, value: 3 },
    ]
    expect(curveOf(points, 'linear', place, { at: 8, value: 5 })).toBe('M0 9L2 9L4 7L8 7')
    expect(curveOf(points, 'hold', place, { at: 8, value: 5 })).toBe('M0 9H2V9H4V7H8V7')
  })

  it('are those of a draft only where all of it is points', () => {
    expect(pointsFrom(three)).toEqual(three)
    for (const value of [[], [...three, '60'], [{ at: 'x', value: 1 }], 'points', null])
      expect(pointsFrom(value)).toBeNull()
  })
})
