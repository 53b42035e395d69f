import { totalmem } from 'node:os'
import type { DataConfig, DataSource } from '../../core/config/data'
import type { Cached } from './cache'
import { nameOf, readImages, splitDataset, type Dataset, type Loading } from './dataset'
import { imagesKey } from './readLike'

/** The images of one source, as its files were, and the ways in which they were split. */
interface Held {
  readonly images: Cached
  readonly bytes: number
  readonly datasets: Map<string, Dataset>
}

/** A split takes as much as its places and labels: six bytes for each image. */
const mostSplits = 8

/** An eighth of the memory that this process may have. */
export function heldAtMost(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  return (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()) / 8
}

/** Whether the files of a source are as they were; where they cannot be looked at, whoever reads them explains. */
function isAsBefore(source: DataSource, { images }: Held): boolean {
  try {
    return nameOf(source) === images.name
  } catch {
    return false
  }
}

/**
 * Data sets in memory: those that were asked for last, as long as their files are as they were when they were read, and
 * up to so many bytes in all. What is given is what reading them again would give.
 */
export class HeldDatasets {
  readonly #held = new Map<string, Held>()
  readonly #mostBytes: number

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  /** With `alone` everything else is let go before more is read: there is a training that needs the memory. */
  async load(data: DataConfig, loading: Loading, alone = false): Promise<Dataset> {
    const key = JSON.stringify(data.source)
    const found = this.#held.get(key)
    this.#held.delete(key)
    if (found !== undefined && isAsBefore(data.source, found)) {
      this.#held.set(key, found)
      return datasetOf(found, data)
    }
    if (alone) this.#held.clear()
    const images = await readImages(data.source, loading)
    const read: Held = { images, bytes: bytesIn(images), datasets: new Map() }
    // Files that changed meanwhile are read again by whoever asks next.
    if (images.name !== null) this.#hold(key, read)
    return datasetOf(read, data)
  }

  #hold(key: string, held: Held): void {
    this.#held.set(key, held)
    let bytes = 0
    for (const [other, one] of [...this.#held].reverse()) {
      bytes += one.bytes
      if (bytes > this.#mostBytes) this.#held.delete(other)
    }
  }
}

const bytesIn = ({ raw }: Cached): number =>
  [raw, raw.validation, raw.test].reduce((sum, part) => sum + (part?.images.byteLength ?? 0), 0)

function datasetOf({ images, datasets }: Held, data: DataConfig): Dataset {
  const key = imagesKey(data)
  const dataset = datasets.get(key) ?? splitDataset(images, data)
  datasets.delete(key)
  datasets.set(key, dataset)
  const [oldest] = datasets.keys()
  if (datasets.size > mostSplits && oldest !== undefined) datasets.delete(oldest)
  return dataset
}
