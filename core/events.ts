import { z } from 'zod'
import { SourcePath } from './config/data'
import { mostEpochs } from './config/limits'
import { ExtensionPlan } from './extension'
import { DatasetInfo } from './datasetInfo'
import { Moment } from './moment'
import { Score } from './score'
import { Shortage } from './shortage'

/** A number that may not be finite: JSON has no NaN, so null stands for it in every file. */
const Measured = z.number().nullable()

/** The trace of a run as columns, one entry per update; the unit that crosses boundaries and that is stored. */
export const Points = z.strictObject({
  /** Updates done after this one: 1 for the first update of the run. */
  update: z.array(z.number().int()),
  /** Mean training loss of the batch, before the update. */
  loss: z.array(Measured),
  /** Fraction of the batch classified right, before the update, 0…1. */
  accuracy: z.array(Measured),
  /** Learning rate as used. */
  learningRate: z.array(z.number()),
  /** Images in the batch as used. */
  batchSize: z.array(z.number().int()),
  /** Global L2 norm of the gradient before clipping. */
  gradientNorm: z.array(Measured),
  /** Training seconds so far. */
  seconds: z.array(z.number()),
  /** Momentum as used, β₁ for Adam, AdamW and LAMB; null in what was recorded before it was. */
  momentum: z.array(Measured),
})
export type Points = z.output<typeof Points>

export const noPoints = (): Points => ({
  update: [],
  loss: [],
  accuracy: [],
  learningRate: [],
  batchSize: [],
  gradientNorm: [],
  seconds: [],
  momentum: [],
})

/** One epoch's record. */
export const Epoch = z.strictObject({
  epoch: z.number().int(),
  moment: Moment,
  /** Means over the epoch's batches as they were trained on (augmented, before each update). */
  train: Score,
  validation: Score.nullable(),
  learningRate: z.number(),
  batchSize: z.number().int(),
  /** Seconds spent training in this epoch, evaluation not counted. */
  seconds: z.number(),
  /** ‖w − w₀‖ over all trainable weights (Hoffer et al. 2017, §4). */
  distance: Measured,
})
export type Epoch = z.output<typeof Epoch>

/**
 * A checkpoint's file name without folder and ending: last, best-…, epoch-…, manual-…; unique in the run. It becomes
 * part of a path, so it leads nowhere else, and is no name that stands for a device in Windows.
 */
export const CheckpointName = z
  .string()
  .regex(
    /^(?!(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[a-z0-9][a-z0-9.-]{0,100}$/,
    'a checkpoint name is made of a-z, 0-9, - and .',
  )

/** One saved checkpoint; the file lies in the run's folder. */
export const Checkpoint = z.strictObject({
  name: CheckpointName,
  kinds: z.array(z.enum(['last', 'best', 'periodic', 'manual', 'final'])),
  moment: Moment,
  bytes: z.number().int(),
  validation: Score.nullable(),
})
export type Checkpoint = z.output<typeof Checkpoint>

export const EngineInfo = z.strictObject({
  name: z.enum(['tensorflow', 'wasm', 'cpu']),
  /** The device as a person would call it, such as "CPU, 2 threads". */
  device: z.string(),
  versions: z.record(z.string(), z.string()),
  captured: z.boolean(),
  /** Why the step is not captured, or why a better engine was not used; empty when there is nothing to say. */
  note: z.string(),
})
export type EngineInfo = z.output<typeof EngineInfo>

/** What was measured of one update, now and then while training. */
export const Diagnosis = z.strictObject({
  /** Updates done after this one. */
  update: z.number().int(),
  /** η/B as used, per image, η for the mean gradient (Jastrzębski et al. 2017). */
  rateToBatch: z.number(),
  /** ‖Δw‖/‖w‖ of the weights of each layer, by the layer's name. */
  ratios: z.record(z.string(), Measured).nullable(),
  /**
   * Unbiased estimates of S and |G|² from this batch alone; average them over updates before dividing (McCandlish et
   * al. 2018, App. A.1).
   */
  gradient: z.strictObject({ spread: Measured, squaredNorm: Measured }).nullable(),
})
export type Diagnosis = z.output<typeof Diagnosis>

/** Why a run came to its end. */
export const EndReason = z.enum(['finished', 'stopped', 'earlyStopped', 'diverged', 'failed'])
export type EndReason = z.output<typeof EndReason>

/** What training says happened, in the past tense. The log on disk is a list of these; a run's record is their fold. */
export const TrainEvent = z.discriminatedUnion('type', [
  /** A trainer is about to be started for the run: main writes this before it does. Not in logs of older programs. */
  z.strictObject({ type: z.literal('starting'), at: z.string() }),
  z.strictObject({
    type: z.literal('started'),
    at: z.string(),
    moment: Moment,
    engine: EngineInfo,
    facts: DatasetInfo,
    parameters: z.number().int(),
    updates: z.number().int(),
    epochs: z.number().int(),
    /** The checkpoint or weights file that this attempt began from, if any. */
    from: z.string().nullable(),
  }),
  z.strictObject({ type: z.literal('advanced'), points: Points }),
  z.strictObject({ type: z.literal('diagnosed'), diagnosis: Diagnosis }),
  z.strictObject({ type: z.literal('epochEnded'), epoch: Epoch }),
  z.strictObject({
    type: z.literal('tested'),
    at: z.string(),
    checkpoint: z.enum(['last', 'best']),
    epoch: z.number().int(),
    test: Score,
  }),
  z.strictObject({
    type: z.literal('saved'),
    checkpoint: Checkpoint,
    /** Names of checkpoints that retention removed. */ removed: z.array(CheckpointName),
  }),
  z.strictObject({
    type: z.literal('noted'),
    at: z.string(),
    update: z.number().int(),
    message: z.string(),
    /** Set where it says how the data was understood or what of it was left out. */
    about: z.literal('data').optional(),
  }),
  z.strictObject({
    type: z.literal('paused'),
    at: z.string(),
    moment: Moment,
    /** Empty when it was asked for; otherwise what forced it, such as a full disk. */ cause: z.string(),
    shortage: Shortage.optional(),
  }),
  z.strictObject({
    type: z.literal('ended'),
    at: z.string(),
    moment: Moment,
    reason: EndReason,
    message: z.string(),
    shortage: Shortage.optional(),
  }),
  z.strictObject({ type: z.literal('interrupted'), at: z.string(), cause: z.string(), shortage: Shortage.optional() }),
  z.strictObject({
    type: z.literal('extended'),
    at: z.string(),
    epochs: z.number().int().min(1).max(mostEpochs),
    /** Missing in logs of programs that only changed the number of epochs. */ plan: ExtensionPlan.optional(),
  }),
  /** The run's data lies somewhere else now. */
  z.strictObject({
    type: z.literal('relocated'),
    at: z.string(),
    from: z.string(),
    to: SourcePath,
    /**
     * Why it may be used: it has the fingerprint of what was trained on; it differs, which a person accepted; nothing
     * had been trained on it yet.
     */
    because: z.enum(['same', 'accepted', 'untrained']),
  }),
])
export type TrainEvent = z.output<typeof TrainEvent>

/**
 * What is so only for as long as the program that trains a run is there: it waits in its queue, or was asked to pause
 * or to stop and has not heard of it. Folded like all events, and in no log (docs/decisions/0011-status-events.md).
 */
export type TransientEvent = { readonly type: 'queued' | 'pausing' | 'stopping' }
