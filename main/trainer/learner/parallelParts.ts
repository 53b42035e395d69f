/*
 * Parallel parts: parts of one update whose gradients are computed side by side, each operation on one thread, in place
 * of one part whose operations are shared between threads. Threads that share an operation wait for each other at its
 * end, some hundred times per update. Parallel parts wait once, so they are faster wherever a batch can be cut: at
 * ghost batches, and anywhere in a network without batch norm. What parallel parts compute is the same up to rounding.
 */
import type { RunConfig } from '../../../core/config/config'
import type { DatasetInfo } from '../../../core/datasetInfo'
import { ghostSizes } from '../../../core/ghost'
import { multiplyAdds, networkFor, sizeOf, weightsOf } from '../../../core/network'
import { timelineOf } from '../../../core/plan/phases'
import { piecesOf, type Pieces } from '../../../core/plan/pieces'

// A part has gradients of its own, which are written and added up: about as long as so many multiply-adds for each
// weight, if 5 % may be lost.
const addsPerWeight = 320

/** How the updates of a run can be cut into parallel parts, and how much an operation has to do. */
export interface ParallelParts {
  /** The ghosts of a batch in up to so many parallel parts; one piece if it cannot be cut. */
  readonly pieces: (count: number, most: number) => Pieces
  /** The parallel parts that the largest batch can be cut into. */
  readonly possible: number
  /** Multiply-adds of the average convolution or dense layer on the images that go through it together. */
  readonly operation: number
}

/** The parallel parts of a run's updates. Micro-batches, which are there to save memory, are not cut further. */
export function parallelPartsOf(config: RunConfig, info: DatasetInfo): ParallelParts {
  const layers = networkFor(config.network, config.networkOptions, info.shape, info.classes.length)
  const weights = weightsOf(layers, info.shape)
  const hasNorm = weights.some(({ role }) => role === 'gamma')
  const adds = multiplyAdds(layers, info.shape)
  const perImage = adds.reduce((sum, one) => sum + one, 0)
  const parameters = weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  const { microBatch, denseBatch, workers } = config.batch
  const ghostsOf = (count: number): readonly number[] => piecesOf(config.batch, count).flat()
  const isPlain = microBatch === null && denseBatch === null && workers.type === 'none'

  const mostParts = (count: number): number => {
    if (!isPlain) return 1
    const parts = !hasNorm ? Math.floor(count / 2) : ghostsOf(count).length
    return Math.max(1, Math.min(parts, Math.floor((count * perImage) / (addsPerWeight * parameters))))
  }
  const largest = Math.max(...timelineOf(config, info.counts.train).phases.map(({ batchSize }) => batchSize))
  const together = Math.min(largest, microBatch ?? largest) / (workers.type === 'none' ? 1 : workers.workers)
  return {
    pieces: (count, most) => {
      const parallelParts = Math.min(most, mostParts(count))
      if (!hasNorm) return ghostSizes(count, Math.ceil(count / parallelParts)).map((size) => [size])
      const ghosts = ghostsOf(count)
      return Array.from({ length: parallelParts }, (_, part) =>
        ghosts.slice(
          Math.round((part * ghosts.length) / parallelParts),
          Math.round(((part + 1) * ghosts.length) / parallelParts),
        ),
      )
    },
    possible: mostParts(largest),
    operation: (together * perImage) / Math.max(1, adds.length),
  }
}
