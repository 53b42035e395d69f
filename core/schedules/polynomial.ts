import { z } from 'zod'
import { lowestRate } from './fields'
import type { Clock, Schedule } from './schedule'

export const polynomialConfig = z
  .strictObject({
    type: z.literal('polynomial'),
    power: z
      .number()
      .positive()
      .max(20)
      .default(1)
      .meta({ label: 'Power', help: '1 falls in a straight line; 2 is usual with LARS', step: 0.5 }),
    minimum: lowestRate,
  })
  .meta({
    label: 'Polynomial',
    help: 'Falls as a power of the updates that are left',
    paper: 'LARS, arXiv 1708.03888, §5 (power 2); PyTorch PolynomialLR',
  })

/** (η0 − ηmin) · (1 − min(t, T)/T)^p + ηmin, t in updates, T the planned updates. */
export const polynomial =
  (config: z.output<typeof polynomialConfig>, base: number, clock: Clock): Schedule =>
  (update) =>
    config.minimum + (base - config.minimum) * (1 - Math.min(update, clock.updates) / clock.updates) ** config.power
