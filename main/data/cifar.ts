import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DataSource } from '../../core/config/data'
import { bytesNow } from '../files/guard'
import { archiveEntries } from './archive'
import { archiveLimits } from './archiveEntry'
import { cifar100Coarse, cifar100Fine, cifar10Classes } from './cifarClasses'
import type { LabelledImages, RawImages } from './rawImages'
import { DataError, sourcePath } from './dataError'

type Cifar = Extract<DataSource, { type: 'cifar10' | 'cifar100' }>

interface Layout {
  readonly name: string
  readonly folder: string
  readonly train: readonly string[]
  readonly test: string
  /** The label bytes before the pixels of each record: what they are, and how many there are of it. */
  readonly labelBytes: readonly { readonly name: string; readonly classes: readonly string[] }[]
}

const cifar10: Layout = {
  name: 'CIFAR-10',
  folder: 'cifar-10-batches-bin',
  train: [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`),
  test: 'test_batch.bin',
  labelBytes: [{ name: 'label', classes: cifar10Classes }],
}
const cifar100: Layout = {
  name: 'CIFAR-100',
  folder: 'cifar-100-binary',
  train: ['train.bin'],
  test: 'test.bin',
  labelBytes: [
    { name: 'coarse label', classes: cifar100Coarse },
    { name: 'fine label', classes: cifar100Fine },
  ],
}

const side = 32
const plane = side * side
// CIFAR-100's train.bin, the largest of them, has 147 MiB.
const largestFile = 256 * 1024 ** 2
const recordBytes = (layout: Layout): number => layout.labelBytes.length + 3 * plane

/**
 * Reads the binary version of CIFAR (Krizhevsky 2009): records of label bytes, then 1024 red, 1024 green and 1024 blue
 * bytes.
 */
export async function readCifar(source: Cifar): Promise<RawImages> {
  const layout = source.type === 'cifar10' ? cifar10 : cifar100
  const files = statSync(source.path).isDirectory()
    ? readFolder(source.path, layout)
    : await readArchive(source.path, layout)
  const sizes = layout.train.map((name) => files.get(name)?.length ?? 0)
  const usual = usualSize(sizes)
  const odd = sizes.findIndex((size) => size !== usual)
  if (odd >= 0) {
    const like = layout.train[sizes.indexOf(usual)]
    throw new DataError(
      sourcePath,
      `${source.path}: expected ${layout.train[odd]} to have ${usual} bytes as ${like} has, found ${sizes[odd]}`,
    )
  }
  const used = source.type === 'cifar100' && source.labels === 'fine' ? 1 : 0
  return {
    ...parse(source.path, layout.train, files, layout, used),
    test: parse(source.path, [layout.test], files, layout, used),
    name: layout.name,
    classes: layout.labelBytes[used]?.classes ?? [],
    shape: [side, side, 3],
    skipped: [],
  }
}

/**
 * The size that most of the files have, the larger where as many have another: a file is cut short more often than it
 * grows.
 */
function usualSize(sizes: readonly number[]): number {
  const having = (size: number): number => sizes.filter((other) => other === size).length
  return [...sizes].sort((a, b) => having(b) - having(a) || b - a)[0] ?? 0
}

/** Sizes are checked here, before a byte is read. */
function checkFile(file: string, size: number, layout: Layout): void {
  const record = recordBytes(layout)
  if (size === 0 || size % record !== 0 || size > largestFile) {
    throw new DataError(
      sourcePath,
      `${file}: expected a whole number of records of ${record} bytes (${layout.name}'s own files have ` +
        `${10_000 * record} or a multiple), found ${size} bytes`,
    )
  }
}

function refuseMissing(where: string, layout: Layout, has: (name: string) => boolean): void {
  const missing = [...layout.train, layout.test].filter((name) => !has(name))
  if (missing.length === 0) return
  const python =
    has('data_batch_1') || has('train')
      ? `, but those of the Python version; take the archive whose name ends in -binary.tar.gz`
      : ''
  throw new DataError(
    sourcePath,
    `${where}: expected the binary files of ${layout.name}, found no ${missing.join(', ')}${python}`,
  )
}

function readFolder(path: string, layout: Layout): Map<string, Buffer> {
  const size = (folder: string, name: string): number | null => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })
    return found?.isFile() ? found.size : null
  }
  const inner = join(path, layout.folder)
  const folder = statSync(inner, { throwIfNoEntry: false })?.isDirectory() ? inner : path
  refuseMissing(folder, layout, (name) => size(folder, name) !== null)
  const names = [...layout.train, layout.test]
  for (const name of names) checkFile(join(folder, name), size(folder, name) ?? 0, layout)
  return new Map(names.map((name) => [name, bytesNow(join(folder, name))]))
}

async function readArchive(path: string, layout: Layout): Promise<Map<string, Buffer>> {
  const wanted = new Set([...layout.train, layout.test])
  const seen = new Set<string>()
  const files = new Map<string, Buffer>()
  for await (const entry of archiveEntries(path, archiveLimits)) {
    const name = basename(entry.name)
    if (entry.type !== 'file') continue
    seen.add(name)
    if (!wanted.has(name)) continue
    if (files.has(name)) throw new DataError(sourcePath, `${path}: expected one ${name}, found two`)
    checkFile(`${path}: ${name}`, entry.size, layout)
    files.set(name, await entry.bytes())
  }
  refuseMissing(path, layout, (name) => seen.has(name))
  return files
}

function parse(
  where: string,
  names: readonly string[],
  files: ReadonlyMap<string, Buffer>,
  layout: Layout,
  used: number,
): LabelledImages {
  const record = recordBytes(layout)
  const buffers = names.map((name) => ({ name, bytes: files.get(name) ?? Buffer.alloc(0) }))
  const count = buffers.reduce((sum, { bytes }) => sum + bytes.length / record, 0)
  const images = new Uint8Array(count * 3 * plane)
  const labels = new Uint16Array(count)
  let image = 0
  for (const { name, bytes } of buffers) {
    for (let from = 0; from < bytes.length; from += record, image++) {
      layout.labelBytes.forEach(({ name: kind, classes }, position) => {
        const label = bytes[from + position] ?? 0
        if (label >= classes.length) {
          throw new DataError(
            sourcePath,
            `${where}: image ${from / record} of ${name} has ${kind} ${label}, expected 0 to ${classes.length - 1}`,
          )
        }
        if (position === used) labels[image] = label
      })
      interleave(bytes, from + layout.labelBytes.length, images, image * 3 * plane)
    }
  }
  return { images, labels }
}

/** Three planes → three channels for each pixel. */
function interleave(bytes: Buffer, from: number, images: Uint8Array, to: number): void {
  for (let pixel = 0; pixel < plane; pixel++) {
    images[to + 3 * pixel] = bytes[from + pixel] ?? 0
    images[to + 3 * pixel + 1] = bytes[from + plane + pixel] ?? 0
    images[to + 3 * pixel + 2] = bytes[from + 2 * plane + pixel] ?? 0
  }
}
