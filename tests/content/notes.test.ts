import { describe, expect, it } from 'vitest'
import { experimentOf, notesLog, notesOpenQuestions, notesResults } from '../../content/notes'

// Typed from the notes, line by line: [experiment, config, test accuracy, seconds per epoch].
const lines: readonly (readonly [string, string, number | null, number | null])[] = [
  ['exp1', 'config1', 86.37, 51.3],
  ['exp1', 'config2', 85.08, 48.2],
  ['exp1', 'config3', 82.37, 41.33],
  ['exp1', 'config4', 74.4, 41.25],
  ['exp1', 'config5', 59.12, 40.77],
  ['exp1', 'config6', 39.46, 38.46],
  ['exp2', 'config1', 86.58, null],
  ['exp2', 'config2', 85.97, null],
  ['exp2', 'config3', 85.35, null],
  ['exp2', 'config4', 82.79, null],
  ['exp2', 'config5', null, null],
  ['exp3', 'config1', 88.22, 51.4],
  ['exp3', 'config2', 88.51, 48.31],
  ['exp3', 'config3', 88.44, 40.81],
  ['exp3', 'config4', 88.18, 40.81],
  ['exp3', 'config5', 81.29, 39.22],
  ['exp3', 'config6', 79.07, 34.04],
  ['exp4', 'config1', 87.91, 49.71],
  ['exp4', 'config2', 88.25, 45.73],
  ['exp4', 'config3', 87.79, 33.09],
  ['exp4', 'config4', 87.85, 32.3],
  ['exp4', 'config5', 87.27, 32.09],
  ['exp4', 'config6', 85.97, 33.39],
  ['exp5', 'config1', 90.98, 59.38],
  ['exp5', 'config2', 91.32, 44.55],
  ['exp5', 'config3', 90.78, 49.99],
  ['exp5', 'config4', 90.78, 42.83],
  ['exp5', 'config5', 90.23, 42.67],
  ['exp5', 'config6', 82.79, 42.4],
  ['exp5', 'config61', 88.61, null],
  ['exp5', 'config62', 89.87, null],
  ['exp5', 'config63', 89.46, null],
]

describe("the notes' results", () => {
  it('are exactly as written, with their gaps', () => {
    expect(
      notesResults.map(({ experiment, config, accuracy, secondsPerEpoch }) => [
        experiment,
        config,
        accuracy,
        secondsPerEpoch,
      ]),
    ).toEqual(lines)
  })

  it('keep what is written behind the arrows', () => {
    expect(
      experimentOf('exp5')
        .filter(({ remark }) => remark !== '')
        .map(({ config, remark }) => `${config}: ${remark}`),
    ).toEqual([
      'config6: with lr_factor 10',
      'config61: with lr_factor 5',
      'config62: with lr_factor 2',
      'config63: just triangular with l_+factor 2',
    ])
  })

  it('have the first log beside them', () => {
    expect(notesLog.flatMap(({ config, accuracy }) => (accuracy === null ? [] : [[config, accuracy]]))).toEqual([
      ['config 2', 79.5],
      ['config 3', 78.5],
      ['config 4', 81.08],
      ['config 5', 80.8],
    ])
  })

  it('really have the oddities that are said of them', () => {
    const twice = (value: number, of: 'accuracy' | 'secondsPerEpoch') =>
      notesResults.filter((one) => one[of] === value).length
    expect([82.79, 90.78, 85.97].map((value) => twice(value, 'accuracy'))).toEqual([2, 2, 2])
    expect(twice(40.81, 'secondsPerEpoch')).toBe(2)
    for (const value of ['82.79', '90.78', '85.97', '40.81'])
      expect(notesOpenQuestions.some((text) => text.includes(value))).toBe(true)
    expect(experimentOf('exp2').map(({ config }) => config)).not.toContain('config6')
  })
})
