import { describe, expect, it } from 'vitest'
import { pages } from '../../content/explain/all'
import type { PlotFigure } from '../../content/explain/plot'
import { valueAt } from '../../core/fields'
import { screenInk } from '../../renderer/charts/chartTheme'
import { drawFigure } from '../../renderer/papers/figureDrawing'
import { knobPlace, slideAround, slideOf } from '../../renderer/papers/knobs'
import { plannedEpochs } from '../../core/plan/phases'
import { fakeRun } from './fakeRun'
import { planKnobs } from './paperFixtures'

describe('a slider', () => {
  const every = pages.flatMap((page) =>
    (page.plots ?? []).flatMap(({ knobs }) => knobs.map((field) => [`${page.id} ${field.path}`, field] as const)),
  )

  it("goes through a plot's knob from end to end, and what it begins with is one of its places", () => {
    expect(every.length).toBeGreaterThan(90)
    for (const [name, field] of every) {
      const slide = slideOf(field)
      if (slide === null) {
        expect(['choice', 'list'], name).toContain(field.kind)
        continue
      }
      expect([slide[0], slide.at(-1)], name).toEqual([field.minimum, field.maximum])
      expect(slide, name).toContain(field.initial)
      // A place that is no other value would stop the arrow keys.
      expect(
        slide.every((value, index) => index === 0 || value > (slide[index - 1] ?? NaN)),
        name,
      ).toBe(true)
      if (field.kind === 'integer') expect(slide.every(Number.isInteger), name).toBe(true)
      expect(slide.length, name).toBeGreaterThan(4)
      expect(
        slide.map((value) => knobPlace(slide, value)),
        name,
      ).toEqual(slide.map((_, place) => place))
    }
  })

  it('of every setting of a plan leads to plans', () => {
    for (const page of pages) {
      if (page.example.type !== 'plan') continue
      const { input, knobs, planned } = planKnobs(page.id)
      for (const field of knobs) {
        const slide = slideAround(
          field.path === 'batchSize' ? { ...field, maximum: page.example.images } : field,
          valueAt(input, field.path),
        )
        if (slide === null) continue
        expect(slide, `${page.id} ${field.path}`).toContain(valueAt(input, field.path))
        for (const value of [slide[0], slide.at(-1)])
          expect(planned([[field.path, value]]).updates, `${page.id} ${field.path} ${value}`).toBeGreaterThan(0)
      }
    }
  })

  it('and what makes no plan is refused in a sentence', () => {
    expect(() => planKnobs('constant').planned([['batchSize', 1001]])).toThrow(
      'batchSize must be at most the 1000 training images, found 1001',
    )
  })

  it('of a batch size goes through powers of two, and of a rate through numbers that people write', () => {
    const { knob, input } = planKnobs('gradual-warmup')
    expect(slideAround(knob('batchSize'), valueAt(input, 'batchSize'))).toEqual([5, 8, 16, 32, 48, 64, 128, 256, 480])
    expect(slideAround(knob('learningRate.base'), 0.5)).toEqual([
      0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.2, 1.5, 2, 2.5, 3, 4, 5,
    ])
    expect(slideAround(knob('learningRate.warmup.unit'), 'epochs')).toBeNull()
    expect(knobPlace([1, 2, 4], 2.9)).toBe(1)
    expect(knobPlace([1, 2, 4], '2.')).toBe(0)
  })
})

describe('a figure', () => {
  const figure: PlotFigure = {
    xAxis: { title: 'images', log: true, ticks: [8, 2048] },
    yAxis: { title: 'rate', log: true, range: [0.01, 10] },
    x: [1, 10],
    curves: [
      { name: 'own', y: [1, null], role: 'main' },
      { name: 'other', y: [2, 3], role: 'beside', shape: 'steps' },
      { name: 'third', y: [2, 3], role: 'beside', shape: 'points' },
    ],
    marks: [{ x: 10, y: 0.1, text: 'here' }],
    note: 'Nothing.',
  }

  it('lays what the page is about on top, in the accent, and tells the others apart without colour', () => {
    const { traces, layout, points } = drawFigure(figure, { theme: screenInk('dark'), legend: false, revision: 'a' })
    expect(
      traces.map(
        (trace) =>
          trace.type === 'scatter' && [
            trace.name,
            trace.line?.color ?? trace.marker?.color,
            trace.line?.dash,
            trace.line?.shape,
          ],
      ),
    ).toEqual([
      ['other', '#a8afba', 'dash', 'hv'],
      ['third', '#a8afba', undefined, undefined],
      ['own', '#919de3', 'solid', 'linear'],
      ['marks', '#919de3', undefined, undefined],
    ])
    expect(points).toBe(6)
    expect(layout.xaxis).toMatchObject({
      type: 'log',
      tickvals: [8, 2048],
      ticktext: ['8', '2,048'],
      title: { text: 'images' },
      autorange: true,
    })
    expect(layout.yaxis).toMatchObject({ type: 'log', range: [-2, 1], autorange: false })
    expect(layout['annotations']).toMatchObject([{ x: 1, y: -1, text: 'here' }])
  })

  it('writes powers of ten so that no zeros have to be counted', () => {
    const ticks = (values: readonly number[]) =>
      drawFigure(
        { ...figure, xAxis: { title: 'x', log: true }, x: values },
        { theme: screenInk('light'), legend: false, revision: '' },
      ).layout.xaxis
    expect(ticks([0.001, 1])['ticktext']).toEqual(['0.001', '0.01', '0.1', '1', '10', '100'])
    expect(ticks([1e-12, 1])['ticktext']).toEqual(expect.arrayContaining(['1e−12', '1e−6', '0.0001', '1']))
    expect(ticks([1, 50])).toMatchObject({ dtick: 'D2' })
  })
})

describe('plannedEpochs', () => {
  it('counts the epochs that a large batch gets to make as many updates as the small one', () => {
    const { run } = fakeRun(1, {
      batchSize: 128,
      epochs: 4,
      learningRate: { base: 0.1, referenceBatch: 32 },
      batch: { regimeAdaptation: 'epochs' },
    })
    expect(plannedEpochs(run)).toBe(16)
    expect(plannedEpochs({ ...run, facts: null })).toBe(4)
    expect(plannedEpochs({ ...run, config: { ...run.config, epochs: 5 } })).toBe(20)
    expect(plannedEpochs(fakeRun(2).run)).toBe(4)
  })
})
