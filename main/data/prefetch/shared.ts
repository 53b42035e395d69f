import type { DataConfig } from '../../../core/config/data'
import type { DatasetInfo } from '../../../core/datasetInfo'
import type { BatchBuffers } from '../batches'
import type { LabelledImages } from '../rawImages'

/**
 * One batch by its place: images `position` … `position + count` of an epoch's order. All of its numbers follow from
 * these and the seed.
 */
export interface BatchPlace {
  readonly epoch: number
  readonly position: number
  readonly count: number
}

/** What the training thread and the input thread both see; all arrays lie in shared memory. */
export interface Shared {
  readonly data: DataConfig
  readonly info: DatasetInfo
  readonly seed: number
  readonly images: LabelledImages
  /** Batch n is filled into buffer n mod 2, so that one is used while the other is filled. */
  readonly buffers: readonly [BatchBuffers, BatchBuffers]
  /** See `word`. */
  readonly control: Int32Array
}

/**
 * The words of `control`: how many batches were asked for and filled; the place of the one asked for last; whether the
 * thread should end.
 */
export const word = { asked: 0, filled: 1, epoch: 2, position: 3, count: 4, closing: 5 } as const
