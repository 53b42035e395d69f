import { createHash } from 'node:crypto'
import { z } from 'zod'
import { durableWrite } from '../files/durableWrite'
import { diskFs, readFully, type FileSystem } from '../files/fs'
import { bytesFor, type LabelledImages, type RawImages, type ReaderOptions } from './rawImages'
import { roomFor } from './sharedMemory'

// A pack is: magic, length of the header (u32, little-endian), header (JSON), then for each part its labels (u16) and
// its pixels, and last the SHA-256 of all before it.
const magic = Buffer.from('BLPACK1\n', 'latin1')
const chunkBytes = 8 * 1024 ** 2
const largestHeader = 256 * 1024 ** 2
const digestBytes = 32

const PackHeader = z.strictObject({
  name: z.string(),
  classes: z.array(z.string()),
  shape: z.tuple([z.number().int().min(1), z.number().int().min(1), z.number().int().min(1)]),
  testFraction: z.number().min(0).max(1).nullable(),
  parts: z
    .array(z.strictObject({ split: z.enum(['train', 'validation', 'test']), count: z.number().int().min(0) }))
    .min(1)
    .max(3),
  skipped: z.array(z.strictObject({ file: z.string(), reason: z.string() })),
  notes: z.array(z.string()).default([]),
})
type PackHeader = z.output<typeof PackHeader>

const bytesOf = (labels: Uint16Array): Uint8Array => new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength)

/** Pieces small enough that a person who does not want to wait is heard in between. */
function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes)
}

/**
 * Writes what a reader found to a file that appears whole or not at all, as everything else that must survive a crash.
 */
export async function writePack(
  file: string,
  raw: RawImages,
  reading: ReaderOptions,
  fs: FileSystem = diskFs,
): Promise<void> {
  const parts = [
    { split: 'train' as const, part: raw as LabelledImages },
    ...(raw.validation ? [{ split: 'validation' as const, part: raw.validation }] : []),
    ...(raw.test ? [{ split: 'test' as const, part: raw.test }] : []),
  ]
  const header: PackHeader = {
    name: raw.name,
    classes: [...raw.classes],
    shape: raw.shape,
    testFraction: raw.testFraction ?? null,
    parts: parts.map(({ split, part }) => ({ split, count: part.labels.length })),
    skipped: [...raw.skipped],
    notes: [...(raw.notes ?? [])],
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const total = parts.reduce((sum, { part }) => sum + part.images.length, 0)
  function* content(): Generator<Uint8Array> {
    const hash = createHash('sha256')
    let done = 0
    for (const bytes of [magic, length, text, ...parts.flatMap(({ part }) => [bytesOf(part.labels), part.images])]) {
      for (const chunk of chunksOf(bytes)) {
        reading.signal?.throwIfAborted()
        hash.update(chunk)
        yield chunk
        done += chunk.length
        reading.onProgress({ stage: 'packing', done: Math.min(done, total), total })
      }
    }
    yield hash.digest()
  }
  // Each time that it is asked for, from the beginning.
  await durableWrite(file, { [Symbol.iterator]: content }, { fs })
}

/**
 * Reads a pack; throws where a byte of it is not as it was written. Sizes are held against the file's before anything
 * is allocated.
 */
export async function readPack(file: string, reading: ReaderOptions, fs: FileSystem = diskFs): Promise<RawImages> {
  const handle = await fs.open(file, 'r')
  try {
    const { bytes: size } = await handle.stat()
    const hash = createHash('sha256')
    let at = 0
    const fill = async (bytes: Uint8Array): Promise<void> => {
      for (let filled = 0; filled < bytes.length;) {
        reading.signal?.throwIfAborted()
        const bytesRead = await handle.read(bytes.subarray(filled, filled + chunkBytes), at)
        if (bytesRead === 0) throw new Error(`ends after ${at} bytes`)
        hash.update(bytes.subarray(filled, filled + bytesRead))
        filled += bytesRead
        at += bytesRead
        reading.onProgress({ stage: 'unpacking', done: at, total: size })
      }
    }
    const header = await readHeader(fill, size)
    const pixels = header.shape[0] * header.shape[1] * header.shape[2]
    const expected =
      at +
      header.parts.reduce((sum, { count }) => sum + 2 * count + bytesFor(file, count, header.shape), 0) +
      digestBytes
    if (expected !== size) throw new Error(`has ${size} bytes, expected ${expected}`)
    const parts = new Map<string, LabelledImages>()
    for (const { split, count } of header.parts) {
      const part = { labels: new Uint16Array(count), images: roomFor(count * pixels, reading.isShared === true) }
      await fill(bytesOf(part.labels))
      await fill(part.images)
      parts.set(split, part)
    }
    const digest = hash.digest()
    const stored = Buffer.alloc(digestBytes)
    await readFully(handle, stored, at)
    if (!digest.equals(stored)) throw new Error('does not have the checksum it was written with')
    return rawFrom(header, parts)
  } finally {
    await handle.close()
  }
}

async function readHeader(fill: (bytes: Uint8Array) => Promise<void>, size: number): Promise<PackHeader> {
  const start = Buffer.alloc(magic.length + 4)
  await fill(start)
  if (!start.subarray(0, magic.length).equals(magic)) throw new Error('is not a pack of images')
  const length = start.readUInt32LE(magic.length)
  if (length > largestHeader || length > size) throw new Error(`announces a header of ${length} bytes`)
  const text = Buffer.alloc(length)
  await fill(text)
  return PackHeader.parse(JSON.parse(text.toString('utf8')))
}

function rawFrom(header: PackHeader, parts: ReadonlyMap<string, LabelledImages>): RawImages {
  const train = parts.get('train')
  if (train === undefined) throw new Error('has no training images')
  const [validation, test] = [parts.get('validation'), parts.get('test')]
  return {
    ...train,
    ...(validation ? { validation } : {}),
    ...(test ? { test } : {}),
    ...(header.testFraction === null ? {} : { testFraction: header.testFraction }),
    name: header.name,
    classes: header.classes,
    shape: header.shape,
    skipped: header.skipped,
    ...(header.notes.length === 0 ? {} : { notes: header.notes }),
  }
}
