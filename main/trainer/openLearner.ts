import * as tf from '@tensorflow/tfjs-core'
import type { RunConfig } from '../../core/config/config'
import type { EngineFacts } from '../../core/events'
import type { DatasetFacts } from '../../core/facts'
import { dropoutWidth, networkFor, weightsOf } from '../../core/network'
import { batchFiller } from '../data/batches'
import type { LabelledImages } from '../data/rawImages'
import { fillDropoutMask } from './dropout'
import { openEngine, type Engine } from './engine'
import { evaluateBatches, evaluationPass, type EvaluationBatch } from './evaluate'
import { initialState } from './initialise'
import type { Batch, Learner } from './learner'
import type { Network } from './network'
import { opsFor } from './ops'
import { initialSlots } from './optimizer'
import { piecesOf, readResult, trainingStep, type StepFeeds, type Trainee } from './step'
import { createVariables, disposeVariables, readVariables, writeVariables } from './variables'

// Large enough that calls cost nothing, small enough that activations stay in the cache of a few cores.
const evaluationBatch = 256

/** Opens the engine that a config asks for and puts a freshly initialised network on it. */
export async function openLearner(config: RunConfig, facts: DatasetFacts): Promise<Learner> {
  const engine = await openEngine(config.engine.backend, { threads: config.engine.threads ?? undefined })
  return createLearner(engine, config, facts)
}

/** A learner on an open engine, which must be tfjs's current backend whenever the learner is used. */
export function createLearner(engine: Engine, config: RunConfig, facts: DatasetFacts): Learner {
  const layers = networkFor(config.network, config.networkOptions, facts.shape, facts.classes.length)
  const weights = weightsOf(layers, facts.shape)
  const variables = createVariables(new Map([
    ...initialState(layers, facts.shape, config.networkOptions.initialisation, config.seed),
    ...initialSlots(config.optimizer, weights),
  ]))
  const network: Network = { ops: opsFor(engine), layers, variables }
  const evaluator = evaluatorOf(network, config, facts)
  return {
    engine: factsOf(engine),
    update: updaterOf({ network, weights, optimizer: config.optimizer }, config, facts),
    evaluate: evaluator,
    read: () => readVariables(variables),
    write: (state) => writeVariables(variables, state),
    dispose: () => disposeVariables(variables),
  }
}

function updaterOf(trainee: Trainee, config: RunConfig, facts: DatasetFacts): Learner['update'] {
  const [height, width, channels] = facts.shape
  const { microBatch, ghostSize } = config.batch
  const { dropout } = config.networkOptions
  const features = dropoutWidth(trainee.network.layers, facts.shape)
  const mask = new Float32Array(features * config.batchSize)
  const steps = new Map<number, (feeds: StepFeeds) => tf.Tensor1D>()
  const stepFor = (count: number): ((feeds: StepFeeds) => tf.Tensor1D) => {
    const step = steps.get(count) ?? trainingStep(trainee, piecesOf(count, microBatch, ghostSize))
    steps.set(count, step)
    return step
  }
  const feedsOf = ({ images, labels, count, update }: Batch, rates: { readonly learningRate: number; readonly momentum: number }): StepFeeds => {
    if (features > 0) fillDropoutMask(mask, dropout, config.seed, update)
    return {
      images: tf.tensor4d(images.subarray(0, count * height * width * channels), [count, height, width, channels]),
      labels: tf.tensor1d(labels.subarray(0, count), 'int32'),
      dropoutMask: features > 0 ? tf.tensor2d(mask.subarray(0, count * features), [count, features]) : undefined,
      learningRate: tf.scalar(rates.learningRate),
      momentum: tf.scalar(rates.momentum),
      weightDecay: tf.scalar(config.optimizer.weightDecay),
    }
  }
  return (batch, rates) => readResult(tf.tidy(() => stepFor(batch.count)(feedsOf(batch, rates))))
}

function evaluatorOf(network: Network, config: RunConfig, facts: DatasetFacts): Learner['evaluate'] {
  const [height, width, channels] = facts.shape
  const fill = batchFiller(config.data, facts)
  const pass = evaluationPass(network)
  const run = ({ images, labels, count }: EvaluationBatch): Float32Array => {
    const rows = tf.tidy(() => pass(
      tf.tensor4d(images.subarray(0, count * height * width * channels), [count, height, width, channels]),
      tf.tensor1d(labels.subarray(0, count), 'int32'),
    ))
    const values = rows.dataSync<'float32'>()
    rows.dispose()
    return values
  }
  function* batches(split: LabelledImages): Generator<EvaluationBatch> {
    const total = split.labels.length
    const size = Math.min(evaluationBatch, total)
    const buffers = { images: new Float32Array(size * height * width * channels), labels: new Int32Array(size) }
    for (let from = 0; from < total; from += size) {
      const count = Math.min(size, total - from)
      fill(split, Uint32Array.from({ length: count }, (_, i) => from + i), null, config.seed, buffers)
      yield { ...buffers, count }
    }
  }
  return (split) => evaluateBatches(run, batches(split), split.labels.length)
}

const factsOf = (engine: Engine): EngineFacts => ({
  name: engine.name, device: engine.device, versions: { ...engine.versions }, captured: false,
  note: engine.refused.map(({ name, reason }) => `${name}: ${reason}`).join(' '),
})
