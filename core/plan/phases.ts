import type { RunConfig } from '../config/config'
import type { Run } from '../run'
import { piecesOf } from './pieces'
import type { Clock } from '../schedules/schedule'
import { evenClock, firstFrom, hasReached, phasedClock, stretchClock } from '../schedules/schedule'

/** Epochs that are all cut into batches in the same way. */
export interface Phase {
  readonly firstEpoch: number
  readonly epochs: number
  readonly firstUpdate: number
  readonly updatesPerEpoch: number
  /** Images in a full batch. */
  readonly batchSize: number
  /** Images in the last batch of an epoch, where it is a smaller one; 0 where there is none. */
  readonly rest: number
  /** Images in each of the ghost batches that batch norm sees of a full batch, of all its pieces in turn. */
  readonly ghostSizes: readonly number[]
  /** What the rate is multiplied by: below 1 where the batch could not grow as much as it was meant to. */
  readonly rateFactor: number
}

/** A run's epochs in phases, and the two clocks that follow. */
export interface Timeline {
  readonly phases: readonly Phase[]
  /** The run's own clock. */
  readonly clock: Clock
  /** What the schedule goes by: the run's clock, or with regime adaptation that of the run it imitates. */
  readonly scheduleClock: Clock
}

/** Sizes of the batches of one epoch, in order. */
export function epochBatches(
  config: Pick<RunConfig, 'batchSize' | 'batch'>,
  images: number,
): { readonly full: number; readonly rest: number } {
  const full = Math.floor(images / config.batchSize)
  const rest = images - full * config.batchSize
  return { full, rest: config.batch.lastPartial === 'keep' ? rest : 0 }
}

const updatesPerEpoch = (config: RunConfig, batchSize: number, images: number): number => {
  const { full, rest } = epochBatches({ ...config, batchSize }, images)
  return full + (rest > 0 ? 1 : 0)
}

/**
 * The phases and clocks of a run. Regime adaptation (Hoffer et al. 2017, 1705.08741, §5) stretches the epochs by B/B₀,
 * rounded up, or keeps the number of updates of the reference batch; growth (Smith et al. 2017, 1711.00489) starts a
 * phase at each milestone.
 */
export function timelineOf(config: RunConfig, images: number): Timeline {
  const factor = config.batchSize / config.learningRate.referenceBatch
  const perEpoch = updatesPerEpoch(config, config.batchSize, images)
  switch (config.batch.regimeAdaptation) {
    case 'off': {
      const phases = growingPhases(config, images)
      const clock = phases.length === 1 ? evenClock(config.epochs, perEpoch) : phasedClock(phases)
      return { phases, clock, scheduleClock: clock }
    }
    case 'epochs': {
      const epochs = Math.max(1, firstFrom(config.epochs * factor))
      return {
        phases: [phaseOf(config, images, config.batchSize, epochs)],
        clock: evenClock(epochs, perEpoch),
        scheduleClock: stretchClock(evenClock(config.epochs, perEpoch), factor),
      }
    }
    case 'updates': {
      const scheduleClock = evenClock(
        config.epochs,
        updatesPerEpoch(config, config.learningRate.referenceBatch, images),
      )
      const epochs = Math.max(1, Math.ceil(scheduleClock.updates / perEpoch))
      return {
        phases: [phaseOf(config, images, config.batchSize, epochs)],
        clock: evenClock(epochs, perEpoch),
        scheduleClock,
      }
    }
  }
}

/** The whole epoch that a milestone of a growing batch lies at, or is rounded up to. */
export const growthEpoch = (
  { unit }: { readonly unit: 'fraction' | 'epochs' },
  milestone: number,
  epochs: number,
): number => firstFrom(unit === 'fraction' ? milestone * epochs : milestone)

/** The epoch from which simulated workers go their own ways. */
export const switchEpoch = ({ switchAt }: { readonly switchAt: number }, epochs: number): number =>
  firstFrom(switchAt * epochs)

