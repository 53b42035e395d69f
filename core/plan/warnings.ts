import type { RunConfig } from '../config/config'
import { momentumOf } from '../config/optimizer'
import type { Issue } from '../issue'
import type { PlanNumbers } from './planNumbers'
import { beyondTheEnd, firstDrop } from './drops'
import { switchEpoch } from './phases'
import { upTo } from './pieces'
import { schedulesIn } from '../schedules/all'
import { placesIn } from '../schedules/places'
import { firstReducedEpoch } from '../schedules/plateau'
import type { Clock } from '../schedules/schedule'
import { startRate, warmupUpdates } from '../schedules/warmup'

type Warn = (path: string, message: string) => void

/** What a plan needs to be judged besides itself. */
interface Surroundings {
  readonly images: number
  readonly scheduleClock: Clock
}

/** What can be started but contradicts itself, or hardly does what its author wants: one sentence per field. */
export function warningsFor(
  config: RunConfig,
  plan: PlanNumbers,
  { images, scheduleClock }: Surroundings,
): readonly Issue[] {
  const warnings: Issue[] = []
  const warn: Warn = (path, message) => void warnings.push({ path, message })
  warnOfLength(config, plan, warn)
  warnOfRate(config, plan, scheduleClock, warn)
  warnOfPlateau(config, plan, warn)
  warnOfMomentum(config, scheduleClock, warn)
  warnOfNorm(config, plan, images, warn)
  warnOfMethods(config, plan, warn)
  return warnings
}

function warnOfLength(config: RunConfig, plan: PlanNumbers, warn: Warn): void {
  const fewest = Math.min(...plan.phases.map(({ updatesPerEpoch }) => updatesPerEpoch))
  if (fewest < 5)
    warn('batchSize', `only ${fewest} update${fewest === 1 ? '' : 's'} per epoch: schedules in epochs become coarse`)
  if (plan.updates < 100) warn('epochs', `only ${plan.updates} updates in the whole run`)
  if (config.earlyStopping.enabled && config.earlyStopping.patience >= plan.epochs)
    warn('earlyStopping.patience', 'is as long as the run, so it can never stop it')
}

function warnOfRate(config: RunConfig, plan: PlanNumbers, clock: Clock, warn: Warn): void {
  const { base, scaling, schedule, warmup } = config.learningRate
  const isScaled = scaling.type !== 'fixed' && scaling.type !== 'momentum'
  if (scaling.type !== 'fixed' && config.optimizer.reduction === 'sum') {
    warn(
      'learningRate.scaling',
      `scales ${isScaled ? 'a rate' : 'the momentum'} where summed gradients already scale the step with the ` +
        'batch size: choose fixed, or the mean reduction',
    )
  }
  if (isScaled && schedulesIn(schedule).some(({ type }) => type === 'scale')) {
    warn(
      'learningRate.schedule',
      'multiplies a rate that the scaling rule has already scaled: make sure that both are meant',
    )
  }
  if (isScaled && schedulesIn(schedule).some((one) => one.type === 'points' && !one.relative))
    warn(
      'learningRate.scaling',
      "has no effect: the table's values are the rates themselves, not multiples of the base rate",
    )
  if (
    scaling.type !== 'fixed' &&
    scaling.type !== 'datasetProportional' &&
    config.batch.gradientNoise.type === 'multiplicative'
  ) {
    warn(
      'batch.gradientNoise',
      'and the scaling rule both give a large batch the noise of a small one: one of them is enough',
    )
  }
  if (scaling.type === 'linear' && config.batch.regimeAdaptation !== 'off')
    warn(
      'batch.regimeAdaptation',
      'is meant for the square root rule: with the linear one the weights travel further than in the run that ' +
        'it imitates',
    )
  for (const { path, message } of beyondTheEnd(config, clock)) warn(path, message)

  const drop = firstDrop(config, plan, clock)
  const warmUpdates = warmupUpdates(warmup, clock)
  if (warmUpdates >= plan.updates)
    warn(
      'learningRate.warmup.length',
      `is as long as the run's ${plan.updates} updates, so the scaled rate is never reached`,
    )
  else if (drop !== undefined && warmUpdates > drop) {
    warn(
      'learningRate.warmup.length',
      `ends after ${Math.round(warmUpdates)} updates, later than the first drop of the rate at update ${drop}: ` +
        'the first phase is never trained at its rate',
    )
  }
  if (config.earlyStopping.enabled && drop !== undefined) {
    const epoch = plan.clock.epochAt(drop)
    if (config.earlyStopping.patience < epoch) {
      warn(
        'earlyStopping.patience',
        `of ${config.earlyStopping.patience} epochs can end the run before the first drop at epoch ` +
          `${Math.ceil(epoch)}, which usually brings the next improvement`,
      )
    }
  }
  if (warmup.type !== 'none') {
    const first = startRate(warmup, { target: plan.scaledRate, unscaled: base })
    if (first > plan.scaledRate)
      warn(
        'learningRate.warmup.start',
        `is a rate of ${first}, above the scaled rate ${plan.scaledRate} that it should rise to`,
      )
    else if (first === plan.scaledRate)
      warn(
        'learningRate.warmup',
        `has nothing to rise to: it starts from the scaled rate ${first} itself. Start it from a rate or a ` +
          'fraction of your own',
      )
  }
  for (const { schedule: one, path } of placesIn(schedule, clock)) {
    if ('minimum' in one && one.type !== 'plateau' && one.minimum > plan.scaledRate)
      warn(`${path}.minimum`, `is above the scaled rate ${plan.scaledRate}, so the rate rises`)
  }
}

