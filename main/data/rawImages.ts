import type { DatasetInfo } from '../../core/datasetInfo'
import type { Skipped } from '../../core/leftOut'
import { DataError, sourcePath } from './dataError'

/** Images as bytes in the order image, row, column, channel, with a label each. */
export interface LabelledImages {
  readonly images: Uint8Array
  readonly labels: Uint16Array
  /** Which of the images these are; absent where they are all of them, in their order. */
  readonly subset?: Subset
}

/** Some of the images of a buffer that others use too: a data set's splits lie in memory once. */
interface Subset {
  /** For each image of the subset its place in the buffer. */
  readonly places: Uint32Array
  /** Images in the buffer. */
  readonly of: number
}

/** Bytes of one image. */
export const imageBytes = ({ images, labels, subset }: LabelledImages): number =>
  images.length / Math.max(1, subset?.of ?? labels.length)

/** The bytes of one image, as a view. */
export function pixelsOf(part: LabelledImages, image: number): Uint8Array {
  const size = imageBytes(part)
  const place = part.subset === undefined ? image : (part.subset.places[image] ?? 0)
  return part.images.subarray(place * size, (place + 1) * size)
}

/** Some images of a part, in this order, without a copy of their bytes. */
export function subsetOf(part: LabelledImages, chosen: ArrayLike<number>): LabelledImages {
  const { images, labels, subset } = part
  const places = Uint32Array.from(chosen, (image) => (subset === undefined ? image : (subset.places[image] ?? 0)))
  return {
    images,
    labels: Uint16Array.from(chosen, (image) => labels[image] ?? 0),
    subset: { places, of: subset?.of ?? labels.length },
  }
}

// A hash takes less than 2 GiB at a time.
const mostBytesInRow = 64 * 2 ** 20

/** The bytes of all images in their order, those that lie side by side at once. */
export function* bytesInOrder({ images, labels, subset }: LabelledImages): Generator<Uint8Array> {
  const size = imageBytes({ images, labels, ...(subset && { subset }) })
  const most = Math.max(1, Math.floor(mostBytesInRow / Math.max(1, size)))
  for (let image = 0, next = 0; image < labels.length; image = next) {
    const place = subset === undefined ? image : (subset.places[image] ?? 0)
    next = image + 1
    while (
      next < labels.length &&
      next - image < most &&
      (subset === undefined || subset.places[next] === place + next - image)
    )
      next++
    yield images.subarray(place * size, (place + next - image) * size)
  }
}

/** What a reader finds in a source, before anything is held out. */
export interface RawImages extends LabelledImages {
  readonly name: string
  readonly classes: readonly string[]
  readonly shape: DatasetInfo['shape']
  readonly validation?: LabelledImages
  readonly test?: LabelledImages
  /** Share of the images to hold out as test split where the source has none. */
  readonly testFraction?: number
  readonly skipped: readonly Skipped[]
  /** Sentences on how the source was understood. */
  readonly notes?: readonly string[]
}

/** How far the loading is, for a progress bar. */
export interface LoadProgress {
  readonly stage: 'checking' | 'reading' | 'packing' | 'unpacking'
  readonly done: number
  readonly total: number
}
export type OnProgress = (progress: LoadProgress) => void

/** What a reader may be told while it reads. */
export interface ReaderOptions {
  readonly onProgress: OnProgress
  readonly signal?: AbortSignal | undefined
  /** Whether the images of a pack are put where other threads see them. */
  readonly isShared?: boolean | undefined
}

/** All splits of a data set share one array of so many bytes at most. */
const largestBytes = 2 * 1024 ** 3

/** Bytes that images need, or a refusal where that is more than can be held; called before anything is allocated. */
export function bytesFor(where: string, count: number, shape: DatasetInfo['shape']): number {
  const bytes = count * shape[0] * shape[1] * shape[2]
  if (!(bytes <= largestBytes)) {
    throw new DataError(
      sourcePath,
      `${where}: ${count} images of ${shape.join('×')} are ${bytes} bytes, expected at most ${largestBytes}`,
    )
  }
  return bytes
}

/** Refuses labels that no class has, and classes that no image has. */
export function checkLabels(where: string, part: LabelledImages, classes: readonly string[]): void {
  const counts = new Uint32Array(classes.length)
  part.labels.forEach((label, image) => {
    if (label >= classes.length)
      throw new DataError(
        sourcePath,
        `${where}: image ${image} has label ${label}, expected 0 to ${classes.length - 1}`,
      )
    counts[label] = (counts[label] ?? 0) + 1
  })
  const empty = classes.filter((_, label) => counts[label] === 0)
  if (empty.length > 0) {
    throw new DataError(
      sourcePath,
      `${where}: expected at least one training image of each class, found none of ${empty
        .slice(0, 5)
        .map((name) => `“${name}”`)
        .join(', ')}${empty.length > 5 ? ` and ${empty.length - 5} more` : ''}`,
    )
  }
}
