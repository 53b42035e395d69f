import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { pages } from '../../content/explain/all'
import { valueAt } from '../../core/fields'
import { presetNamed, presets } from '../../content/presets/all'
import { parsedPreset } from '../../content/presets/shrink'
import { shownList, typedList } from '../../renderer/papers/knobs'
import { FormulaView } from '../../renderer/papers/FormulaView'
import {
  configOf,
  flatnessCommand,
  notesOf,
  ownNumber,
  ownOrNamed,
  ownRun,
  withOwnData,
} from '../../renderer/papers/presetInfo'
import { fakeRun } from './fakeRun'
import { planKnobs } from './paperFixtures'

const presetCalled = (id: string) => {
  const preset = presets.find((one) => one.id === id)
  if (preset === undefined) throw new Error(`there is no preset ${id}`)
  return preset
}

describe('Formula', () => {
  it('becomes MathML elements with a spoken text, and reads nothing in it as markup', () => {
    const html = renderToStaticMarkup(<FormulaView tex={'\\frac{a}{b} < c'} block />)
    expect(html).toContain('<mfrac><mi>a</mi><mi>b</mi></mfrac>')
    expect(html).toContain('display="block"')
    expect(html).toContain('aria-label="a/b &lt; c"')
    expect(html).toContain('>&lt;</mo>')
  })

  it('draws every formula and every symbol of the explanations', () => {
    for (const { formulas, symbols } of pages) {
      for (const tex of [...formulas.map((formula) => formula.tex), ...symbols.map(([symbol]) => symbol)])
        expect(renderToStaticMarkup(<FormulaView tex={tex} />)).toMatch(/^<math .*<\/math>$/)
    }
  })
})

describe('a preset', () => {
  const exp3 = presetCalled('notes/exp3')

  it('opens at the size of its source or in small, named so that its runs are found again', () => {
    expect(configOf(exp3, 'config5', false)).toMatchObject({ name: 'notes/exp3/config5', batchSize: 2048, epochs: 300 })
    expect(configOf(exp3, 'config5', true)).toMatchObject({
      name: 'notes/exp3/config5:small',
      batchSize: 256,
      epochs: 12,
    })
    expect(configOf(exp3, 'config9', false)).toBeNull()
  })

  it('takes its data from where the latest run found it, and leaves other paths alone', () => {
    const config = configOf(exp3, 'config1', false)
    if (config === null) throw new Error('there is no config1')
    const at = (path: string, index: number) => fakeRun(index, { data: { source: { type: 'cifar10', path } } }).run
    const folder = fakeRun(9, { data: { source: { type: 'folder', path: '/cats' } } }).run
    expect(withOwnData(config, [at('/new', 3), at('/old', 1), folder]).data).toEqual({
      ...config.data,
      source: { ...config.data.source, path: '/new' },
    })
    expect(withOwnData(config, [folder])).toBe(config)
    expect(withOwnData(at('/mine', 1).config, [at('/new', 3)]).data.source).toMatchObject({ path: '/mine' })
  })

  it('finds the latest run of a config at either size, but none that is in the trash', () => {
    const named = (name: string, index: number) => ({
      ...fakeRun(index).run,
      config: parsedPreset(presetNamed(name) ?? expect.fail(`no preset ${name}`)),
    })
    const [full, small, other] = [
      named('notes/exp3/config1', 1),
      named('notes/exp3/config1:small', 4),
      fakeRun(6, { name: 'notes/exp3/config10' }).run,
    ]
    expect(ownRun(exp3, 'config1', [full, small, other])?.id).toBe(small.id)
    expect(ownRun(exp3, 'config1', [full, { ...small, removedAt: '2026-01-01T00:00:00Z' }, other])?.id).toBe(full.id)
    expect(ownRun(exp3, 'config1', [other])).toBeNull()
    // A name is no config: such a run is named, and what differs is said in place of its number.
    const toy = {
      ...small,
      id: 'run000000099',
      createdAt: '2999-01-01T00:00:00Z',
      config: { ...small.config, epochs: 1, batchSize: 3 },
    }
    expect(ownRun(exp3, 'config1', [full, toy])?.id).toBe(full.id)
    expect(ownRun(exp3, 'config1', [toy])).toBeNull()
    expect(ownOrNamed(exp3, 'config1', [toy])).toMatchObject({
      run: { id: toy.id },
      likeness: { differing: ['batchSize', 'epochs'] },
    })
  })

  it("puts the same quantity of one's own beside the source's number, or nothing", () => {
    const { run } = fakeRun(1, {}, { finalAccuracy: 0.9 })
    const tested = {
      ...run,
      test: { last: null, best: { epoch: 2, score: { loss: 1, accuracy: 0.9125, images: 400 } } },
    }
    expect(ownNumber(tested, { quantity: 'accuracy', split: 'test' })).toBe('91.25\u00a0%')
    expect(ownNumber(tested, { quantity: 'error', split: 'test' })).toBe('8.75\u00a0% error')
    // The record's, of the last epoch.
    const epochs = tested.epochs.map((epoch, index) => ({
      ...epoch,
      train: { ...epoch.train, accuracy: index === tested.epochs.length - 1 ? 0.9966 : 0.5 },
    }))
    expect(ownNumber({ ...tested, epochs }, { quantity: 'accuracy', split: 'train' })).toBe('99.66\u00a0%')
    expect(ownNumber({ ...tested, epochs: [] }, { quantity: 'accuracy', split: 'train' })).toBe('')
    expect(ownNumber(tested, { quantity: 'sharpness', split: '' })).toBe('')
    expect(ownNumber({ ...tested, test: { last: null, best: null } }, { quantity: 'accuracy', split: 'test' })).toBe('')
  })

  it('names the command that measures what no record has, ready to be pasted into a shell', () => {
    const f1 = presetCalled('keskar/f1')
    const of = (index: number, name: string) => ({
      ...fakeRun(index).run,
      config: parsedPreset(presetNamed(name) ?? expect.fail(`no preset ${name}`)),
      checkpoints: [
        { name: 'final', kinds: ['final' as const], moment: fakeRun(1).run.moment, bytes: 1, validation: null },
        { name: 'best-00003', kinds: ['best' as const], moment: fakeRun(1).run.moment, bytes: 1, validation: null },
      ],
    })
    const [small, large] = [of(1, 'keskar/f1/small:small'), of(2, 'keskar/f1/large')]
    const both = ['small', 'large']
    expect(flatnessCommand(f1, both, [small, large], { library: '/home/kim/library', platform: 'linux' })).toBe(
      `npx batchlab flatness ${small.id}/final ${large.id}/final --dir /home/kim/library`,
    )
    expect(flatnessCommand(f1, both, [small], { library: "/it's $HOME `here`", platform: 'linux' })).toBe(
      `npx batchlab flatness ${small.id}/final RUN-OF-LARGE/final --dir '/it'\\''s $HOME \`here\`'`,
    )
    expect(flatnessCommand(f1, both, [], { library: 'C:\\Users\\Kim Lee\\library', platform: 'win32' })).toBe(
      'npx batchlab flatness RUN-OF-SMALL/final RUN-OF-LARGE/final --dir "C:\\Users\\Kim Lee\\library"',
    )
  })

  it("has the notes' table with its gaps, and a paper has none", () => {
    expect(
      notesOf(presetCalled('notes/exp2'))
        .map(({ config, accuracy }) => [config, accuracy])
        .slice(-2),
    ).toEqual([
      ['config4', 82.79],
      ['config5', null],
    ])
    expect(notesOf(presetCalled('notes/exp5'))).toHaveLength(9)
    expect(notesOf(presetCalled('goyal'))).toEqual([])
  })
})

