import * as tf from '@tensorflow/tfjs-core'
import { weightsOf } from '../../../core/network'
import type { ImageShape, Layer } from '../../../core/networks/layer'
import type { HostTensor, LearnerState } from './learner'
import { forward } from './network'
import type { Ops } from '../ops/ops'
import { createVariables, disposeVariables, readVariables } from './variables'

/** Normalised NHWC images, of which the first `count` are used. */
export interface StatisticsBatch {
  readonly images: Float32Array
  readonly count: number
}

/** What each batch counts in a cumulative average: its images, or as much as any other. */
export type BatchWeighting = 'images' | 'batches'

/**
 * The running statistics of a network for its present weights: the mean over batches of the statistics of each,
 * weighted by the number of images, or with a smaller last batch counting like the others, as torch's update_bn does.
 * Nothing is trained, dropped or augmented. A batch of one image is left out. `between` hears before each batch how
 * many images have gone through, and may leave by an error.
 */
export function reestimated(
  ops: Ops,
  layers: readonly Layer[],
  shape: ImageShape,
  state: LearnerState,
  batches: Iterable<StatisticsBatch>,
  weighting: BatchWeighting,
  between?: (images: number) => void,
): LearnerState {
  const weights = weightsOf(layers, shape)
  const statistics = weights
    .filter(({ role }) => role === 'runningMean' || role === 'runningVariance')
    .map(({ name }) => name)
  if (statistics.length === 0) return new Map()
  const network = new Map(
    weights.flatMap(({ name }): [string, HostTensor][] => {
      const tensor = state.get(name)
      return tensor ? [[name, tensor]] : []
    }),
  )
  const variables = createVariables(network)
  try {
    let seen = 0
    let done = 0
    for (const { images, count } of batches) {
      between?.(done)
      done += count
      if (count < 2) continue
      // An exponential average whose new value weighs its share of all so far is a plain average.
      const size = weighting === 'images' ? count : 1
      seen += size
      tf.tidy(() => {
        forward(
          { ops, layers, variables },
          tf.tensor4d(images.subarray(0, count * shape[0] * shape[1] * shape[2]), [count, ...shape]),
          { ghostSizes: [count], ghostsPerUpdate: 1, dropoutMask: undefined, newValueWeight: size / seen },
        )
      })
    }
    const found = readVariables(variables)
    return new Map(
      statistics.flatMap((name): [string, HostTensor][] => {
        const tensor = found.get(name)
        return tensor ? [[name, tensor]] : []
      }),
    )
  } finally {
    disposeVariables(variables)
  }
}
