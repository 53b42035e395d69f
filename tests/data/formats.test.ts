import { describe, expect, it } from 'vitest'
import { upright } from '../../main/data/orient'
import { jpeg, png } from './making'
import { pixelsOf, refused } from './imageBytes'

const near = (pixel: readonly number[] | undefined, expected: readonly number[]): void =>
  expected.forEach((value, channel) =>
    expect(Math.abs((pixel?.[channel] ?? -99) - value), `${pixel} is not near ${expected}`).toBeLessThanOrEqual(3),
  )

const colour = [200, 100, 50, 255]

/**
 * Luminance and differences of that colour (JFIF 1.02): what an image would be that holds these as red, green and blue.
 */
const stored = [124, 86, 182]

const segment = (marker: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255]), data])

const adobe = (transform: number): Buffer =>
  segment(0xee, Buffer.concat([Buffer.from('Adobe\0d\0\0\0\0', 'latin1'), Buffer.from([transform])]))

const exif = (orientation: number, order: 'II' | 'MM'): Buffer => {
  const tiff = Buffer.alloc(26)
  tiff.write(order, 0, 'latin1')
  const short = (value: number, at: number): unknown =>
    order === 'II' ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at)
  short(42, 2)
  if (order === 'II') tiff.writeUInt32LE(8, 4)
  else tiff.writeUInt32BE(8, 4)
  for (const [value, at] of [
    [1, 8],
    [274, 10],
    [3, 12],
    [orientation, 18],
  ] as const)
    short(value, at)
  if (order === 'II') tiff.writeUInt32LE(1, 14)
  else tiff.writeUInt32BE(1, 14)
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]))
}

const plain = jpeg(8, 8, colour, 100)

const withoutJfif = (...segments: Buffer[]): Buffer =>
  Buffer.concat([plain.subarray(0, 2), ...segments, plain.subarray(4 + plain.readUInt16BE(4))])

function named(bytes: Buffer, ids: string): Buffer {
  const copy = Buffer.from(bytes)
  const [frame, scan] = [copy.indexOf(Buffer.from([0xff, 0xc0])), copy.indexOf(Buffer.from([0xff, 0xda]))]
  Buffer.from(ids, 'latin1').forEach((id, i) => {
    copy[frame + 10 + 3 * i] = id
    copy[scan + 5 + 2 * i] = id
  })
  return copy
}

describe('the colours of a JPEG', () => {
  it.each<[string, Buffer, readonly number[]]>([
    ['with JFIF', plain, colour],
    ['with neither JFIF nor Adobe', withoutJfif(), colour],
    ['with Adobe, transform 1', withoutJfif(adobe(1)), colour],
    ['with Adobe, transform 0', withoutJfif(adobe(0)), stored],
    ['with components R, G, B', named(withoutJfif(), 'RGB'), stored],
    ['with components R, G, B and Adobe, transform 1', named(withoutJfif(adobe(1)), 'RGB'), colour],
    ['with components R, G, B and JFIF', named(plain, 'RGB'), colour],
  ])('are right %s', async (_, bytes, expected) => {
    near((await pixelsOf('0.jpg', bytes)).pixels[0], expected.slice(0, 3))
  })

  it('are refused with 12 bits, and in kinds that are not read', async () => {
    const frame = plain.indexOf(Buffer.from([0xff, 0xc0]))
    const changed = (at: number, value: number): Buffer => Object.assign(Buffer.from(plain), { [at]: value })
    expect(await refused('1.jpg', changed(frame + 4, 12))).toContain('a/1.jpg has 12 bits per sample, expected 8')
    expect(await refused('1.jpg', changed(frame + 1, 0xc3))).toContain(
      'a/1.jpg is a JPEG that is lossless, hierarchical or arithmetically coded, expected a baseline or progressive one',
    )
    expect(await refused('1.jpg', changed(frame + 1, 0xc9))).toContain('arithmetically coded')
  })
})

describe('a JPEG of four colours', () => {
  /**
   * One block whose every sample is the same, of so many components: each sends its mean as a category and as many
   * bits, in codes of four bits, then “no more” in one.
   */
  function flat(values: readonly number[], ...segments: Buffer[]): Buffer {
    let bits = ''
    for (const value of values) {
      const mean = 8 * (value - 128)
      const size = mean === 0 ? 0 : Math.floor(Math.log2(Math.abs(mean))) + 1
      bits +=
        size.toString(2).padStart(4, '0') +
        (size === 0 ? '' : (mean > 0 ? mean : mean + 2 ** size - 1).toString(2).padStart(size, '0')) +
        '0'
    }
    const bytes = (bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? [])
      .map((byte) => parseInt(byte, 2))
      .flatMap((byte) => (byte === 255 ? [255, 0] : [byte]))
    const lengths = (...counts: number[]): number[] => [...counts, ...Array<number>(16 - counts.length).fill(0)]
    return Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      ...segments,
      segment(0xdb, Buffer.from([0, ...Array<number>(64).fill(1)])),
      segment(0xc0, Buffer.from([8, 0, 8, 0, 8, values.length, ...values.flatMap((_, i) => [i + 1, 0x11, 0])])),
      segment(0xc4, Buffer.from([0, ...lengths(0, 0, 0, 12), ...Array.from({ length: 12 }, (_, i) => i)])),
      segment(0xc4, Buffer.from([0x10, ...lengths(1), 0])),
      segment(0xda, Buffer.from([values.length, ...values.flatMap((_, i) => [i + 1, 0]), 0, 63, 0])),
      Buffer.from(bytes),
      Buffer.from([0xff, 0xd9]),
    ])
  }

  it('has its right colours as Adobe writes it, inks upside down', async () => {
    near((await pixelsOf('0.jpg', flat([200, 100, 50, 255], adobe(0)))).pixels[0], [200, 100, 50])
    near((await pixelsOf('0.jpg', flat([200, 100, 50, 128], adobe(0)))).pixels[0], [100, 50, 25])
    // YCCK is the luminance of what 255 lacks of the stored inks (libjpeg, jdcolor.c), so of the inks themselves.
    near((await pixelsOf('0.jpg', flat([...stored, 255], adobe(2)))).pixels[0], [55, 155, 205])
    near((await pixelsOf('0.jpg', flat(stored))).pixels[0], [200, 100, 50])
  })

  it("without Adobe's marker is refused, because nothing says which way round its inks are", async () => {
    expect(await refused('1.jpg', flat([200, 100, 50, 255]))).toContain(
      "a/1.jpg is a JPEG of 4 colours without Adobe's marker, which is not read",
    )
  })
})

