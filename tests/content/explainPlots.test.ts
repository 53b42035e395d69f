import { describe, expect, it } from 'vitest'
import { pages } from '../../content/explain/all'
import {
  about,
  choice,
  type PlotFigure,
  initialKnobValues,
  listKnob,
  number,
  type Plot,
  plotOf,
  tableOfPlot,
  whole,
} from '../../content/explain/plot'
import { plots, figureOf } from './plotFixtures'

/** The values that a knob's ends, and each of its choices, give. */
const extremes = ({ knobs }: Plot): readonly Readonly<Record<string, unknown>>[] =>
  knobs.flatMap(({ path, minimum, maximum, options }) =>
    [...[minimum, maximum].filter((value) => value !== null), ...options.map(({ value }) => value)].map((value) => ({
      [path]: value,
    })),
  )

describe('plots', () => {
  it('stand on every page whose example is not itself one', () => {
    expect(
      pages.filter(({ example, plots: own = [] }) => example.type !== 'plan' && own.length === 0).map(({ id }) => id),
    ).toEqual([])
    for (const { id, example } of pages)
      if (example.type === 'plan') expect(example.sees, id).toMatch(/^\P{Ll}.{40,}\.$/u)
  })

  it.each(plots)('%s is complete', (name, plot) => {
    expect(plot.sees).toMatch(/^\P{Ll}.{40,}\.$/u)
    expect(plot.knobs.length).toBeGreaterThan(0)
    expect(plot.knobs.length).toBeLessThanOrEqual(3)
    expect(plot.at.length).toBeGreaterThan(1)
    for (const { label, kind, options } of plot.knobs) {
      expect(label, name).not.toBe('')
      if (kind === 'choice') expect(options.length, label).toBeGreaterThan(1)
    }
    const { rows } = tableOfPlot(plot)
    expect(rows.flat().filter((cell) => /NaN|Infinity|^$/.test(cell))).toEqual([])
  })

  it.each(plots)('%s draws something at the ends of every knob, or says why not', (name, plot) => {
    const initial = initialKnobValues(plot)
    for (const values of [{}, ...extremes(plot)]) {
      const what = `${name} ${JSON.stringify(values)}`
      let figure: PlotFigure
      try {
        figure = plot.figure({ ...initial, ...values })
      } catch (error) {
        expect(values, what).not.toEqual({})
        expect(error instanceof Error ? error.message : '', what).toMatch(/^(The estimate of|Cutout must be at most) /)
        continue
      }
      const { x, xAxis, yAxis, curves, note, marks = [] } = figure
      expect(x.length, what).toBeGreaterThan(1)
      expect(
        x.every((value, index) => Number.isFinite(value) && (index === 0 || value > (x[index - 1] ?? NaN))),
        `${what}: x rises`,
      ).toBe(true)
      expect(new Set(curves.map((one) => one.name)).size, what).toBe(curves.length)
      expect(curves.filter(({ role }) => role === 'main').length, what).toBe(1)
      // Longer titles do not fit beside the plot.
      expect(yAxis.title.length, what).toBeLessThanOrEqual(26)
      expect(note, what).toMatch(/^[^\n]{5,}\.$/)
      expect(note, what).not.toMatch(/NaN|Infinity|undefined/)
      for (const { name: line, y } of curves) {
        expect(y.length, `${what}: ${line}`).toBe(x.length)
        const values_ = y.filter((value) => value !== null)
        expect(values_.length, `${what}: ${line}`).toBeGreaterThan(0)
        expect(
          values_.every((value) => Number.isFinite(value) && (yAxis.log !== true || value > 0)),
          `${what}: ${line}`,
        ).toBe(true)
      }
      if (xAxis.log === true) expect(x[0], what).toBeGreaterThan(0)
      for (const { x: at, y } of marks) expect([at, y].every(Number.isFinite), what).toBe(true)
    }
  })
})

describe('knobs', () => {
  const plot = plotOf({
    name: 'Any',
    sees: 'Nothing.',
    at: [1],
    knobs: {
      share: number('Share', 0.5, { minimum: 0, maximum: 1 }),
      count: whole('Count', 3, { minimum: 1, maximum: 9 }),
      form: choice('Form', 'a', { a: 'A', b: 'B' }),
      all: listKnob('All', [1, 2], { minimum: 0, maximum: 5, counts: [1, 3] }),
    },
    figure: ({ share, count, form, all }) => ({
      xAxis: { title: 'x' },
      yAxis: { title: 'y' },
      x: [1],
      curves: [{ name: form, y: [share * count + all.length], role: 'main' }],
      note: '',
    }),
  })

  it('give their values to the figure by name', () => {
    expect(initialKnobValues(plot)).toEqual({ share: 0.5, count: 3, form: 'a', all: [1, 2] })
    expect(plot.figure({ share: 1, count: 2, form: 'b', all: [0] }).curves).toEqual([
      { name: 'b', y: [3], role: 'main' },
    ])
  })

  it.each([
    [{ share: 1.5 }, 'Share must be a number between 0 and 1, found 1.5'],
    [{ share: '0.' }, 'Share must be a number between 0 and 1, found “0.”'],
    [{ count: 2.5 }, 'Count must be a whole number between 1 and 9, found 2.5'],
    [{ count: null }, 'Count must be a whole number between 1 and 9, found null'],
    [{ form: 'constructor' }, 'Form must be one of a, b, found “constructor”'],
    [{ all: [] }, 'All must be 1 to 3 numbers with commas between them, found 0'],
    [{ all: [1, 'x'] }, 'Every number of all must be a number between 0 and 5, found “x”'],
  ])('refuse %j in a sentence', (values, message) => {
    expect(() => plot.figure({ ...initialKnobValues(plot), ...values })).toThrow(message)
  })

  it('and figures that make no sense together are refused too', () => {
    expect(() => figureOf('diffusion', { updates: [1, 10] })).toThrow(
      'There must be a distance for each of the 2 updates, found 4',
    )
    expect(() => figureOf('diffusion', { updates: [1, 10, 5, 1000] })).toThrow('Updates must rise')
    expect(() => figureOf('augmentation', { side: 32, size: 16 })).toThrow(
      "Cutout must be at most the image's 16 pixels, found 32",
    )
    expect(() => figureOf('gradient-noise-scale', { small: 100, big: 1 })).toThrow(
      'The estimate of |G|² is not above 0',
    )
  })

  it('write numbers as a sentence needs them', () => {
    expect([3136, 0.0123456, -10.136, 3.2e-4, 1_020_000.4].map(about)).toEqual([
      '3,136',
      '0.0123',
      '−10.1',
      '3.2e-4',
      '1,020,000',
    ])
  })
})
