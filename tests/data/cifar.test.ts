import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cifar100Coarse, cifar100Fine } from '../../main/data/cifarClasses'
import { cifarBatch, load, newFolder, refusal, tar, write } from './making'

const pixel = (record: number, channel: number, position: number): number =>
  (record * 7 + channel * 50 + position) % 256
const labels = Array.from({ length: 10 }, (_, i) => [i])
const cifar10 = (): Record<string, Buffer> => ({
  ...Object.fromEntries(
    [1, 2, 3, 4, 5].map((n) => [`data_batch_${n}.bin`, cifarBatch(labels, (r, c, p) => pixel(r + 10 * n, c, p))]),
  ),
  'test_batch.bin': cifarBatch(labels, pixel),
})
const fromFolder = (files: Record<string, Buffer>) => ({ source: { type: 'cifar10', path: write(newFolder(), files) } })
const entriesOf = (files: Record<string, Buffer>) =>
  Object.entries(files).map(([name, bytes]) => ({ header: { name: `cifar-10-batches-bin/${name}` }, bytes }))

describe('CIFAR-10', () => {
  it('is read as rows of pixels with red, green and blue together', async () => {
    const dataset = await load(fromFolder(cifar10()))
    expect(dataset.info).toMatchObject({
      name: 'CIFAR-10',
      shape: [32, 32, 3],
      counts: { train: 40, validation: 10, test: 10 },
    })
    expect(dataset.info.classes[2]).toBe('bird')
    expect([...dataset.test.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    const image = 3
    for (const [position, channel] of [
      [0, 0],
      [0, 2],
      [33, 1],
      [1023, 2],
    ] as const) {
      expect(dataset.test.images[image * 3072 + position * 3 + channel]).toBe(pixel(image, channel, position))
    }
  })

  it('is the same from its archive, its folder and the folder around it', async () => {
    const files = cifar10()
    const folder = newFolder()
    const archive = await tar(join(folder, 'cifar.tar.gz'), entriesOf({ 'readme.html': Buffer.from('x'), ...files }))
    const around = write(
      newFolder(),
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes])),
    )
    const prints = await Promise.all(
      [
        fromFolder(files),
        { source: { type: 'cifar10', path: archive } },
        { source: { type: 'cifar10', path: around } },
      ].map(async (config) => (await load(config)).info.fingerprint),
    )
    expect(new Set(prints).size).toBe(1)
  })

  it('is refused where a batch is cut short, before it is read', async () => {
    const config = fromFolder(cifar10())
    truncateSync(join(config.source.path, 'data_batch_3.bin'), 3073 * 10 - 5)
    expect(await refusal(config)).toMatch(
      /data_batch_3\.bin: expected a whole number of records of 3073 bytes .* found 30725 bytes/,
    )
    truncateSync(join(config.source.path, 'data_batch_3.bin'), 3073 * 9)
    expect(await refusal(config)).toContain(
      'expected data_batch_3.bin to have 30730 bytes as data_batch_1.bin has, found 27657',
    )
  })

  it('is refused by the name of the short file where that is the first', async () => {
    const config = fromFolder(cifar10())
    truncateSync(join(config.source.path, 'data_batch_1.bin'), 3073 * 9)
    expect(await refusal(config)).toContain(
      'expected data_batch_1.bin to have 30730 bytes as data_batch_2.bin has, found 27657',
    )
  })

  it('is refused where a file is announced too large in an archive', async () => {
    const file = await tar(join(newFolder(), 'a.tar'), entriesOf(cifar10()), false)
    const bytes = (await import('node:fs')).readFileSync(file)
    // The size field of the first header, in octal, says 8 GiB; the checksum follows.
    bytes.write('77777777777\0', 124, 'latin1')
    bytes.fill(' ', 148, 156)
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    const config = { source: { type: 'cifar10', path: join(write(newFolder(), { 'a.tar': bytes }), 'a.tar') } }
    const before = process.memoryUsage().arrayBuffers
    expect(await refusal(config)).toContain('found 8589934591 bytes')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 ** 2)
  })

  it('is refused with a label out of range, naming the image', async () => {
    const files = { ...cifar10(), 'data_batch_2.bin': cifarBatch([...labels.slice(0, 7), [12], [8], [9]], pixel) }
    expect(await refusal(fromFolder(files))).toContain('image 7 of data_batch_2.bin has label 12, expected 0 to 9')
  })

  it('is refused without all its classes', async () => {
    const noCats = Object.fromEntries(
      Object.keys(cifar10()).map((name) => [
        name,
        cifarBatch(
          labels.map(([label]) => [label === 3 ? 5 : label!]),
          pixel,
        ),
      ]),
    )
    expect(await refusal(fromFolder(noCats))).toContain(
      'expected at least one training image of each class, found none of “cat”',
    )
  })

  it('is refused by the names of its missing files, and says so of the Python version', async () => {
    const files = cifar10()
    delete files['data_batch_4.bin']
    expect(await refusal(fromFolder(files))).toContain('found no data_batch_4.bin')
    const python = await tar(join(newFolder(), 'cifar-10-python.tar.gz'), [
      { header: { name: 'cifar-10-batches-py/data_batch_1' }, bytes: Buffer.from('pickle') },
    ])
    expect(await refusal({ source: { type: 'cifar10', path: python } })).toContain(
      'those of the Python version; take the archive whose name ends in -binary.tar.gz',
    )
  })

  it('is refused as a truncated archive, or as no archive', async () => {
    const archive = await tar(join(newFolder(), 'cifar.tar.gz'), entriesOf(cifar10()))
    truncateSync(archive, 700)
    expect(await refusal({ source: { type: 'cifar10', path: archive } })).toMatch(
      /cannot be read as an archive: unexpected end/i,
    )
    const text = join(write(newFolder(), { 'a.tar.gz': Buffer.alloc(2000, 'hello ') }), 'a.tar.gz')
    expect(await refusal({ source: { type: 'cifar10', path: text } })).toMatch(/cannot be read as an archive/)
  })
})

describe('CIFAR-100', () => {
  const both = Array.from({ length: 100 }, (_, i) => [i % 20, i])
  const files = { 'train.bin': cifarBatch([...both, ...both], pixel), 'test.bin': cifarBatch(both, pixel) }
  const config = (labels: string, changed: Record<string, Buffer> = {}) => ({
    source: { type: 'cifar100', path: write(newFolder(), { ...files, ...changed }), labels },
  })

  it('has 100 fine and 20 coarse classes by name', async () => {
    const fine = await load({ ...config('fine'), validationFraction: 0.5 })
    expect(fine.info.classes).toHaveLength(100)
    expect([...fine.test.labels].slice(20, 23)).toEqual([20, 21, 22])
    const coarse = await load(config('coarse'))
    expect(coarse.info.classes).toHaveLength(20)
    expect([...coarse.test.labels].slice(20, 23)).toEqual([0, 1, 2])
    expect([cifar100Fine[0], cifar100Fine[99], cifar100Coarse[19]]).toEqual(['apple', 'worm', 'vehicles_2'])
    expect([...cifar100Fine].sort()).toEqual(cifar100Fine)
  })

  it('is refused with a bad label even where it is not the one in use', async () => {
    const bad = cifarBatch([...both.slice(1), [20, 0]], pixel)
    expect(await refusal(config('fine', { 'test.bin': bad }))).toContain(
      'image 99 of test.bin has coarse label 20, expected 0 to 19',
    )
  })
})
