import type { RunConfigInput } from '../../core/config/config'
import type { PlanExample, Shown } from './page'

type Rate = NonNullable<RunConfigInput['learningRate']>

/** Ten epochs of 100 updates, which is enough to see any schedule. */
const short: RunConfigInput = { batchSize: 10, epochs: 10 }

/** The rate of a schedule over ten epochs of 100 updates, from 0.1. */
export const rateExample = (
  says: string,
  sees: string,
  learningRate: Rate,
  at: readonly number[],
  more: RunConfigInput = {},
  shows: Shown = 'learningRate',
): PlanExample => ({
  type: 'plan',
  says,
  sees,
  images: 1000,
  config: { ...short, ...more, learningRate: { base: 0.1, referenceBatch: 10, ...learningRate } },
  shows,
  at,
})
