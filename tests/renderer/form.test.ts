import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../core/config/parse'
import type { Field } from '../../core/fields'
import { configFields, leafPaths, valueAt } from '../../core/fields'
import { changed, freshDraft, storedDraft } from '../../renderer/editor/draft'
import { homeless, movedPaths, ownMembers, sectionOfPath, sectionsOf } from '../../renderer/editor/sections'
import { shownValue, stepped, typedValue } from '../../renderer/editor/typed'

const fields = configFields()

/** Every path that the form shows a control for, as Field.tsx walks the tree. */
function shown(some: readonly Field[]): readonly string[] {
  return some.flatMap((field): readonly string[] => {
    if (field.kind === 'group') return shown(ownMembers(field.fields))
    if (field.kind === 'variant')
      return [`${field.path}.type`, ...field.options.flatMap((option) => shown(ownMembers(option.fields)))]
    return [field.path]
  })
}

const flat = (some: readonly Field[]): readonly Field[] =>
  some.flatMap((field) => [field, ...flat(field.fields), ...field.options.flatMap((option) => flat(option.fields))])
const fieldAt = (path: string): Field => {
  const field = flat(fields).find((one) => one.path === path)
  if (field === undefined) throw new Error(`no field ${path}`)
  return field
}

describe('sections', () => {
  it('show every setting of the schema, each in one section', () => {
    const sections = sectionsOf(fields)
    const paths = sections.map((section) => new Set(shown(section.fields)))
    for (const path of leafPaths(fields)) {
      if (path === 'name') continue
      expect(paths.filter((own) => own.has(path)).length, path).toBe(1)
    }
  })

  it('put a setting that nobody placed under More', () => {
    const extra = { ...fieldAt('seed'), path: 'brandNew' }
    expect(sectionsOf([...fields, extra]).at(-1)?.fields).toContain(extra)
    expect(sectionsOf([...fields, extra]).at(-1)?.title).toBe('More')
  })

  it('know where a mistake is', () => {
    expect(sectionOfPath('data.augmentation.pad')).toBe('Regularisation')
    expect(sectionOfPath('data.source.path')).toBe('Data')
    expect(sectionOfPath('learningRate.schedule.milestones.1')).toBe('Learning rate')
    expect(movedPaths.has('data.augmentation')).toBe(true)
  })

  it('give every setting a label and, below groups, a sentence of help', () => {
    for (const field of flat(fields)) {
      expect(field.label, field.path).not.toBe('')
      if (field.kind !== 'group' && field.kind !== 'variant') expect(field.help, field.path).not.toBe('')
    }
  })
})

