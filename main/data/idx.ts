import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readWithHeader } from './inflate'
import { bytesFor, type LabelledImages, type RawImages } from './rawImages'
import { DataRefused, sourcePath } from './refusal'

/** Images of an IDX file: one byte a pixel, rows first. */
export interface IdxImages {
  readonly count: number
  readonly rows: number
  readonly columns: number
  readonly pixels: Buffer
}

function checkMagic(file: string, head: Buffer, magic: number, what: string): void {
  const found = head.readUInt32BE(0)
  if (found !== magic) throw new DataRefused(sourcePath, `${file} is not an IDX file of ${what}: expected magic number ${magic}, found ${found}`)
}

/** Reads an IDX image file: big-endian magic 2051, count, rows, columns, then the bytes (LeCun, Cortes & Burges, MNIST). */
export async function readIdxImages(file: string): Promise<IdxImages> {
  const bytes = await readWithHeader(file, 16, (head) => {
    checkMagic(file, head, 2051, 'images')
    const [count, rows, columns] = [head.readUInt32BE(4), head.readUInt32BE(8), head.readUInt32BE(12)]
    if (count === 0 || rows === 0 || columns === 0) {
      throw new DataRefused(sourcePath, `${file}: expected at least one image of at least 1×1 pixels, found ${count} images of ${rows}×${columns}`)
    }
    return 16 + bytesFor(file, count, [rows, columns, 1])
  })
  return { count: bytes.readUInt32BE(4), rows: bytes.readUInt32BE(8), columns: bytes.readUInt32BE(12), pixels: bytes.subarray(16) }
}

/** Reads an IDX label file: big-endian magic 2049, count, then a byte for each label. */
export async function readIdxLabels(file: string): Promise<Buffer> {
  const bytes = await readWithHeader(file, 8, (head) => {
    checkMagic(file, head, 2049, 'labels')
    return 8 + bytesFor(file, head.readUInt32BE(4), [1, 1, 1])
  })
  return bytes.subarray(8)
}

async function readPair(imageFile: string, labelFile: string): Promise<{ readonly images: IdxImages; readonly labels: Buffer }> {
  const images = await readIdxImages(imageFile)
  const labels = await readIdxLabels(labelFile)
  if (labels.length !== images.count) {
    throw new DataRefused(sourcePath, `${labelFile}: expected ${images.count} labels, as many as ${imageFile} has images, found ${labels.length}`)
  }
  return { images, labels }
}

const parts = [
  { what: 'train-images', pattern: /(^|[-_])train[-_]images[-_.]idx3[-_]ubyte(\.gz)?$/i },
  { what: 'train-labels', pattern: /(^|[-_])train[-_]labels[-_.]idx1[-_]ubyte(\.gz)?$/i },
  { what: 't10k-images', pattern: /(^|[-_])(t10k|test)[-_]images[-_.]idx3[-_]ubyte(\.gz)?$/i },
  { what: 't10k-labels', pattern: /(^|[-_])(t10k|test)[-_]labels[-_.]idx1[-_]ubyte(\.gz)?$/i },
] as const

/** The four files of an IDX data set; where a file is there twice, compressed and not, the uncompressed one. */
function findFiles(folder: string): readonly string[] {
  if (!statSync(folder).isDirectory()) throw new DataRefused(sourcePath, `${folder}: expected a folder with four IDX files, found a file`)
  const names = readdirSync(folder).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const found = parts.map(({ pattern }) => names.find((name) => pattern.test(name)))
  const missing = parts.filter((_, i) => found[i] === undefined).map(({ what }) => what)
  if (missing.length > 0) {
    throw new DataRefused(sourcePath, `${folder}: expected four IDX files named like train-images-idx3-ubyte(.gz), found none for ${missing.join(', ')}`)
  }
  return found.map((name) => join(folder, name ?? ''))
}

/** Reads MNIST-style files. The classes are the labels that the training file uses, in order, whatever number they begin at. */
export async function readIdx(folder: string): Promise<RawImages> {
  const [trainImages = '', trainLabels = '', testImages = '', testLabels = ''] = findFiles(folder)
  const train = await readPair(trainImages, trainLabels)
  const test = await readPair(testImages, testLabels)
  const { rows, columns } = train.images
  if (test.images.rows !== rows || test.images.columns !== columns) {
    throw new DataRefused(sourcePath, `${testImages}: expected images of ${rows}×${columns} as in the training file, found ${test.images.rows}×${test.images.columns}`)
  }
  const used = [...new Set(train.labels)].sort((a, b) => a - b)
  const classOf = new Map(used.map((label, index) => [label, index]))
  const labelled = (pair: typeof train, file: string): LabelledImages => ({
    images: pair.images.pixels,
    labels: Uint16Array.from(pair.labels, (label, image) => {
      const index = classOf.get(label)
      if (index === undefined) throw new DataRefused(sourcePath, `${file}: image ${image} has label ${label}, which no training image has; expected one of ${used.slice(0, 12).join(', ')}${used.length > 12 ? ', …' : ''}`)
      return index
    }),
  })
  return {
    ...labelled(train, trainLabels), test: labelled(test, testLabels),
    name: basename(folder), classes: used.map(String), shape: [rows, columns, 1], skipped: [],
  }
}
