import { z } from 'zod'
import { type Clock, type Schedule, wholeEpochs, wholePeriods } from './schedule'

export const exponentialConfig = z
  .strictObject({
    type: z.literal('exponential'),
    factor: z
      .number()
      .positive()
      .max(1)
      .default(0.95)
      .meta({ label: 'Factor', help: 'What the rate is multiplied by each time', step: 0.01 }),
    every: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .meta({ label: 'Every', help: 'Epochs between two multiplications', unit: 'epochs', step: 1 }),
  })
  .meta({
    label: 'Exponential',
    help: 'Decreases exponentially, every few epochs',
    paper: 'Hoffer et al., arXiv 1705.08741, §2 (the regime it starts from)',
  })

/**
 * η0 · γ^⌊e/k⌋, e the whole epochs before the update (Hoffer et al. 2017: "decreases exponentially every few epochs"; k
 * = 1 is ExponentialLR).
 */
export const exponential =
  (config: z.output<typeof exponentialConfig>, base: number, clock: Clock): Schedule =>
  (update) =>
    base * config.factor ** wholePeriods(wholeEpochs(update, clock), config.every)
