import { z } from 'zod'

/** What a run is judged by: always measured on the validation split, never on test. */
export const Monitor = z.enum(['validationAccuracy', 'validationLoss'])
export type Monitor = z.output<typeof Monitor>

/** When a run ends before its last epoch (Prechelt 1998 calls it "early stopping"). */
export const EarlyStoppingConfig = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .meta({ label: 'Early stopping', help: 'End the run when the monitored value no longer improves' }),
  monitor: Monitor.default('validationAccuracy').meta({
    label: 'Monitor',
    help: 'What decides whether an epoch was better; the best checkpoints are chosen by it too',
  }),
  patience: z
    .number()
    .int()
    .min(1)
    .max(10000)
    .default(10)
    .meta({ label: 'Patience', unit: 'epochs', help: 'Epochs without improvement before the run ends' }),
  minimumDelta: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .meta({ label: 'Minimum delta', help: 'An improvement smaller than this does not count', step: 0.0001 }),
  restoreBest: z
    .boolean()
    .default(true)
    .meta({ label: 'Restore best', help: 'End with the weights of the best epoch, not of the last' }),
})
export type EarlyStoppingConfig = z.output<typeof EarlyStoppingConfig>

/** Which checkpoints are written and kept; the last one and the last good one are always kept. */
export const CheckpointConfig = z.strictObject({
  keepBest: z.number().int().min(1).max(100).default(1).meta({
    label: 'Keep best',
    unit: 'checkpoints',
    help: 'How many of the best epochs to keep, by the monitored value',
  }),
  everyEpochs: z
    .number()
    .int()
    .min(1)
    .max(10000)
    .nullable()
    .default(null)
    .meta({ label: 'Keep every', unit: 'epochs', help: 'Also keep a checkpoint every so many epochs. Empty: none' }),
  saveEverySeconds: z
    .number()
    .int()
    .min(1)
    .max(86400)
    .default(60)
    .meta({
      label: 'Recovery checkpoint',
      unit: 's',
      help:
        'At most so much training is lost when the machine dies: the last checkpoint is rewritten at the end of ' +
        'an epoch and at least this often',
    }),
})
export type CheckpointConfig = z.output<typeof CheckpointConfig>
