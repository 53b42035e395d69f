import type { EngineInfo } from '../../../core/events'
import type { WeightSpec } from '../../../core/network'
import type { GradientNorms } from '../../../core/noise'
import type { Between } from '../commands'
import type { LabelledImages } from '../../data/rawImages'

/** A tensor on the host, row-major. */
export interface HostTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/**
 * Everything that training changes, by its checkpoint name: weights, running statistics and, under `optimizer.`, the
 * optimizer's slots.
 */
export type LearnerState = ReadonlyMap<string, HostTensor>

/** One batch as the network sees it: normalised NHWC images and their classes; only the first `count` are used. */
export interface Batch {
  readonly images: Float32Array
  readonly labels: Int32Array
  readonly count: number
  /** The update that it is for: dropout draws from it. */ readonly update: number
}

/** What one update reports: the batch before the update, and the gradient before clipping. */
export interface UpdateResult {
  readonly loss: number
  readonly correct: number
  readonly gradientNorm: number
}

/** What may change from update to update besides the batch. */
export interface UpdateRates {
  readonly learningRate: number
  readonly momentum: number
  /** This rate over the one of the update before, for buffers that hold the rate; 1 if not given. */
  readonly momentumCorrection?: number
  /** Whether simulated workers are averaged after the update; they are if not given. */
  readonly averageWorkers?: boolean
}

/** How a network did on images that it did not train on. */
export interface Evaluated {
  readonly loss: number
  readonly correct: number
  readonly predictions: Uint16Array
}

/**
 * A network with its optimizer on an engine: all that the training loop asks for, whether the step is captured or
 * eager.
 */
export interface Learner {
  readonly engine: EngineInfo
  /** The tensors of the network: weights and running statistics. */
  readonly weights: readonly WeightSpec[]
  /** One optimizer update. Where `between` throws, nothing of it was applied. */
  readonly update: (batch: Batch, rates: UpdateRates, between?: () => void) => UpdateResult
  /** Loss and predictions with running statistics and without augmentation; order and size of the split are kept. */
  readonly evaluate: (split: LabelledImages, between?: Between) => Evaluated
  /**
   * Squared norms of the batch's gradient in pieces, for the gradient noise scale; changes nothing. Null for a batch of
   * one image.
   */
  readonly measure: (batch: Batch, rates: UpdateRates, between?: () => void) => GradientNorms | null
  /**
   * Running statistics for the present weights, from these images without augmentation; writes nothing. Empty without
   * batch norm.
   */
  readonly reestimate: (split: LabelledImages, between?: Between) => LearnerState
  /** Copies everything that training changes to the host. */
  readonly read: () => LearnerState
  /** Puts values back; every name must be known and fit. Throws a sentence naming the first that does not. */
  readonly write: (state: LearnerState) => void
  readonly dispose: () => void
}
