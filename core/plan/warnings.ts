import type { RunConfig } from '../config/config'
import { momentumOf } from '../config/optimizer'
import type { Issue } from '../issue'
import type { Plan } from './plan'
import { beyondTheEnd, firstDrop } from './drops'
import { schedulesIn } from '../schedules/all'
import { placesIn } from '../schedules/places'
import { firstReducedEpoch } from '../schedules/plateau'
import type { Clock } from '../schedules/schedule'
import { warmupUpdates } from '../schedules/warmup'

type Warn = (path: string, message: string) => void

/** What a plan needs to be judged besides itself. */
interface Surroundings {
  readonly images: number
  readonly scheduleClock: Clock
}

/** What can be started but contradicts itself, or hardly does what its author wants: one sentence per field. */
export function warningsFor(config: RunConfig, plan: Omit<Plan, 'warnings'>, { images, scheduleClock }: Surroundings): readonly Issue[] {
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

function warnOfLength(config: RunConfig, plan: Omit<Plan, 'warnings'>, warn: Warn): void {
  const fewest = Math.min(...plan.phases.map(({ updatesPerEpoch }) => updatesPerEpoch))
  if (fewest < 5) warn('batchSize', `only ${fewest} update${fewest === 1 ? '' : 's'} per epoch: schedules in epochs become coarse`)
  if (plan.updates < 100) warn('epochs', `only ${plan.updates} updates in the whole run`)
  if (config.earlyStopping.enabled && config.earlyStopping.patience >= plan.epochs) warn('earlyStopping.patience', 'is as long as the run, so it can never stop it')
}

function warnOfRate(config: RunConfig, plan: Omit<Plan, 'warnings'>, clock: Clock, warn: Warn): void {
  const { scaling, schedule, warmup, base } = config.learningRate
  const isScaled = scaling.type !== 'fixed'
  if (isScaled && config.optimizer.reduction === 'sum') {
    warn('learningRate.scaling', 'scales a rate that summed gradients already scale with the batch size: choose fixed, or the mean reduction')
  }
  if (isScaled && schedulesIn(schedule).some((one) => one.type === 'points' && !one.relative)) warn('learningRate.scaling', 'has no effect: the table\'s values are the rates themselves, not multiples of the base rate')
  if (scaling.type === 'squareRoot' && config.batch.gradientNoise.type === 'multiplicative') {
    warn('batch.gradientNoise', 'and the square root rule both give a large batch the noise of a small one: one of them is enough')
  }
  if (scaling.type === 'linear' && config.batch.regimeAdaptation !== 'off') warn('batch.regimeAdaptation', 'is meant for the square root rule: with the linear one the weights travel further than in the run that it imitates')
  for (const { path, message } of beyondTheEnd(config, clock)) warn(path, message)

  const drop = firstDrop(config, plan, clock)
  const warmUpdates = warmupUpdates(warmup, clock)
  if (warmUpdates >= plan.updates) warn('learningRate.warmup.length', `is as long as the run's ${plan.updates} updates, so the scaled rate is never reached`)
  else if (drop !== undefined && warmUpdates > drop) {
    warn('learningRate.warmup.length', `ends after ${Math.round(warmUpdates)} updates, later than the first drop of the rate at update ${drop}: the first phase is never trained at its rate`)
  }
  if (config.earlyStopping.enabled && drop !== undefined) {
    const epoch = plan.clock.epochAt(drop)
    if (config.earlyStopping.patience < epoch) {
      warn('earlyStopping.patience', `of ${config.earlyStopping.patience} epochs can end the run before the first drop at epoch ${Math.ceil(epoch)}, which usually brings the next improvement`)
    }
  }
  if (warmup.type !== 'none' && warmup.from === 'unscaled' && plan.scaledRate === base && isScaled) {
    warn('learningRate.warmup', 'has nothing to rise to: at the reference batch the scaled rate is the base rate')
  }
}

// What is measured decides this schedule's rate, so a plan can only say where it begins and when it can fall.
function warnOfPlateau(config: RunConfig, plan: Omit<Plan, 'warnings'>, warn: Warn): void {
  const { schedule, warmup } = config.learningRate
  if (schedule.type !== 'plateau') return
  const epoch = firstReducedEpoch(schedule)
  if (epoch >= plan.epochs) {
    warn('learningRate.schedule.patience', `of ${schedule.patience} epochs cannot run out before epoch ${epoch}, the run has ${plan.epochs}, so the rate never falls`)
    return
  }
  const update = Math.round(plan.clock.updateAt(epoch))
  warn('learningRate.schedule', `is shown at its highest: what is measured decides when it falls, at the earliest after epoch ${epoch} (from update ${update} on)`)
  if (schedule.minimum >= plan.scaledRate) warn('learningRate.schedule.minimum', `is not below the scaled rate ${plan.scaledRate}, so the rate never falls`)
  if (config.earlyStopping.enabled && config.earlyStopping.patience <= schedule.patience + 1) {
    warn('earlyStopping.patience', `of ${config.earlyStopping.patience} epochs can end the run before the rate first falls, which takes ${schedule.patience + 1} epochs without improvement`)
  }
  if (warmup.type !== 'none' && warmupUpdates(warmup, plan.clock) > update) {
    warn('learningRate.warmup.length', `ends after update ${update}, when the rate can already fall: an epoch of warm-up counts like any other`)
  }
}

function warnOfMomentum({ optimizer, learningRate: { schedule } }: RunConfig, clock: Clock, warn: Warn): void {
  const cycling = placesIn(schedule, clock).flatMap(({ schedule: one, path }) => ('inverseMomentum' in one && one.inverseMomentum ? [{ ...one, path }] : []))[0]
  if ('momentum' in optimizer && optimizer.momentum === 0 && cycling !== undefined) {
    warn(`${cycling.path}.inverseMomentum`, `turns momentum on (${cycling.momentumLow} to ${cycling.momentumHigh}) in a run whose optimizer has none`)
  }
  if ('momentum' in optimizer && optimizer.reduction === 'sum' && momentumOf(optimizer) > 0) {
    warn('optimizer.momentum', `is ${optimizer.momentum}: the experiments with summed gradients (Masters and Luschi 2018) use none, and momentum multiplies their rate by ${Math.round(1 / (1 - optimizer.momentum))}`)
  }
  if ('momentumCorrection' in optimizer && optimizer.momentumCorrection && optimizer.rate === 'outside') {
    warn('optimizer.momentumCorrection', 'has no effect with the rate outside the buffer, which needs no correction')
  }
}

function warnOfNorm(config: RunConfig, plan: Omit<Plan, 'warnings'>, images: number, warn: Warn): void {
  // Behind a pooling or a dense layer a statistic has one value per image.
  const isPerImage = plan.network.layers.some(({ kind, outputShape: [height, width] }) => kind === 'batchNorm' && height * width === 1)
  const { microBatch, denseBatch, lastPartial } = config.batch
  const sizes = plan.ghostSizes
  if (isPerImage) {
    if (config.batchSize === 1) warn('batchSize', 'of 1 leaves batch norm behind a dense layer one value, whose variance is 0: the layer then gives out only β')
    if (microBatch === 1 || denseBatch === 1) warn(microBatch === 1 ? 'batch.microBatch' : 'batch.denseBatch', 'of 1 leaves batch norm behind a dense layer one value, whose variance is 0')
    if (lastPartial === 'keep' && images % config.batchSize === 1) warn('batch.lastPartial', 'leaves a last batch of 1 image, whose batch norm behind a dense layer has variance 0')
  }
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)]
  if (largest !== smallest) {
    warn('batch.ghostSize', `does not divide the batch: ghosts have ${largest} and ${smallest} images, and each counts alike in the running statistics`)
  }
  if (isPerImage && smallest < 8 && config.batchSize > 1) warn('batch.ghostSize', `gives batch norm behind a dense layer only ${smallest} values per statistic`)
}

function warnOfMethods(config: RunConfig, plan: Omit<Plan, 'warnings'>, warn: Warn): void {
  const { growth, workers } = config.batch
  if (growth.type !== 'none' && config.learningRate.schedule.type !== 'constant') {
    warn('learningRate.schedule', 'changes the rate beside a growing batch, which takes the place of its drops: the noise scale falls twice')
  }
  const { average } = config.regularisation
  if (average.type === 'swa' && average.start === 1) warn('regularisation.average.start', 'lies so late that no epoch is averaged')
  if (workers.type !== 'none' && Math.ceil(workers.switchAt * plan.epochs) >= plan.epochs) warn('batch.workers.switchAt', 'is the end of the run, so the workers never go their own ways')
  if (config.diagnostics.every !== null && config.diagnostics.every > plan.updates) warn('diagnostics.every', `is more than the run's ${plan.updates} updates, so nothing is measured`)
}
