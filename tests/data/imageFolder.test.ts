import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { pixelsOf } from '../../main/data/rawImages'
import { jpeg, load, newFolder, png, redAndBlue, refusal, tar, write } from './making'

const source = (path: string, more: object = {}) => ({
  source: { type: 'folder', path, ...more },
  validationFraction: 0.25,
})
const good = () => write(newFolder(), redAndBlue(8))

/** A PNG chunk with its checksum. */
function chunk(type: string, data: Buffer): Buffer {
  const crcOf = (bytes: Buffer): number => {
    let crc = 0xffffffff
    for (const byte of bytes) {
      crc ^= byte
      for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    }
    return (crc ^ 0xffffffff) >>> 0
  }
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crcOf(body), body.length + 4)
  return out
}

function rawPng(
  width: number,
  height: number,
  depth: number,
  colourType: number,
  interlace: number,
  data: Buffer,
): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colourType, 0, 0, interlace], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('an image folder', () => {
  it('has its folders as classes, and a sixth of its images as test where it has no test folder', async () => {
    const dataset = await load(source(write(newFolder(), redAndBlue(12))))
    expect(dataset.info).toMatchObject({
      classes: ['blue', 'red'],
      shape: [4, 4, 3],
      counts: { train: 15, validation: 5, test: 4 },
    })
    for (const split of [dataset.train, dataset.validation, dataset.test]) {
      split.labels.forEach((label, i) =>
        expect([pixelsOf(split, i)[0], pixelsOf(split, i)[2]]).toEqual(label === 1 ? [255, 0] : [0, 255]),
      )
    }
  })

  it('uses train, val and test folders as the splits, whatever lies around them', async () => {
    const folder = write(newFolder(), {
      ...redAndBlue(5, 'flags/Train/'),
      ...redAndBlue(2, 'flags/val/'),
      ...redAndBlue(3, 'flags/test/'),
    })
    const dataset = await load(source(folder))
    expect(dataset.info.counts).toEqual({ train: 10, validation: 4, test: 6 })
  })

  it('is the same from a tar or tar.gz, in whatever order that holds the files', async () => {
    const files = redAndBlue(8)
    const entries = Object.entries(files)
      .reverse()
      .map(([name, bytes]) => ({ header: { name: `./top/${name}` }, bytes }))
    const folder = newFolder()
    const paths = [
      write(newFolder(), files),
      await tar(join(folder, 'a.tar.gz'), entries),
      await tar(join(folder, 'b.tar'), entries, false),
    ]
    const prints = await Promise.all(paths.map(async (path) => (await load(source(path))).info.fingerprint))
    expect(new Set(prints).size).toBe(1)
  })

  it('reads grey, transparent, 16-bit and JPEG images alike', async () => {
    const images = {
      'a/1.png': png(2, 2, [200, 100, 50, 255], 2),
      'a/2.png': png(2, 2, [90, 90, 90, 255], 0),
      'a/3.png': png(2, 2, [200, 100, 50, 128], 6),
      'a/4.png': png(2, 2, [200, 100, 50, 255], 2, 16),
      'a/5.png': png(2, 2, [10, 10, 10, 0], 4),
      'b/1.jpg': jpeg(2, 2, [200, 100, 50, 255], 100),
      'b/2.png': jpeg(2, 2, [0, 0, 255, 255], 100),
    }
    const dataset = await load({
      ...source(write(newFolder(), { ...prefixed(images, 'train/'), ...redAndBlueTest() })),
      validationFraction: 0,
    })
    const first = Array.from({ length: 7 }, (_, i) => [...dataset.train.images.subarray(i * 12, i * 12 + 3)])
    expect(first.slice(0, 5)).toEqual([
      [200, 100, 50],
      [90, 90, 90],
      [227, 177, 152],
      [200, 100, 50],
      [255, 255, 255],
    ])
    ;[
      [200, 100, 50],
      [0, 0, 255],
    ].forEach((colour, i) =>
      colour.forEach((value, channel) => expect(Math.abs(first[5 + i]![channel]! - value)).toBeLessThanOrEqual(3)),
    )
  })

  it('reads interlaced images', async () => {
    // 2×2 pixels: pass 1 holds the top left one, pass 6 the top right, pass 7 the lower row; each row after a filter
    // byte of 0.
    const interlaced = rawPng(2, 2, 8, 0, 1, deflateSync(Buffer.from([0, 10, 0, 20, 0, 30, 40])))
    const files = {
      'train/a/1.png': interlaced,
      'train/b/1.png': png(2, 2, [0, 0, 0, 255], 0),
      'test/a/1.png': interlaced,
    }
    expect([...(await load({ ...source(write(newFolder(), files)), validationFraction: 0 })).test.images]).toEqual([
      10, 20, 30, 40,
    ])
  })

  it('stays grey where every image is', async () => {
    const files = Object.fromEntries(
      ['a', 'b'].flatMap((name) =>
        [0, 1, 2, 3].map((i) => [`${name}/${i}.png`, png(3, 3, [40 * i, 40 * i, 40 * i, 255], 0)]),
      ),
    )
    const dataset = await load({ ...source(write(newFolder(), files)), validationFraction: 0 })
    expect(dataset.info.shape).toEqual([3, 3, 1])
    expect(new Set(dataset.train.images)).toEqual(
      new Set([0, 40, 80, 120].filter((value) => dataset.train.images.includes(value))),
    )
  })

  it('stretches images to the size of the first, or to the size asked for', async () => {
    const files = { ...redAndBlue(6), 'blue/wide.png': png(8, 4, [0, 0, 0, 255, 0, 0, 100, 255]) }
    const dataset = await load({ ...source(write(newFolder(), files)), validationFraction: 0 })
    expect(dataset.info.shape).toEqual([4, 4, 3])
    // Columns 0, 100, 0, 100 … become their means.
    const last = [dataset.train, dataset.test].flatMap(({ images, labels }) =>
      [...labels].map((_, i) => [...images.subarray(i * 48, i * 48 + 6)]),
    )
    expect(last).toContainEqual([0, 0, 50, 0, 0, 50])
    expect((await load(source(write(newFolder(), files), { imageSize: 6 }))).info.shape).toEqual([6, 6, 3])
  })

  it('is refused without classes, with one class, or with an empty class', async () => {
    expect(await refusal(source(newFolder()))).toContain(
      'expected folders of images, one for each class, found no image',
    )
    expect(await refusal(source(write(newFolder(), { 'a/1.png': png(2, 2, [0, 0, 0, 255]) })))).toContain(
      'expected 2 to 10000 class folders, found 1: “a”',
    )
    const folder = good()
    mkdirSync(join(folder, 'green'))
    expect(await refusal(source(folder))).toContain('expected at least one image in each class, found none in “green”')
    write(folder, { 'green/notes.txt': Buffer.from('later') })
    expect(await refusal(source(folder))).toContain('found none in “green”')
    expect(await refusal(source(write(good(), { 'loose.png': png(2, 2, [0, 0, 0, 255]) })))).toContain(
      'expected every image in the folder of its class, found loose.png in none',
    )
  })

  it('is refused where the test folder has a class that train has not', async () => {
    const folder = write(newFolder(), {
      ...redAndBlue(3, 'train/'),
      ...redAndBlue(1, 'test/'),
      'test/green/1.png': png(4, 4, [0, 255, 0, 255]),
    })
    expect(await refusal(source(folder))).toContain(
      'expected the classes of the test folder to be those of train, found “green” besides',
    )
  })

  it('is refused where it does not exist', async () => {
    expect(await refusal(source('/nowhere/at/all'))).toBe('/nowhere/at/all: there is no such file or folder')
  })

  it('takes hostile names for names', async () => {
    const names = ['<img src=x onerror=window.__x=1>', '🐱'.repeat(30), 'CON', 'a..b', '\u202Egnp.exe']
    const files = Object.fromEntries(
      names.flatMap((name) => [0, 1, 2].map((i) => [`${name}/${i}.png`, png(2, 2, [i, 0, 0, 255])])),
    )
    expect((await load(source(write(newFolder(), files)))).info.classes).toEqual([...names].sort())
  })
})

