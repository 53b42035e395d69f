import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataConfig } from '../../core/config/data'
import { randomFor } from '../../core/random'
import { archiveEntries } from '../../main/data/archive'
import { preview, thumbnails } from '../../main/data/previews'
import { pixelsOf, type LabelledImages } from '../../main/data/rawImages'
import { resize } from '../../main/data/resize'
import { stratified } from '../../main/data/split'
import { idxImages, idxLabels, load, newFolder, redAndBlue, refusal, resources, write } from './making'
import { imagesInOrder } from '../support/imagesInOrder'

const countsOf = (labels: Uint16Array, classes: number): number[] =>
  Array.from({ length: classes }, (_, label) => labels.filter((own) => own === label).length)

/** An IDX data set whose every image is its own number, so that images can be followed through the splits. */
function numbered(
  count: number,
  labelOf: (image: number) => number,
  changed?: number,
): { source: { type: 'idx'; path: string } } {
  const labels = Array.from({ length: count }, (_, image) => labelOf(image))
  if (changed !== undefined) labels[changed] = labels[changed] === 0 ? 1 : 0
  const pixels = Uint8Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? (i / 2) >> 8 : (i / 2) & 255))
  return {
    source: {
      type: 'idx',
      path: write(newFolder(), {
        'train-images-idx3-ubyte': idxImages(count, 1, 2, pixels),
        'train-labels-idx1-ubyte': idxLabels(labels),
        't10k-images-idx3-ubyte': idxImages(4, 1, 2, pixels.subarray(0, 8)),
        't10k-labels-idx1-ubyte': idxLabels([0, 1, 2, 0]),
      }),
    },
  }
}
const numbersIn = (split: LabelledImages): number[] =>
  Array.from(split.labels, (_, image) => pixelsOf(split, image)).map(([high, low]) => high! * 256 + low!)

describe('the built-in digits', () => {
  it('are the 1,797 images of the UCI repository in ten classes, a fifth of them for testing', async () => {
    const { info, train, validation, test } = await load({})
    expect(info).toMatchObject({
      name: 'Handwritten digits',
      shape: [8, 8, 1],
      counts: { train: 1150, validation: 288, test: 359 },
    })
    const all = [train, validation, test].map(({ labels }) => countsOf(labels, 10))
    expect(all[0]!.map((count, label) => count + all[1]![label]! + all[2]![label]!)).toEqual([
      178, 182, 177, 183, 181, 182, 181, 179, 174, 180,
    ])
    expect(Math.max(...imagesInOrder(train))).toBe(255)
    // Mean of the whole set is 4.884 of 16, its deviation 6.017.
    expect(info.mean[0]).toBeCloseTo(4.884 / 16, 2)
    expect(info.std[0]).toBeCloseTo(6.017 / 16, 2)
  })

  it('keep their test images whatever the split seed', async () => {
    const [one, other] = [await load({ splitSeed: 1 }), await load({ splitSeed: 2 })]
    expect(imagesInOrder(other.test)).toEqual(imagesInOrder(one.test))
    expect(imagesInOrder(other.validation)).not.toEqual(imagesInOrder(one.validation))
  })
})

