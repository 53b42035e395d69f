import type { RunConfig } from './config/config'
import { amplifyingMomentum, momentumOf } from './config/optimizer'
import { augmentationIssues } from './augment'
import type { DatasetFacts } from './facts'
import { ghostSizes } from './ghost'
import type { Issue } from './issue'
import type { LayerSummary } from './network'
import { describeNetwork, networkFor } from './network'
import { noiseScale } from './noise'
import { scaledRate } from './scaling'
import { momentumFor, scheduleFor } from './schedules/all'
import type { Clock, Schedule } from './schedules/schedule'
import { evenClock } from './schedules/schedule'
import { withWarmup } from './schedules/warmup'

/** Everything that follows from a config on a data set: computed, never stored. It holds functions, so configs cross boundaries and plans are rebuilt. */
export interface Plan {
  readonly epochs: number
  readonly updates: number
  /** Updates in one epoch. */
  readonly updatesPerEpoch: number
  /** The base rate after the scaling rule: what the schedule starts from. */
  readonly scaledRate: number
  readonly clock: Clock
  readonly learningRate: Schedule
  readonly momentum: Schedule
  /** Images in the batch of an update; only the last of an epoch may be smaller. */
  readonly batchSize: Schedule
  /** ηN/(B(1−μ)) at each update (Smith & Le 2018, eq. 6 with N ≫ B). */
  readonly noiseScale: Schedule
  /** Sizes of the ghost batches that a full batch is cut into; one entry when ghost batch norm is off. */
  readonly ghostSizes: readonly number[]
  readonly network: { readonly layers: readonly LayerSummary[]; readonly parameters: number }
  readonly warnings: readonly Issue[]
}

/** Sizes of the batches of one epoch, in order. */
export function epochBatches(config: Pick<RunConfig, 'batchSize' | 'batch'>, images: number): { readonly full: number; readonly rest: number } {
  const full = Math.floor(images / config.batchSize)
  const rest = images - full * config.batchSize
  return { full, rest: config.batch.lastPartial === 'keep' ? rest : 0 }
}

/** What makes a config impossible on a data set, one sentence per field; empty when it can be started. */
export function contradictions(config: RunConfig, facts: DatasetFacts): readonly Issue[] {
  const issues: Issue[] = []
  const refuse = (path: string, message: string): void => void issues.push({ path, message })
  const { batchSize, batch } = config
  if (facts.counts.train < 1) refuse('data', 'leaves no training images')
  if (batchSize > facts.counts.train) refuse('batchSize', `must be at most the ${facts.counts.train} training images, found ${batchSize}`)
  if (batch.ghostSize !== null && batch.ghostSize > batchSize) refuse('batch.ghostSize', `must be at most the batch size ${batchSize}, found ${batch.ghostSize}`)
  if (batch.microBatch !== null && batch.microBatch > batchSize) refuse('batch.microBatch', `must be at most the batch size ${batchSize}, found ${batch.microBatch}`)
  issues.push(...augmentationIssues(config.data.augmentation, facts.shape))
  if (config.earlyStopping.enabled && facts.counts.validation === 0) refuse('earlyStopping.enabled', 'needs validation images, found none: raise the validation fraction')
  if ('nesterov' in config.optimizer && config.optimizer.nesterov && config.optimizer.momentum === 0) refuse('optimizer.nesterov', 'needs a momentum above 0')
  try {
    describeNetwork(networkFor(config.network, config.networkOptions, facts.shape, facts.classes.length), facts.shape)
  } catch (error) {
    refuse('network.type', error instanceof Error ? error.message : String(error))
  }
  return issues
}

/** The only place where numbers are derived from a config. Throws on a config that `contradictions` refuses. */
export function planRun(config: RunConfig, facts: DatasetFacts): Plan {
  const images = facts.counts.train
  const { full, rest } = epochBatches(config, images)
  const updatesPerEpoch = full + (rest > 0 ? 1 : 0)
  const clock = evenClock(config.epochs, updatesPerEpoch)
  const { base, referenceBatch, scaling, schedule, warmup } = config.learningRate
  const target = scaledRate(scaling, { base, batchSize: config.batchSize, referenceBatch, trainingImages: images })
  const learningRate = withWarmup(scheduleFor(schedule, target, clock), warmup, { target, unscaled: base }, clock)
  const momentum = momentumFor(schedule, momentumOf(config.optimizer), clock)
  const batchSize: Schedule = (update) => (rest > 0 && update % updatesPerEpoch === updatesPerEpoch - 1 ? rest : config.batchSize)
  return {
    epochs: config.epochs, updates: clock.updates, updatesPerEpoch, scaledRate: target, clock, learningRate, momentum, batchSize,
    noiseScale: (update) => noiseScale({ learningRate: learningRate(update), trainingImages: images, batchSize: batchSize(update), momentum: amplifyingMomentum(config.optimizer, momentum(update)) }),
    ghostSizes: config.batch.ghostSize === null ? [config.batchSize] : ghostSizes(config.batchSize, config.batch.ghostSize),
    network: describeNetwork(networkFor(config.network, config.networkOptions, facts.shape, facts.classes.length), facts.shape),
    warnings: warningsFor(config, updatesPerEpoch, clock),
  }
}

function warningsFor(config: RunConfig, updatesPerEpoch: number, clock: Clock): readonly Issue[] {
  const warnings: Issue[] = []
  const warn = (path: string, message: string): void => void warnings.push({ path, message })
  if (updatesPerEpoch < 5) warn('batchSize', `only ${updatesPerEpoch} update${updatesPerEpoch === 1 ? '' : 's'} per epoch: schedules in epochs become coarse`)
  if (clock.updates < 100) warn('epochs', `only ${clock.updates} updates in the whole run`)
  if (config.earlyStopping.enabled && config.earlyStopping.patience >= config.epochs) warn('earlyStopping.patience', 'is as long as the run, so it can never stop it')
  return warnings
}
