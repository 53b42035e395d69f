import { z } from 'zod'
import { RunConfig } from './config/config'
import { DataConfig } from './config/data'
import { EndReason, EngineInfo } from './events'
import { Score } from './score'
import { Moment } from './moment'
import { PlateauState } from './schedules/plateau'
import { RunId } from './run'
import { StoppingState } from './stopping'

/** The newest checkpoint format that this program writes; one that is higher is refused by name. */
export const checkpointFormat = 3

/**
 * Sums over the part of the current epoch that is done, so that a pause in the middle does not change the epoch's
 * record.
 */
export const EpochSums = z.strictObject({
  loss: z.number(),
  correct: z.number().int(),
  images: z.number().int(),
  seconds: z.number(),
})
export type EpochSums = z.output<typeof EpochSums>

export const noSums: EpochSums = { loss: 0, correct: 0, images: 0, seconds: 0 }

/** How a training came to its end. */
export const Ending = z.strictObject({ reason: EndReason, message: z.string() })
export type Ending = z.output<typeof Ending>

/** Mean and divisor of each channel as they were used: input = (byte / 255 − mean) / std. */
const Normalisation = z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().gt(0)) })

/** Data that weights were trained on. The config is null where nobody knows, such as for weights of another program. */
export const TrainedData = z.strictObject({ data: DataConfig.nullable(), fingerprint: z.string() })
export type TrainedData = z.output<typeof TrainedData>

/**
 * Everything besides tensors that a training needs to go on exactly: the JSON in a checkpoint's `batchlab` metadata
 * entry. There is no random state to save: order, augmentation and dropout are functions of the config's seed and the
 * moment.
 */
export const CheckpointMetadata = z
  .strictObject({
    format: z.number().int().min(1),
    version: z.string(),
    /** The run that wrote it; not in checkpoints of formats 1 and 2. */
    run: RunId.optional(),
    config: RunConfig,
    moment: Moment,
    /** Fingerprint of the data set that it was trained on. */
    data: z.string(),
    classes: z.array(z.string()),
    shape: z.tuple([z.number().int(), z.number().int(), z.number().int()]),
    /** What the network was fed with; not in checkpoints of format 1. */
    normalisation: Normalisation.optional(),
    /**
     * What the weights were trained on before, where the run is a fork, began with weights, or went on with other data;
     * not in checkpoints of format 1.
     */
    earlier: z.array(TrainedData).optional(),
    sums: EpochSums,
    stopping: StoppingState,
    /** Only in runs whose rate is reduced on a plateau. */
    plateau: PlateauState.optional(),
    /**
     * The rate of the update before, where it is another than the plan has there: the run was extended or forked since
     * then.
     */
    rateBefore: z.number().optional(),
    validation: Score.nullable(),
    /** Only where training is over and the test is left to do. */
    ending: Ending.optional(),
    engine: EngineInfo,
  })
  .refine(
    ({ normalisation, shape: [, , channels] }) =>
      normalisation === undefined || (normalisation.mean.length === channels && normalisation.std.length === channels),
    {
      path: ['normalisation'],
      error: 'normalisation must have a mean and a divisor for each channel',
    },
  )
export type CheckpointMetadata = z.output<typeof CheckpointMetadata>

/**
 * The prefix of optimizer slots among a checkpoint's tensors; weights and running statistics have their plain names.
 */
export const slotPrefix = 'optimizer.'

/**
 * Behind this prefix lie averaged weights and statistics (EMA, SWA), named like the ones they average; `count` is the
 * number of SWA's visits.
 */
export const averagePrefix = `${slotPrefix}average.`

/** Behind this prefix lie the weights, statistics and slots of a simulated worker, counted from 0. */
export const workerPrefix = (worker: number): string => `${slotPrefix}worker${worker}.`

/**
 * The tensor of the network that an average or a worker's tensor of this name is a copy of at first; undefined for
 * other names.
 */
export const originalOf = (name: string): string | undefined =>
  /^optimizer\.(?:average|worker\d+)\.(.+)$/.exec(name)?.[1]
