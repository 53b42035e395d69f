import * as tf from '@tensorflow/tfjs-core'
import type { RunConfig } from '../../core/config/config'
import type { DatasetFacts } from '../../core/facts'
import { dropoutWidth, networkFor, weightsOf } from '../../core/network'
import { at } from './differentiable'
import type { Engine } from './engine'
import { evaluationPass } from './evaluate'
import { initialState } from './initialise'
import type { LearnerState } from './learner'
import type { Network } from './network'
import { opsFor } from './ops'
import { initialSlots } from './optimizer'
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
  /** Features that the dropout layer sees, 0 without one. */
  readonly dropoutFeatures: number
}

/**
 * The computations of a run. Feeds of both passes begin with the images and their labels. An update also takes [learning rate, momentum,
 * weight decay] and, with dropout, its mask, and returns what `trainingStep` says; an evaluation returns what `evaluationPass` says.
 */
export function programOf(engine: Engine, config: RunConfig, facts: DatasetFacts): Program {
  const layers = networkFor(config.network, config.networkOptions, facts.shape, facts.classes.length)
  const weights = weightsOf(layers, facts.shape)
  const ops = opsFor(engine)
  const features = dropoutWidth(layers, facts.shape)
  const { microBatch, ghostSize } = config.batch

  const update = (network: Network, count: number, feeds: readonly tf.Tensor[]): tf.Tensor => tf.tidy(() => {
    const [learningRate, momentum, weightDecay] = tf.unstack(at(feeds, 2)) as [tf.Scalar, tf.Scalar, tf.Scalar]
    return trainingStep({ network, weights, optimizer: config.optimizer }, piecesOf(count, microBatch, ghostSize))({
      images: at(feeds, 0) as tf.Tensor4D, labels: at(feeds, 1) as tf.Tensor1D, learningRate, momentum, weightDecay,
      dropoutMask: features > 0 ? at(feeds, 3) as tf.Tensor2D : undefined,
    })
  })
  return {
    initial: new Map([
      ...initialState(layers, facts.shape, config.networkOptions.initialisation, config.seed),
      ...initialSlots(config.optimizer, weights),
    ]),
    feeds: ({ type, count }) => {
      const shown: FeedSpec[] = [{ name: 'images', shape: [count, ...facts.shape], dtype: 'float32' }, { name: 'labels', shape: [count], dtype: 'int32' }]
      if (type === 'evaluate') return shown
      const rates: FeedSpec = { name: 'rates', shape: [3], dtype: 'float32' }
      return features > 0 ? [...shown, rates, { name: 'dropoutMask', shape: [count, features], dtype: 'float32' }] : [...shown, rates]
    },
    compute: ({ type, count }, variables, feeds) => {
      const network: Network = { ops, layers, variables }
      return type === 'update'
        ? update(network, count, feeds)
        : evaluationPass(network)(at(feeds, 0) as tf.Tensor4D, at(feeds, 1) as tf.Tensor1D)
    },
    dropoutFeatures: features,
  }
}
