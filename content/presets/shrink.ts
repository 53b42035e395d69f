import type { RunConfig, RunConfigInput } from '../../core/config/config'
import { parseConfig } from '../../core/config/parse'

/**
 * How a preset is made to fit a small machine: fewer images and smaller batches by one factor, fewer epochs by another,
 * a smaller network.
 */
export interface ShrinkFactors {
  /** Everything that counts images per batch is divided by this. */
  readonly images: number
  /** Everything that counts epochs is divided by this. */
  readonly epochs: number
  readonly trainingImages: number
  readonly network: NonNullable<RunConfigInput['network']>
  /** Images of the built-in digits instead of a CIFAR-10 folder. */
  readonly digits?: boolean
  /** A ghost batch of its own, where the divided one would be too small for a variance. */
  readonly ghostSize?: number
  /**
   * The weight of a new value in batch norm's running statistics, where a short run would never forget their initial
   * values.
   */
  readonly newValueWeight?: number
}

/** What the paths of a preset's data are called until they are chosen. */
export const placeholders = {
  cifar10: 'cifar-10-binary.tar.gz',
  cifar100: 'cifar-100-binary.tar.gz',
  mnist: 'mnist',
  folder: 'cifar10',
} as const

const validationImages = 1000
const testImages = 2000

/** The parsed config of a preset; throws where it is not one, which a test rules out. */
export function parsedPreset(config: RunConfigInput): RunConfig {
  const parsed = parseConfig(config)
  if (!parsed.ok)
    throw new Error(
      `A preset is not a config: ${parsed.issues.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
    )
  return parsed.value
}

/**
 * The same experiment in small. Batch, reference batch, ghosts, caps and training images shrink together, so batch
 * sizes keep their ratios; epochs and everything said in epochs shrink together, so milestones stay at their share of
 * the run. Rates stay as they are.
 */
export function shrunk(input: RunConfigInput, fit: ShrinkFactors): RunConfigInput {
  const config = parsedPreset(input)
  const images = (value: number, least = 1): number => Math.max(least, Math.round(value / fit.images))
  const epochs = (value: number): number => Math.max(1, Math.round(value / fit.epochs))
  const { batch, learningRate, data } = config
  return {
    ...config,
    data: {
      ...data,
      source: fit.digits === true ? { type: 'digits' } : { type: 'folder', path: placeholders.folder },
      trainingImages: fit.trainingImages,
      ...(fit.digits === true ? { validationFraction: 0.1 } : { validationImages, testImages }),
      augmentation: fit.digits === true ? {} : data.augmentation,
    },
    network: fit.network,
    networkOptions: {
      ...config.networkOptions,
      batchNorm: {
        ...config.networkOptions.batchNorm,
        newValueWeight: fit.newValueWeight ?? config.networkOptions.batchNorm.newValueWeight,
      },
    },
    batchSize: images(config.batchSize),
    batch: {
      ...batch,
      // What fits this machine needs no pieces.
      microBatch: null,
      ghostSize: batch.ghostSize === null ? null : (fit.ghostSize ?? images(batch.ghostSize, 2)),
      denseBatch: batch.denseBatch === null ? null : images(batch.denseBatch),
      growth:
        batch.growth.type === 'none'
          ? batch.growth
          : {
              ...batch.growth,
              cap: batch.growth.cap === null ? null : images(batch.growth.cap),
              milestones:
                batch.growth.unit === 'epochs' ? batch.growth.milestones.map(epochs) : batch.growth.milestones,
            },
    },
    learningRate: {
      ...learningRate,
      referenceBatch: images(learningRate.referenceBatch),
      scaling:
        learningRate.scaling.type === 'constantRatio'
          ? { ...learningRate.scaling, ratio: learningRate.scaling.ratio * fit.images }
          : learningRate.scaling,
      schedule: shorter(learningRate.schedule, epochs, fit.epochs),
      warmup:
        learningRate.warmup.type !== 'none' && learningRate.warmup.unit === 'epochs'
          ? { ...learningRate.warmup, length: learningRate.warmup.length / fit.epochs }
          : learningRate.warmup,
    },
    epochs: epochs(config.epochs),
  }
}

type Schedule = RunConfig['learningRate']['schedule']

function shorter(schedule: Schedule, epochs: (value: number) => number, divisor: number): Schedule {
  // A shorter schedule has the same kinds inside, which its type cannot say.
  const inside = <S extends Schedule>(one: S): S => shorter(one, epochs, divisor) as S
  switch (schedule.type) {
    case 'multiStep':
      return schedule.unit === 'epochs' ? { ...schedule, milestones: schedule.milestones.map(epochs) } : schedule
    case 'step':
    case 'exponential':
      return { ...schedule, every: epochs(schedule.every) }
    case 'warmRestarts':
    case 'cyclic':
      return schedule.unit === 'epochs' ? { ...schedule, period: schedule.period / divisor } : schedule
    case 'points':
      return schedule.unit === 'epochs'
        ? {
            ...schedule,
            points: schedule.points.map((point) => ({ ...point, at: point.at === 0 ? 0 : epochs(point.at) })),
          }
        : schedule
    case 'plateau':
      return {
        ...schedule,
        patience: schedule.patience === 0 ? 0 : epochs(schedule.patience),
        cooldown: schedule.cooldown === 0 ? 0 : epochs(schedule.cooldown),
      }
    case 'join':
      return {
        ...schedule,
        parts: schedule.parts.map((part) => ({
          ...part,
          length: part.length !== null && part.unit === 'epochs' ? part.length / divisor : part.length,
          schedule: inside(part.schedule),
        })),
      }
    case 'scale':
      return { ...schedule, schedule: inside(schedule.schedule) }
    case 'stretch':
      return { ...schedule, schedule: inside(schedule.schedule) }
    // The others say nothing in epochs.
    default:
      return schedule
  }
}
