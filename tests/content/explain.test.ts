import { describe, expect, it } from 'vitest'
import { configFields, type Field } from '../../core/fields'
import { pageFor, pages } from '../../content/explain/all'
import { presets } from '../../content/presets/all'

const flat = (fields: readonly Field[]): readonly Field[] =>
  fields.flatMap((field) => [field, ...flat(field.fields), ...field.options.flatMap((option) => flat(option.fields))])

const fields = flat(configFields())

describe('explanations', () => {
  it('have ids of their own, and everything a reader needs', () => {
    expect(new Set(pages.map(({ id }) => id)).size).toBe(pages.length)
    for (const page of pages) {
      expect(page.formulas.length, page.id).toBeGreaterThan(0)
      for (const text of [page.says, page.helps, page.breaks, page.example.says])
        expect(text, page.id).toMatch(/^\P{Ll}.{5,}\.$/u)
      for (const id of page.presets)
        expect(
          presets.map((preset) => preset.id),
          page.id,
        ).toContain(id)
    }
  })

  it('name settings that exist', () => {
    for (const { id, settings } of pages) {
      for (const { path, value } of settings) {
        const named = fields.filter((field) => field.path === path)
        expect(named.length, `${id}: ${path}`).toBeGreaterThan(0)
        if (value !== undefined)
          expect(
            named.flatMap(({ options }) => options.map((option) => String(option.value))),
            `${id}: ${path}`,
          ).toContain(value)
      }
    }
  })

  it.each([
    'learningRate.schedule',
    'learningRate.scaling',
    'learningRate.warmup',
    'optimizer',
    'optimizer.clip',
    'batch.growth',
    'batch.gradientNoise',
    'batch.workers',
    'regularisation.average',
  ])('explain every choice of %s', (path) => {
    const values = new Set(
      fields
        .filter((field) => field.path === path)
        .flatMap(({ options }) => options.map((option) => String(option.value))),
    )
    expect(values.size).toBeGreaterThan(1)
    for (const value of values)
      if (value !== 'none')
        expect(pageFor(path, value)?.settings ?? [], `${path} ${value} has no page`).toContainEqual({ path, value })
  })

  it('explain every setting of the sections they are about', () => {
    const sections = /^(batch|optimizer|regularisation|earlyStopping|diagnostics|networkOptions|data\.augmentation)\./
    const leaves = fields.filter(
      ({ path, kind }) =>
        sections.test(path) &&
        kind !== 'group' &&
        kind !== 'variant' &&
        !/^batch\.(growth|gradientNoise|workers)\.|^optimizer\.clip\.|^regularisation\.average\./.test(path),
    )
    expect(leaves.length).toBeGreaterThan(25)
    expect(leaves.filter(({ path }) => pageFor(path) === undefined).map(({ path }) => path)).toEqual([])
  })

  it('are found by a setting, its value, and what lies below it', () => {
    expect(pageFor('learningRate.schedule', 'cosine')?.id).toBe('cosine')
    expect(pageFor('learningRate.schedule.type', 'cyclic')?.id).toBe('cyclic')
    expect(pageFor('learningRate.schedule.parts.3.schedule.schedule.type', 'cosine')?.id).toBe('cosine')
    expect(pageFor('earlyStopping.patience')?.id).toBe('early-stopping')
    expect(pageFor('networkOptions.batchNorm.newValueWeight')?.id).toBe('ghost-batch-norm')
    expect(pageFor('diagnostics.gradientNoise')?.id).toBe('gradient-noise-scale')
    expect(pageFor('diagnostics.every')?.id).toBe('live-diagnostics')
    expect(pageFor('seed')).toBeUndefined()
  })
})