describe('knobsOf', () => {
  it("offers a method's own settings first, each once", () => {
    const paths = planKnobs('step').knobs.map(({ path }) => path)
    expect(paths.slice(0, 2)).toEqual(['learningRate.schedule.factor', 'learningRate.schedule.every'])
    expect(new Set(paths).size).toBe(paths.length)
    expect(paths).toEqual(expect.arrayContaining(['batchSize', 'epochs', 'learningRate.base']))
  })

  it('lets milestones be typed, and the plan follows', () => {
    const { knob, planned } = planKnobs('multi-step')
    const milestones = knob('learningRate.schedule.milestones')
    expect(shownList(milestones, [0.5, 0.75])).toBe('0.5, 0.75')
    const plan = planned([[milestones.path, typedList(milestones, '0.2, 0.4 0.6')]])
    expect([0, 200, 400, 600].map((update) => Number(plan.learningRate(update).toPrecision(9)))).toEqual([
      0.1, 0.01, 0.001, 0.0001,
    ])
    expect(() => planned([[milestones.path, typedList(milestones, '0.2, x')]])).toThrow(/milestones/)
    expect(planKnobs('growing-batch').knob('batch.growth.milestones').kind).toBe('list')
  })

  it('lets points be typed in one line', () => {
    const { knob, input, planned } = planKnobs('points')
    const points = knob('learningRate.schedule.points')
    expect(shownList(points, valueAt(input, points.path))).toBe('0 1, 3 10, 6 1, 9 0.1')
    expect(typedList(points, '0 1, 5 2')).toEqual([
      { at: 0, value: 1 },
      { at: 5, value: 2 },
    ])
    expect(planned([[points.path, typedList(points, '0 1, 5 2')]]).learningRate(500)).toBe(0.002)
    expect(() => planned([[points.path, typedList(points, '0 1, 5')]])).toThrow(/points/)
  })

  it('goes into the parts of a join, each by its number', () => {
    const { knobs, planned } = planKnobs('join')
    expect(
      knobs
        .filter(({ path }) => path.startsWith('learningRate.schedule.parts.'))
        .map(({ path, label }) => [path.slice('learningRate.schedule.parts.'.length), label]),
    ).toEqual([
      ['0.length', '1: length'],
      ['0.unit', '1: length in'],
      ['0.schedule.power', '1: power'],
      ['0.schedule.minimum', '1: final rate'],
      ['1.length', '2: length'],
      ['1.unit', '2: length in'],
      ['1.schedule.factor', '2: scale'],
      ['1.schedule.schedule.minimum', '2: final rate'],
    ])
    expect(
      planned([
        ['learningRate.schedule.parts.1.schedule.factor', 0.8],
        ['learningRate.schedule.parts.0.length', 5],
      ]).learningRate(500),
    ).toBeCloseTo(0.08, 12)
  })
})
