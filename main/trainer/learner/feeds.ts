import * as tf from '@tensorflow/tfjs-core'
import type { RunConfig } from '../../../core/config/config'
import type { DatasetInfo } from '../../../core/datasetInfo'
import { fillLossWeights, mixtureOf, noiseVariance, type Mixture } from '../../../core/mixing'
import { dropoutParts, networkFor } from '../../../core/network'
import { averageKeep } from './average'
import { fillDropoutMasks } from './dropout'
import type { Batch, UpdateRates } from './learner'
import type { StepFeeds } from './step'

/** A tensor that a pass takes from the host. */
export interface FeedSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
}

/**
 * What an update takes from the host besides the network's variables: which tensors, how a step sees them, and their
 * values.
 */
export interface UpdateFeeds {
  readonly specs: (count: number) => readonly FeedSpec[]
  /** The tensors of `specs`, in their order, as the step wants them. */
  readonly unpack: (tensors: readonly tf.Tensor[]) => StepFeeds
  /** The values of `specs`, in their order; valid until the next call. */
  readonly values: (batch: Batch, rates: UpdateRates) => readonly (Float32Array | Int32Array)[]
}

// Everything that is one number per update travels in one feed.
const rateNames = ['learningRate', 'momentum', 'weightDecay', 'momentumCorrection', 'mixShare', 'averageKeep'] as const

/**
 * The feeds of an update: images, labels and rates, and as the config has them a dropout mask, the classes of mixed-in
 * images, and weights of the losses. All draws are pure functions of the config's seed and the update.
 */
export function updateFeedsOf(config: RunConfig, info: DatasetInfo): UpdateFeeds {
  const {
    seed,
    regularisation: { mixup, average },
    batch: { gradientNoise },
  } = config
  const { referenceBatch } = config.learningRate
  const dropout = dropoutParts(
    networkFor(config.network, config.networkOptions, info.shape, info.classes.length),
    info.shape,
  )
  const features = dropout.reduce((sum, { width }) => sum + width, 0)
  const pixels = info.shape[0] * info.shape[1] * info.shape[2]
  const isNoisy = gradientNoise.type === 'multiplicative'
  const buffers: Record<'mask' | 'mixed' | 'weights', Float32Array> = {
    mask: new Float32Array(0),
    mixed: new Float32Array(0),
    weights: new Float32Array(0),
  }

  const specs = (count: number): FeedSpec[] => [
    { name: 'images', shape: [count, ...info.shape], dtype: 'float32' },
    { name: 'labels', shape: [count], dtype: 'int32' },
    { name: 'rates', shape: [rateNames.length], dtype: 'float32' },
    ...(features > 0 ? [{ name: 'dropoutMask', shape: [count, features], dtype: 'float32' } as const] : []),
    ...(mixup > 0 ? [{ name: 'partners', shape: [count], dtype: 'int32' } as const] : []),
    ...(isNoisy ? [{ name: 'lossWeights', shape: [count], dtype: 'float32' } as const] : []),
  ]
  return {
    specs,
    unpack: (tensors) => {
      const named = new Map(specs(0).map(({ name }, i) => [name, tensors[i]]))
      const rates = Object.fromEntries(
        tf.unstack(need(named.get('rates'))).map((rate, i) => [rateNames[i] ?? '', rate as tf.Scalar]),
      )
      const { learningRate, momentum, weightDecay, momentumCorrection, mixShare, averageKeep: keep } = rates
      return {
        images: need(named.get('images')) as tf.Tensor4D,
        labels: need(named.get('labels')) as tf.Tensor1D,
        learningRate: need(learningRate),
        momentum: need(momentum),
        weightDecay: need(weightDecay),
        momentumCorrection: need(momentumCorrection),
        mixShare,
        averageKeep: average.type === 'ema' ? keep : undefined,
        dropoutMask: named.get('dropoutMask') as tf.Tensor2D | undefined,
        partners: named.get('partners') as tf.Tensor1D | undefined,
        lossWeights: named.get('lossWeights') as tf.Tensor1D | undefined,
      }
    },
    values: ({ images, labels, count, update }, { learningRate, momentum, momentumCorrection = 1 }) => {
      const mixture = mixup > 0 ? mixtureOf(mixup, seed, update, count) : null
      const rates = {
        learningRate,
        momentum,
        weightDecay: config.optimizer.weightDecay,
        momentumCorrection,
        mixShare: mixture?.share ?? 1,
        averageKeep: averageKeep(average, count, referenceBatch),
      }
      const values: (Float32Array | Int32Array)[] = [
        mixture ? mixed(images, mixture) : images.subarray(0, count * pixels),
        labels.subarray(0, count),
        Float32Array.from(rateNames, (name) => rates[name]),
      ]
      if (features > 0) {
        buffers.mask = sized(buffers.mask, count * features)
        fillDropoutMasks(buffers.mask, dropout, seed, update)
        values.push(buffers.mask)
      }
      if (mixture) values.push(Int32Array.from(mixture.partners, (partner) => labels[partner] ?? 0))
      if (isNoisy) {
        buffers.weights = sized(buffers.weights, count)
        fillLossWeights(buffers.weights, noiseVariance(gradientNoise.variance, count, referenceBatch), seed, update)
        values.push(buffers.weights)
      }
      return values
    },
  }

  function mixed(images: Float32Array, { share, partners }: Mixture): Float32Array {
    const into = (buffers.mixed = sized(buffers.mixed, partners.length * pixels))
    partners.forEach((partner, image) => {
      const [own, other] = [image * pixels, partner * pixels]
      for (let i = 0; i < pixels; i++)
        into[own + i] = share * (images[own + i] ?? 0) + (1 - share) * (images[other + i] ?? 0)
    })
    return into
  }
}

const sized = (buffer: Float32Array, length: number): Float32Array =>
  buffer.length === length ? buffer : new Float32Array(length)

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('An update is missing one of its feeds')
  return value
}
