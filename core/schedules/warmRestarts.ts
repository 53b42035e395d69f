import { z } from 'zod'
import { lowestRate } from './fields'
import { type Clock, hasReached, positionOf, type Schedule, wholePeriods } from './schedule'

export const warmRestartsConfig = z
  .strictObject({
    type: z.literal('warmRestarts'),
    period: z
      .number()
      .min(0.01)
      .max(1e9)
      .default(10)
      .meta({ label: 'First period', help: 'Length of the first fall, before the first restart', step: 1 }),
    unit: z.enum(['epochs', 'updates']).default('epochs').meta({
      label: 'Period in',
      help: 'What the period counts; epochs keep their meaning when the batch size changes',
    }),
    growth: z
      .int()
      .min(1)
      .max(10)
      .default(2)
      .meta({ label: 'Growth', help: 'How many times longer each period is than the one before', step: 1 }),
    minimum: lowestRate,
  })
  .meta({
    label: 'Warm restarts',
    help: 'Falls along half a cosine, jumps back to the base rate, and falls again',
    paper: 'SGDR, arXiv 1608.03983, §3',
  })

/**
 * Cosine over T_i = T0 · growth^i, restarted as soon as T_i is reached (SGDR, Loshchilov & Hutter 2017, eq. 5 and §3).
 */
export const warmRestarts =
  (config: z.output<typeof warmRestartsConfig>, base: number, clock: Clock): Schedule =>
  (update) => {
    const { since, period } = sinceRestart(positionOf(update, config.unit, clock), config.period, config.growth)
    return config.minimum + 0.5 * (base - config.minimum) * (1 + Math.cos((Math.PI * since) / period))
  }

// Subtracting finds the restart exactly; the closed form with a logarithm can land one short at a boundary.
function sinceRestart(position: number, first: number, growth: number): { since: number; period: number } {
  if (growth === 1) return { since: Math.max(0, position - wholePeriods(position, first) * first), period: first }
  let since = position
  let period = first
  while (hasReached(since, period)) {
    since = Math.max(0, since - period)
    period *= growth
  }
  return { since, period }
}
