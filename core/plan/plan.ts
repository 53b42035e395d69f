import type { WorkersConfig } from '../config/batch'
import type { RunConfig } from '../config/config'
import { amplifyingMomentum, meanRate, momentumOf } from '../config/optimizer'
import { augmentationIssues } from '../augmentationDraws'
import type { DatasetInfo } from '../datasetInfo'
import { errorText } from '../errorText'
import type { Issue } from '../issue'
import { describeNetwork, networkFor } from '../network'
import { noiseScale } from '../noise'
import { batchAt, phaseAt, switchEpoch, timelineOf } from './phases'
import { batchIssues } from './issues'
import type { PlanNumbers } from './planNumbers'
import { warningsFor } from './warnings'
import { denseRateFactorOf, scaledRateOf } from './rate'
import { scaledMomentum } from '../scaling'
import { cyclesMomentum, momentumFor, scheduleFor } from '../schedules/all'
import type { Clock, Schedule } from '../schedules/schedule'
import { hasReached } from '../schedules/schedule'
import { withWarmup } from '../schedules/warmup'

/**
 * Everything that follows from a config on a data set: computed, never stored. It holds functions, so configs cross
 * boundaries and plans are rebuilt.
 */
export interface Plan extends PlanNumbers {
  readonly warnings: readonly Issue[]
}

/** What makes a config impossible on a data set, one sentence per field; empty when it can be started. */
export function contradictions(config: RunConfig, info: DatasetInfo): readonly Issue[] {
  const issues: Issue[] = []
  const refuse = (path: string, message: string): void => void issues.push({ path, message })
  const { batchSize, batch } = config
  if (info.counts.train < 1) refuse('data', 'leaves no training images')
  if (batchSize > info.counts.train)
    refuse('batchSize', `must be at most the ${info.counts.train} training images, found ${batchSize}`)
  if (batch.microBatch !== null && batch.microBatch > batchSize)
    refuse('batch.microBatch', `must be at most the batch size ${batchSize}, found ${batch.microBatch}`)
  issues.push(...augmentationIssues(config.data.augmentation, info.shape))
  if (config.earlyStopping.enabled && info.counts.validation === 0)
    refuse('earlyStopping.enabled', 'needs validation images, found none: raise the validation fraction')
  if (
    config.learningRate.schedule.type === 'plateau' &&
    config.learningRate.schedule.metric !== 'trainingLoss' &&
    info.counts.validation === 0
  )
    refuse(
      'learningRate.schedule.metric',
      'needs validation images, found none: raise the validation fraction, or choose trainingLoss',
    )
  if ('nesterov' in config.optimizer && config.optimizer.nesterov && !hasMomentum(config))
    refuse('optimizer.nesterov', 'needs a momentum above 0')
  const { precision, backend, capture } = config.engine
  const without = backend === 'wasm' || backend === 'cpu' ? `engine ${backend}` : capture === 'off' ? 'capture off' : ''
  if (precision !== 'float32' && without !== '')
    refuse('engine.precision', `${precision} needs the captured step of the tensorflow engine, found ${without}`)
  issues.push(...batchIssues(config, info))
  try {
    describeNetwork(networkFor(config.network, config.networkOptions, info.shape, info.classes.length), info.shape)
  } catch (error) {
    refuse('network.type', errorText(error))
  }
  return issues
}

/**
 * Whether updates have a buffer of earlier steps at any time: by the optimizer's own momentum, by a schedule that
 * cycles it or by a rule that scales it.
 */
export const hasMomentum = ({
  optimizer,
  batchSize,
  learningRate: { scaling, schedule, referenceBatch },
}: Pick<RunConfig, 'optimizer' | 'batchSize' | 'learningRate'>): boolean =>
  'momentum' in optimizer &&
  (cyclesMomentum(schedule) || scaledMomentum(scaling, optimizer.momentum, { batchSize, referenceBatch }) > 0)

/** The only place where numbers are derived from a config. Throws on a config that `contradictions` refuses. */
export function planRun(config: RunConfig, info: DatasetInfo): Plan {
  const images = info.counts.train
  const { phases, clock, scheduleClock } = timelineOf(config, images)
  const { base, referenceBatch, scaling, schedule, warmup } = config.learningRate
  const inputs = { base, batchSize: config.batchSize, referenceBatch, trainingImages: images }
  const target = scaledRateOf(config, images)
  // The last update of the run that is imitated: where epochs are rounded up, the rate stays what it was there.
  const lastUpdate = Math.ceil(scheduleClock.updates) - 1
  const held = (imitated: Schedule): Schedule =>
    scheduleClock === clock ? imitated : (update) => imitated(Math.min(update, lastUpdate))
  const scheduled = held(
    withWarmup(scheduleFor(schedule, target, scheduleClock), warmup, { target, unscaled: base }, scheduleClock),
  )
  const learningRate: Schedule =
    phases.length === 1 ? scheduled : (update) => scheduled(update) * phaseAt(phases, update).rateFactor
  const momentum = held(
    momentumFor(schedule, scaledMomentum(scaling, momentumOf(config.optimizer), inputs), scheduleClock),
  )
  const batchSize: Schedule = (update) => batchAt(phases, update)
  const network = describeNetwork(
    networkFor(config.network, config.networkOptions, info.shape, info.classes.length),
    info.shape,
  )
  const plan: Omit<Plan, 'warnings'> = {
    epochs: clock.epochs,
    updates: clock.updates,
    updatesPerEpoch: phaseAt(phases, 0).updatesPerEpoch,
    phases,
    scaledRate: target,
    clock,
    learningRate,
    momentum,
    batchSize,
    momentumCorrection: (update) => correctionAt(config, learningRate, update),
    denseRateFactor: denseRateFactorOf(config, images),
    averagesWorkers: (update) => averagesWorkers(config.batch.workers, clock, update),
    noiseScale: (update) =>
      noiseScale({
        learningRate: meanRate(config.optimizer, learningRate(update), batchSize(update)),
        trainingImages: images,
        batchSize: batchSize(update),
        momentum: amplifyingMomentum(config.optimizer, momentum(update)),
      }),
    ghostSizes: phaseAt(phases, 0).ghostSizes,
    network,
  }
  return { ...plan, warnings: warningsFor(config, plan, { images, scheduleClock }) }
}

/**
 * η_t/η_(t−1), which scales a buffer that holds the rate (Goyal et al. 2017, 1706.02677, §3); 1 at the first update,
 * where there is none, and behind a rate of 0, which emptied it.
 */
function correctionAt(config: RunConfig, learningRate: Schedule, update: number): number {
  if (!('momentumCorrection' in config.optimizer) || !config.optimizer.momentumCorrection || update === 0) return 1
  const before = learningRate(update - 1)
  return before > 0 ? learningRate(update) / before : 1
}

/**
 * Before the switch after each update, behind it after every H-th of the run (Lin et al. 2018, 1808.07217, and the code
 * of its authors).
 */
function averagesWorkers(workers: WorkersConfig, clock: Clock, update: number): boolean {
  if (workers.type === 'none') return false
  const isLocal = hasReached(clock.epochAt(update), switchEpoch(workers, clock.epochs))
  return !isLocal || (update + 1) % workers.averageEvery === 0
}
