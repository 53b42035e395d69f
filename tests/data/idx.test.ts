import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idxImages, idxLabels, load, newFolder, refusal, write } from './making'

const pixels = (count: number): Uint8Array => Uint8Array.from({ length: count * 6 }, (_, i) => (i * 7) % 256)
const labels = (count: number): number[] => Array.from({ length: count }, (_, i) => [3, 5, 9][i % 3]!)
const good = (): Record<string, Uint8Array> => ({
  'train-images-idx3-ubyte': idxImages(12, 2, 3, pixels(12)),
  'train-labels-idx1-ubyte': idxLabels(labels(12)),
  't10k-images-idx3-ubyte': idxImages(3, 2, 3, pixels(3)),
  't10k-labels-idx1-ubyte': idxLabels(labels(3)),
})
const source = (files: Record<string, Uint8Array>) => ({
  source: { type: 'idx', path: write(newFolder(), files) },
  validationFraction: 0,
})
const withFile = (name: string, bytes: Uint8Array) => source({ ...good(), [name]: bytes })

describe('IDX files', () => {
  it('are read with their labels as classes, compressed or not', async () => {
    const plain = await load(source(good()))
    expect(plain.info).toMatchObject({
      classes: ['3', '5', '9'],
      shape: [2, 3, 1],
      counts: { train: 12, validation: 0, test: 3 },
    })
    expect([...plain.train.images]).toEqual([...pixels(12)])
    expect([...plain.train.labels].slice(0, 4)).toEqual([0, 1, 2, 0])
    const zipped = await load(
      source(Object.fromEntries(Object.entries(good()).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]))),
    )
    expect(zipped.info.fingerprint).toBe(plain.info.fingerprint)
  })

  it('of several sets are refused with the list, and one can be chosen', async () => {
    const named = (set: string, shift: number) =>
      Object.fromEntries(
        Object.entries(good()).map(([name, bytes]) => [
          `${set}-${name}`,
          name.includes('train-labels')
            ? idxLabels(labels(12).map((label) => label + shift))
            : name.includes('labels')
              ? idxLabels(labels(3).map((label) => label + shift))
              : bytes,
        ]),
      )
    const files = { ...named('emnist-letters', 0), ...named('emnist-balanced', 1) }
    expect(await refusal(source(files))).toContain(
      'expected one set of four IDX files, found 2: “emnist-balanced”, “emnist-letters”. Say which with data.source.set',
    )
    const chosen = (set: string) => ({ ...source(files), source: { ...source(files).source, set } })
    expect((await load(chosen('emnist-balanced'))).info.classes).toEqual(['4', '6', '10'])
    expect((await load(chosen('emnist-letters'))).info.classes).toEqual(['3', '5', '9'])
    expect(await refusal(chosen('mnist'))).toContain(
      'expected a set called “mnist”, found “emnist-balanced”, “emnist-letters”',
    )
    expect(
      (await load(source({ ...named('emnist-letters', 0), 'emnist-digits-train-labels-idx1-ubyte': idxLabels([1]) })))
        .info.counts.train,
    ).toBe(12)
  })

  it('may each lie in a folder of their own name', async () => {
    const inFolders = Object.fromEntries(
      Object.entries(good()).map(([name, bytes]) => [`${name}/${name.replace('-idx', '.idx')}`, bytes]),
    )
    expect((await load(source(inFolders))).info.counts.train).toBe(12)
  })

  it('may be named with a dot', async () => {
    const dotted = Object.fromEntries(
      Object.entries(good()).map(([name, bytes]) => [name.replace('-idx', '.idx'), bytes]),
    )
    expect((await load(source(dotted))).info.counts.train).toBe(12)
  })

  it.each([
    ['a wrong magic number', idxImages(12, 2, 3, pixels(12), 2049), 'expected magic number 2051, found 2049'],
    ['a truncated body', idxImages(12, 2, 3, pixels(11)), 'its header announces 88 bytes, found 82'],
    ['bytes too many', idxImages(12, 2, 3, pixels(13)), 'its header announces 88 bytes, found 94'],
    [
      'a count of 2^32 − 1',
      idxImages(0xffffffff, 28, 28, pixels(12)),
      '4294967295 images of 28×28×1 are 3367254359280 bytes, expected at most 2147483648',
    ],
    [
      'a count of 2,000,000',
      idxImages(2_000_000, 28, 28, pixels(12)),
      'its header announces 1568000016 bytes, found 88',
    ],
    [
      'sizes of 0',
      idxImages(12, 0, 3, new Uint8Array()),
      'expected at least one image of at least 1×1 pixels, found 12 images of 0×3',
    ],
    ['too few bytes for a header', Buffer.from([0, 0, 8]), 'expected a header of 16 bytes, found 3 bytes'],
  ])('with %s are refused', async (_, bytes, sentence) => {
    expect(await refusal(withFile('train-images-idx3-ubyte', bytes))).toContain(sentence)
  })

  it('with a lying compressed header are refused before anything is allocated', async () => {
    const files: Record<string, Uint8Array> = {
      ...good(),
      'train-images-idx3-ubyte.gz': gzipSync(idxImages(2_000_000, 28, 28, pixels(12))),
    }
    delete files['train-images-idx3-ubyte']
    const before = process.memoryUsage().arrayBuffers
    expect(await refusal(source(files))).toMatch(
      /its header announces 1568000016 bytes, found only \d+ compressed bytes, which cannot hold them/,
    )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 ** 2)
  })

  it('with a gzip bomb behind an honest-looking header are read no further than announced', async () => {
    const bomb = gzipSync(Buffer.concat([idxImages(12, 2, 3, pixels(12)), Buffer.alloc(64 * 1024 ** 2)]))
    const files: Record<string, Uint8Array> = { ...good(), 'train-images-idx3-ubyte.gz': bomb }
    delete files['train-images-idx3-ubyte']
    const before = process.memoryUsage().arrayBuffers
    expect(await refusal(source(files))).toContain('its header announces 88 bytes, found more')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 ** 2)
  })

  it('with a truncated gzip stream are refused', async () => {
    const files: Record<string, Uint8Array> = {
      ...good(),
      'train-labels-idx1-ubyte.gz': gzipSync(idxLabels(labels(12))).subarray(0, 20),
    }
    delete files['train-labels-idx1-ubyte']
    expect(await refusal(source(files))).toContain('train-labels-idx1-ubyte.gz cannot be read: unexpected end of file')
  })

  it('with other numbers of labels and images are refused', async () => {
    expect(await refusal(withFile('train-labels-idx1-ubyte', idxLabels(labels(11))))).toContain('expected 12 labels')
    expect(await refusal(withFile('train-labels-idx1-ubyte', idxLabels(labels(11), 12)))).toContain(
      'its header announces 20 bytes, found 19',
    )
  })

  it('with a test label that no training image has are refused', async () => {
    expect(await refusal(withFile('t10k-labels-idx1-ubyte', idxLabels([3, 200, 9])))).toContain(
      'image 1 has label 200, which no training image has; expected one of 3, 5, 9',
    )
  })

  it('with test images of another size are refused', async () => {
    expect(await refusal(withFile('t10k-images-idx3-ubyte', idxImages(3, 3, 2, pixels(3))))).toContain(
      'expected images of 2×3 as in the training file, found 3×2',
    )
  })

  it('that are missing are named', async () => {
    const files = good()
    delete files['t10k-labels-idx1-ubyte']
    expect(await refusal(source(files))).toContain('found none for t10k-labels')
    expect(await refusal({ source: { type: 'idx', path: '/no/such/folder' } })).toBe(
      '/no/such/folder: there is no such file or folder',
    )
  })
})

describe('an IDX header of any bytes', () => {
  it('is read or refused with a sentence, without more memory than the file has', async () => {
    const path = write(newFolder(), good())
    const before = process.memoryUsage().arrayBuffers
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 40 }), fc.boolean(), async (header, isMagicRight) => {
        const bytes = Buffer.from(header)
        if (isMagicRight && bytes.length >= 4) bytes.writeUInt32BE(2051, 0)
        write(path, { 'train-images-idx3-ubyte': bytes })
        const sentence = await refusal({ source: { type: 'idx', path } })
        expect(sentence).toMatch(/expected|announces/)
      }),
      { numRuns: 60 },
    )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 ** 2)
  })
})