function phaseOf(config: RunConfig, images: number, batchSize: number, epochs: number): Phase {
  const { rest } = epochBatches({ ...config, batchSize }, images)
  return {
    firstEpoch: 0,
    epochs,
    firstUpdate: 0,
    updatesPerEpoch: updatesPerEpoch(config, batchSize, images),
    batchSize,
    rest,
    ghostSizes: piecesOf(config.batch, batchSize).flat(),
    rateFactor: 1,
  }
}

/**
 * One phase from each milestone to the next; a batch that meets its cap, or the number of images, lets the rate fall by
 * what is missing, so η/B is as planned.
 */
function growingPhases(config: RunConfig, images: number): Phase[] {
  const { growth } = config.batch
  if (growth.type === 'none') return [phaseOf(config, images, config.batchSize, config.epochs)]
  const milestones = growth.milestones
    .map((milestone) => growthEpoch(growth, milestone, config.epochs))
    .filter((milestone) => milestone < config.epochs)
    .sort((a, b) => a - b)
  const largest = Math.min(growth.cap ?? images, images)
  const starts = [0, ...milestones]
  let firstUpdate = 0
  return starts.flatMap((firstEpoch, index) => {
    const epochs = (starts[index + 1] ?? config.epochs) - firstEpoch
    if (epochs === 0) return []
    const wanted = config.batchSize * growth.factor ** index
    const batchSize = Math.min(Math.round(wanted), largest)
    const phase = {
      ...phaseOf(config, images, batchSize, epochs),
      firstEpoch,
      firstUpdate,
      rateFactor: batchSize / wanted,
    }
    firstUpdate += epochs * phase.updatesPerEpoch
    return [phase]
  })
}

/** The phase that an update belongs to; beyond the end it is the last one. */
export const phaseAt = (phases: readonly Phase[], update: number): Phase =>
  found(
    phases.findLast(({ firstUpdate }) => hasReached(update, firstUpdate)),
    phases,
  )

/** The phase that an epoch (counted from 0) belongs to. */
export const phaseOfEpoch = (phases: readonly Phase[], epoch: number): Phase =>
  found(
    phases.findLast(({ firstEpoch }) => epoch >= firstEpoch),
    phases,
  )

function found(phase: Phase | undefined, phases: readonly Phase[]): Phase {
  const some = phase ?? phases[0]
  if (some === undefined) throw new Error('A run needs at least one phase')
  return some
}

/** Images in the batch of an update. */
export function batchAt(phases: readonly Phase[], update: number): number {
  const { firstUpdate, updatesPerEpoch: perEpoch, batchSize, rest } = phaseAt(phases, update)
  return rest > 0 && (update - firstUpdate) % perEpoch === perEpoch - 1 ? rest : batchSize
}

/** Images that an epoch uses: all, or those that fill batches. */
export const imagesUsed = ({ batchSize, updatesPerEpoch: perEpoch, rest }: Phase): number =>
  rest > 0 ? (perEpoch - 1) * batchSize + rest : perEpoch * batchSize

/** Training images seen before an update, all epochs. */
export function examplesAt(phases: readonly Phase[], update: number): number {
  const now = phaseAt(phases, update)
  const before = phases
    .filter(({ firstUpdate }) => firstUpdate < now.firstUpdate)
    .reduce((sum, phase) => sum + phase.epochs * imagesUsed(phase), 0)
  const since = update - now.firstUpdate
  return (
    before + Math.floor(since / now.updatesPerEpoch) * imagesUsed(now) + (since % now.updatesPerEpoch) * now.batchSize
  )
}

/**
 * Epochs that a run will have: those of its config, stretched where regime adaptation asks for it and the number of
 * training images is known.
 */
export const plannedEpochs = ({ config, facts: info }: Pick<Run, 'config' | 'facts'>): number =>
  info === null ? config.epochs : timelineOf(config, info.counts.train).clock.epochs
