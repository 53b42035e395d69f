import { describe, expect, it } from 'vitest'
import { reportHtml } from '../../main/exports/report'
import { settingRows } from '../../main/exports/reportDetails'
import { epochsAt, reportCharts } from '../../main/exports/reportCharts'
import type { TracedRun } from '../../core/run'
import { cpuMs } from '../support/cpuTime'
import { madeRun } from '../support/madeRun'

const options = { version: '1.2.3', at: new Date('2030-01-02T03:04:05.678Z') }
const hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202egnp.exe</title>'
const page = (...names: readonly string[]): string =>
  reportHtml(
    names.map((name, index) => ({
      traced: madeRun({ name, batchSize: 10 * (index + 1) }, 3 + index, `0mtb2h3k4l${index}`),
      label: name,
    })),
    options,
  )

describe('a report', () => {
  it('asks nothing of any other place and runs nothing', () => {
    const html = page('one', 'two')
    expect(html).not.toMatch(/https?:\/\//)
    expect(html).not.toMatch(/<(script|link|iframe|object|img|base)\b/i)
    expect(html).not.toMatch(/\bon\w+=|url\(|@import|javascript:/i)
    expect(html).toContain("default-src 'none'")
  })

  it('shows accuracies with the split and the epoch that they belong to', () => {
    const html = page('one')
    expect(html).toContain('80.00 %')
    expect(html).toContain('test accuracy, weights of epoch 3 (chosen by validation)')
    expect(html).toContain('best validation accuracy, epoch 3')
    expect(html).toContain('43.00 %')
  })

  it('puts runs side by side by the settings in which they differ', () => {
    const html = page('one', 'two')
    const overview = html.slice(html.indexOf('<table>'), html.indexOf('</table>'))
    expect(overview).toContain('<th>batchSize</th><th>epochs</th>')
    expect(overview).not.toContain('<th>seed</th>')
    expect(html.match(/<h2>/g)!.length).toBeGreaterThanOrEqual(2)
  })

  it('puts the rate that trained beside the base rate where a rule scales it', () => {
    const of = (type: 'fixed' | 'linear'): string => {
      const runs = [64, 256].map((batchSize, index) => ({
        traced: madeRun(
          { batchSize, learningRate: { base: 0.1, referenceBatch: 128, scaling: { type } } },
          3,
          `0mtb2h3k4l${index}`,
        ),
        label: `B ${batchSize}`,
      }))
      const html = reportHtml(runs, options)
      return html.slice(html.indexOf('<table>'), html.indexOf('</table>'))
    }
    expect(of('linear')).toContain('rate as trained')
    expect(of('linear')).toMatch(/<td class="n">0\.05<\/td>[^]*<td class="n">0\.2<\/td>/)
    expect(of('fixed')).not.toContain('rate as trained')
  })

  it('shows a hostile name as text', () => {
    const html = page(hostile)
    expect(html).not.toMatch(/<img|<script|\u202e/)
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(html.match(/<\/title>/g)).toHaveLength(1)
  })

  it('says of an extended run that it is one, and marks where', () => {
    const traced = madeRun({ name: 'longer', epochs: 4 }, 4, '0mtb2h3k4l9')
    const change = { update: 1, before: 4e-7, after: 0.1 }
    const run = {
      ...traced.run,
      extensions: [{ at: '', epochs: 4, from: 2, update: 1, schedule: 'restart' as const, change, planned: null }],
    }
    const html = reportHtml([{ traced: { ...traced, run }, label: 'longer' }], options)
    expect(html).toContain(
      'Extended from 2 to 4 epochs at update 1: the schedule begins again for the added epochs, and the rate ' +
        'goes from 4e-7 to 0.1.',
    )
    expect(html).toMatch(/stroke-dasharray="2 3"><title>extended to 4 epochs<\/title>/)
    expect(reportHtml([{ traced, label: 'longer' }], options)).not.toContain('extended')
  })

  it('is whole for a run that never began and one without validation', () => {
    const { run, trace } = madeRun({}, 1)
    const idle = {
      run: {
        ...run,
        status: 'queued' as const,
        epochs: [],
        facts: null,
        engine: null,
        test: { last: null, best: null },
        parameters: null,
      },
      trace: {
        ...trace,
        update: [],
        loss: [],
        accuracy: [],
        learningRate: [],
        batchSize: [],
        gradientNorm: [],
        seconds: [],
        momentum: [],
      },
    }
    const html = reportHtml([{ traced: idle, label: 'idle' }], options)
    expect(html).toContain('</html>')
    expect(html).not.toMatch(/NaN|undefined|Infinity/)
    const blind = { run: { ...run, epochs: run.epochs.map((epoch) => ({ ...epoch, validation: null })) }, trace }
    expect(reportHtml([{ traced: blind, label: 'blind' }], options)).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('of a very long run is written at once, is small, and says what it leaves out', async () => {
    const { run, trace } = madeRun({}, 3)
    const [first, second, last] = run.epochs
    const many = 100_000
    const epochs = Array.from({ length: many }, (_, index) => ({
      ...(index === many - 1 ? last! : first!),
      epoch: index + 1,
      moment: { ...second!.moment, epoch: index + 1, update: 5 * index + 5 },
    }))
    epochs[65_431] = { ...epochs[65_431]!, validation: { loss: 0.01, accuracy: 0.999, images: 10 } }
    const long = Array.from({ length: 300_000 }, (_, index) => index + 1)
    const column = (values: readonly (number | null)[]): (number | null)[] =>
      long.map((update) => (update % 2 === 0 ? null : values[update % values.length]!))
    const traced = {
      run: { ...run, epochs },
      trace: {
        ...trace,
        update: long,
        loss: column(trace.loss),
        accuracy: column(trace.accuracy),
        gradientNorm: column(trace.gradientNorm),
        learningRate: long.map(() => 0.1),
      },
    } as TracedRun
    let html = ''
    const cost = await cpuMs(() => (html = reportHtml([{ traced, label: 'long' }], options)))
    // Looking for the best epoch at each row took over 40 s; a row for each epoch and a gap for each null made tens of
    // megabytes.
    expect(cost).toBeLessThan(20_000)
    expect(html.length).toBeLessThan(1_000_000)
    expect(html).toContain('Every 100th of 100,000 epochs, the best and the last: the CSV of an export has all.')
    expect(html).toMatch(/<tr class="changed"><td class="n">65432<\/td>/)
    expect(html).toContain('<td class="n">100000</td>')
    expect(html.match(/<tr/g)!.length).toBeLessThan(1200)
  })

  it('marks the settings that are not the default', () => {
    const html = page('one')
    const row = (path: string): string =>
      html.slice(html.lastIndexOf('<tr', html.indexOf(`<td>${path}</td>`)), html.indexOf(`<td>${path}</td>`))
    expect(row('batchSize')).toContain('changed')
    expect(row('seed')).not.toContain('changed')
  })
})

describe('settingsOf', () => {
  it('names every leaf by its path', () => {
    expect(settingRows({ a: 1, b: { type: 'x', c: [1, 2], d: null } })).toEqual([
      ['a', '1'],
      ['b.type', 'x'],
      ['b.c', '[1,2]'],
      ['b.d', '–'],
    ])
  })
})

describe('the x axis of a report', () => {
  it('counts epochs by the epochs on record, also where their length changes', () => {
    const traced = madeRun({}, 3)
    const at = epochsAt(traced)
    expect([0, 2, 4, 6, 12].map(at)).toEqual([0, 0.5, 1, 1.5, 3])
    const [first, second] = traced.run.epochs
    const grown = {
      ...traced,
      run: { ...traced.run, epochs: [first!, { ...second!, moment: { ...second!.moment, update: 6 } }] },
    }
    expect([2, 4, 5, 6].map(epochsAt(grown))).toEqual([0.5, 1, 1.5, 2])
  })

  it('draws validation at the ends of epochs and rates at the updates that used them', () => {
    const traced = madeRun({}, 3)
    const charts = reportCharts([{ traced, label: 'run', colour: '#000000' }])
    const rate = charts.find(({ title }) => title === 'Learning rate')!.curves[0]!
    expect(rate.x[0]).toBe(0)
    expect(rate.y).toEqual(traced.trace.learningRate)
    const validation = charts.find(({ title }) => title === 'Accuracy')!.curves.find(({ style }) => style === 'points')!
    expect(validation.x).toEqual([1, 2, 3])
  })
})
