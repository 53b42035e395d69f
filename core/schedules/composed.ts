import { z } from 'zod'
import { type Clock, firstFrom, join, type Schedule } from './schedule'

/**
 * A schedule config made of others, whatever kinds those may be: the schema of each level is made from the level below.
 */
type Inner = z.ZodType<unknown, unknown>

const partOf = <S extends Inner>(schedule: S) =>
  z
    .strictObject({
      length: z.number().positive().max(1e9).nullable().default(null).meta({
        label: 'Length',
        help: 'How long the part lasts. Empty, for the last part only: to the end of the run',
        step: 1,
      }),
      unit: z
        .enum(['epochs', 'updates', 'fraction'])
        .default('epochs')
        .meta({ label: 'Length in', help: 'What the length counts; a fraction is of all updates of the run' }),
      schedule,
    })
    .meta({ label: 'Part', help: 'A schedule and how long it lasts' })

/** The parts of a join, each with one of the given schedules. */
export const partsConfig = <S extends Inner>(schedule: S) =>
  z
    .array(partOf(schedule))
    .min(1)
    .max(100)
    .superRefine((parts: readonly { readonly length?: number | null }[], context) => {
      const open = parts.findIndex(({ length }, index) => length === null && index < parts.length - 1)
      if (open >= 0)
        context.addIssue({
          code: 'custom',
          path: [open, 'length'],
          message: 'must be given for every part but the last',
        })
    })

const partsMeta = {
  label: 'Parts',
  help:
    'Schedules one after another; the clock of each starts with it, and a part ends before the first update at ' +
    'or after its end. Where the last one is shorter than what is left of the run, its last rate is held',
} as const

/** The config of schedules one after another. */
export const joinConfig = <P extends z.ZodType<readonly unknown[], unknown>>(parts: P) =>
  z
    .strictObject({ type: z.literal('join'), parts: parts.meta(partsMeta) })
    .meta({ label: 'Join', help: 'One schedule after another, each on its own clock' })

/** The config of a schedule whose values are multiplied. */
export const scaleConfig = <S extends Inner>(schedule: S) =>
  z
    .strictObject({
      type: z.literal('scale'),
      factor: z.number().positive().max(1e6).default(0.5).meta({
        label: 'Scale',
        help: 'What every rate of the schedule is multiplied by, its lowest and absolute ones too',
        step: 0.1,
      }),
      schedule,
    })
    .meta({ label: 'Scale', help: 'Another schedule with every rate multiplied by a factor' })

/** The config of a schedule that is made longer or shorter. */
export const stretchConfig = <S extends Inner>(schedule: S) =>
  z
    .strictObject({
      type: z.literal('stretch'),
      factor: z
        .number()
        .min(0.001)
        .max(1000)
        .default(2)
        .meta({
          label: 'Stretch',
          help:
            'How many times as long the schedule takes for everything; below 1 it is over before the run is, and ' +
            'its last rate is held',
          step: 0.5,
        }),
      schedule,
    })
    .meta({ label: 'Stretch', help: 'Another schedule, as many times as long' })

/** What the function of a join needs to know of its parts. */
export interface PartConfig<S> {
  readonly schedule: S
  readonly length: number | null
  readonly unit: 'epochs' | 'updates' | 'fraction'
}

/** A part of a join on the run's clock: the update that it starts with, and how many it has. */
export interface Part<S> {
  readonly schedule: S
  readonly start: number
  readonly updates: number
}

/**
 * Where the parts of a join lie; a part that ends inside an update has that update too, so each part begins with its
 * own value at 0.
 */
export function partsOn<S>(parts: readonly PartConfig<S>[], clock: Clock): readonly Part<S>[] {
  let position = 0
  return parts.map(({ schedule, length, unit }) => {
    const start = firstFrom(position)
    position = length === null ? clock.updates : endOf(position, length, unit, clock)
    return { schedule, start, updates: Math.max(0, firstFrom(position) - start) }
  })
}

function endOf(position: number, length: number, unit: 'epochs' | 'updates' | 'fraction', clock: Clock): number {
  switch (unit) {
    case 'epochs':
      return clock.updateAt(clock.epochAt(position) + length)
    case 'updates':
      return position + length
    case 'fraction':
      return position + length * clock.updates
  }
}

/** The clock of a part: update 0 is its first one, and the run as long as the part. */
export function partClock(clock: Clock, start: number, updates: number): Clock {
  const epoch = clock.epochAt(start)
  const length = Math.max(1, updates)
  return {
    updates: length,
    epochs: clock.epochAt(start + length) - epoch,
    epochAt: (update) => clock.epochAt(start + update) - epoch,
    updateAt: (position) => clock.updateAt(epoch + position) - start,
  }
}

/**
 * One schedule after another, each made by `make` for its own clock: f_i(t − start_i); after the last one its last
 * value.
 */
export function joined<S>(
  parts: readonly PartConfig<S>[],
  clock: Clock,
  make: (schedule: S, clock: Clock) => Schedule,
): Schedule {
  return join(
    partsOn(parts, clock).map(({ schedule, start, updates }) => {
      const own = partClock(clock, start, updates)
      return { schedule: endingAt(make(schedule, own), own), updates }
    }),
  )
}

/**
 * The same curve, `factor` times as long, f(t / factor); where that is shorter than the clock, its last value goes on.
 */
export function stretched(schedule: Schedule, factor: number, clock: Clock): Schedule {
  const held = endingAt(schedule, clock)
  return (update) => held(update / factor)
}

// Beyond its last update a cosine would rise again.
function endingAt(schedule: Schedule, clock: Clock): Schedule {
  const last = Math.max(0, firstFrom(clock.updates) - 1)
  return (update) => schedule(Math.min(update, last))
}
