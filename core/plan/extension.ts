import type { RunConfig } from '../config/config'
import type { ExtensionPlan, ScheduleChoice } from '../extension'
import { isJump, ratesInWords } from '../extension'
import type { DatasetInfo } from '../datasetInfo'
import type { Run } from '../run'
import { ScheduleConfig } from '../schedules/all'
import { partsOn } from '../schedules/composed'
import { growthEpoch, switchEpoch, timelineOf } from './phases'
import type { Plan } from './plan'
import { planRun } from './plan'

type Extendable = Pick<Run, 'config' | 'moment' | 'extensions'>

/**
 * What an extension would do with a choice; `blocked` says why the choice cannot be made, and is empty where it can.
 */
export interface Extended {
  readonly config: RunConfig
  readonly plan: ExtensionPlan
  readonly planned: Plan
  readonly blocked: string
}

const scheduleChoices: readonly ScheduleChoice[] = ['replan', 'hold', 'restart']

/** A run as it would go on with so many epochs: the numbers are those of the plan that is then trained. */
export function planExtension(run: Extendable, info: DatasetInfo, epochs: number, schedule: ScheduleChoice): Extended {
  const {
    config,
    moment: { update },
  } = run
  const before = planRun(config, info)
  const wanted = scheduleOf(run, info, schedule)
  const kept = keepingPlaces(config, info, epochs)
  const extended: RunConfig = {
    ...kept,
    learningRate: { ...config.learningRate, schedule: wanted ?? config.learningRate.schedule },
  }
  const planned = planRun(extended, info)
  const { learningRate, batch, regularisation } = extended
  const settings = { learningRate, batch, regularisation }
  // A schedule that is planned anew has other rates from the next update on; otherwise they are those of the plan
  // before up to its end.
  const at = schedule === 'replan' ? update : Math.max(update, before.updates)
  const change = {
    update: at,
    before: before.learningRate(Math.max(0, Math.min(at, before.updates) - 1)),
    after: planned.learningRate(at),
  }
  return {
    config: extended,
    planned,
    plan: { from: config.epochs, update, schedule, change, planned: config.learningRate.schedule, settings },
    blocked: wanted === null ? blockedBecause(config.learningRate.schedule, schedule) : '',
  }
}

/**
 * The jump that a schedule makes when it is planned anew over more epochs, undefined where it makes none: constant
 * rates and milestones in epochs go on as they were, a curve that ends with the run does not.
 */
export function jumpOf(
  run: Extendable,
  info: DatasetInfo,
  { plan, planned }: Pick<Extended, 'plan' | 'planned'>,
): ExtensionPlan['change'] | undefined {
  const last = Math.min(plan.update, planRun(run.config, info).updates) - 1
  if (plan.schedule !== 'replan' || last < 0) return undefined
  const { change } = plan
  const isAsBefore = Math.abs(planned.learningRate(last) - change.before) <= 1e-9 * change.before
  return !isAsBefore && isJump(change) ? change : undefined
}

/** The choices that a run has for its schedule, and the jump that would be made where none is chosen. */
export function extensionsOf(
  run: Extendable,
  info: DatasetInfo,
  epochs: number,
): { readonly jump: ExtensionPlan['change'] | undefined; readonly offers: readonly Extended[] } {
  const all = scheduleChoices.map((choice) => planExtension(run, info, epochs, choice))
  const [replanned] = all
  return {
    jump: replanned === undefined ? undefined : jumpOf(run, info, replanned),
    offers: all.filter(({ blocked }) => blocked === ''),
  }
}

/** What each choice does with the rate, as a person chooses between them. */
export function choiceText({ config, plan: { schedule, change } }: Pick<Extended, 'config' | 'plan'>): string {
  switch (schedule) {
    case 'replan':
      return (
        `the schedule over all ${config.epochs} epochs, as if it had been planned so: the rate goes ` +
        `${ratesInWords(change)}`
      )
    case 'hold':
      return `the last rate is held: the rate goes ${ratesInWords(change)}`
    case 'restart':
      return `the schedule once more over the added epochs: the rate goes ${ratesInWords(change)}`
  }
}

