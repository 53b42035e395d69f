import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DataSource } from '../../core/config/data'
import type { DataSplit } from '../../core/datasetInfo'
import { leftOutSentences, type Skipped } from '../../core/leftOut'
import { decodeImage } from './decodeImage'
import { folderLayout } from './folderLayout'
import { BrokenImage, formats, ImageNotRead, type ImageHeader } from './imageFile'
import { imageFiles, type ImageFile, type ImageFiles } from './imageFiles'
import { imageHeader } from './imageHeader'
import { formatCount, formatCounted } from '../../core/numbers'
import { layoutSentences, leftOutEntries } from './layoutSentences'
import type { FolderLayout } from './layoutVerdict'
import { isOnItsSide, upright } from './orient'
import { bytesFor, type LabelledImages, type LoadProgress, type RawImages, type ReaderOptions } from './rawImages'
import { DataError, sourcePath } from './dataError'
import { resize } from './resize'

type Folder = Extract<DataSource, { type: 'folder' }>

/** Reports progress and lets other work through a few times a second, however many files there are. */
function pacer(reading: ReaderOptions): (progress: LoadProgress) => Promise<void> {
  let last = 0
  return async (progress) => {
    const now = Date.now()
    if (now - last < 100) return
    last = now
    reading.onProgress(progress)
    await setImmediate()
    reading.signal?.throwIfAborted()
  }
}

interface Survey {
  readonly headers: Map<string, ImageHeader>
  readonly folders: string[]
  /** Files that should be images and are not. */
  readonly broken: Skipped[]
  /** Files of other kinds: with nothing wrong, but no images that are read. */
  readonly others: Skipped[]
}

const isImageName = (path: string): boolean => /\.(a?png|jpe?g|jpe|jfif|pjpe?g|webp|gif|bmp|dib)$/i.test(path)

const noImage = `is not a ${formats} by its name`

/** Why a file is not taken for an image by its name. */
function reasonFor(path: string): string {
  const ending = /\.(tiff?|hei[cf]|avif|jxl|jp2|j2k|svg|psd|tga|p[bgpn]m|ico|exr|dcm|nii|raw|cr2|nef|dng)$/i.exec(
    path,
  )?.[1]
  if (ending !== undefined) return `is a ${ending.toUpperCase()} image, which is not read; expected ${formats}`
  if (/\.(zip|tar|tgz|gz|bz2|xz|7z|rar)$/i.test(path)) return 'is an archive inside, which is not unpacked'
  return noImage
}

async function headerOf(file: ImageFile): Promise<ImageHeader> {
  if (file.problem !== null) throw new BrokenImage(file.problem)
  const { bytes, complete } = await file.head()
  const header = imageHeader(bytes, complete, file.size) ?? imageHeader(await file.bytes(), true, file.size)
  if (header === null) throw new BrokenImage('is a JPEG that ends in its header')
  return header
}

/** First time through: headers only, so that everything can be refused before anything is allocated. */
async function survey(files: ImageFiles, reading: ReaderOptions): Promise<Survey> {
  const found: Survey = { headers: new Map(), folders: [], broken: [], others: [] }
  const pace = pacer(reading)
  for await (const file of files.each()) {
    await pace({ stage: 'checking', done: found.headers.size, total: 0 })
    if (file.isFolder && file.problem === null) {
      found.folders.push(file.path)
    } else if (file.problem === null && !isImageName(file.path)) {
      found.others.push({ file: file.path, reason: reasonFor(file.path) })
    } else {
      try {
        if (found.headers.has(file.path)) throw new BrokenImage('is there twice')
        found.headers.set(file.path, await headerOf(file))
      } catch (error) {
        if (!(error instanceof BrokenImage)) throw error
        const list = error instanceof ImageNotRead ? found.others : found.broken
        list.push({ file: file.path, reason: error.message })
      }
    }
  }
  return found
}

function refuseBroken(where: string, broken: readonly Skipped[], skipBroken: boolean): void {
  if (broken.length === 0 || skipBroken) return
  const listed = broken
    .slice(0, 10)
    .map(({ file, reason }) => `${file} ${reason}`)
    .join('; ')
  const more = broken.length > 10 ? `; and ${broken.length - 10} more` : ''
  throw new DataError(
    'data.source.skipBroken',
    `${where}: expected only readable images, found ${broken.length} that are not: ${listed}${more}. Remove ` +
      'them, or switch on “Skip broken images”',
  )
}

/** Room for one split's images; those that turn out broken leave gaps, which `packed` closes. */
interface Part {
  readonly images: Uint8Array
  readonly labels: Uint16Array
  readonly filled: Uint8Array
  readonly slots: ReadonlyMap<string, number>
}

/** Images in the order of their paths, so that a folder and its archive are the same data set. */
function partFor(
  where: string,
  split: DataSplit,
  layout: FolderLayout,
  paths: readonly string[],
  shape: RawImages['shape'],
): Part {
  const own = paths.filter((path) => layout.places.get(path)?.split === split)
  const labelOf = new Map(layout.classes.map((name, label) => [name, label]))
  return {
    images: new Uint8Array(bytesFor(where, own.length, shape)),
    filled: new Uint8Array(own.length),
    labels: Uint16Array.from(own, (path) => labelOf.get(layout.places.get(path)?.className ?? '') ?? 0),
    slots: new Map(own.map((path, slot) => [path, slot])),
  }
}

