import { describe, expect, it } from 'vitest'
import { upright } from '../../main/data/orient'
import { jpeg, load, newFolder, png, refusal, write } from './making'

/** Loads one image as the only one of its class, beside a class of a white PNG, and gives its pixels as it was read. */
async function pixelsOf(name: string, bytes: Uint8Array, more: object = {}) {
  const white = png(1, 1, [255, 255, 255, 255])
  const dataset = await load({
    source: {
      type: 'folder',
      path: write(newFolder(), { [`train/a/${name}`]: bytes, 'train/b/0.png': white, 'test/b/0.png': white }),
      ...more,
    },
    validationFraction: 0,
  })
  const [height, width, channels] = dataset.info.shape
  const first = [...dataset.train.images.subarray(0, height * width * channels)]
  return {
    height,
    width,
    pixels: Array.from({ length: height * width }, (_, i) => first.slice(i * channels, (i + 1) * channels)),
    about: dataset.about,
  }
}
async function refused(name: string, bytes: Uint8Array): Promise<string> {
  const white = png(1, 1, [255, 255, 255, 255])
  return await refusal({
    source: { type: 'folder', path: write(newFolder(), { [`a/${name}`]: bytes, 'a/0.png': white, 'b/0.png': white }) },
  })
}
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

describe('a bitmap', () => {
  /** A BMP of 2×2 pixels with a header of 40 bytes: rows from below, padded to four bytes. */
  function bmp(
    bits: number,
    rows: readonly (readonly number[])[],
    { height = 2, compression = 0, before = [] as readonly number[] } = {},
  ): Buffer {
    const header = Buffer.alloc(54)
    header.write('BM', 0, 'latin1')
    header.writeUInt32LE(54 + before.length, 10)
    ;(
      [
        [40, 14],
        [2, 18],
        [compression, 30],
      ] as const
    ).forEach(([value, at]) => header.writeUInt32LE(value, at))
    header.writeInt32LE(height, 22)
    header.writeUInt16LE(1, 26)
    header.writeUInt16LE(bits, 28)
    return Buffer.concat([header, Buffer.from(before), ...rows.map((row) => Buffer.from(row))])
  }
  const [red, green, blue, white] = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ]
  const palette = [
    [0, 0, 255, 0],
    [0, 255, 0, 0],
    [255, 0, 0, 0],
    [255, 255, 255, 0],
  ].flat()
  it.each<[string, Buffer]>([
    [
      '24 bits',
      bmp(24, [
        [255, 0, 0, 255, 255, 255, 0, 0],
        [0, 0, 255, 0, 255, 0, 0, 0],
      ]),
    ],
    [
      '32 bits from above',
      bmp(
        32,
        [
          [0, 0, 255, 0, 0, 255, 0, 0],
          [255, 0, 0, 0, 255, 255, 255, 0],
        ],
        { height: -2 },
      ),
    ],
    [
      '8 bits and a palette',
      bmp(
        8,
        [
          [2, 3, 0, 0],
          [0, 1, 0, 0],
        ],
        { before: [...palette, ...Array<number>(252 * 4).fill(0)] },
      ),
    ],
    [
      '4 bits and a palette',
      bmp(
        4,
        [
          [0x23, 0, 0, 0],
          [0x01, 0, 0, 0],
        ],
        { before: [...palette, ...Array<number>(12 * 4).fill(0)] },
      ),
    ],
    [
      '16 bits, five for each',
      bmp(16, [
        [0x1f, 0, 0xff, 0x7f],
        [0, 0x7c, 0xe0, 0x03],
      ]),
    ],
    [
      '16 bits by masks',
      bmp(
        16,
        [
          [0x1f, 0, 0xff, 0xff],
          [0, 0xf8, 0xe0, 0x07],
        ],
        { compression: 3, before: [0, 0xf8, 0, 0, 0xe0, 7, 0, 0, 0x1f, 0, 0, 0] },
      ),
    ],
    [
      'no padding at its end',
      bmp(24, [
        [255, 0, 0, 255, 255, 255, 0, 0],
        [0, 0, 255, 0, 255, 0],
      ]),
    ],
  ])('of %s is read', async (_, bytes) => {
    expect((await pixelsOf('0.bmp', bytes)).pixels).toEqual([red, green, blue, white])
  })

  it('of another kind is left out and said, a short one is refused', async () => {
    const white1 = png(1, 1, [255, 255, 255, 255])
    const files = {
      'a/0.png': white1,
      'b/0.png': white1,
      'a/1.png': white1,
      'b/1.png': white1,
      'b/run.bmp': bmp(8, [[0, 0]], { compression: 1 }),
      'b/x.tif': Buffer.from('II*\0'),
      'b/y.tif': Buffer.from('II*\0'),
    }
    const dataset = await load({ source: { type: 'folder', path: write(newFolder(), files) }, validationFraction: 0 })
    expect(dataset.about).toContain(
      '1 file was left out: b/run.bmp is a BMP of 8 bits and compression 1, which is not read.',
    )
    expect(dataset.about).toContain(
      '2 files were left out (b/x.tif, b/y.tif): each is a TIF image, which is not read; expected PNG, JPEG, ' +
        'WEBP, GIF or BMP.',
    )
    expect(await refused('1.bmp', bmp(24, [[255, 0, 0]]))).toContain(
      'declares 2×2 pixels, expected at least 67 bytes for them, found 57',
    )
  })
})

