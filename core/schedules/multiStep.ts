import { z } from 'zod'
import { type Clock, hasReached, positionOf, type Schedule, wholeEpochs } from './schedule'

export const multiStepConfig = z
  .strictObject({
    type: z.literal('multiStep'),
    factor: z
      .number()
      .positive()
      .max(10)
      .default(0.1)
      .meta({ label: 'Factor', help: 'What the rate is multiplied by at each milestone', step: 0.1 }),
    milestones: z
      .array(z.number().min(0).max(1e9))
      .min(1)
      .max(1000)
      .default([0.5, 0.75])
      .meta({ label: 'Milestones', help: 'Where the rate drops; the drop applies at the milestone itself' }),
    unit: z.enum(['fraction', 'epochs', 'updates']).default('fraction').meta({
      label: 'Milestones in',
      help: 'A fraction is of all updates, so it may fall inside an epoch; epochs are counted whole',
    }),
  })
  .superRefine(({ milestones, unit }, context) => {
    const beyond = unit === 'fraction' ? milestones.find((milestone) => milestone > 1) : undefined
    if (beyond !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['milestones'],
        message: `must be between 0 and 1 as fractions, found ${beyond}; choose epochs or updates for larger numbers`,
      })
  })
  .meta({
    label: 'Multi-step',
    help: 'Multiplies the rate by a factor at each milestone',
    paper:
      'Masters & Luschi, arXiv 1804.07612, §4 (50 % and 75 % of updates); Goyal et al., arXiv 1706.02677, §5.1 ' +
      '(epochs 30, 60, 80 of 90)',
  })

/**
 * η0 · γ^(number of milestones reached); in epochs a milestone is reached by whole epochs (MultiStepLR's rule),
 * otherwise by the update itself.
 */
export const multiStep =
  (config: z.output<typeof multiStepConfig>, base: number, clock: Clock): Schedule =>
  (update) => {
    const position = config.unit === 'epochs' ? wholeEpochs(update, clock) : positionOf(update, config.unit, clock)
    return base * config.factor ** config.milestones.filter((milestone) => hasReached(position, milestone)).length
  }
