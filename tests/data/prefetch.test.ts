import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataConfig } from '../../core/config/data'
import type { DatasetInfo } from '../../core/datasetInfo'
import { openReader, plainReader, readerAhead, type BatchSource } from '../../main/data/prefetch/reader'
import type { BatchPlace } from '../../main/data/prefetch/shared'
import { makeSynthetic } from '../../main/data/synthetic'
import { readTensors } from '../../main/files/safetensors'
import { batchlab, temporaryFolder } from '../cli/built'

// Built by the import above.
const thread = resolve(import.meta.dirname, '../../out/main/inputThread.js')
const count = 100
const data = DataConfig.parse({
  source: { type: 'synthetic', images: count, testImages: 2, size: 8 },
  augmentation: { pad: 2, flip: true, rotation: 20 },
})
if (data.source.type !== 'synthetic') throw new Error('The images are synthetic')
const images = makeSynthetic(data.source)
const info: DatasetInfo = {
  name: 'test',
  classes: [],
  shape: [8, 8, 3],
  counts: { train: count, validation: 0, test: 0 },
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.3, 0.2],
  fingerprint: '',
}
const source: BatchSource = { data, info, seed: 7, images, largest: 32 }

const places: readonly BatchPlace[] = [0, 1, 2].flatMap((epoch) =>
  [0, 32, 64, 96].map((position) => ({ epoch, position, count: Math.min(32, count - position) })),
)

describe('reading ahead', () => {
  it('gives the batches that reading one by one gives', () => {
    const [ahead, plain] = [readerAhead(source, thread), plainReader(source)]
    places.forEach((place, i) => {
      const [found, expected] = [ahead.read(place, places[i + 1] ?? null), plain.read(place, null)]
      expect(found.images.subarray(0, place.count * 192)).toEqual(expected.images.subarray(0, place.count * 192))
      expect([...found.labels.subarray(0, place.count)]).toEqual([...expected.labels.subarray(0, place.count)])
      // All but the first come from the thread.
      expect(found.images.buffer instanceof SharedArrayBuffer).toBe(i > 0)
    })
    ahead.close()
  })

  it('leaves a batch alone until the next is asked for', async () => {
    const ahead = readerAhead(source, thread)
    ahead.read(places[0]!, places[1]!)
    const { images: used } = ahead.read(places[1]!, places[2]!)
    const before = used.slice()
    await new Promise((done) => setTimeout(done, 200))
    expect(used).toEqual(before)
    ahead.close()
  })

  it('gives what is asked for where something else was expected', () => {
    const [ahead, plain] = [readerAhead(source, thread), plainReader(source)]
    for (const [asked, next] of [
      [0, 1],
      [5, 6],
      [6, null],
      [7, 8],
      [8, 9],
      [2, 3],
    ] as const) {
      const place = places[asked]!
      const found = ahead.read(place, next === null ? null : places[next]!).images.slice(0, place.count * 192)
      expect(found).toEqual(plain.read(place, null).images.slice(0, place.count * 192))
    }
    ahead.close()
  })

  it('goes on without a thread that breaks down', { timeout: 30_000 }, async () => {
    const broken = join(temporaryFolder(), 'broken.js')
    writeFileSync(broken, 'throw new Error("broken")')
    const [ahead, plain] = [readerAhead(source, broken), plainReader(source)]
    for (const place of places.slice(0, 3)) {
      expect(ahead.read(place, place).images.slice(0, 192)).toEqual(plain.read(place, null).images.slice(0, 192))
      await new Promise((done) => setTimeout(done, 500))
    }
    ahead.close()
  })

  it('is done where it is wanted and there is a thread', () => {
    const isAhead = (...[wanted, path]: [Parameters<typeof openReader>[1], string | null]): boolean => {
      const reader = openReader(source, wanted, path)
      reader.read(places[0]!, places[1]!)
      const { images: read } = reader.read(places[1]!, null)
      reader.close()
      return read.buffer instanceof SharedArrayBuffer
    }
    expect([
      isAhead('on', thread),
      isAhead('off', thread),
      isAhead('on', null),
      isAhead('on', '/nowhere/inputThread.js'),
    ]).toEqual([true, false, false, false])
  })

  it('changes nothing that a training computes', { timeout: 90_000 }, async () => {
    const folder = temporaryFolder()
    const weights = await Promise.all(
      ['on', 'off'].map(async (inputThread) => {
        const set = [
          `engine.inputThread=${inputThread}`,
          'engine.backend=cpu',
          'network.type=mlp',
          'epochs=2',
          'data.augmentation.pad=1',
        ]
        const dir = join(folder, inputThread)
        const { code, stdout, stderr } = await batchlab([
          'train',
          ...set.flatMap((one) => ['--set', one]),
          '--json',
          '--dir',
          dir,
        ])
        expect([code, stderr]).toEqual([0, expect.anything()])
        const { run } = JSON.parse(stdout.split('\n')[0] ?? '') as { readonly run: string }
        return (await readTensors(join(dir, 'runs', run, 'checkpoints', 'final.safetensors'))).tensors
      }),
    )
    expect(weights[0]).toEqual(weights[1])
  })
})