describe('a GIF', () => {
  // The sample image of "What's in a GIF" (M. Flickinger): ten by ten pixels, red, white and blue.
  const sample = Buffer.from(
    '4749463839610a000a00910000ffffffff00000000ff00000021f90400000000002c000000000a000a000002168c2d99872a1cdc33a00275ec95faa8de608c04914c01003b',
    'hex',
  )
  const rows = [
    'rrrrrbbbbb',
    'rrrrrbbbbb',
    'rrrrrbbbbb',
    'rrrwwwwbbb',
    'rrrwwwwbbb',
    'bbbwwwwrrr',
    'bbbwwwwrrr',
    'bbbbbrrrrr',
    'bbbbbrrrrr',
    'bbbbbrrrrr',
  ]
  const colours: Record<string, number[]> = { r: [255, 0, 0], w: [255, 255, 255], b: [0, 0, 255] }
  const expected = rows.flatMap((row) => [...row].map((letter) => colours[letter]))

  it('gives its first image', async () => {
    expect((await pixelsOf('0.gif', sample)).pixels).toEqual(expected)
    expect((await pixelsOf('0.gif', Buffer.concat([sample.subarray(0, -1), sample.subarray(25)]))).pixels).toEqual(
      expected,
    )
  })

  it('is laid over white where it is transparent', async () => {
    const clear = Buffer.from(sample)
    clear[28] = 1
    clear[31] = 1
    expect((await pixelsOf('0.gif', clear)).pixels).toEqual(
      expected.map((pixel) => (pixel === colours['r'] ? [255, 255, 255] : pixel)),
    )
  })

  it('that is cut short or lies about itself is refused', async () => {
    expect(await refused('1.gif', sample.subarray(0, 50))).toContain('is a damaged GIF (it ends too soon)')
    const larger = Buffer.from(sample)
    larger[38] = 11
    larger[6] = 11
    expect(await refused('1.gif', larger)).toContain('is a damaged GIF (expected 110 pixels, found 100)')
    const huge = Buffer.from(sample)
    huge.writeUInt16LE(60_000, 38)
    huge.writeUInt16LE(60_000, 40)
    expect(await refused('1.gif', huge)).toContain('its image has 60000×60000 pixels, its screen 10×10')
  })
})

describe('a WebP', () => {
  const lossless = Buffer.from('UklGRi4AAABXRUJQVlA4TCIAAAAvD8ADAJmM6H9sIqL/ASEBYaf/X0RVIJDCNniQYwKUVLYL', 'base64')
  it('is read', async () => {
    const { pixels, height } = await pixelsOf('0.webp', lossless)
    expect([height, pixels[0], pixels[77], pixels[255]]).toEqual([16, [0, 90, 200], [77, 90, 200], [255, 90, 200]])
  })

  it('that is damaged is refused, one that moves is left out', async () => {
    expect(await refused('1.webp', lossless.subarray(0, 40))).toContain('a/1.webp is a damaged WebP')
    const moving = Buffer.concat([
      Buffer.from('RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x0f\0\0\x0f\0\0', 'latin1'),
      Buffer.alloc(8),
    ])
    const white = png(1, 1, [255, 255, 255, 255])
    const dataset = await load({
      source: {
        type: 'folder',
        path: write(newFolder(), {
          'a/0.png': white,
          'b/0.png': white,
          'a/1.png': white,
          'b/1.png': white,
          'a/m.webp': moving,
        }),
      },
      validationFraction: 0,
    })
    expect(dataset.about).toContain('1 file was left out: a/m.webp is a moving WebP, which is not read.')
  })
})
