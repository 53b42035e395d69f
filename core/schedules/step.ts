import { z } from 'zod'
import { type Clock, type Schedule, wholeEpochs, wholePeriods } from './schedule'

export const stepConfig = z
  .strictObject({
    type: z.literal('step'),
    factor: z
      .number()
      .positive()
      .max(10)
      .default(0.1)
      .meta({ label: 'Factor', help: 'What the rate is multiplied by at each drop', step: 0.1 }),
    every: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(30)
      .meta({ label: 'Drop every', help: 'Epochs between two drops', unit: 'epochs', step: 1 }),
  })
  .meta({
    label: 'Step',
    help: 'Multiplies the rate by a factor every so many epochs',
    paper: 'The usual regime of He et al. 2015, arXiv 1512.03385; PyTorch StepLR',
  })

/** η0 · γ^⌊e/s⌋, e the whole epochs before the update, s the epochs between drops (StepLR's rule). */
export const step =
  (config: z.output<typeof stepConfig>, base: number, clock: Clock): Schedule =>
  (update) =>
    base * config.factor ** wholePeriods(wholeEpochs(update, clock), config.every)
