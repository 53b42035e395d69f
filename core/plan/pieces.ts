import type { BatchConfig } from '../config/batch'
import { ghostSizes, nearEqual } from '../ghost'

/**
 * How the images of an update are computed: pieces by themselves (one for each worker, or each micro-batch), each in
 * the ghost batches that batch norm sees.
 */
export type Pieces = readonly (readonly number[])[]

/** Near-equal sizes of at most so many images, larger first. */
export const upTo = (size: number, count: number): readonly number[] => nearEqual(count, Math.ceil(count / size))

/**
 * The pieces of an update of so many images, and their ghosts, in order: [[64, 64]] is one piece in two ghosts, [[64],
 * [64]] two pieces.
 */
export function piecesOf(
  { microBatch, ghostSize, workers }: Pick<BatchConfig, 'microBatch' | 'ghostSize' | 'workers'>,
  count: number,
): Pieces {
  const pieces = workers.type !== 'none' ? nearEqual(count, workers.workers) : upTo(microBatch ?? count, count)
  return pieces.map((size) => (ghostSize === null ? [size] : ghostSizes(size, ghostSize)))
}