const blockedBecause = ({ type }: ScheduleConfig, choice: ScheduleChoice): string =>
  type === 'plateau'
    ? `A rate that is reduced on a plateau follows what is measured, so there is nothing to ${choice}: choose replan`
    : `The schedule is composed of others in a way that cannot be ${choice === 'hold' ? 'held' : 'restarted'}: ` +
      'choose replan, or fork the run with a schedule of your own'

/** The schedule before any extension wrote its own: what is planned anew, and what a restart repeats. */
const originalOf = ({ config, extensions = [] }: Extendable): ScheduleConfig =>
  extensions.find(({ schedule, planned }) => schedule !== 'replan' && planned !== null)?.planned ??
  config.learningRate.schedule

/**
 * The schedule of an extended run, with what was planned before on the clock that it had; null where no config can say
 * it.
 */
function scheduleOf(run: Extendable, info: DatasetInfo, choice: ScheduleChoice): ScheduleConfig | null {
  const original = originalOf(run)
  if (choice === 'replan') return original
  const current = run.config.learningRate.schedule
  if (current.type === 'plateau') return null
  const clock = timelineOf(run.config, info.counts.train).scheduleClock
  const added = choice === 'restart' ? [{ length: null, unit: 'epochs' as const, schedule: original }] : []
  for (const parts of [
    ...flat(current, clock, choice),
    [{ length: clock.updates, unit: 'updates' as const, schedule: current }],
  ]) {
    const { success, data } = ScheduleConfig.safeParse({ type: 'join', parts: [...parts, ...added] })
    if (success) return data
  }
  return null
}

interface Part {
  readonly length: number
  readonly unit: 'updates'
  readonly schedule: unknown
}

/**
 * The parts of a join by themselves, where they fill the run, or are over before it and their last rate is to be held
 * on.
 */
function flat(
  schedule: ScheduleConfig,
  clock: ReturnType<typeof timelineOf>['clock'],
  choice: ScheduleChoice,
): readonly (readonly Part[])[] {
  if (schedule.type !== 'join') return []
  const parts = partsOn<ScheduleConfig>(schedule.parts, clock)
  const end = parts.reduce((sum, { updates }) => sum + updates, 0)
  const isWhole = end === clock.updates || (choice === 'hold' && end < clock.updates)
  return isWhole
    ? [
        parts
          .filter(({ updates }) => updates > 0)
          .map(({ schedule: own, updates }) => ({ length: updates, unit: 'updates', schedule: own })),
      ]
    : []
}

/**
 * The config with more epochs in which all that is stated as a fraction of the epochs, and is not the rate, stays at
 * the epoch where it was: the milestones of a growing batch, the switch of simulated workers and the start of SWA. What
 * has been trained, or averaged, cannot be taken back.
 */
function keepingPlaces(config: RunConfig, info: DatasetInfo, epochs: number): RunConfig {
  const {
    batch,
    regularisation: { average },
  } = config
  const { growth, workers } = batch
  const longer: RunConfig = {
    ...config,
    epochs,
    batch:
      growth.type === 'none' || growth.unit === 'epochs'
        ? batch
        : {
            ...batch,
            growth: {
              ...growth,
              unit: 'epochs',
              milestones: growth.milestones.map((milestone) => growthEpoch(growth, milestone, config.epochs)),
            },
          },
  }
  const before = timelineOf(config, info.counts.train).clock.epochs
  const after = timelineOf(longer, info.counts.train).clock.epochs
  return {
    ...longer,
    batch:
      workers.type === 'none'
        ? longer.batch
        : { ...longer.batch, workers: { ...workers, switchAt: switchEpoch(workers, before) / after } },
    regularisation:
      average.type === 'swa'
        ? { ...config.regularisation, average: { ...average, start: (average.start * before) / after } }
        : config.regularisation,
  }
}
