import { describe, expect, it } from 'vitest'
import { load, newFolder, png, write } from './making'
import { pixelsOf, refused } from './imageBytes'

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
