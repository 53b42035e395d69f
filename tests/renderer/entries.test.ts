import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../core/config/parse'
import type { Field } from '../../core/fields'
import { configFields, valueAt } from '../../core/fields'
import { changed, freshDraft } from '../../renderer/editor/draft'
import { entryFields, hasEntries, withPart, withPartUp } from '../../renderer/editor/entries'

const flat = (some: readonly Field[]): readonly Field[] =>
  some.flatMap((field) => [field, ...flat(field.fields), ...field.options.flatMap((option) => flat(option.fields))])
const parts = flat(configFields()).find(({ path }) => path === 'learningRate.schedule.parts')
const pathsOf = (fields: readonly Field[]): readonly string[] => fields.map(({ path }) => path)

const joined = changed(freshDraft(), 'learningRate.schedule.type', 'join')
const problemsOf = (list: unknown): readonly string[] => {
  const parsed = parseConfig(changed(joined, 'learningRate.schedule.parts', list).input)
  return parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path}: ${message}`)
}

describe('the parts of a join in the form', () => {
  it('have the settings of the first part under their own number, also those inside a part', () => {
    if (parts === undefined) throw new Error('there are no parts')
    expect(hasEntries(parts)).toBe(true)
    expect(pathsOf(entryFields(parts, 4))).toEqual([
      'learningRate.schedule.parts.4.length',
      'learningRate.schedule.parts.4.unit',
      'learningRate.schedule.parts.4.schedule',
    ])
    const paths = pathsOf(flat(entryFields(parts, 4)))
    expect(paths.every((path) => path.startsWith('learningRate.schedule.parts.4.'))).toBe(true)
    expect(paths).toContain('learningRate.schedule.parts.4.schedule.parts.0.length')
  })

  it('are changed in the draft where they stand, with the defaults of a new kind', () => {
    const draft = changed(joined, 'learningRate.schedule.parts.1.schedule.type', 'step')
    expect(valueAt(draft.input, 'learningRate.schedule.parts')).toEqual([
      { schedule: { type: 'constant' }, length: 0.5, unit: 'fraction' },
      { schedule: { type: 'step', factor: 0.1, every: 30 }, length: null, unit: 'epochs' },
    ])
  })

  it('are a config after one is added, moved or taken away', () => {
    const initial = valueAt(joined.input, 'learningRate.schedule.parts') as Readonly<Record<string, unknown>>[]
    const three = withPart(initial)
    expect(three.map(({ length }) => length)).toEqual([0.5, 1, null])
    const up = withPartUp(three, 2)
    expect(up.map(({ schedule, length }) => [valueAt(schedule, 'type'), length])).toEqual([
      ['constant', 0.5],
      ['constant', 1],
      ['cosine', null],
    ])
    const first = withPartUp(three, 1)
    expect(first.map(({ schedule, length }) => [valueAt(schedule, 'type'), length])).toEqual([
      ['cosine', 1],
      ['constant', 0.5],
      ['constant', null],
    ])
    for (const list of [three, up, first, three.slice(1)]) expect(problemsOf(list)).toEqual([])
    expect(problemsOf(three.map((part) => ({ ...part, length: null })))).toEqual([
      'learningRate.schedule.parts.0.length: must be given for every part but the last',
    ])
  })
})
