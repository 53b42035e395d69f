import { describe, expect, it } from 'vitest'
import type { ChartOptions, Series } from '../../renderer/charts/runTraces'
import { drawChart } from '../../renderer/charts/charts'
import { smooth } from '../../core/measure'
import { smoothed } from '../../renderer/charts/columns'
import { screenInk } from '../../renderer/charts/chartTheme'
import type { LineTrace } from '../../renderer/charts/plotly'
import { plainLabel } from '../../renderer/charts/plotly'
import { fakeRun } from './fakeRun'

const options: ChartOptions = {
  kind: 'loss',
  xAxis: 'epoch',
  smoothing: 0.6,
  logX: false,
  logY: false,
  train: true,
  validation: true,
  pixels: 400,
  range: null,
  theme: screenInk('light'),
  legend: false,
}

const series = (traced = fakeRun(1), label = 'a'): Series => ({ traced, label, colour: '#0072b2', dash: 'solid' })

const lines = (drawing: ReturnType<typeof drawChart>) => drawing.traces as readonly LineTrace[]

describe('drawChart', () => {
  it('draws the smoothed training curve with the raw one faint behind it, then validation, then test on top', () => {
    const traces = lines(drawChart([series()], options))
    expect(traces.map(({ name }) => name)).toEqual(['a · train', 'a · train', 'a · validation', 'a · test'])
    expect(traces[0]?.hoverinfo).toBe('skip')
    expect(traces[0]?.line?.color).toMatch(/^rgba/)
    expect(traces[3]?.mode).toBe('markers')
  })

  it('draws the raw curve alone when smoothing is off', () => {
    expect(
      lines(drawChart([series()], { ...options, smoothing: 0 })).filter(({ name }) => name.endsWith('train')),
    ).toHaveLength(1)
  })

  it('names the split of every accuracy', () => {
    for (const { name } of lines(drawChart([series(), series(fakeRun(2), 'b')], { ...options, kind: 'accuracy' })))
      expect(name).toMatch(/ · (train|validation|test)$/)
  })

  it('shows accuracies in percent', () => {
    const { run } = fakeRun(1)
    const validation = lines(drawChart([series()], { ...options, kind: 'accuracy' })).find(({ name }) =>
      name.endsWith('validation'),
    )
    expect(validation?.y.at(-1)).toBeCloseTo((run.epochs.at(-1)?.validation?.accuracy ?? NaN) * 100, 9)
  })

  it('marks where a run was extended, with words, on whatever axis there is', () => {
    const { run, trace } = fakeRun(1)
    const extension = {
      at: '',
      epochs: 4,
      from: 2,
      update: trace.update.length / 2,
      schedule: 'hold' as const,
      change: null,
      planned: null,
    }
    const extended = { trace, run: { ...run, extensions: [extension] } }
    for (const [xAxis, x] of [
      ['update', extension.update],
      ['epoch', 2],
    ] as const) {
      const { layout } = drawChart([series(extended)], { ...options, xAxis })
      expect(layout['shapes']).toMatchObject([{ type: 'line', yref: 'paper', x0: x, x1: x }])
      expect(layout['annotations']).toMatchObject([{ x, text: 'extended to 4 epochs' }])
    }
    expect(
      drawChart([series(extended)], { ...options, xAxis: 'update', logX: true }).layout['annotations'],
    ).toMatchObject([{ x: Math.log10(extension.update) }])
    expect(drawChart([series()], options).layout['shapes']).toBeUndefined()
    expect(
      drawChart(
        Array.from({ length: 6 }, () => series(extended)),
        options,
      ).layout['shapes'],
    ).toBeUndefined()
  })

  it('leaves out the split that was put away', () => {
    const names = lines(drawChart([series()], { ...options, train: false })).map(({ name }) => name)
    expect(names).toEqual(['a · validation', 'a · test'])
  })

  it('stays under two points per pixel and line for twenty long runs', () => {
    const long = fakeRun(1)
    const column = <T>(values: readonly T[]): T[] =>
      Array.from({ length: 50_000 }, (_, index) => values[index % values.length]!)
    const trace = {
      ...long.trace,
      update: Array.from({ length: 50_000 }, (_, index) => index + 1),
      loss: column(long.trace.loss),
      batchSize: column(long.trace.batchSize),
    }
    const many = Array.from({ length: 20 }, (_, index) => ({
      ...series({ run: long.run, trace }),
      colour: `#0000${(16 + index).toString(16)}`,
    }))
    const drawing = drawChart(many, { ...options, xAxis: 'update' })
    expect(drawing.points).toBe(1_000_000)
    for (const { name, x } of lines(drawing))
      if (name.endsWith('train')) expect(x.length).toBeLessThanOrEqual(2 * options.pixels + 4)
  })

  it('draws a spike of one run among twenty, whatever is smoothed and however far it is zoomed', () => {
    const long = fakeRun(1)
    const length = 50_000
    const update = Array.from({ length }, (_, index) => index + 1)
    const traceWith = (spike: number) => ({
      ...long.trace,
      update,
      loss: update.map((one) => (one === spike ? 99 : 1 / one)),
      batchSize: update.map(() => 32),
      seconds: update.map((one) => one / 10),
    })
    const spikes = Array.from({ length: 20 }, (_, run) => 1 + ((run * 7_919) % length))
    // 5,000 seconds are shown in minutes.
    const unit = 10 * 60
    const many = spikes.map((spike) => series({ run: long.run, trace: traceWith(spike) }))
    for (const [xAxis, range] of [
      ['update', null],
      ['seconds', null],
      ['update', [1, 25_000]],
      ['update', [30_000, 31_000]],
    ] as const) {
      const traces = lines(drawChart(many, { ...options, xAxis, range, smoothing: 0.99 }))
      for (const [run, spike] of spikes.entries()) {
        const isInView = range === null || (spike >= range[0] && spike <= range[1])
        const isDrawn = traces.some(
          ({ hoverinfo, x, y }) =>
            hoverinfo === 'skip' &&
            x.some((at, index) => y[index] === 99 && Math.abs(at - (xAxis === 'update' ? spike : spike / unit)) < 1e-9),
        )
        if (isInView) expect(isDrawn, `the spike of run ${run}`).toBe(true)
      }
    }
  })

  it('never draws a smoothed curve without the raw one behind it', () => {
    for (const count of [1, 4, 5, 20]) {
      const runs = Array.from({ length: count }, (_, index) => fakeRun(index))
      const colours = ['#0072b2', '#d55e00', '#009e73']
      const traces = lines(
        drawChart(
          runs.map((traced, index) => ({ ...series(traced, `run ${index}`), colour: colours[index % 3] ?? '' })),
          { ...options, pixels: 4_000, validation: false, smoothing: 0.9 },
        ),
      )
      const raw = traces.filter(({ hoverinfo }) => hoverinfo === 'skip')
      expect(traces).toHaveLength(count + raw.length)
      expect(raw).toHaveLength(Math.min(3, count))
      // Curves of one colour are one line with gaps between them.
      raw.forEach(({ y }, colour) =>
        expect(y.join(' ')).toBe(
          runs
            .filter((_, index) => index % 3 === colour)
            .map(({ trace }) => trace.loss.join(' '))
            .join('  ') + (count > 3 + colour ? ' ' : ''),
        ),
      )
    }
  })

  it(
    'draws what lies behind in a crowd as one line for each colour and all tests as one set of marks, each point ' +
      'under its own name',
    () => {
      const colours = ['#0072b2', '#d55e00', '#009e73']
      const many = Array.from({ length: 6 }, (_, index) => ({
        ...series(fakeRun(index), `run <${index}>`),
        colour: colours[index % 3] ?? '',
      }))
      const traces = lines(drawChart(many, { ...options, pixels: 4_000, smoothing: 0.9 }))
      const behind = traces.filter(({ name, hoverinfo }) => name.endsWith('train') && hoverinfo !== 'skip')
      expect(behind).toHaveLength(3)
      behind.forEach(({ y, text, hovertemplate }, colour) => {
        const alone = lines(
          drawChart(
            many.filter((_, index) => index % 3 === colour),
            { ...options, pixels: 4_000, smoothing: 0.9, legend: true },
          ),
        ).filter(({ name, hoverinfo }) => name.endsWith('train') && hoverinfo !== 'skip')
        expect(y).toEqual(alone.flatMap((line) => [...line.y, null]))
        expect(text).toEqual(alone.flatMap((line) => [...line.y, null].map(() => line.name)))
        expect(hovertemplate).toMatch(/^%\{text\}<br>/)
      })
      const tests = traces.filter(({ name }) => name.endsWith('test'))
      expect(tests).toHaveLength(1)
      expect(new Set(tests[0]?.text)).toEqual(new Set(many.map(({ label }) => `${plainLabel(label)} · test`)))
      expect(new Set(tests[0]?.marker?.color)).toEqual(new Set(colours))
      // A figure's legend names each run.
      expect(
        lines(drawChart(many, { ...options, smoothing: 0.9, legend: true })).filter(({ name }) =>
          name.endsWith('test'),
        ),
      ).toHaveLength(6)
    },
  )

  it('marks epochs only while there are few of them, and one that is alone always', () => {
    const modes = (count: number, epochs: number) =>
      new Set(
        lines(
          drawChart(
            Array.from({ length: count }, (_, index) => series(fakeRun(index, { epochs }))),
            { ...options, train: false },
          ),
        )
          .filter(({ name }) => name.endsWith('validation'))
          .map(({ mode }) => mode),
      )
    expect(modes(20, 4)).toEqual(new Set(['lines+markers']))
    expect(modes(20, 10)).toEqual(new Set(['lines']))
    expect(modes(200, 1)).toEqual(new Set(['lines+markers']))
  })

  it('smooths as the formula says, and keeps gaps', () => {
    const { run, trace } = fakeRun(1)
    const loss = trace.loss.map((value, index) => (index % 5 === 0 ? null : value))
    const expected = smooth(
      loss.map((value) => value ?? NaN),
      0.9,
    )
    expect([...smoothed({ run, trace: { ...trace, loss } }, 'loss', 0.9)]).toEqual(expected)
  })

  it('draws only the part in view when zoomed', () => {
    const traces = lines(drawChart([series()], { ...options, xAxis: 'update', range: [10, 20], smoothing: 0 }))
    expect(traces[0]?.x[0]).toBe(9)
    expect(traces[0]?.x.at(-1)).toBeLessThanOrEqual(22)
  })

  it('keeps a zoom while points arrive, and forgets it on another axis', () => {
    const before = drawChart([series()], options).layout.uirevision
    expect(drawChart([series(fakeRun(2))], { ...options, smoothing: 0.9 }).layout.uirevision).toBe(before)
    expect(drawChart([series()], { ...options, xAxis: 'update' }).layout.uirevision).not.toBe(before)
    expect(drawChart([series()], { ...options, logY: true }).layout.uirevision).not.toBe(before)
  })

  it('keeps its margins whatever it shows, so that nothing jumps', () => {
    const margins = [
      drawChart([], options),
      drawChart([series()], { ...options, kind: 'accuracy' }),
      drawChart([series()], { ...options, logX: true }),
    ].map(({ layout }) => layout.margin)
    expect(new Set(margins.map((margin) => JSON.stringify(margin))).size).toBe(1)
  })

  it('never lets a name become markup', () => {
    const traces = lines(drawChart([series(fakeRun(1), '<img src=x onerror=alert(1)> & <b>')], options))
    for (const { name, hovertemplate } of traces) {
      expect(name).not.toMatch(/<|&(?!amp;|lt;|gt;)/)
      expect(hovertemplate ?? '').not.toMatch(/<img|<b> ·/)
    }
    expect(plainLabel('a<b&c>')).toBe('a&lt;b&amp;c&gt;')
  })

  it('is a gap, not a zero, where the loss was not finite', () => {
    const diverged = fakeRun(1, {}, { status: 'diverged', done: 0.5 })
    const raw = lines(drawChart([series(diverged)], { ...options, smoothing: 0 }))[0]
    expect(raw?.y.at(-1)).toBeNull()
  })

  it('survives a run without a single update', () => {
    const queued = fakeRun(1, {}, { status: 'queued', done: 0 })
    expect(drawChart([series(queued)], options)).toMatchObject({ points: 0 })
  })

  it('averages speed over updates, near the recorded time per epoch', () => {
    const traced = fakeRun(1)
    const speed = lines(drawChart([series(traced)], { ...options, kind: 'imagesPerSecond' }))[0]?.y.at(-1) ?? 0
    expect(speed).toBeGreaterThan(400)
    expect(speed).toBeLessThan(800)
  })
})
