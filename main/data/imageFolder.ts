import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DataSource } from '../../core/config/data'
import type { Split } from '../../core/facts'
import { decodeImage } from './decodeImage'
import { folderLayout, type FolderLayout } from './folderLayout'
import { imageFiles, type ImageFile, type ImageFiles } from './imageFiles'
import { BrokenImage, imageHeader, type ImageHeader } from './imageHeader'
import { bytesFor, type LabelledImages, type LoadProgress, type RawImages, type Reading, type Skipped } from './rawImages'
import { DataRefused } from './refusal'
import { resize } from './resize'

type Folder = Extract<DataSource, { type: 'folder' }>

/** Reports progress and lets other work through a few times a second, however many files there are. */
function pacer(reading: Reading): (progress: LoadProgress) => Promise<void> {
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
  /** Files that nobody would take for images. */
  readonly others: Skipped[]
}

const isImageName = (path: string): boolean => /\.(png|jpe?g|jpe|jfif)$/i.test(path)

async function headerOf(file: ImageFile): Promise<ImageHeader> {
  if (file.problem !== null) throw new BrokenImage(file.problem)
  const { bytes, complete } = await file.head()
  const header = imageHeader(bytes, complete) ?? imageHeader(await file.bytes(), true)
  if (header === null) throw new BrokenImage('is a JPEG that ends in its header')
  return header
}

/** First time through: headers only, so that everything can be refused before anything is allocated. */
async function survey(files: ImageFiles, reading: Reading): Promise<Survey> {
  const found: Survey = { headers: new Map(), folders: [], broken: [], others: [] }
  const pace = pacer(reading)
  for await (const file of files.each()) {
    await pace({ stage: 'checking', done: found.headers.size, total: 0 })
    if (file.isFolder && file.problem === null) {
      found.folders.push(file.path)
    } else if (file.problem === null && !isImageName(file.path)) {
      found.others.push({ file: file.path, reason: 'is not a PNG or JPEG by its name' })
    } else {
      try {
        if (found.headers.has(file.path)) throw new BrokenImage('is there twice')
        found.headers.set(file.path, await headerOf(file))
      } catch (error) {
        if (!(error instanceof BrokenImage)) throw error
        found.broken.push({ file: file.path, reason: error.message })
      }
    }
  }
  return found
}

function refuseBroken(where: string, broken: readonly Skipped[], skipBroken: boolean): void {
  if (broken.length === 0 || skipBroken) return
  const listed = broken.slice(0, 10).map(({ file, reason }) => `${file} ${reason}`).join('; ')
  const more = broken.length > 10 ? `; and ${broken.length - 10} more` : ''
  throw new DataRefused('data.source.skipBroken', `${where}: expected only readable images, found ${broken.length} that are not: ${listed}${more}. Remove them, or switch on “Skip broken images”`)
}

/** Room for one split's images; those that turn out broken leave gaps, which `packed` closes. */
interface Part {
  readonly images: Uint8Array
  readonly labels: Uint16Array
  readonly filled: Uint8Array
  readonly slots: ReadonlyMap<string, number>
}

/** Images in the order of their paths, so that a folder and its archive are the same data set. */
function partFor(where: string, split: Split, layout: FolderLayout, paths: readonly string[], shape: RawImages['shape']): Part {
  const own = paths.filter((path) => layout.places.get(path)?.split === split)
  const labelOf = new Map(layout.classes.map((name, label) => [name, label]))
  return {
    images: new Uint8Array(bytesFor(where, own.length, shape)), filled: new Uint8Array(own.length),
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
  files: ImageFiles, headers: ReadonlyMap<string, ImageHeader>, parts: readonly Part[], shape: RawImages['shape'], reading: Reading,
): Promise<Skipped[]> {
  const [height, width, channels] = shape
  const broken: Skipped[] = []
  const pace = pacer(reading)
  let done = 0
  for await (const file of files.each()) {
    const header = headers.get(file.path)
    const part = parts.find(({ slots }) => slots.has(file.path))
    const slot = part?.slots.get(file.path)
    if (header === undefined || part === undefined || slot === undefined || file.problem !== null || part.filled[slot] === 1) continue
    await pace({ stage: 'reading', done: done++, total: headers.size })
    try {
      const image = decodeImage(await file.bytes(), header, channels)
      part.images.set(resize(image, header.height, header.width, channels, height, width), slot * height * width * channels)
      part.filled[slot] = 1
    } catch (error) {
      if (!(error instanceof BrokenImage)) throw error
      broken.push({ file: file.path, reason: error.message })
    }
  }
  return broken
}

/**
 * Reads one folder of PNG or JPEG images per class, from a folder or archive. Grey stays one channel only where every image is grey. Images of
 * another size than the first (or `imageSize`) are stretched to it.
 */
export async function readImageFolder(source: Folder, reading: Reading): Promise<RawImages> {
  const files = imageFiles(source.path)
  const { headers, folders, broken, others } = await survey(files, reading)
  refuseBroken(source.path, broken, source.skipBroken)
  const paths = [...headers.keys()].sort((a, b) => (a < b ? -1 : 1))
  const layout = folderLayout(source.path, paths, folders)
  const first = headers.get(paths.find((path) => layout.places.get(path)?.split === 'train') ?? '')
  const channels = [...headers.values()].every(({ grey }) => grey) ? 1 : 3
  const shape: RawImages['shape'] = [source.imageSize ?? first?.height ?? 1, source.imageSize ?? first?.width ?? 1, channels]
  bytesFor(source.path, headers.size, shape)
  const train = partFor(source.path, 'train', layout, paths, shape)
  const validation = partFor(source.path, 'validation', layout, paths, shape)
  const test = partFor(source.path, 'test', layout, paths, shape)
  const undecodable = await decodeAll(files, headers, [train, validation, test], shape, reading)
  refuseBroken(source.path, undecodable, source.skipBroken)
  return {
    ...packed(train), ...(validation.slots.size > 0 ? { validation: packed(validation) } : {}),
    ...(test.slots.size > 0 ? { test: packed(test) } : {}),
    name: basename(source.path).replace(/\.(tar|tgz|tar\.gz)$/i, ''), classes: layout.classes, shape, testFraction: 1 / 6, skipped: [...broken, ...undecodable, ...others],
  }
}
