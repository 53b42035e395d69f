import { z } from 'zod'
import { ScheduleConfig } from '../schedules/all'
import { WarmupConfig } from '../schedules/warmup'
import { ScalingConfig } from '../scaling'

/** The learning rate: a base rate quoted at a reference batch size, a rule that scales it, a schedule and a warm-up. */
export const LearningRateConfig = z.strictObject({
  base: z
    .number()
    .positive()
    .max(100)
    .default(0.1)
    .meta({ label: 'Base learning rate', help: 'The rate at the reference batch size', step: 0.01, log: true }),
  referenceBatch: z.number().int().min(1).max(65536).default(128).meta({
    label: 'Reference batch',
    unit: 'images',
    help: 'The batch size that the base rate is quoted at; the scaling rule starts from it',
  }),
  scaling: ScalingConfig.prefault({ type: 'fixed' }),
  schedule: ScheduleConfig.prefault({ type: 'constant' }),
  warmup: WarmupConfig.prefault({ type: 'none' }),
})
export type LearningRateConfig = z.output<typeof LearningRateConfig>
