import { z } from 'zod'
import { constant, constantConfig } from './constant'
import { cosine, cosineConfig } from './cosine'
import { cyclic, cyclicConfig, cyclicMomentum } from './cyclic'
import { exponential, exponentialConfig } from './exponential'
import { multiStep, multiStepConfig } from './multiStep'
import { oneCycle, oneCycleConfig, oneCycleMomentum } from './oneCycle'
import { plateau, plateauConfig } from './plateau'
import { points, pointsConfig } from './points'
import { polynomial, polynomialConfig } from './polynomial'
import { type Clock, hold, type Schedule } from './schedule'
import { step, stepConfig } from './step'
import { warmRestarts, warmRestartsConfig } from './warmRestarts'

/** Every schedule of the base learning rate, by its `type` in the config. Adding one: its file, an entry here and in `scheduleFor`, a table test. */
export const ScheduleConfig = z.discriminatedUnion('type', [
  constantConfig, stepConfig, multiStepConfig, exponentialConfig, polynomialConfig, cosineConfig, warmRestartsConfig, oneCycleConfig, cyclicConfig, plateauConfig, pointsConfig,
])
export type ScheduleConfig = z.output<typeof ScheduleConfig>

/** The learning rate over updates that a schedule's config asks for, from a base (already scaled) rate. */
export function scheduleFor(config: ScheduleConfig, base: number, clock: Clock): Schedule {
  switch (config.type) {
    case 'constant': return constant(base)
    case 'step': return step(config, base, clock)
    case 'multiStep': return multiStep(config, base, clock)
    case 'exponential': return exponential(config, base, clock)
    case 'polynomial': return polynomial(config, base, clock)
    case 'cosine': return cosine(config, base, clock)
    case 'warmRestarts': return warmRestarts(config, base, clock)
    case 'oneCycle': return oneCycle(config, base, clock)
    case 'cyclic': return cyclic(config, base, clock)
    case 'plateau': return plateau(base)
    case 'points': return points(config, base, clock)
  }
}

/** The momentum coefficient over updates: the optimizer's own, unless the schedule's config asks for a cycle against the rate. */
export function momentumFor(config: ScheduleConfig, momentum: number, clock: Clock): Schedule {
  switch (config.type) {
    case 'oneCycle': return oneCycleMomentum(config, momentum, clock)
    case 'cyclic': return cyclicMomentum(config, momentum, clock)
    default: return hold(momentum)
  }
}
