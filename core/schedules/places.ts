import type { ScheduleConfig } from './all'
import { partClock, partsOn } from './composed'
import type { Clock } from './schedule'

/** A schedule where it stands in a composed one: on its own clock, and with what of it a run reaches. */
export interface SchedulePlace {
  readonly schedule: ScheduleConfig
  /** Its path in the config. */
  readonly path: string
  /** What its epochs and fractions count. */
  readonly clock: Clock
  /**
   * The update on its own clock at which the run, its part of a join or its stretched length is over; nothing at or
   * after it is reached.
   */
  readonly end: number
  /** The run's update for one of its own. */
  readonly toRun: (update: number) => number
}

/** A schedule's config and all that it is made of, outermost first, each where it stands. */
export const placesIn = (schedule: ScheduleConfig, clock: Clock): readonly SchedulePlace[] =>
  placesFrom({ schedule, path: 'learningRate.schedule', clock, end: clock.updates, toRun: (update) => update })

function placesFrom(place: SchedulePlace): readonly SchedulePlace[] {
  const { schedule, path, clock, end, toRun } = place
  switch (schedule.type) {
    case 'join':
      return [
        place,
        ...partsOn<ScheduleConfig>(schedule.parts, clock).flatMap(({ schedule: own, start, updates }, index) =>
          placesFrom({
            schedule: own,
            path: `${path}.parts.${index}.schedule`,
            clock: partClock(clock, start, updates),
            end: Math.min(updates, end - start),
            toRun: (update) => toRun(start + update),
          }),
        ),
      ]
    case 'scale':
      return [place, ...placesFrom({ schedule: schedule.schedule, path: `${path}.schedule`, clock, end, toRun })]
    case 'stretch':
      return [
        place,
        ...placesFrom({
          schedule: schedule.schedule,
          path: `${path}.schedule`,
          clock,
          end: Math.min(clock.updates, end / schedule.factor),
          toRun: (update) => toRun(update * schedule.factor),
        }),
      ]
    default:
      return [place]
  }
}
