import type { DatasetInfo } from '../../core/datasetInfo'
import type { Skipped } from '../../core/leftOut'
import { DataError, sourcePath } from './dataError'

/** Images as bytes in the order image, row, column, channel, with a label each. */
export interface LabelledImages {
  readonly images: Uint8Array
  readonly labels: Uint16Array
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
}

// A split is copied out of the raw images, so twice this must fit in memory.
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
