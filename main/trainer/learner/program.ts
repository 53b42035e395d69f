import * as tf from '@tensorflow/tfjs-core'
import type { RunConfig } from '../../../core/config/config'
import type { DatasetInfo } from '../../../core/datasetInfo'
import { networkFor, weightsOf, type WeightSpec } from '../../../core/network'
import type { Layer } from '../../../core/networks/layer'
import { piecesOf, type Pieces } from '../../../core/plan/pieces'
import { hasMomentum } from '../../../core/plan/plan'
import { denseRateFactorOf } from '../../../core/plan/rate'
import { initialAverages } from './average'
import { denseStep } from './denseStep'
import { at } from '../ops/differentiable'
import type { Engine } from '../engine'
import { evaluationPass } from './evaluate'
import { updateFeedsOf, type FeedSpec, type UpdateFeeds } from './feeds'
import { initialWeights } from './initialise'
import { parallelPartsOf } from './parallelParts'
import type { LearnerState } from './learner'
import { measuredIn, measuringPass, type MeasuredPieces } from './measuredPieces'
import type { Ops } from '../ops/ops'
import { opsFor } from '../ops/opsFor'
import { initialSlots } from './optimizers'
import { trainingStep, type StepFeeds, type Trainee } from './step'
import type { Variables } from './variables'
import { initialWorkers, workersStep } from './localSgd'

/**
 * One of the things that a learner computes, for a number of images: an update (a local one does not average simulated
 * workers), the norms of an update's gradients, or losses and predictions.
 */
export interface Pass {
  readonly type: 'update' | 'localUpdate' | 'measure' | 'evaluate'
  readonly count: number
}

/** Computations as functions of tensors, which any runner can run: eagerly, or captured as a graph. */
export interface Program {
  readonly initial: LearnerState
  readonly feeds: (pass: Pass) => readonly FeedSpec[]
  /**
   * Computes a pass from the tensors of its feeds, in their order, and assigns variables. The caller owns the result.
   */
  readonly compute: (pass: Pass, variables: Variables, feeds: readonly tf.Tensor[]) => tf.Tensor
}

/** The computations of a run, with what they are made of. */
export interface RunProgram extends Program {
  readonly ops: Ops
  readonly layers: readonly Layer[]
  readonly weights: readonly WeightSpec[]
  readonly updateFeeds: UpdateFeeds
  /** The pieces of a measurement of so many images; null where it is not possible. */
  readonly measured: (count: number) => MeasuredPieces | null
}

/**
 * The computations of a run. Updates and measurements take the feeds of an update and return what `trainingStep` and
 * `measuringPass` say; an evaluation takes images and labels and returns what `evaluationPass` says.
 */
export function programOf(engine: Engine, config: RunConfig, info: DatasetInfo): RunProgram {
  const layers = networkFor(config.network, config.networkOptions, info.shape, info.classes.length)
  const weights = weightsOf(layers, info.shape)
  const ops = opsFor(engine)
  const { optimizer } = config
  const updateFeeds = updateFeedsOf(config, info)
  const { workers } = config.batch
  const network = initialWeights(layers, info.shape, config.networkOptions.initialisation, config.seed)
  const slots = initialSlots(optimizer, weights, hasMomentum(config))
  const parallelParts = parallelPartsOf(config, info)
  const piecesOfUpdate = (count: number): Pieces => parallelParts.pieces(count, engine.parallelParts)
  const measured = (count: number): MeasuredPieces | null => measuredIn(config, layers, count)
  const step = stepsOf(config, info, [...slots.keys()], piecesOfUpdate, measured)
  return {
    ops,
    layers,
    weights,
    updateFeeds,
    measured,
    initial: new Map([
      ...network,
      ...(workers.type === 'none' ? slots : initialWorkers(workers.workers, network, slots)),
      ...initialAverages(config.regularisation.average, network),
    ]),
    feeds: ({ type, count }) => updateFeeds.specs(count).slice(0, type === 'evaluate' ? 2 : undefined),
    compute: (pass, variables, feeds) => {
      if (pass.type === 'evaluate')
        return evaluationPass({ ops, layers, variables }, engine.parallelParts)(
          at(feeds, 0) as tf.Tensor4D,
          at(feeds, 1) as tf.Tensor1D,
        )
      // Threads for which the update itself has no parallel part.
      const parts = Math.floor(engine.parallelParts / piecesOfUpdate(pass.count).length)
      const trainee: Trainee = {
        network: {
          ops: opsFor(engine, { parts, padsFirst: config.engine.precision === 'bfloat16' }),
          layers,
          variables,
        },
        weights,
        optimizer,
        labelSmoothing: config.regularisation.labelSmoothing,
      }
      return tf.tidy(() => step(pass, trainee)(updateFeeds.unpack(feeds)))
    },
  }
}

type Step = (feeds: StepFeeds) => tf.Tensor1D

function stepsOf(
  config: RunConfig,
  info: DatasetInfo,
  slots: readonly string[],
  piecesOfUpdate: (count: number) => Pieces,
  measured: RunProgram['measured'],
): (pass: Pass, trainee: Trainee) => Step {
  const { batch } = config
  return ({ type, count }, trainee) => {
    if (type === 'measure') {
      const parts = measured(count)
      if (!parts) throw new Error(`The gradient of ${count} image cannot be measured in pieces`)
      return measuringPass(trainee, parts)
    }
    const pieces = piecesOf(batch, count)
    if (batch.workers.type !== 'none') return workersStep(trainee, slots, pieces, type === 'update')
    if (batch.denseBatch !== null) {
      return denseStep(trainee, info.shape, pieces.flat(), {
        batch: batch.denseBatch,
        rateFactor: denseRateFactorOf(config, info.counts.train),
      })
    }
    if (batch.microBatch !== null) return trainingStep(trainee, pieces, 'inTurn')
    return trainingStep(trainee, piecesOfUpdate(count), 'sideBySide')
  }
}
