import { z } from 'zod'
import { joinConfig, joined, partsConfig, scaleConfig, stretchConfig, stretched } from './composed'
import { constant, constantConfig } from './constant'
import { cosine, cosineConfig } from './cosine'
import { cyclic, cyclicConfig, cyclicMomentum } from './cyclic'
import { exponential, exponentialConfig } from './exponential'
import { multiStep, multiStepConfig } from './multiStep'
import { oneCycle, oneCycleConfig, oneCycleMomentum } from './oneCycle'
import { plateau, plateauConfig } from './plateau'
import { points, pointsConfig } from './points'
import { polynomial, polynomialConfig } from './polynomial'
import { type Clock, hold, scale, type Schedule } from './schedule'
import { step, stepConfig } from './step'
import { warmRestarts, warmRestartsConfig } from './warmRestarts'

// Pure functions of the update that are not made of others. Adding a schedule: its file, an entry here and in
// `scheduleFor`, a table test.
const plain = [
  constantConfig,
  stepConfig,
  multiStepConfig,
  exponentialConfig,
  polynomialConfig,
  cosineConfig,
  warmRestartsConfig,
  oneCycleConfig,
  cyclicConfig,
  pointsConfig,
] as const

const inner = { label: 'Schedule', help: 'The schedule that is joined, scaled or stretched' } as const
const halves = [
  { length: 0.5, unit: 'fraction' as const, schedule: { type: 'constant' as const } },
  { schedule: { type: 'cosine' as const } },
]
const PlainSchedule = z.discriminatedUnion('type', plain)
const plainInside = PlainSchedule.prefault({ type: 'cosine' }).meta(inner)

// What a composed schedule can be made of: two levels, such as a join of scaled ones, so that forms and reference pages
// have an end.
const PartSchedule = z.discriminatedUnion('type', [
  ...plain,
  joinConfig(partsConfig(plainInside).prefault(halves)),
  scaleConfig(plainInside),
  stretchConfig(plainInside),
])
const partInside = PartSchedule.prefault({ type: 'cosine' }).meta(inner)

/**
 * Every schedule of the base learning rate, by its `type` in the config. Composed ones hold others, at most two levels
 * deep; the plateau stands alone, for it goes by what is measured.
 */
export const ScheduleConfig = z.discriminatedUnion('type', [
  ...plain,
  plateauConfig,
  joinConfig(partsConfig(partInside).prefault(halves)),
  scaleConfig(partInside),
  stretchConfig(partInside),
])
export type ScheduleConfig = z.output<typeof ScheduleConfig>

/** The learning rate over updates that a schedule's config asks for, from a base (already scaled) rate. */
export function scheduleFor(config: ScheduleConfig, base: number, clock: Clock): Schedule {
  switch (config.type) {
    case 'constant':
      return constant(base)
    case 'step':
      return step(config, base, clock)
    case 'multiStep':
      return multiStep(config, base, clock)
    case 'exponential':
      return exponential(config, base, clock)
    case 'polynomial':
      return polynomial(config, base, clock)
    case 'cosine':
      return cosine(config, base, clock)
    case 'warmRestarts':
      return warmRestarts(config, base, clock)
    case 'oneCycle':
      return oneCycle(config, base, clock)
    case 'cyclic':
      return cyclic(config, base, clock)
    case 'plateau':
      return plateau(base)
    case 'points':
      return points(config, base, clock)
    case 'join':
      return joined<ScheduleConfig>(config.parts, clock, (schedule, own) => scheduleFor(schedule, base, own))
    case 'scale':
      return scale(scheduleFor(config.schedule, base, clock), config.factor)
    case 'stretch':
      return stretched(scheduleFor(config.schedule, base, clock), config.factor, clock)
  }
}

/**
 * The momentum coefficient over updates: the optimizer's own, unless the schedule's config asks for a cycle against the
 * rate.
 */
export function momentumFor(config: ScheduleConfig, momentum: number, clock: Clock): Schedule {
  switch (config.type) {
    case 'oneCycle':
      return oneCycleMomentum(config, momentum, clock)
    case 'cyclic':
      return cyclicMomentum(config, momentum, clock)
    case 'join':
      return joined<ScheduleConfig>(config.parts, clock, (schedule, own) => momentumFor(schedule, momentum, own))
    case 'scale':
      return momentumFor(config.schedule, momentum, clock)
    case 'stretch':
      return stretched(momentumFor(config.schedule, momentum, clock), config.factor, clock)
    default:
      return hold(momentum)
  }
}

/** Whether a schedule, or one that it is made of, cycles the momentum against the rate. */
export const cyclesMomentum = (config: ScheduleConfig): boolean =>
  schedulesIn(config).some((one) => 'inverseMomentum' in one && one.inverseMomentum)

/** A schedule's config and all that it is made of, outermost first. */
export function schedulesIn(config: ScheduleConfig): readonly ScheduleConfig[] {
  switch (config.type) {
    case 'join':
      return [config, ...config.parts.flatMap(({ schedule }) => schedulesIn(schedule))]
    case 'scale':
    case 'stretch':
      return [config, ...schedulesIn(config.schedule)]
    default:
      return [config]
  }
}