// What is measured decides this schedule's rate, so a plan can only say where it begins and when it can fall.
function warnOfPlateau(config: RunConfig, plan: PlanNumbers, warn: Warn): void {
  const { schedule, warmup } = config.learningRate
  if (schedule.type !== 'plateau') return
  const epoch = firstReducedEpoch(schedule)
  if (epoch >= plan.epochs) {
    warn(
      'learningRate.schedule.patience',
      `of ${schedule.patience} epochs cannot run out before epoch ${epoch}, the run has ${plan.epochs}, so the ` +
        'rate never falls',
    )
    return
  }
  const update = Math.round(plan.clock.updateAt(epoch))
  warn(
    'learningRate.schedule',
    `is shown at its highest: what is measured decides when it falls, at the earliest after epoch ${epoch} ` +
      `(from update ${update} on)`,
  )
  if (schedule.minimum >= plan.scaledRate)
    warn('learningRate.schedule.minimum', `is not below the scaled rate ${plan.scaledRate}, so the rate never falls`)
  if (config.earlyStopping.enabled && config.earlyStopping.patience <= schedule.patience + 1) {
    warn(
      'earlyStopping.patience',
      `of ${config.earlyStopping.patience} epochs can end the run before the rate first falls, which takes ` +
        `${schedule.patience + 1} epochs without improvement`,
    )
  }
  if (warmup.type !== 'none' && warmupUpdates(warmup, plan.clock) > update) {
    warn(
      'learningRate.warmup.length',
      `ends after update ${update}, when the rate can already fall: an epoch of warm-up counts like any other`,
    )
  }
}

function warnOfMomentum({ optimizer, learningRate: { scaling, schedule } }: RunConfig, clock: Clock, warn: Warn): void {
  const cycling = placesIn(schedule, clock).flatMap(({ schedule: one, path }) =>
    'inverseMomentum' in one && one.inverseMomentum ? [{ ...one, path }] : [],
  )[0]
  if ('momentum' in optimizer && optimizer.momentum === 0 && cycling !== undefined) {
    warn(
      `${cycling.path}.inverseMomentum`,
      `turns momentum on (${cycling.momentumLow} to ${cycling.momentumHigh}) in a run whose optimizer has none`,
    )
  }
  if (scaling.type === 'momentum' && cycling !== undefined)
    warn('learningRate.scaling', 'scales a momentum that the schedule sets by itself')
  if (optimizer.reduction === 'sum' && (optimizer.clip.type === 'norm' || optimizer.clip.type === 'value')) {
    warn(
      'optimizer.clip.limit',
      "is compared with the sum of a batch's gradients, which is batch-size times their mean",
    )
  }
  if ('momentum' in optimizer && optimizer.reduction === 'sum' && momentumOf(optimizer) > 0) {
    warn(
      'optimizer.momentum',
      `is ${optimizer.momentum}: the experiments with summed gradients (Masters and Luschi 2018) use none, and ` +
        `momentum multiplies their rate by ${Math.round(1 / (1 - optimizer.momentum))}`,
    )
  }
  if ('momentumCorrection' in optimizer && optimizer.momentumCorrection && optimizer.rate === 'outside') {
    warn('optimizer.momentumCorrection', 'has no effect with the rate outside the buffer, which needs no correction')
  }
}

