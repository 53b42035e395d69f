import * as tf from '@tensorflow/tfjs-core'
import type { RunConfig } from '../../core/config/config'
import type { DatasetFacts } from '../../core/facts'
import { dropoutParts, networkFor, weightsOf, type DropoutPart } from '../../core/network'
import { at } from './differentiable'
import type { Engine } from './engine'
import { evaluationPass } from './evaluate'
import { initialState } from './initialise'
import type { LearnerState } from './learner'
import type { Network } from './network'
import { opsFor } from './ops'
import { initialSlots, type Rates } from './optimizer'
import { piecesOf, trainingStep } from './step'
import type { Variables } from './variables'

/** One of the things that a learner computes, for a number of images: an update, or losses and predictions. */
export interface Pass {
  readonly type: 'update' | 'evaluate'
  readonly count: number
}

/** A tensor that a pass takes from the host. */
export interface FeedSpec {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
}

/** A learner's computations as functions of tensors, which any runner can run: eagerly, or captured as a graph. */
export interface Program {
  readonly initial: LearnerState
  readonly feeds: (pass: Pass) => readonly FeedSpec[]
  /** Computes a pass from the tensors of its feeds, in their order, and assigns variables. The caller owns the result. */
  readonly compute: (pass: Pass, variables: Variables, feeds: readonly tf.Tensor[]) => tf.Tensor
  /** What an image's row of the dropout mask holds; empty without dropout. */
  readonly dropout: readonly DropoutPart[]
}

/** What may change from update to update besides the batch; all of them are one feed. */
export interface RateValues {
  readonly learningRate: number
  readonly momentum: number
  readonly weightDecay: number
  readonly momentumCorrection: number
}

/** The values of the feed `rates`. */
export const packedRates = ({ learningRate, momentum, weightDecay, momentumCorrection }: RateValues): Float32Array =>
  Float32Array.of(learningRate, momentum, weightDecay, momentumCorrection)

function unpackedRates(feed: tf.Tensor): Rates {
  const [learningRate, momentum, weightDecay, momentumCorrection] = tf.unstack(feed) as [tf.Scalar, tf.Scalar, tf.Scalar, tf.Scalar]
  return { learningRate, momentum, weightDecay, momentumCorrection }
}

/**
 * The computations of a run. Feeds of both passes begin with the images and their labels. An update also takes the rates and, with dropout,
 * its mask, and returns what `trainingStep` says; an evaluation returns what `evaluationPass` says.
 */
export function programOf(engine: Engine, config: RunConfig, facts: DatasetFacts): Program {
  const layers = networkFor(config.network, config.networkOptions, facts.shape, facts.classes.length)
  const weights = weightsOf(layers, facts.shape)
  const ops = opsFor(engine)
  const dropout = dropoutParts(layers, facts.shape)
  const features = dropout.reduce((sum, { width }) => sum + width, 0)
  const { microBatch, ghostSize } = config.batch

  const update = (network: Network, count: number, feeds: readonly tf.Tensor[]): tf.Tensor => tf.tidy(() =>
    trainingStep({ network, weights, optimizer: config.optimizer }, piecesOf(count, microBatch, ghostSize))({
      images: at(feeds, 0) as tf.Tensor4D, labels: at(feeds, 1) as tf.Tensor1D, ...unpackedRates(at(feeds, 2)),
      dropoutMask: features > 0 ? at(feeds, 3) as tf.Tensor2D : undefined,
    }))
  return {
    initial: new Map([
      ...initialState(layers, facts.shape, config.networkOptions.initialisation, config.seed),
      ...initialSlots(config.optimizer, weights),
    ]),
    feeds: ({ type, count }) => {
      const shown: FeedSpec[] = [{ name: 'images', shape: [count, ...facts.shape], dtype: 'float32' }, { name: 'labels', shape: [count], dtype: 'int32' }]
      if (type === 'evaluate') return shown
      const rates: FeedSpec = { name: 'rates', shape: [4], dtype: 'float32' }
      const mask: FeedSpec = { name: 'dropoutMask', shape: [count, features], dtype: 'float32' }
      return features > 0 ? [...shown, rates, mask] : [...shown, rates]
    },
    compute: ({ type, count }, variables, feeds) => {
      const network: Network = { ops, layers, variables }
      return type === 'update'
        ? update(network, count, feeds)
        : evaluationPass(network)(at(feeds, 0) as tf.Tensor4D, at(feeds, 1) as tf.Tensor1D)
    },
    dropout,
  }
}
