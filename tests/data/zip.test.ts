import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { cifarBatch, load, newFolder, png, redAndBlue, refusal, write } from './making'

interface Entry {
  readonly name: string
  readonly bytes: Uint8Array
  readonly stored?: boolean
  readonly flags?: number
  readonly method?: number
  /** A Unix mode, as Info-ZIP keeps it. */
  readonly mode?: number
  /** What the directory says of its size. */
  readonly size?: number
  /** Uses the bytes of the entry before it. */
  readonly shares?: boolean
}

/** A ZIP file (PKWARE APPNOTE): local headers with their data, the directory, its end. */
function zip(entries: readonly Entry[]): string {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let [at, localAt] = [0, 0]
  for (const { name, bytes, stored = false, flags = 0, method, mode, size = bytes.length, shares = false } of entries) {
    const data = stored ? Buffer.from(bytes) : deflateRawSync(bytes)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(0x800 | flags, 2)
    fields.writeUInt16LE(method ?? (stored ? 0 : 8), 4)
    fields.writeUInt32LE(data.length, 14)
    fields.writeUInt32LE(size, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    if (!shares) {
      localAt = at
      const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), data])
      parts.push(local)
      at += local.length
    }
    const central = Buffer.alloc(46)
    central.write('PK\x01\x02', 0, 'latin1')
    central.writeUInt16LE(mode === undefined ? 20 : 0x314, 4)
    fields.copy(central, 6, 0, 24)
    central.writeUInt32LE(mode === undefined ? 0 : mode * 0x10000, 38)
    central.writeUInt32LE(localAt, 42)
    directory.push(central, Buffer.from(name))
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  const file = join(newFolder(), 'pictures.zip')
  writeFileSync(file, Buffer.concat([...parts, ...directory, end]))
  return file
}

const files = redAndBlue(8)
const entriesOf = (of: Record<string, Buffer>, stored = false): Entry[] =>
  Object.entries(of).map(([name, bytes]) => ({ name, bytes, stored }))
const source = (path: string, more: object = {}) => ({
  source: { type: 'folder', path, ...more },
  validationFraction: 0.25,
})
const one = png(4, 4, [1, 1, 1, 255])

describe('a ZIP of images', () => {
  it('is the same data set as its folder, deflated or stored, with a folder around it or not', async () => {
    const prints = await Promise.all(
      [
        write(newFolder(), files),
        zip(entriesOf(files)),
        zip(entriesOf(files, true)),
        zip([
          { name: 'pictures/', bytes: Buffer.alloc(0), stored: true },
          ...Object.entries(files)
            .reverse()
            .map(([name, bytes]) => ({ name: `pictures/${name}`, bytes })),
          { name: '__MACOSX/pictures/red/._0.png', bytes: Buffer.from('x') },
        ]),
      ].map(async (path) => (await load(source(path))).info),
    )
    expect(new Set(prints.map(({ fingerprint }) => fingerprint)).size).toBe(1)
    expect(prints[1]?.name).toBe('pictures')
  })

  it(
    'with names that lead out of it, links, encrypted, odd and doubled entries has these refused, or left out ' +
      'where asked',
    async () => {
      const path = zip([
        ...entriesOf(files),
        { name: '../red/escape.png', bytes: one },
        { name: '/etc/passwd.png', bytes: one },
        { name: 'C:/red/escape.png', bytes: one },
        { name: 'red/link.png', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 },
        { name: 'red/secret.png', bytes: one, flags: 1 },
        { name: 'red/lzma.png', bytes: one, method: 14 },
        { name: 'red/0.png', bytes: one },
        { name: 'red/liar.png', bytes: one, size: 5 },
      ])
      const sentence = await refusal(source(path))
      for (const words of [
        'found 8 that are not',
        '../red/escape.png has a name that leads out of the archive',
        '/etc/passwd.png has a name',
        'red/link.png is a symlink entry, which is not followed',
        'red/secret.png is encrypted; unpack the archive with its password first',
        'red/lzma.png is compressed with method 14, expected 0 (stored) or 8 (deflated)',
        'red/0.png is there twice',
        'red/liar.png cannot be unpacked',
      ])
        expect(sentence).toContain(words)
      expect((await load(source(path, { skipBroken: true }))).info.fingerprint).toBe(
        (await load(source(write(newFolder(), files)))).info.fingerprint,
      )
    },
  )

  it('that is a bomb is refused before anything is unpacked', async () => {
    const shared = Array.from({ length: 40 }, (_, i) => ({
      name: `red/${i}.png`,
      bytes: Buffer.from(Array.from({ length: 4000 }, (_byte, k) => ((k * k * 7919) >> 3) & 255)),
      shares: i > 0,
    }))
    expect(await refusal(source(zip(shared)))).toMatch(
      /pictures\.zip unpacks to too much: expected at most the \d+ bytes of the file in all of its entries, found \d+/,
    )
    const swollen = zip([{ name: 'red/0.png', bytes: Buffer.alloc(80 * 1024 ** 2) }])
    const before = process.memoryUsage().arrayBuffers
    expect(await refusal(source(swollen))).toMatch(
      /expected at most 200 bytes for each compressed byte, found \d+ from \d+/,
    )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 ** 2)
  })

  it("may hold CIFAR's files", async () => {
    const labels = Array.from({ length: 10 }, (_, i) => [i])
    const batch = cifarBatch(labels, (record, channel, position) => (record * 7 + channel * 50 + position) % 256)
    const names = [
      'data_batch_1.bin',
      'data_batch_2.bin',
      'data_batch_3.bin',
      'data_batch_4.bin',
      'data_batch_5.bin',
      'test_batch.bin',
    ]
    const path = zip(names.map((name) => ({ name: `cifar-10-batches-bin/${name}`, bytes: batch })))
    expect((await load({ source: { type: 'cifar10', path } })).info.counts.test).toBe(10)
  })
})

describe('an archive that is not read', () => {
  it.each([
    ['BZh91AY&SY', 'bzip2', 'bunzip2'],
    ['\xfd7zXZ\0\0', 'xz', 'unxz'],
    ['\x28\xb5\x2f\xfd', 'Zstandard', 'unzstd'],
    ['7z\xbc\xaf\x27\x1c', '7-Zip', '7z x'],
    ['Rar!\x1a\x07\x01\0', 'RAR', 'unrar x'],
  ])('%j is named with a way out', async (start, name, command) => {
    const folder = write(newFolder(), {
      'a.tar.x': Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(2000, 7)]),
    })
    expect(await refusal(source(join(folder, 'a.tar.x')))).toContain(
      `a.tar.x is compressed with ${name}, expected a folder, .zip, .tar or .tar.gz. Unpack it with “${command}” first`,
    )
  })
})
