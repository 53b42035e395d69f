import { cpSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../../core/run'
import { splitFolder } from '../trainer/measuring'
import { batchlab, json, temporaryFolder } from './built'

interface Brief {
  readonly accuracy: number
  readonly loss: number
  readonly images: number
  readonly imagesTrainedOn: number | null
  readonly data: { readonly relation: string }
}
interface Compared {
  readonly a: Brief
  readonly b: Brief
  readonly images: number
  readonly leftOut: number
  readonly caveat: string
  readonly warnings: readonly string[]
}

describe('measuring checkpoints of different runs', () => {
  const dir = temporaryFolder()
  const data = temporaryFolder()
  const here = ['--dir', dir]
  const animals = join(data, 'animals')
  const train = async (name: string, ...more: readonly string[]): Promise<void> => {
    const sets = [
      `name=${name}`,
      'data.source.type=folder',
      `data.source.path=${animals}`,
      'network.type=mlp',
      'network.hidden=[6]',
      'epochs=2',
      'batchSize=8',
      'engine.backend=cpu',
      ...more,
    ]
    const { code, stderr } = await batchlab(['train', ...here, ...sets.flatMap((set) => ['--set', set])])
    if (code !== 0) throw new Error(stderr)
  }
  const recordOf = async (name: string): Promise<Run> => await json<Run>('show', name, ...here)
  beforeAll(async () => {
    splitFolder(animals, ['cat', 'dog', 'owl'])
    await train('plain')
    await train('raw', 'data.normalisation=none')
    await train('other split', 'data.splitSeed=3')
  }, 120_000)

  it('gives each the score of its own record, whatever it is fed with', async () => {
    const compared = await json<Compared>('compare', 'raw/last', 'plain/last', ...here)
    for (const [name, brief] of [
      ['raw', compared.a],
      ['plain', compared.b],
    ] as const) {
      const { score } = (await recordOf(name)).test.last!
      expect(brief).toMatchObject({
        accuracy: score.accuracy,
        loss: score.loss,
        imagesTrainedOn: 0,
        data: { relation: 'own' },
      })
    }
    expect(compared).toMatchObject({ warnings: [], caveat: '', leftOut: 0 })
  }, 60_000)

  it('says which images one of the two was trained on, and leaves them out on request', async () => {
    const args = ['compare', 'plain/last', 'other split/last', '--split', 'validation', ...here]
    const { code, stdout, stderr } = await batchlab(args)
    expect(code).toBe(0)
    expect(stderr).toMatch(/\/last was trained on \d+ of the 10 validation images/)
    expect(stdout).toMatch(
      /Of the 10 validation images some were trained on, \d+ by [0-9a-z]+\/last alone: p compares what was learned by heart too, and says nothing about unseen images \(--unseen leaves those out\)/,
    )
    const all = await json<Compared>(...args)
    const left = await json<Compared>(...args, '--unseen')
    expect(all.b.imagesTrainedOn).toBeGreaterThan(0)
    expect(left).toMatchObject({
      images: 10 - all.b.imagesTrainedOn!,
      leftOut: all.b.imagesTrainedOn,
      caveat: '',
      warnings: [],
    })
  }, 60_000)

  it('refuses a setting of what a network is fed with, and classes with other names', async () => {
    const fed = await batchlab(['evaluate', 'plain/last', '--set', 'data.normalisation=none', ...here])
    expect([fed.code, fed.stdout]).toEqual([2, ''])
    expect(fed.stderr).toContain('a network is fed as it was trained, so its normalisation belongs to the checkpoint')
    const plants = splitFolder(join(data, 'plants'), ['ivy', 'oak', 'rose'])
    for (const args of [
      ['evaluate', 'plain/last', '--dataset', `folder:${plants}`],
      ['fork', 'plain', '--from', 'last', '--set', `data.source.path=${plants}`],
    ]) {
      const { code, stdout, stderr } = await batchlab([...args, ...here])
      expect([code, stdout], args[0]).toEqual([2, ''])
      expect(stderr).toContain('knows the 3 classes “cat”, “dog”, “owl”;')
      expect(stderr).toContain('plants')
      expect(stderr).toContain('the 3 classes “ivy”, “oak”, “rose”. Classes are matched by their names')
    }
    const file = join(dir, 'runs', (await recordOf('plain')).id, 'checkpoints', 'last.safetensors')
    const begun = await batchlab([
      'train',
      ...here,
      '--weights',
      file,
      '--set',
      'data.source.type=folder',
      '--set',
      `data.source.path=${plants}`,
      '--set',
      'network.type=mlp',
      '--set',
      'network.hidden=[6]',
      '--set',
      'batchSize=8',
    ])
    expect(begun.code).toBe(2)
    expect(begun.stderr).toContain('knows the 3 classes “cat”, “dog”, “owl”')
    expect((await json<readonly Run[]>('list', ...here)).length).toBe(3)
  }, 60_000)

  it('says that a folder has changed since its run, in evaluate, compare, flatness and fork', async () => {
    cpSync(animals, join(data, 'kept'), { recursive: true })
    for (const [from, to] of [
      ['cat', 'x'],
      ['dog', 'cat'],
      ['x', 'dog'],
    ])
      renameSync(join(animals, 'test', from!), join(animals, 'test', to!))
    for (const args of [
      ['evaluate', 'plain/last'],
      ['compare', 'plain/last', 'raw/last'],
      ['flatness', 'plain/last', '--images', '8', '--iterations', '1'],
    ]) {
      const { code, stderr } = await batchlab([...args, ...here])
      expect(code).toBe(0)
      expect(stderr, args[0]).toMatch(
        /The images of “animals” are not those that the run of [0-9a-z]+\/last was set up with \(fingerprint [0-9a-f]{12} then, [0-9a-f]{12} now\)/,
      )
    }
    const { data: measured, warnings } = await json<{
      readonly data: { readonly relation: string }
      readonly warnings: readonly string[]
    }>('evaluate', 'plain/last', ...here)
    expect(measured.relation).toBe('changed')
    expect(warnings).toHaveLength(2)
    const forked = await batchlab([
      'fork',
      'plain',
      '--from',
      'last',
      '--set',
      'epochs=3',
      '--set',
      'name=fork',
      ...here,
    ])
    expect(forked.stderr).toContain('The data have changed since the weights that it begins with were trained on them.')
    // Where the old images are still to be had, the test images are known to be unseen.
    const kept = await json<Brief>('evaluate', 'plain/last', '--dataset', `folder:${join(data, 'kept')}`, ...here)
    expect(kept).toMatchObject({ data: { relation: 'own' }, imagesTrainedOn: 0 })
  }, 90_000)
})