describe('the end of an image', () => {
  const striped = jpeg(32, 32, [1, 2, 3, 255, 200, 100, 0, 255, 7, 90, 14, 255])
  it('may lack its marker or have bytes behind it, as viewers have it', async () => {
    const { pixels } = await pixelsOf('0.jpg', striped)
    for (const bytes of [
      striped.subarray(0, -2),
      striped.subarray(0, -1),
      Buffer.concat([striped, Buffer.from('trailer\xff\xd8\xff', 'latin1')]),
      Buffer.concat([striped.subarray(0, -2), Buffer.alloc(600)]),
    ]) {
      expect((await pixelsOf('0.jpg', bytes)).pixels).toEqual(pixels)
    }
    const whole = png(4, 4, [9, 8, 7, 255])
    expect((await pixelsOf('0.png', Buffer.concat([whole, Buffer.from('more')]))).pixels[5]).toEqual([9, 8, 7])
  })

  it('that comes before the last of the pixels is damage, padded with zeros or not', async () => {
    const half = striped.subarray(0, striped.length - 60)
    for (const bytes of [
      half,
      Buffer.concat([half, Buffer.from([0xff, 0xd9])]),
      Buffer.concat([half, Buffer.alloc(300)]),
    ])
      expect(await refused('1.jpg', bytes)).toContain('a/1.jpg is a damaged JPEG')
  })

  it('of a progressive JPEG comes after all of its scans', async () => {
    // One grey block: a scan with its mean, and one that says that there is nothing else; each Huffman table has one
    // code of one bit.
    const table = (id: number): Buffer => segment(0xc4, Buffer.from([id, 1, ...Array<number>(15).fill(0), 0]))
    const scan = (from: number, to: number): Buffer =>
      Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, from, to, 0])), Buffer.from([0x7f])])
    const start = Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      segment(0xdb, Buffer.from([0, ...Array<number>(64).fill(1)])),
      segment(0xc2, Buffer.from([8, 0, 8, 0, 8, 1, 1, 0x11, 0])),
      table(0),
      table(0x10),
      scan(0, 0),
    ])
    const end = Buffer.from([0xff, 0xd9])
    for (const bytes of [Buffer.concat([start, scan(1, 63), end]), Buffer.concat([start, scan(1, 63)])])
      expect((await pixelsOf('0.jpg', bytes)).pixels[9]).toEqual([128, 128, 128])
    expect(await refused('1.jpg', start)).toContain('is a damaged JPEG (it ends before all of its scans)')
  })

  it('cannot come before the bytes that so many pixels need', async () => {
    const bytes = Buffer.from(plain)
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
    bytes.writeUInt16BE(8000, frame + 5)
    bytes.writeUInt16BE(8000, frame + 7)
    const before = process.memoryUsage().rss
    expect(await refused('1.jpg', bytes)).toMatch(
      /a\/1\.jpg declares 8000×8000 pixels, expected at least \d+ bytes for them, found \d+/,
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 ** 2)
  })
})

describe('the orientation in Exif', () => {
  const wide = jpeg(16, 8, [0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255], 100)
  const turned = (orientation: number, order: 'II' | 'MM'): Buffer =>
    Buffer.concat([wide.subarray(0, 2), exif(orientation, order), wide.subarray(2)])

  it('is not applied unless that is asked for, and said', async () => {
    const { height, width, about } = await pixelsOf('0.jpg', turned(6, 'II'))
    expect([height, width]).toEqual([8, 16])
    expect(about.join(' ')).toContain(
      '1 image of 3 says in Exif how to be turned, and is used as stored; set data.source.orientation to ' +
        'upright to turn it.',
    )
    expect((await pixelsOf('0.jpg', wide)).about.join(' ')).not.toContain('Exif')
  })

  it('turns where it is asked for', async () => {
    const { pixels } = await pixelsOf('0.jpg', wide)
    for (const order of ['II', 'MM'] as const) {
      const right = await pixelsOf('0.jpg', turned(6, order), { orientation: 'upright' })
      expect([right.height, right.width, right.about.join(' ').includes('Exif')]).toEqual([16, 8, false])
      // A quarter turn to the right: the left column becomes the upper row, its lowest pixel first.
      expect(right.pixels.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, x) => pixels[(7 - x) * 16]))
    }
  })

  it.each([
    [1, 'abc def'],
    [2, 'cba fed'],
    [3, 'fed cba'],
    [4, 'def abc'],
    [5, 'ad be cf'],
    [6, 'da eb fc'],
    [7, 'fc eb da'],
    [8, 'cf be ad'],
  ])('%i of “abc def” stands upright as “%s”', (orientation, expected) => {
    const letters = Buffer.from(upright(Buffer.from('abcdef'), 2, 3, 1, orientation)).toString()
    expect(letters).toBe(expected.replaceAll(' ', ''))
  })
})
