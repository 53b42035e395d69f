import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DataSource } from '../../core/config/data'
import { readWithHeader } from './inflate'
import { bytesFor, type LabelledImages, type RawImages } from './rawImages'
import { DataError, sourcePath } from './dataError'

type Idx = Extract<DataSource, { type: 'idx' }>

/** Images of an IDX file: one byte a pixel, rows first. */
export interface IdxImages {
  readonly count: number
  readonly rows: number
  readonly columns: number
  readonly pixels: Buffer
}

function checkMagic(file: string, head: Buffer, magic: number, what: string): void {
  const found = head.readUInt32BE(0)
  if (found !== magic)
    throw new DataError(
      sourcePath,
      `${file} is not an IDX file of ${what}: expected magic number ${magic}, found ${found}`,
    )
}

/**
 * Reads an IDX image file: big-endian magic 2051, count, rows, columns, then the bytes (LeCun, Cortes & Burges, MNIST).
 */
export async function readIdxImages(file: string): Promise<IdxImages> {
  const bytes = await readWithHeader(file, 16, (head) => {
    checkMagic(file, head, 2051, 'images')
    const [count, rows, columns] = [head.readUInt32BE(4), head.readUInt32BE(8), head.readUInt32BE(12)]
    if (count === 0 || rows === 0 || columns === 0) {
      throw new DataError(
        sourcePath,
        `${file}: expected at least one image of at least 1×1 pixels, found ${count} images of ${rows}×${columns}`,
      )
    }
    return 16 + bytesFor(file, count, [rows, columns, 1])
  })
  return {
    count: bytes.readUInt32BE(4),
    rows: bytes.readUInt32BE(8),
    columns: bytes.readUInt32BE(12),
    pixels: bytes.subarray(16),
  }
}

/** Reads an IDX label file: big-endian magic 2049, count, then a byte for each label. */
export async function readIdxLabels(file: string): Promise<Buffer> {
  const bytes = await readWithHeader(file, 8, (head) => {
    checkMagic(file, head, 2049, 'labels')
    return 8 + bytesFor(file, head.readUInt32BE(4), [1, 1, 1])
  })
  return bytes.subarray(8)
}

async function readPair(
  imageFile: string,
  labelFile: string,
): Promise<{ readonly images: IdxImages; readonly labels: Buffer }> {
  const images = await readIdxImages(imageFile)
  const labels = await readIdxLabels(labelFile)
  if (labels.length !== images.count) {
    throw new DataError(
      sourcePath,
      `${labelFile}: expected ${images.count} labels, as many as ${imageFile} has images, found ${labels.length}`,
    )
  }
  return { images, labels }
}

const kinds = { images: 'idx3', labels: 'idx1' } as const
const roles = { train: 'train', t10k: '(?:t10k|test)' } as const
const parts = (['train', 't10k'] as const).flatMap((role) =>
  (['images', 'labels'] as const).map((kind) => ({
    what: `${role}-${kind}`,
    pattern: new RegExp(`^(.*?)(?:^|[-_.])${roles[role]}[-_]${kind}[-_.]${kinds[kind]}[-_]ubyte(\\.gz)?$`, 'i'),
  })),
)

/**
 * Every file that could be one of the four, by the set that its name begins with: '' for MNIST's own names,
 * emnist-letters for one of EMNIST's.
 */
function setsIn(folder: string): ReadonlyMap<string, readonly (string | undefined)[]> {
  const names = readdirSync(folder).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const sets = new Map<string, (string | undefined)[]>()
  for (const name of names) {
    parts.forEach(({ pattern }, part) => {
      const match = pattern.exec(name)
      const file = match === null ? null : fileAt(folder, name, pattern)
      if (file === null) return
      const set = sets.get(match?.[1] ?? '') ?? [undefined, undefined, undefined, undefined]
      set[part] ??= file
      sets.set(match?.[1] ?? '', set)
    })
  }
  return sets
}

/** The file of a name, or the one in a folder of that name, as some downloads have it. */
function fileAt(folder: string, name: string, pattern: RegExp): string | null {
  const path = join(folder, name)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() === true) return path
  const inner = found?.isDirectory() === true ? readdirSync(path).find((other) => pattern.test(other)) : undefined
  return inner === undefined ? null : join(path, inner)
}

/** The four files of an IDX data set; where a file is there twice, compressed and not, the uncompressed one. */
function findFiles({ path: folder, set: wanted }: Idx): readonly string[] {
  if (!statSync(folder).isDirectory())
    throw new DataError(sourcePath, `${folder}: expected a folder with four IDX files, found a file`)
  const sets = setsIn(folder)
  const names = [...sets.keys()].sort()
  const list = names.map((name) => (name === '' ? 'one whose names begin with train and t10k' : `“${name}”`)).join(', ')
  if (wanted !== '' && !sets.has(wanted))
    throw new DataError(
      'data.source.set',
      `${folder}: expected a set called “${wanted}”, found ${names.length === 0 ? 'none' : list}`,
    )
  // A set of which a file is missing cannot be meant where another is whole.
  const whole = names.filter((name) => parts.every((_, part) => sets.get(name)?.[part] !== undefined))
  if (wanted === '' && whole.length > 1) {
    throw new DataError(
      'data.source.set',
      `${folder}: expected one set of four IDX files, found ${whole.length}: ${list}. Say which with ` +
        'data.source.set, or give each a folder of its own',
    )
  }
  const found = sets.get(wanted !== '' ? wanted : (whole[0] ?? names[0] ?? '')) ?? []
  const missing = parts.filter((_, i) => found[i] === undefined).map(({ what }) => what)
  if (missing.length > 0) {
    throw new DataError(
      sourcePath,
      `${folder}: expected four IDX files named like train-images-idx3-ubyte(.gz), ` +
        `found none for ${missing.join(', ')}`,
    )
  }
  return found.map((file) => file ?? '')
}

/**
 * Reads MNIST-style files. The classes are the labels that the training file uses, in order, whatever number they begin
 * at.
 */
export async function readIdx(source: Idx): Promise<RawImages> {
  const [trainImages = '', trainLabels = '', testImages = '', testLabels = ''] = findFiles(source)
  const train = await readPair(trainImages, trainLabels)
  const test = await readPair(testImages, testLabels)
  const { rows, columns } = train.images
  if (test.images.rows !== rows || test.images.columns !== columns) {
    throw new DataError(
      sourcePath,
      `${testImages}: expected images of ${rows}×${columns} as in the training file, found ` +
        `${test.images.rows}×${test.images.columns}`,
    )
  }
  const used = [...new Set(train.labels)].sort((a, b) => a - b)
  const classOf = new Map(used.map((label, index) => [label, index]))
  const labelled = (pair: typeof train, file: string): LabelledImages => ({
    images: pair.images.pixels,
    labels: Uint16Array.from(pair.labels, (label, image) => {
      const index = classOf.get(label)
      if (index === undefined)
        throw new DataError(
          sourcePath,
          `${file}: image ${image} has label ${label}, which no training image has; expected one of ` +
            `${used.slice(0, 12).join(', ')}${used.length > 12 ? ', …' : ''}`,
        )
      return index
    }),
  })
  return {
    ...labelled(train, trainLabels),
    test: labelled(test, testLabels),
    name: basename(source.path),
    classes: used.map(String),
    shape: [rows, columns, 1],
    skipped: [],
  }
}