function packed(part: Part): LabelledImages {
  const pixels = part.images.length / Math.max(1, part.filled.length)
  let count = 0
  part.filled.forEach((filled, slot) => {
    if (filled === 0) return
    part.images.copyWithin(count * pixels, slot * pixels, (slot + 1) * pixels)
    part.labels[count] = part.labels[slot] ?? 0
    count++
  })
  return { images: part.images.subarray(0, count * pixels), labels: part.labels.subarray(0, count) }
}

/** Second time through: decodes every image into its place. */
async function decodeAll(
  files: ImageFiles,
  headers: ReadonlyMap<string, ImageHeader>,
  parts: readonly Part[],
  shape: RawImages['shape'],
  turns: boolean,
  reading: ReaderOptions,
): Promise<Skipped[]> {
  const [height, width, channels] = shape
  const broken: Skipped[] = []
  const pace = pacer(reading)
  const total = parts.reduce((sum, { slots }) => sum + slots.size, 0)
  let done = 0
  for await (const file of files.each()) {
    const header = headers.get(file.path)
    const part = parts.find(({ slots }) => slots.has(file.path))
    const slot = part?.slots.get(file.path)
    if (
      header === undefined ||
      part === undefined ||
      slot === undefined ||
      file.problem !== null ||
      part.filled[slot] === 1
    )
      continue
    await pace({ stage: 'reading', done: done++, total })
    try {
      const stored = await decodeImage(await file.bytes(), header, channels)
      const image = turns ? upright(stored, header.height, header.width, channels, header.orientation) : stored
      const [rows, columns] = sizeOf(header, turns)
      part.images.set(resize(image, rows, columns, channels, height, width), slot * height * width * channels)
      part.filled[slot] = 1
    } catch (error) {
      if (!(error instanceof BrokenImage)) throw error
      broken.push({ file: file.path, reason: error.message })
    }
  }
  return broken
}

/** Height and width once the image stands as it will be used. */
const sizeOf = ({ height, width, orientation }: ImageHeader, turns: boolean): readonly [number, number] =>
  turns && isOnItsSide(orientation) ? [width, height] : [height, width]

function layoutOf(
  source: Folder,
  paths: readonly string[],
  folders: readonly string[],
  others: readonly Skipped[],
): FolderLayout {
  const verdict = folderLayout(paths, folders, source.layout)
  if ('layout' in verdict) return verdict.layout
  // What is no image by its name only matters where there is nothing else.
  const told = leftOutSentences(others.filter(({ reason }) => paths.length === 0 || reason !== noImage))
  throw new DataError(sourcePath, [`${source.path}: ${verdict.refused}`, ...told.slice(0, 1)].join('. '))
}

/**
 * Reads one folder of images per class, from a folder or archive. Grey stays one channel only where every image is
 * grey. Images of another size than the first (or `imageSize`) are stretched to it.
 */
export async function readImageFolder(source: Folder, reading: ReaderOptions): Promise<RawImages> {
  const files = imageFiles(source.path)
  const { headers, folders, broken, others } = await survey(files, reading)
  refuseBroken(source.path, broken, source.skipBroken)
  const paths = [...headers.keys()].sort((a, b) => (a < b ? -1 : 1))
  const layout = layoutOf(source, paths, folders, others)
  const used = paths.flatMap((path) => headers.get(layout.places.has(path) ? path : '') ?? [])
  const turns = source.orientation === 'upright'
  const first = headers.get(paths.find((path) => layout.places.get(path)?.split === 'train') ?? '')
  const [height, width] = first === undefined ? [1, 1] : sizeOf(first, turns)
  const shape: RawImages['shape'] = [
    source.imageSize ?? height,
    source.imageSize ?? width,
    used.every(({ grey }) => grey) ? 1 : 3,
  ]
  bytesFor(source.path, used.length, shape)
  const train = partFor(source.path, 'train', layout, paths, shape)
  const validation = partFor(source.path, 'validation', layout, paths, shape)
  const test = partFor(source.path, 'test', layout, paths, shape)
  const undecodable = await decodeAll(files, headers, [train, validation, test], shape, turns, reading)
  refuseBroken(source.path, undecodable, source.skipBroken)
  const parts = { train: packed(train), validation: packed(validation), test: packed(test) }
  const turned = used.filter(({ orientation }) => orientation !== 1).length
  return {
    ...parts.train,
    ...(validation.slots.size > 0 ? { validation: parts.validation } : {}),
    ...(test.slots.size > 0 ? { test: parts.test } : {}),
    name: basename(source.path).replace(/\.(zip|tar|tgz|tar\.gz)$/i, ''),
    classes: layout.classes,
    shape,
    testFraction: 1 / 6,
    skipped: [...broken, ...undecodable, ...leftOutEntries(layout), ...others],
    notes: [
      ...layoutSentences(layout, parts),
      ...(turned === 0 || turns
        ? []
        : [
            `${formatCounted(turned, 'image')} of ${formatCount(used.length)} ` +
              `${turned === 1 ? 'says' : 'say'} in Exif how to be turned, and ${turned === 1 ? 'is' : 'are'} ` +
              `used as stored; set data.source.orientation to upright to turn ${turned === 1 ? 'it' : 'them'}.`,
          ]),
    ],
  }
}