describe('the split', () => {
  const uneven = (image: number): number => (image % 10 < 6 ? 0 : image % 10 < 9 ? 1 : 2)

  it("is disjoint, complete, stratified and in the images' own order", async () => {
    const dataset = await load({ ...numbered(1000, uneven), validationFraction: 0.2 })
    const [train, validation] = [numbersIn(dataset.train), numbersIn(dataset.validation)]
    expect([...train, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(train).toEqual([...train].sort((a, b) => a - b))
    expect(countsOf(dataset.train.labels, 3)).toEqual([480, 240, 80])
    expect(countsOf(dataset.validation.labels, 3)).toEqual([120, 60, 20])
    dataset.train.labels.forEach((label, i) => expect(label).toBe(uneven(train[i]!)))
  })

  it('is the same for the same seed, and another for another', async () => {
    const config = numbered(300, uneven)
    const held = async (splitSeed: number) => numbersIn((await load({ ...config, splitSeed })).validation)
    expect(await held(7)).toEqual(await held(7))
    expect(await held(7)).not.toEqual(await held(8))
  })

  it('keeps as many images as asked for, of each class its share, and leaves the other splits alone', async () => {
    const config = numbered(1000, uneven)
    const [whole, part] = [
      await load(config),
      await load({ ...config, trainingImages: 100, validationImages: 50, testImages: 3 }),
    ]
    expect(countsOf(part.train.labels, 3)).toEqual([60, 30, 10])
    expect(part.info.counts).toEqual({ train: 100, validation: 50, test: 3 })
    const more = await load({ ...config, trainingImages: 100 })
    expect(numbersIn(more.validation)).toEqual(numbersIn(whole.validation))
    const all = new Set(numbersIn(whole.train))
    expect(numbersIn(part.train).every((image) => all.has(image))).toBe(true)
  })

  it('refuses more images than there are, and so few that a class has none', async () => {
    const config = numbered(1000, uneven)
    expect(await refusal({ ...config, trainingImages: 801 })).toMatch(
      /^Training images: expected at most the 800 that .* has for it, found 801$/,
    )
    expect(await refusal({ ...config, trainingImages: 2 })).toMatch(
      /its training split of 2 images: expected at least one training image of each class, found none of “2”/,
    )
  })

  it('takes any number by largest remainder', () => {
    const labels = Uint16Array.from({ length: 100 }, (_, i) => i % 7)
    for (let count = 0; count <= 100; count++) {
      const { taken, rest } = stratified(
        labels,
        Uint32Array.from(labels, (_, i) => i),
        7,
        count,
        randomFor(0, 'split'),
      )
      expect([taken.length, rest.length]).toEqual([count, 100 - count])
      countsOf(
        Uint16Array.from(taken, (image) => labels[image]!),
        7,
      ).forEach((own, label) => expect(Math.abs(own - (count * (label < 2 ? 15 : 14)) / 100)).toBeLessThan(1))
    }
  })
})

describe('the facts', () => {
  it('hold mean and deviation of the training split alone', async () => {
    const { info, train } = await load(numbered(1000, (image) => image % 3))
    const values = [...imagesInOrder(train)].map((byte) => byte / 255)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    expect(info.mean[0]).toBeCloseTo(mean, 12)
    expect(info.std[0]).toBeCloseTo(
      Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length),
      12,
    )
  })

  it('have a fingerprint that a single label, pixel or the split changes', async () => {
    const print = async (config: object) => (await load(config)).info.fingerprint
    const config = numbered(60, (image) => image % 3)
    const base = await print(config)
    expect(await print(numbered(60, (image) => image % 3))).toBe(base)
    expect(await print(numbered(60, (image) => image % 3, 33))).not.toBe(base)
    expect(await print({ ...config, splitSeed: 1 })).not.toBe(base)
    const file = join(config.source.path, 'train-images-idx3-ubyte')
    const bytes = readFileSync(file)
    bytes[20]! ^= 1
    writeFileSync(file, bytes)
    expect(await print(config)).not.toBe(base)
  })
})

describe('the cache', () => {
  const setUp = () => ({
    cacheFolder: newFolder(),
    config: {
      source: { type: 'folder', path: write(newFolder(), { ...redAndBlue(8), 'red/x.txt': Buffer.from('x') }) },
    },
  })
  const packsIn = (folder: string) => readdirSync(folder)
  const stagesOf = async (config: object, cacheFolder: string) => {
    const stages = new Set<string>()
    const dataset = await load(config, { cacheFolder, onProgress: ({ stage }) => stages.add(stage) })
    return { dataset, stages: [...stages] }
  }

  it('keeps one pack, which gives the same data without reading the images', async () => {
    const { cacheFolder, config } = setUp()
    const first = await stagesOf(config, cacheFolder)
    const second = await stagesOf(config, cacheFolder)
    expect(packsIn(cacheFolder)).toHaveLength(1)
    expect(first.stages).toContain('packing')
    expect(second.stages).toEqual(['unpacking'])
    expect(second.dataset).toEqual(first.dataset)
    expect(second.dataset.skipped).toHaveLength(1)
  })

  it.each([
    [
      'changed byte',
      (file: string) => {
        const bytes = readFileSync(file)
        bytes[bytes.length - 100]! ^= 1
        writeFileSync(file, bytes)
      },
      'does not have the checksum it was written with',
    ],
    ['missing end', (file: string) => truncateSync(file, 500), 'has 500 bytes, expected'],
    ['longer end', (file: string) => appendFileSync(file, 'x'), 'bytes, expected'],
    ['other contents', (file: string) => writeFileSync(file, 'hello, I am no pack at all'), 'is not a pack of images'],
    ['nothing in it', (file: string) => writeFileSync(file, ''), 'ends after 0 bytes'],
  ])('says so and reads the images again when its pack has a %s', async (_, damage, reason) => {
    const { cacheFolder, config } = setUp()
    const first = await load(config, { cacheFolder })
    const file = join(cacheFolder, packsIn(cacheFolder)[0]!)
    const whole = readFileSync(file)
    damage(file)
    const second = await load(config, { cacheFolder })
    expect(second.info).toEqual(first.info)
    expect(second.notes).toHaveLength(1)
    expect(second.notes[0]).toContain(reason)
    expect(readFileSync(file)).toEqual(whole)
    expect((await load(config, { cacheFolder })).notes).toEqual([])
  })

  it('reads a folder anew when a file of it changed, and forgets the old pack', async () => {
    const { cacheFolder, config } = setUp()
    const first = await load(config, { cacheFolder })
    const [old] = packsIn(cacheFolder)
    const file = join(config.source.path, 'red', '0.png')
    writeFileSync(file, readFileSync(join(config.source.path, 'blue', '1.png')))
    utimesSync(file, new Date(), new Date(Date.now() + 5000))
    const second = await load(config, { cacheFolder })
    expect(second.info.fingerprint).not.toBe(first.info.fingerprint)
    expect(packsIn(cacheFolder)).toHaveLength(1)
    expect(packsIn(cacheFolder)).not.toContain(old)
  })

  it('removes the pack that an older reader made of the same folder, and does not serve it', async () => {
    const cacheFolder = newFolder()
    const path = write(newFolder(), redAndBlue(8))
    // As packs were named before settings for the layout and the orientation came.
    const asked = createHash('sha256')
      .update(JSON.stringify({ type: 'folder', path, imageSize: null, skipBroken: false }))
      .digest('hex')
      .slice(0, 24)
    write(cacheFolder, { [`${asked}-0123456789abcdef01234567.pack`]: Buffer.from('wrong colours') })
    const read = async (more: object = {}) => await load({ source: { type: 'folder', path, ...more } }, { cacheFolder })
    expect((await read()).notes).toEqual([])
    const [own, ...others] = readdirSync(cacheFolder)
    expect([own?.startsWith(`${asked}-`), own?.includes('0123456789'), others]).toEqual([true, false, []])
    await read({ orientation: 'upright' })
    expect(readdirSync(cacheFolder)).toHaveLength(2)
  })

  it('that cannot be written costs a note and not the data', async () => {
    const { cacheFolder, config } = setUp()
    writeFileSync(join(cacheFolder, 'file'), '')
    const dataset = await load(config, { cacheFolder: join(cacheFolder, 'file', 'below') })
    expect(dataset.info.counts.train).toBeGreaterThan(0)
    expect(dataset.notes[0]).toMatch(/could not be kept in .*ENOTDIR/)
  })

  it('is left without a trace by a loading that is called off', async () => {
    const { cacheFolder, config } = setUp()
    const abort = new AbortController()
    await expect(
      load(config, {
        cacheFolder,
        signal: abort.signal,
        onProgress: ({ stage }) => void (stage === 'packing' && abort.abort()),
      }),
    ).rejects.toThrow(/abort/i)
    expect(packsIn(cacheFolder)).toEqual([])
  })
})

describe('synthetic images', () => {
  const source = { type: 'synthetic', images: 400, testImages: 100, classes: 5, size: 12, channels: 3 }

  it('are the same each time, in the shape asked for', async () => {
    const [one, other] = [await load({ source }), await load({ source })]
    expect(one.info).toMatchObject({ shape: [12, 12, 3], counts: { train: 320, validation: 80, test: 100 } })
    expect(other.info.fingerprint).toBe(one.info.fingerprint)
    expect(countsOf(one.test.labels, 5)).toEqual([20, 20, 20, 20, 20])
  })

  it('can be told apart by what the training images show, though not by a single pixel', async () => {
    const { train, test } = await load({ source: { ...source, images: 2000 } })
    const pixels = 12 * 12 * 3
    const sums = Array.from({ length: 5 }, () => new Float64Array(pixels))
    train.labels.forEach((label, image) => pixelsOf(train, image).forEach((byte, i) => (sums[label]![i]! += byte)))
    const means = sums.map((sum, label) => sum.map((value) => value / countsOf(train.labels, 5)[label]!))
    const nearest = (image: Uint8Array): number => {
      const distances = means.map((mean) => mean.reduce((sum, value, i) => sum + (value - image[i]!) ** 2, 0))
      return distances.indexOf(Math.min(...distances))
    }
    const right = [...test.labels].filter((label, image) => nearest(pixelsOf(test, image)) === label).length
    expect(right).toBeGreaterThan(60)
  })
})

describe('previews', () => {
  it('show images as they are, and as the network sees them', async () => {
    const config = DataConfig.parse({ augmentation: { pad: 1, cutout: 4 } })
    const dataset = await load(config)
    const plain = thumbnails(dataset.train, dataset.info.shape, [0, 5])
    expect(plain.shape).toEqual([2, 8, 8, 1])
    expect(plain.labels).toEqual([dataset.train.labels[0], dataset.train.labels[5]])
    expect([...plain.pixels.subarray(64)]).toEqual([...pixelsOf(dataset.train, 5)])
    const unchanged = preview(dataset, DataConfig.parse({}), 1, 0, [0, 5])
    expect([...unchanged.pixels]).toEqual([...plain.pixels])
    const changed = preview(dataset, config, 1, 0, [0, 5])
    const mean = Math.round(dataset.info.mean[0]! * 255)
    expect(changed.pixels.filter((byte) => byte === mean).length).toBeGreaterThanOrEqual(2 * 4)
    expect(() => thumbnails(dataset.train, dataset.info.shape, [1150])).toThrow(
      'Images to show: expected numbers below 1150, the images of the split, found 1150',
    )
  })
})

describe('resizing', () => {
  it.each([
    ['halves by the mean', [0, 100, 50, 150], 1, 4, 1, 2, [50, 100]],
    ['thirds by covered area', [0, 90, 180, 30], 1, 4, 1, 3, [23, 135, 68]],
    ['doubles between centres', [0, 100], 1, 2, 1, 4, [0, 25, 75, 100]],
    ['repeats a single pixel', [7], 1, 1, 2, 2, [7, 7, 7, 7]],
    ['halves downwards', [0, 10, 100, 30], 2, 2, 1, 2, [50, 20]],
  ] as const)('%s', (_, image, height, width, toHeight, toWidth, expected) => {
    expect([...resize(Uint8Array.from(image), height, width, 1, toHeight, toWidth)]).toEqual(expected)
  })
})

const realImages =
  process.env['BATCHLAB_CIFAR10_JPEG'] ?? resolve(__dirname, '../../../shared/data/cifar10-jpeg.tar.gz')
const isThere = existsSync(realImages)

describe('real CIFAR-10 images in JPEG folders', () => {
  it.skipIf(!isThere)(
    `import as an image folder${isThere ? '' : `: skipped, ${realImages} is not there (set BATCHLAB_CIFAR10_JPEG)`}`,
    async () => {
      const folder = newFolder()
      const perClass = new Map<string, number>()
      let missing = 2 * 10 * 50
      for await (const entry of archiveEntries(realImages, { entries: 1e6, bytes: 4e9, ratio: 200 })) {
        const [split = '', className = '', name = ''] = entry.name.split('/')
        const key = `${split}/${className}`
        if (entry.type !== 'file' || name === '' || (perClass.get(key) ?? 0) >= 50) continue
        perClass.set(key, (perClass.get(key) ?? 0) + 1)
        write(folder, { [`${key}/${name}`]: await entry.bytes() })
        if (--missing === 0) break
      }
      const dataset = await load({ source: { type: 'folder', path: folder } })
      expect(dataset.info).toMatchObject({
        classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
        shape: [32, 32, 3],
        counts: { train: 400, validation: 100, test: 500 },
      })
      // The whole set's mean is (0.4914, 0.4822, 0.4465), its deviation (0.2470, 0.2435, 0.2616); 400 images come near.
      ;[0.4914, 0.4822, 0.4465].forEach((mean, channel) =>
        expect(Math.abs(dataset.info.mean[channel]! - mean)).toBeLessThan(0.04),
      )
      ;[0.247, 0.2435, 0.2616].forEach((std, channel) =>
        expect(Math.abs(dataset.info.std[channel]! - std)).toBeLessThan(0.03),
      )
    },
  )
})

describe('the resources', () => {
  it('name the origin and the licence of the digits', () => {
    const readme = readFileSync(join(resources, 'digits', 'README.md'), 'utf8')
    expect(readme).toContain('CC BY 4.0')
    expect(readme).toContain('Alpaydin')
  })
})