describe('typed values', () => {
  it('come back as they were shown', () => {
    const config = parseConfig({ network: { type: 'mlp' }, learningRate: { schedule: { type: 'points' } } })
    if (!config.ok) throw new Error('the config is refused')
    for (const field of flat(fields)) {
      if (field.kind === 'group' || field.kind === 'variant' || field.kind === 'boolean') continue
      const value = valueAt(config.value, field.path)
      if (value === undefined || field.path.endsWith('.path')) continue
      expect(typedValue(field, shownValue(field, value)), field.path).toEqual(value)
    }
  })

  it('are numbers where they are numbers, and otherwise refused at their field, never dropped', () => {
    const batch = fieldAt('batchSize')
    expect(['64', ' 1e3 ', '0,5', '.25', '-3'].map((text) => typedValue(batch, text))).toEqual([
      64, 1000, 0.5, 0.25, -3,
    ])
    for (const text of ['abc', '', '1,00,000', '1.000', '1,5', '0x10', '12px', 'NaN', 'Infinity']) {
      expect(typedValue(batch, text)).toBe(text)
      const parsed = parseConfig({ batchSize: typedValue(batch, text) })
      expect(parsed.ok ? [] : parsed.issues.map(({ path }) => path)).toEqual(['batchSize'])
    }
  })

  it(
    'are never another number than the one that was typed: a comma groups thousands, or is refused with what it ' +
      'can mean',
    () => {
      expect(
        ['1,000', '1 000', '1\u202f000', '12,500', '1,234,567'].map((text) => typedValue(fieldAt('epochs'), text)),
      ).toEqual([1000, 1000, 1000, 12_500, 1_234_567])
      const issues = (input: unknown) => {
        const parsed = parseConfig(input)
        return parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path} ${message}`)
      }
      expect(issues({ epochs: typedValue(fieldAt('epochs'), '1.000') })).toEqual([
        'epochs must be written in one way only: “1.000” can mean 1000 or 1',
      ])
      expect(issues({ learningRate: { base: typedValue(fieldAt('learningRate.base'), '1,000') } })).toEqual([
        'learningRate.base must be written in one way only: “1,000” can mean 1000 or 1',
      ])
      expect(typedValue(fieldAt('data.validationFraction'), '12.5 %')).toBe(0.125)
      expect(typedValue(fieldAt('learningRate.base'), '5·10⁻⁴')).toBe(5e-4)
      const multiStep = (text: string) => ({
        learningRate: {
          schedule: {
            type: 'multiStep',
            unit: 'updates',
            milestones: typedValue(fieldAt('learningRate.schedule.milestones'), text),
          },
        },
      })
      expect(issues(multiStep('1,000'))[0]).toMatch(
        /^learningRate\.schedule\.milestones must be written in one way only: “1,000” can mean 1 and 0, or 1000/,
      )
      expect(issues(multiStep('1,000; 2,000'))).toEqual(
        [0, 1].map(
          (entry) =>
            `learningRate.schedule.milestones.${entry} must be written in one way only: “${entry + 1},000” can ` +
            `mean ${entry + 1}000 or ${entry + 1}`,
        ),
      )
      expect(typedValue(fieldAt('network.hidden'), '1,024; 512')).toEqual([1024, 512])
    },
  )

  it('are nothing where an empty box means nothing', () => {
    expect(typedValue(fieldAt('batch.ghostSize'), '')).toBeNull()
  })

  it('are lists and tables, pasted however they come', () => {
    expect(typedValue(fieldAt('learningRate.schedule.milestones'), '0.5, 0.75')).toEqual([0.5, 0.75])
    expect(typedValue(fieldAt('learningRate.schedule.milestones'), '30 60;80')).toEqual([30, 60, 80])
    expect(typedValue(fieldAt('learningRate.schedule.points'), '0\t0.1\n\n100, 0.01')).toEqual([
      { at: 0, value: 0.1 },
      { at: 100, value: 0.01 },
    ])
  })

  it('are numbers for choices of numbers', () => {
    expect(typedValue(fieldAt('network.depth'), '20')).toBe(20)
    expect(typedValue(fieldAt('engine.backend'), 'wasm')).toBe('wasm')
  })
})

describe('stepped', () => {
  it('doubles and halves whole numbers on a logarithmic scale, within their limits', () => {
    const batch = fieldAt('batchSize')
    expect([stepped(batch, 128, 1), stepped(batch, 128, -1), stepped(batch, 1, -1), stepped(batch, 65_536, 1)]).toEqual(
      [256, 64, 1, 65_536],
    )
  })

  it('goes through 1, 2, 5 for rates', () => {
    const rate = fieldAt('learningRate.base')
    expect([
      stepped(rate, 0.1, 1),
      stepped(rate, 0.2, 1),
      stepped(rate, 0.5, 1),
      stepped(rate, 0.1, -1),
      stepped(rate, 0.03, -1),
      stepped(rate, 0.03, 1),
    ]).toEqual([0.2, 0.5, 1, 0.05, 0.02, 0.05])
  })

  it('adds its step elsewhere, without the dust of binary fractions', () => {
    expect(stepped(fieldAt('optimizer.momentum'), 0.9, 1)).toBe(0.91)
    expect(stepped(fieldAt('data.validationFraction'), 0.9, 1)).toBe(0.9)
  })
})

describe('drafts', () => {
  it('start from the defaults of a kind that was just chosen', () => {
    const draft = changed(freshDraft(), 'learningRate.schedule.type', 'multiStep')
    expect(valueAt(draft.input, 'learningRate.schedule.milestones')).toEqual([0.5, 0.75])
  })

  it('keep what was typed, even when it is wrong', () => {
    const draft = changed(changed(freshDraft(), 'batchSize', 'abc'), 'epochs', 7)
    expect([valueAt(draft.input, 'batchSize'), valueAt(draft.input, 'epochs')]).toEqual(['abc', 7])
  })

  it('come back from the settings, and are fresh where those make no sense', () => {
    const draft = changed(freshDraft(), 'epochs', 7)
    expect(storedDraft(JSON.parse(JSON.stringify(draft))).draft).toEqual(draft)
    for (const nonsense of [null, 3, {}, { input: 3, weights: null, parent: null }, { ...draft, more: 1 }])
      expect(storedDraft(nonsense).draft).toEqual(freshDraft())
  })
})

describe('homeless', () => {
  const issue = (path: string) => ({ path, message: 'is wrong' })

  it('finds the issues that no box of the form can show', () => {
    const { input } = freshDraft()
    const paths = [
      'batchSize',
      'learningRate.schedule.type',
      'learningRate.schedule.milestones.1',
      'data',
      '',
      'nonsense',
      'data.source',
      'network.depth',
    ]
    expect(homeless(paths.map(issue), fields, input).map(({ path }) => path)).toEqual([
      'learningRate.schedule.milestones.1',
      'data',
      '',
      'nonsense',
      'network.depth',
    ])
    const multiStep = changed(freshDraft(), 'learningRate.schedule.type', 'multiStep').input
    expect(homeless([issue('learningRate.schedule.milestones.1')], fields, multiStep)).toEqual([])
  })
})