const prefixed = (files: Record<string, Buffer>, prefix: string): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [prefix + name, bytes]))
const redAndBlueTest = (): Record<string, Buffer> => ({
  'test/a/1.png': png(2, 2, [0, 0, 0, 255]),
  'test/b/1.png': png(2, 2, [0, 0, 0, 255]),
})

describe('broken images', () => {
  const whole = png(20, 20, [1, 2, 3, 255, 200, 100, 0, 255, 7, 90, 14, 255])
  const wholeJpeg = jpeg(64, 64, [1, 2, 3, 255, 200, 100, 0, 255, 7, 90, 14, 255])
  const bombJpeg = (() => {
    const bytes = Buffer.from(jpeg(8, 8, [9, 9, 9, 255]))
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
    bytes.writeUInt16BE(65_000, frame + 5)
    bytes.writeUInt16BE(65_000, frame + 7)
    return bytes
  })()
  const damaged = Buffer.from(whole)
  damaged[damaged.indexOf('IDAT') + 8]! ^= 0xff
  it.each([
    ['empty', Buffer.alloc(0), 'is empty'],
    ['not an image', Buffer.from('<html>not found</html>'), 'is no PNG, JPEG, WEBP, GIF or BMP by its first bytes'],
    ['a PNG cut short', whole.subarray(0, whole.length - 30), 'is a damaged PNG'],
    ['a PNG with a changed byte', damaged, 'is a damaged PNG'],
    ['a PNG cut in its header', whole.subarray(0, 20), 'is a PNG without a whole header'],
    [
      'a PNG bomb',
      rawPng(65_000, 65_000, 8, 2, 0, deflateSync(Buffer.alloc(1000))),
      'declares 65000×65000 pixels, expected at most 64000000 in all',
    ],
    [
      'a PNG with less than it declares',
      rawPng(3000, 3000, 8, 2, 0, deflateSync(Buffer.alloc(1000))),
      'is a damaged PNG (expected 27003000 bytes of pixels, found 1000)',
    ],
    [
      'an interlaced PNG bomb',
      rawPng(16, 16, 8, 2, 1, deflateSync(Buffer.alloc(32 * 1024 ** 2))),
      'is a damaged PNG (expected 798 bytes of pixels',
    ],
    ['a JPEG cut short', wholeJpeg.subarray(0, wholeJpeg.length >> 1), 'is a damaged JPEG'],
    ['a JPEG cut in its header', wholeJpeg.subarray(0, 40), 'is a JPEG that ends in its header'],
    ['a JPEG bomb', bombJpeg, 'declares 65000×65000 pixels, expected at most 64000000 in all'],
  ])('such as one that is %s, are listed, and left out where asked', async (_, bytes, reason) => {
    const folder = write(good(), { 'red/broken.png': bytes })
    const before = process.memoryUsage().arrayBuffers
    const sentence = await refusal(source(folder))
    expect(sentence).toContain(`expected only readable images, found 1 that are not: red/broken.png ${reason}`)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 ** 2)
    const dataset = await load(source(folder, { skipBroken: true }))
    expect(dataset.skipped).toHaveLength(1)
    expect(dataset.skipped[0]).toMatchObject({ file: 'red/broken.png' })
    expect(dataset.info.fingerprint).toBe((await load(source(good()))).info.fingerprint)
  })

  it('that are all of a class leave an empty class, which is refused', async () => {
    const folder = write(good(), { 'green/1.png': whole.subarray(0, 60) })
    expect(await refusal(source(folder, { skipBroken: true }))).toContain('found none of “green”')
  })

  it('do not include files that are no images by their name, which are listed and left out', async () => {
    const folder = write(good(), { 'red/labels.csv': Buffer.from('1,2'), 'red/.DS_Store': Buffer.from('x') })
    expect((await load(source(folder))).skipped).toEqual([
      { file: 'red/labels.csv', reason: 'is not a PNG, JPEG, WEBP, GIF or BMP by its name' },
    ])
  })

  it('are refused by a total that cannot be held, before anything is allocated', async () => {
    const folder = write(
      newFolder(),
      Object.fromEntries(
        Array.from({ length: 800 }, (_, i) => [`${i % 2}/${i}.png`, rawPng(1000, 1000, 8, 2, 0, Buffer.alloc(0))]),
      ),
    )
    expect(await refusal(source(folder))).toContain(
      '800 images of 1000×1000×3 are 2400000000 bytes, expected at most 2147483648',
    )
  })
})

