import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cifarBatch, idxImages, idxLabels, jpeg, load, newFolder, png, tar, write } from './making'

/*
 * Fingerprints as commit 1c49c7d gave them. A run that was begun then goes on only where its data still has the same
 * one, so readers may learn new layouts and formats, but what was read rightly stays as it was.
 */
const pictures = (prefix: string, count: number, from: number): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => i + from).flatMap((i) => [
      [`${prefix}cat/${i}.png`, png(6, 5, [(i * 7) % 256, 40, 90, 255, 20, (i * 3) % 256, 200, 255])],
      [`${prefix}dog/${i}.jpg`, jpeg(6, 5, [200, (i * 5) % 256, 30, 255, 10, 20, (i * 11) % 256, 255])],
      [`${prefix}eel/deep/${i}.png`, png(7, 6, [i, i, i, 255, 255 - i, 1, 2, 128], 6)],
    ]),
  )
const entries = (files: Record<string, Buffer>) =>
  Object.entries(files).map(([name, bytes]) => ({ header: { name }, bytes }))
const batch = (seed: number): Buffer =>
  cifarBatch(
    [[0 + seed], [3], [9 - seed], [5]].map(([label]) => [label!]),
    (record, channel, position) => (record * 31 + channel * 7 + position * seed) % 256,
  )
const allLabels = cifarBatch(
  Array.from({ length: 10 }, (_, label) => [label]),
  (record, channel, position) => (record * 3 + channel + position) % 256,
)
const train = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`cifar-10-batches-bin/data_batch_${n}.bin`, allLabels]))

describe('the fingerprint of data that was read rightly before is what it was:', () => {
  it.each<[string, string, () => Promise<{ type: string; path: string }>]>([
    [
      'a plain folder',
      '6a018ff18a66acdbbf29fcd701326eee58016966e25e4cb3bf07ff6d49e8d754',
      async () => ({ type: 'folder', path: write(newFolder(), pictures('', 12, 0)) }),
    ],
    [
      'a folder with its splits',
      '67f879766d73d505af4693267cc33bc508f992c5c30d5b7ccd8262650bca7153',
      async () => ({
        type: 'folder',
        path: write(newFolder(), {
          ...pictures('set/train/', 8, 0),
          ...pictures('set/val/', 3, 20),
          ...pictures('set/Testing/', 4, 40),
        }),
      }),
    ],
    [
      'only a train folder',
      '6a018ff18a66acdbbf29fcd701326eee58016966e25e4cb3bf07ff6d49e8d754',
      async () => ({ type: 'folder', path: write(newFolder(), pictures('train/', 12, 0)) }),
    ],
    [
      'a tar.gz of a folder',
      '6a018ff18a66acdbbf29fcd701326eee58016966e25e4cb3bf07ff6d49e8d754',
      async () => ({
        type: 'folder',
        path: await tar(join(newFolder(), 'plain.tar.gz'), entries(pictures('plain/', 12, 0))),
      }),
    ],
    [
      'a CIFAR-10 archive',
      '403fd26080f27e06d29959dbf3a4559fc557df992f67bb134ddab5fef389085b',
      async () => ({
        type: 'cifar10',
        path: await tar(
          join(newFolder(), 'cifar.tar.gz'),
          entries({ ...train, 'cifar-10-batches-bin/test_batch.bin': batch(2) }),
        ),
      }),
    ],
    [
      'IDX files',
      'e5c2b9a8431102baf3678703dbbee9556b2ba9cea0f148e21d074d2cec60edf5',
      async () => ({
        type: 'idx',
        path: write(newFolder(), {
          'train-images-idx3-ubyte': idxImages(
            20,
            3,
            4,
            Uint8Array.from({ length: 240 }, (_, i) => (i * 13) % 256),
          ),
          'train-labels-idx1-ubyte': idxLabels(Array.from({ length: 20 }, (_, i) => 1 + (i % 4))),
          't10k-images-idx3-ubyte': idxImages(
            4,
            3,
            4,
            Uint8Array.from({ length: 48 }, (_, i) => i),
          ),
          't10k-labels-idx1-ubyte': idxLabels([1, 2, 3, 4]),
        }),
      }),
    ],
  ])('%s', async (_, fingerprint, source) => {
    expect((await load({ source: await source(), validationFraction: 0.25 })).info.fingerprint).toBe(fingerprint)
  })
})
