import type { EngineFacts } from '../../core/events'
import type { LabelledImages } from '../data/rawImages'

/** A tensor on the host, row-major. */
export interface HostTensor { readonly shape: readonly number[]; readonly data: Float32Array }

/** Everything that training changes, by its checkpoint name: weights, running statistics and, under `optimizer.`, the optimizer's slots. */
export type LearnerState = ReadonlyMap<string, HostTensor>

/** One batch as the network sees it: normalised NHWC images and their classes; only the first `count` are used. */
export interface Batch { readonly images: Float32Array; readonly labels: Int32Array; readonly count: number; /** The update that it is for: dropout draws from it. */ readonly update: number }

/** What one update reports: the batch before the update, and the gradient before clipping. */
export interface UpdateResult { readonly loss: number; readonly correct: number; readonly gradientNorm: number }

/** How a network did on images that it did not train on. */
export interface Evaluated { readonly loss: number; readonly correct: number; readonly predictions: Uint16Array }

/** A network with its optimizer on an engine: all that the training loop asks for, whether the step is captured or eager. */
export interface Learner {
  readonly engine: EngineFacts
  /** One optimizer update. `momentumCorrection`: this rate over the one of the update before, 1 if not given. */
  readonly update: (batch: Batch, rates: { readonly learningRate: number; readonly momentum: number; readonly momentumCorrection?: number }) => UpdateResult
  /** Loss and predictions with running statistics and without augmentation; order and size of the split are kept. */
  readonly evaluate: (split: LabelledImages) => Evaluated
  /** Copies everything that training changes to the host. */
  readonly read: () => LearnerState
  /** Puts values back; every name must be known and fit. Throws a sentence naming the first that does not. */
  readonly write: (state: LearnerState) => void
  readonly dispose: () => void
}