describe('links', () => {
  it('out of the folder are not followed', async () => {
    const outside = write(newFolder(), { 'secret.png': png(4, 4, [1, 2, 3, 255]) })
    const folder = good()
    symlinkSync(join(outside, 'secret.png'), join(folder, 'red', 'link.png'))
    symlinkSync(outside, join(folder, 'green'))
    const sentence = await refusal(source(folder))
    expect(sentence).toContain('red/link.png is a link that leads out of the folder')
    expect(sentence).toContain('green is a link that leads out of the folder')
    const dataset = await load(source(folder, { skipBroken: true }))
    expect(dataset.skipped.map(({ file }) => file).sort()).toEqual(['green', 'red/link.png'])
    expect(dataset.info.classes).toEqual(['blue', 'red'])
  })

  it('within the folder are followed to files and not to folders', async () => {
    const folder = good()
    symlinkSync('0.png', join(folder, 'red', 'again.png'))
    expect((await load(source(folder))).info.counts).toEqual(
      (await load(source(write(good(), { 'red/again.png': png(4, 4, [255, 0, 0, 255]) })))).info.counts,
    )
    symlinkSync('..', join(folder, 'red', 'loop'))
    expect(await refusal(source(folder))).toContain('red/loop is a link')
  })

  it('and names that lead out of an archive are refused or left out', async () => {
    const entries = Object.entries(redAndBlue(8)).map(([name, bytes]) => ({
      header: { name },
      bytes: bytes as Uint8Array,
    }))
    const bad = [
      { header: { name: '../red/escape.png' }, bytes: png(4, 4, [1, 1, 1, 255]) },
      { header: { name: '/etc/passwd.png' }, bytes: png(4, 4, [1, 1, 1, 255]) },
      { header: { name: 'C:\\red\\escape.png' }, bytes: png(4, 4, [1, 1, 1, 255]) },
      { header: { name: 'red/link.png', type: 'symlink' as const, linkname: '/etc/passwd' } },
    ]
    const file = await tar(join(newFolder(), 'a.tar.gz'), [...entries, ...bad])
    const sentence = await refusal(source(file))
    expect(sentence).toContain('found 4 that are not')
    expect(sentence).toContain('../red/escape.png has a name that leads out of the archive')
    expect(sentence).toContain('red/link.png is a symlink entry, which is not followed')
    const dataset = await load(source(file, { skipBroken: true }))
    expect(dataset.skipped).toHaveLength(4)
    expect(dataset.info.counts).toEqual((await load(source(good()))).info.counts)
  })
})
