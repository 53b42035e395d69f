import { z } from 'zod'
import { BatchConfig } from './config/batch'
import { LearningRateConfig } from './config/learningRate'
import { RegularisationConfig } from './config/regularisation'
import { significant } from './numbers'
import { ScheduleConfig } from './schedules/all'

/**
 * What becomes of the schedule of a run that is extended: it is planned anew over all epochs, its last rate is held, or
 * it begins again for the added epochs.
 */
export const ScheduleChoice = z.enum(['replan', 'hold', 'restart'])
export type ScheduleChoice = z.output<typeof ScheduleChoice>

/** How an extension changes a run, besides the number of its epochs. */
export const ExtensionPlan = z.strictObject({
  /** Epochs in the config before. */
  from: z.number().int(),
  /** Updates that were done when it was extended. */
  update: z.number().int(),
  schedule: ScheduleChoice,
  /** The first update with a rate that the plan before did not have, that rate, and the one of the update before it. */
  change: z.strictObject({ update: z.number().int(), before: z.number(), after: z.number() }),
  /** The schedule before: what a restart repeats, and what past rates followed. */
  planned: ScheduleConfig,
  /** The sections of the config that follow from the choice. */
  settings: z.strictObject({
    learningRate: LearningRateConfig,
    batch: BatchConfig,
    regularisation: RegularisationConfig,
  }),
})
export type ExtensionPlan = z.output<typeof ExtensionPlan>

/** An extension as a run's record keeps it; nulls in records of programs that wrote down no more than the epochs. */
export const Extension = z.strictObject({
  at: z.string(),
  /** Epochs in the config since then. */
  epochs: z.number().int(),
  from: ExtensionPlan.shape.from.nullable(),
  update: ExtensionPlan.shape.update,
  schedule: ScheduleChoice,
  change: ExtensionPlan.shape.change.nullable(),
  planned: ScheduleConfig.nullable(),
})
export type Extension = z.output<typeof Extension>

/** Rates that differ by more than a hundredth: less is what schedules do from one update to the next. */
export const isJump = ({ before, after }: { readonly before: number; readonly after: number }): boolean =>
  Math.abs(after - before) > 0.01 * Math.max(before, after)

/** “from 4e-7 to 0.0741”, or the one rate where they hardly differ. */
export const ratesInWords = (change: { readonly before: number; readonly after: number }): string =>
  isJump(change)
    ? `from ${significant(change.before)} to ${significant(change.after)}`
    : `on at ${significant(change.after)}`

const whatOf: Readonly<Record<ScheduleChoice, string>> = {
  replan: 'the schedule is planned over all epochs',
  hold: 'the last rate of the schedule is held',
  restart: 'the schedule begins again for the added epochs',
}

/** An extension in a sentence, as the log, the report and the window have it. */
export function extensionText({ from, epochs, update, schedule, change }: Extension): string {
  const what = `Extended ${from === null ? '' : `from ${from} `}to ${epochs} epochs at update ${update}`
  if (change === null) return what
  return (
    `${what}: ${whatOf[schedule]}, and the rate goes ` +
    `${ratesInWords(change)}${change.update === update ? '' : ` at update ${change.update}`}`
  )
}
