import { describe, expect, it } from 'vitest'
import { RunConfig } from '../../core/config/config'
import { withValue } from '../../core/fields'
import { presetNamed, presetNames } from '../../content/presets/all'
import { likenessOf, likenessTo, repeats, unlikeInWords } from '../../content/presets/likeness'

const name = 'notes/exp3/config1:small'
type Change = readonly [path: string, value: unknown]
const config = (changes: readonly Change[]) =>
  RunConfig.parse(
    changes.reduce<unknown>(
      (input, [path, value]) => withValue(input, path, value),
      RunConfig.parse(presetNamed(name)),
    ),
  )
const run = (...changes: readonly Change[]) => ({ config: config(changes), origin: { type: 'new' as const } })

describe('a run', () => {
  it("repeats a preset's config with another seed, name, data path, engine, and other checkpoints", () => {
    for (const one of [
      run(),
      run(['seed', 7]),
      run(['data.source.path', '/home/kim/cifar10']),
      run(['engine.backend', 'wasm'], ['engine.threads', 4]),
      run(['checkpoints.keepBest', 3], ['diagnostics.every', 10]),
    ]) {
      const likeness = likenessTo(name, one)
      expect(likeness !== null && repeats(likeness)).toBe(true)
    }
    expect(likenessOf(run(['name', 'mine'], ['seed', 3]))?.differing).toEqual([])
    expect(likenessOf(run(['name', `${name} · seed 3`], ['seed', 3]))?.preset.name).toBe(name)
  })

  it('does not by its name alone', () => {
    const likeness = likenessTo(name, run(['epochs', 3], ['batchSize', 17]))
    expect(likeness?.differing).toEqual(['batchSize', 'epochs'])
    expect(likeness !== null && repeats(likeness)).toBe(false)
    expect(likeness === null ? '' : unlikeInWords(likeness)).toBe('2 settings differ')
    const other = likenessTo(name, run(['engine.precision', 'bfloat16']))
    expect(other === null ? '' : unlikeInWords(other)).toBe('1 setting differs')
    expect(likenessTo('notes/exp3/config1', run(['name', 'mine']))).toBeNull()
  })

  it('does not when it began with other weights', () => {
    const forked = { ...run(), origin: { type: 'fork' as const, run: 'run000000001', checkpoint: 'last', update: 4 } }
    const likeness = likenessOf(forked)
    expect(likeness !== null && repeats(likeness)).toBe(false)
    expect(likeness === null ? '' : unlikeInWords(likeness)).toBe('it went on from a checkpoint of another run')
  })

  it('that nobody made from a preset is like none', () => {
    expect(likenessOf({ config: RunConfig.parse({ epochs: 3 }), origin: { type: 'new' } })).toBeNull()
  })

  it('of every preset repeats it', () => {
    for (const one of presetNames()) {
      const made = { config: RunConfig.parse(presetNamed(one)), origin: { type: 'new' as const } }
      const likeness = likenessTo(one, made)
      expect(likeness !== null && repeats(likeness), one).toBe(true)
      expect(likenessOf(made)?.preset.name).toBe(one)
    }
  })
})
