import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { DataConfig } from '../../../core/config/data'
import type { EngineConfig } from '../../../core/config/engine'
import type { DatasetInfo } from '../../../core/datasetInfo'
import { epochOrder } from '../../../core/random'
import { batchFiller, type BatchBuffers } from '../batches'
import type { LabelledImages } from '../rawImages'
import { inSharedMemory, isShared } from '../sharedMemory'
import { word, type BatchPlace, type Shared } from './shared'

export interface BatchSource {
  readonly data: DataConfig
  readonly info: DatasetInfo
  readonly seed: number
  readonly images: LabelledImages
  /** Images of the largest batch. */
  readonly largest: number
}

/** Reads the training images batch by batch, shuffled and augmented. */
export interface Reader {
  /**
   * Fills the batch at a place; `next` is what will probably be asked for after it. The buffers are good until the next
   * call.
   */
  readonly read: (place: BatchPlace, next: BatchPlace | null) => BatchBuffers
  readonly close: () => void
}

// With fewer cores the thread takes from the engine what it gives; more bytes than this should not lie in memory twice.
const leastCores = 4
const mostBytes = 2 ** 30

/** The reader that a config asks for; `thread` is the built input thread, null where there is none. */
export function openReader(source: BatchSource, wanted: EngineConfig['inputThread'], thread: string | null): Reader {
  const isWorthIt =
    availableParallelism() >= leastCores &&
    (isShared(source.images.images) || source.images.images.byteLength <= mostBytes)
  const isAhead = thread !== null && existsSync(thread) && (wanted === 'on' || (wanted === 'auto' && isWorthIt))
  return isAhead ? readerAhead(source, thread) : plainReader(source)
}

/** Fills each batch when it is asked for. */
export function plainReader({ data, info, seed, images, largest }: BatchSource): Reader {
  const fill = batchFiller(data, info)
  const [height, width, channels] = info.shape
  const buffers = { images: new Float32Array(largest * height * width * channels), labels: new Int32Array(largest) }
  let shuffled: { readonly epoch: number; readonly order: Uint32Array } = { epoch: -1, order: new Uint32Array() }
  return {
    read: ({ epoch, position, count }) => {
      if (shuffled.epoch !== epoch) shuffled = { epoch, order: epochOrder(seed, epoch, images.labels.length) }
      fill(images, shuffled.order.subarray(position, position + count), epoch, seed, buffers)
      return buffers
    },
    close: () => undefined,
  }
}

// Far longer than any batch takes: a thread that does not answer is gone.
const patienceMs = 10_000

/**
 * Fills the next batch in a thread of its own while this one computes an update. The numbers are those of
 * `plainReader`, which also takes over where something else than expected is asked for, and for good where the thread
 * does not answer.
 */
export function readerAhead(source: BatchSource, thread: string): Reader {
  const { data, info, seed, images, largest } = source
  const [height, width, channels] = info.shape
  const room = (): BatchBuffers => ({
    images: new Float32Array(new SharedArrayBuffer(4 * largest * height * width * channels)),
    labels: new Int32Array(new SharedArrayBuffer(4 * largest)),
  })
  const shared: Shared = {
    data,
    info,
    seed,
    images: { ...images, images: inSharedMemory(images.images), labels: inSharedMemory(images.labels) },
    buffers: [room(), room()],
    control: new Int32Array(new SharedArrayBuffer(4 * Object.keys(word).length)),
  }
  const { control, buffers } = shared
  const plain = plainReader({ ...source, images: shared.images })
  const worker = new Worker(thread, { workerData: shared })
  worker.unref()
  let isLost = false
  worker.on('error', () => {
    isLost = true
  })
  let expected: BatchPlace | null = null
  let asked = 0

  const ask = ({ epoch, position, count }: BatchPlace): void => {
    asked++
    Atomics.store(control, word.epoch, epoch)
    Atomics.store(control, word.position, position)
    Atomics.store(control, word.count, count)
    Atomics.store(control, word.asked, asked)
    Atomics.notify(control, word.asked)
  }
  const settle = (): void => {
    if (!isLost && asked > 0 && Atomics.load(control, word.filled) !== asked)
      isLost = Atomics.wait(control, word.filled, asked - 1, patienceMs) === 'timed-out'
  }
  return {
    read: (place, next) => {
      settle()
      const isReady = !isLost && expected !== null && samePlace(expected, place)
      const filled = isReady ? buffers[asked % 2 === 0 ? 0 : 1] : plain.read(place, next)
      expected = isLost ? null : next
      if (expected !== null) ask(expected)
      return filled
    },
    close: () => {
      Atomics.store(control, word.closing, 1)
      Atomics.store(control, word.asked, asked + 1)
      Atomics.notify(control, word.asked)
      void worker.terminate()
    },
  }
}

const samePlace = (a: BatchPlace, b: BatchPlace): boolean =>
  a.epoch === b.epoch && a.position === b.position && a.count === b.count