function warnOfNorm(config: RunConfig, plan: PlanNumbers, images: number, warn: Warn): void {
  const norms = plan.network.layers.filter(({ kind }) => kind === 'batchNorm')
  const { ghostSize, microBatch, denseBatch, workers, lastPartial } = config.batch
  const sizes = plan.phases.flatMap((phase) => phase.ghostSizes)
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)]
  const part =
    workers.type === 'none'
      ? Math.min(microBatch ?? config.batchSize, config.batchSize)
      : config.batchSize / workers.workers
  const partName =
    workers.type !== 'none' ? 'batch.workers.workers' : microBatch !== null ? 'batch.microBatch' : 'batchSize'
  if (ghostSize !== null && ghostSize > part) {
    warn(
      'batch.ghostSize',
      `is more than the ${part} images that are computed together, so batch norm sees all of these at once`,
    )
  } else if (
    ghostSize !== null &&
    plan.phases.some((phase) => Math.max(...phase.ghostSizes) !== Math.min(...phase.ghostSizes))
  ) {
    warn(
      'batch.ghostSize',
      `does not divide the batch: ghosts have ${largest} and ${smallest} images, and each counts alike in the ` +
        'running statistics',
    )
  } else if (ghostSize === null && microBatch !== null && microBatch < config.batchSize && norms.length > 0) {
    warn(
      'batch.microBatch',
      'also cuts what batch norm sees: statistics are those of ' +
        `${smallest === largest ? smallest : `${smallest} to ${largest}`} images, not of the whole batch`,
    )
  }
  // Behind a pooling or a dense layer a statistic has one value per image.
  if (!norms.some(({ outputShape: [height, width] }) => height * width === 1)) return
  // Layers with a batch of their own have their pieces for statistics.
  const values = Math.min(smallest, ...(denseBatch === null ? [] : upTo(denseBatch, config.batchSize)))
  const where =
    denseBatch !== null && values < smallest
      ? 'batch.denseBatch'
      : ghostSize !== null && ghostSize <= part
        ? 'batch.ghostSize'
        : partName
  if (values === 1)
    warn(
      where,
      'leaves batch norm behind a dense layer one value per statistic, whose variance is 0: the layer then ' +
        'gives out only β',
    )
  else if (values < 8) warn(where, `gives batch norm behind a dense layer only ${values} values per statistic`)
  if (lastPartial === 'keep' && plan.phases.some(({ batchSize }) => batchSize > 1 && images % batchSize === 1)) {
    warn('batch.lastPartial', 'leaves a last batch of 1 image, whose batch norm behind a dense layer has variance 0')
  }
}

function warnOfMethods(config: RunConfig, plan: PlanNumbers, warn: Warn): void {
  const { growth, workers } = config.batch
  if (growth.type !== 'none' && config.learningRate.schedule.type !== 'constant') {
    warn(
      'learningRate.schedule',
      'changes the rate beside a growing batch, which takes the place of its drops: the noise scale falls twice',
    )
  }
  const { average } = config.regularisation
  if (average.type === 'swa' && average.start === 1)
    warn('regularisation.average.start', 'lies so late that no epoch is averaged')
  if (workers.type !== 'none') {
    const alone = plan.updates - Math.round(plan.clock.updateAt(switchEpoch(workers, plan.epochs)))
    if (alone <= 0) warn('batch.workers.switchAt', 'is the end of the run, so the workers never go their own ways')
    else if (workers.averageEvery > alone)
      warn(
        'batch.workers.averageEvery',
        `is more than the ${alone} updates behind the switch, so the workers may never be averaged there`,
      )
  }
  if (config.diagnostics.every !== null && config.diagnostics.gradientNoise && config.batchSize === 1) {
    warn(
      'diagnostics.gradientNoise',
      'needs at least 2 images in a batch, found a batch size of 1: the noise of the gradient is not measured',
    )
  }
  if (config.batch.denseBatch !== null && config.optimizer.clip.type === 'norm') {
    warn(
      'optimizer.clip.limit',
      'is for convolutions and dense layers each by themselves, because they are updated apart',
    )
  }
  if (config.diagnostics.every !== null && config.diagnostics.every > plan.updates)
    warn('diagnostics.every', `is more than the run's ${plan.updates} updates, so nothing is measured`)
}
