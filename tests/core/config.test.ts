import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../core/config/parse'
import { configFields, leafPaths, valueAt, withValue } from '../../core/fields'

const issuesOf = (input: unknown): readonly string[] => {
  const parsed = parseConfig(input)
  return parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path}: ${message}`)
}

describe('a config', () => {
  it('is complete when nothing is said', () => {
    const parsed = parseConfig({})
    expect(parsed.ok && parsed.value.batchSize).toBe(128)
    expect(parsed.ok && parsed.value.learningRate.schedule.type).toBe('constant')
    expect(parsed.ok && parsed.value.data.source.type).toBe('digits')
  })

  it('parses to itself', () => {
    const parsed = parseConfig({ batchSize: 32, learningRate: { schedule: { type: 'cosine' } } })
    if (!parsed.ok) throw new Error('refused')
    expect(parseConfig(JSON.parse(JSON.stringify(parsed.value)))).toEqual(parsed)
  })

  it.each([
    [{ batchSize: 0 }, 'batchSize: must be at least 1, found 0'],
    [{ batchSize: '32' }, 'batchSize: must be a number, found "32"'],
    [{ batchSize: 2.5 }, 'batchSize: must be a whole number, found 2.5'],
    [{ batchsize: 32 }, ': unknown setting "batchsize"'],
    [{ learningRate: { base: NaN } }, 'learningRate.base: must be a number, found NaN'],
    [{ learningRate: { base: Infinity } }, 'learningRate.base: must be a number, found Infinity'],
    [{ learningRate: { base: -1 } }, 'learningRate.base: must be more than 0, found -1'],
    [{ learningRate: { schedule: { type: 'sawtooth' } } }, 'learningRate.schedule.type: '],
    [
      { learningRate: { schedule: { type: 'constant', factor: 2 } } },
      'learningRate.schedule: unknown setting "factor"',
    ],
    [
      { earlyStopping: { monitor: 'test' } },
      'earlyStopping.monitor: must be "validationAccuracy" or "validationLoss", found "test"',
    ],
    [{ seed: -1 }, 'seed: must be at least 0, found -1'],
    [JSON.parse('{"__proto__": {"batchSize": 1}}'), ': unknown setting "__proto__"'],
    ['text', ': must be an object, found "text"'],
    [null, ': must be an object, found null'],
    [[], ': must be an object, found []'],
  ])('refuses %j with a sentence', (input, sentence) => {
    const issues = issuesOf(input)
    expect(
      issues.some((issue) => issue.startsWith(sentence)),
      issues.join('\n'),
    ).toBe(true)
  })

  it('accepts every default that its schema states', () => {
    for (const field of configFields()) expect(field.label, field.path).not.toBe('')
    const parsed = parseConfig({})
    if (!parsed.ok) throw new Error('refused')
    for (const path of leafPaths()) {
      const value = valueAt(parsed.value, path)
      if (value === undefined) continue
      expect(issuesOf(withValue(parsed.value, path, value)), path).toEqual([])
    }
  })
})

describe('the fields of a config', () => {
  const all = configFields()
  const find = (path: string) => {
    const walk = (fields: typeof all): (typeof all)[number] | undefined => {
      for (const field of fields) {
        if (field.path === path) return field
        const inner = walk([...field.fields, ...field.options.flatMap((option) => option.fields)])
        if (inner !== undefined) return inner
      }
      return undefined
    }
    return walk(all)
  }

  it('carry label, unit, limits and help from the schema', () => {
    expect(find('batchSize')).toMatchObject({
      kind: 'integer',
      label: 'Batch size',
      unit: 'images',
      minimum: 1,
      maximum: 65536,
      initial: 128,
    })
    expect(find('batch.ghostSize')).toMatchObject({ kind: 'integer', nullable: true, minimum: 2, initial: null })
    expect(find('learningRate.schedule')).toMatchObject({ kind: 'variant' })
    expect(find('earlyStopping.monitor')).toMatchObject({ kind: 'choice' })
  })

  it('have a label, a sentence of help and, where they are numbers, limits', () => {
    const bare: string[] = []
    const walk = (fields: typeof all): void =>
      fields.forEach((field) => {
        const isLeaf = field.kind !== 'group' && field.kind !== 'variant'
        if (isLeaf && (field.label === '' || field.help === '')) bare.push(`${field.path} has no help`)
        if (
          (field.kind === 'number' || field.kind === 'integer') &&
          (field.minimum === null || field.maximum === null) &&
          field.path !== 'seed'
        )
          bare.push(`${field.path} has no limits`)
        walk([...field.fields, ...field.options.flatMap((option) => option.fields)])
      })
    walk(all)
    expect(bare).toEqual([])
  })

  it('change one value and keep the rest', () => {
    expect(withValue({ a: { b: 1, c: 2 } }, 'a.b', 3)).toEqual({ a: { b: 3, c: 2 } })
    expect(withValue({ a: { type: 'x', b: 1 } }, 'a.type', 'y')).toEqual({ a: { type: 'y' } })
    expect(withValue({}, '__proto__.polluted', 1)).toEqual({})
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})
