import type { RunConfig } from '../config/config'
import type { Issue } from '../issue'
import type { PlanNumbers } from './planNumbers'
import { scheduleFor } from '../schedules/all'
import { partsOn } from '../schedules/composed'
import { type SchedulePlace, placesIn } from '../schedules/places'
import { type Clock, firstFrom, hasReached, type Schedule, type Unit, updateOf } from '../schedules/schedule'
import { growthEpoch } from './phases'

/**
 * The first update whose rate is lower because of a step, a milestone, a part of a join that begins lower or the end of
 * a growing batch's phase; undefined where there is none.
 */
export function firstDrop(config: RunConfig, plan: PlanNumbers, clock: Clock): number | undefined {
  const { schedule } = config.learningRate
  const last = plan.updates - 1
  const rate = scheduleFor(schedule, plan.scaledRate, clock)
  const drops = [
    ...plan.phases.slice(1, 2).map(({ firstUpdate }) => firstUpdate),
    ...placesIn(schedule, clock).flatMap((place) => [...ownDrop(place), ...lowerParts(place, rate)]),
  ].filter((update) => update <= last)
  return drops.length > 0 ? Math.min(...drops) : undefined
}

/** The first drop of a schedule that falls in steps, as an update of the run. */
function ownDrop({ schedule, clock, end, toRun }: SchedulePlace): readonly number[] {
  if (schedule.type === 'points' && schedule.between === 'hold') {
    const lower = schedule.points.find(({ value }, index) => value < (schedule.points[index - 1]?.value ?? 0))
    const update = lower === undefined ? Infinity : firstFrom(updateOf(lower.at, schedule.unit, clock))
    return update < end ? [firstFrom(toRun(update))] : []
  }
  if (schedule.type !== 'step' && schedule.type !== 'multiStep' && schedule.type !== 'exponential') return []
  const rate = scheduleFor(schedule, 1, clock)
  const last = Math.ceil(end) - 1
  if (last < 0 || rate(last) >= 1) return []
  let [high, low] = [0, last]
  while (low - high > 1) {
    const middle = (low + high) >> 1
    if (rate(middle) < 1) low = middle
    else high = middle
  }
  return [Math.ceil(toRun(rate(0) < 1 ? 0 : low))]
}

/**
 * Where the parts of a join begin at once with a lower rate: further down than twice the update before, which a curve
 * that goes on does not.
 */
function lowerParts({ schedule, clock, end, toRun }: SchedulePlace, rate: Schedule): readonly number[] {
  if (schedule.type !== 'join') return []
  return partsOn(schedule.parts, clock)
    .map(({ start }) => start)
    .filter((start) => start > 0 && start < end)
    .map(toRun)
    .map(Math.ceil)
    .filter((update) => {
      const [earlier, before, now] = [rate(Math.max(0, update - 2)), rate(update - 1), rate(update)]
      return before - now > 2 * Math.max(0, earlier - before) + 1e-9 * before
    })
}

/** What of a schedule, and of all that it is made of, and of a growing batch comes so late that it never happens. */
export function beyondTheEnd(config: RunConfig, clock: Clock): readonly Issue[] {
  const { growth } = config.batch
  const late =
    growth.type === 'none'
      ? []
      : growth.milestones.filter((milestone) => growthEpoch(growth, milestone, config.epochs) >= config.epochs)
  return [
    ...placesIn(config.learningRate.schedule, clock).flatMap(tooLate),
    ...(late.length > 0
      ? [
          {
            path: 'batch.growth.milestones',
            message:
              `${late.join(', ')} ${late.length === 1 ? 'falls' : 'fall'} beyond the end of the run, so the ` +
              'batch never grows there',
          },
        ]
      : []),
  ]
}

function tooLate(place: SchedulePlace): readonly Issue[] {
  const { schedule, path } = place
  const end = (unit: Unit): number => endIn(unit, place)
  const ofWhat = path === 'learningRate.schedule' ? 'the run' : 'its part'
  // Where a whole part never begins, its join says so.
  if (place.end <= 0) return []
  switch (schedule.type) {
    case 'multiStep': {
      // In epochs a milestone is reached by whole ones.
      const isLate = (milestone: number): boolean =>
        hasReached(schedule.unit === 'epochs' ? firstFrom(milestone) : milestone, end(schedule.unit))
      const late = schedule.milestones.filter(isLate)
      const at =
        schedule.unit === 'fraction'
          ? `${rounded(end('fraction'))} of it`
          : `${rounded(end(schedule.unit))} ${schedule.unit}`
      return late.length === 0
        ? []
        : [
            {
              path: `${path}.milestones`,
              message:
                `${late.join(', ')} ${late.length === 1 ? 'falls' : 'fall'} beyond the end of ${ofWhat} at ` +
                `${at}, so the rate never drops there`,
            },
          ]
    }
    case 'step':
    case 'exponential':
      return hasReached(schedule.every, end('epochs'))
        ? [
            {
              path: `${path}.every`,
              message: `is ${schedule.every} epochs, ${ofWhat} has ${rounded(end('epochs'))}, so the rate never drops`,
            },
          ]
        : []
    case 'points': {
      // A fraction says how long the table is meant to be: as long as its clock.
      const late =
        schedule.unit === 'fraction' ? [] : schedule.points.filter(({ at }) => hasReached(at, end(schedule.unit)))
      return late.length === 0
        ? []
        : [
            {
              path: `${path}.points`,
              message:
                `reach to ${late.at(-1)?.at}, beyond the end of ${ofWhat} at ${rounded(end(schedule.unit))} ` +
                `${schedule.unit}`,
            },
          ]
    }
    case 'join': {
      const late = partsOn(schedule.parts, place.clock).filter(({ start }) => hasReached(start, place.end)).length
      return late === 0
        ? []
        : [
            {
              path: `${path}.parts`,
              message:
                `has ${late} part${late === 1 ? ' that begins' : 's that begin'} at or beyond the end of ` +
                `${ofWhat} at update ${Math.ceil(place.end)}`,
            },
          ]
    }
    default:
      return []
  }
}

function endIn(unit: Unit, { clock, end }: SchedulePlace): number {
  switch (unit) {
    case 'epochs':
      return clock.epochAt(end)
    case 'updates':
      return end
    case 'fraction':
      return end / clock.updates
  }
}

// Ends inside an epoch, and 0.1 · 3.
const rounded = (position: number): number => Math.round(1e6 * position) / 1e6
