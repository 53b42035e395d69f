import { z } from 'zod'
import type { Score } from '../score'
import { hold, type Schedule } from './schedule'

export const plateauConfig = z
  .strictObject({
    type: z.literal('plateau'),
    factor: z
      .number()
      .positive()
      .lt(1)
      .default(0.1)
      .meta({ label: 'Factor', help: 'What the rate is multiplied by each time', step: 0.1 }),
    patience: z.int().min(0).max(1_000_000).default(10).meta({
      label: 'Patience',
      help: 'Epochs without improvement that are let pass; the next one lowers the rate',
      unit: 'epochs',
      step: 1,
    }),
    metric: z
      .enum(['validationLoss', 'validationAccuracy', 'trainingLoss'])
      .default('validationLoss')
      .meta({
        label: 'Metric',
        help:
          "What is measured at the end of each epoch; the training loss is the mean over the epoch's batches as " +
          'they were trained on',
      }),
    threshold: z
      .number()
      .min(0)
      .max(100)
      .default(1e-4)
      .meta({ label: 'Threshold', help: 'An improvement must be larger than this to count', step: 0.0001 }),
    thresholdMode: z
      .enum(['rel', 'abs'])
      .default('rel')
      .meta({ label: 'Threshold is', help: 'rel: a part of the best value so far. abs: a difference from it' }),
    cooldown: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(0)
      .meta({ label: 'Cooldown', help: 'Epochs after a fall in which nothing is counted', unit: 'epochs', step: 1 }),
    minimum: z.number().min(0).max(100).default(0).meta({
      label: 'Lowest rate',
      help: 'The rate never falls below this; not moved by the scaling rule',
      step: 0.001,
    }),
  })
  .meta({
    label: 'Reduce on plateau',
    help: 'Multiplies the rate by a factor when what is measured at the end of the epochs no longer improves',
    paper: 'PyTorch ReduceLROnPlateau',
  })
export type PlateauConfig = z.output<typeof plateauConfig>

/**
 * What the schedule remembers between epochs; it lies in every checkpoint of such a run, so a resumed one goes on at
 * the same rate.
 */
export const PlateauState = z.strictObject({
  /** Best measured value so far; null before the first finite one. */
  best: z.number().nullable(),
  /** Epochs without improvement that count. */
  waited: z.number().int(),
  /** Epochs of cooldown that are left. */
  cooling: z.number().int(),
  /** What planned rates are multiplied by in the next epoch, above 0 and up to 1. */
  factor: z.number(),
  /** What they were multiplied by in the epoch before. */
  before: z.number(),
})
export type PlateauState = z.output<typeof PlateauState>

/** The state before the first epoch: the rate as planned. */
export const noPlateau: PlateauState = { best: null, waited: 0, cooling: 0, factor: 1, before: 1 }

/**
 * η0 at every update, the highest rate there can be: the trainer multiplies it by the factor that follows from what was
 * measured.
 */
export const plateau = (base: number): Schedule => hold(base)

/** The value that the schedule goes by after an epoch; null where it is not finite or was not measured. */
export function measuredFor(
  config: Pick<PlateauConfig, 'metric'>,
  train: Score,
  validation: Score | null,
): number | null {
  switch (config.metric) {
    case 'trainingLoss':
      return train.loss
    case 'validationLoss':
      return validation?.loss ?? null
    case 'validationAccuracy':
      return validation?.accuracy ?? null
  }
}

// PyTorch leaves a rate alone that would change by no more than this (eps).
const smallestChange = 1e-8

/**
 * The state after one more epoch, exactly as PyTorch's ReduceLROnPlateau.step with eps = 1e-8 (accuracy should rise,
 * loss should fall); `base` is the scaled rate.
 */
export function watchPlateau(
  config: PlateauConfig,
  base: number,
  state: PlateauState,
  value: number | null,
): PlateauState {
  const improved = value !== null && isBetter(config, value, state.best)
  const cools = state.cooling > 0
  const waited = improved || cools ? 0 : state.waited + 1
  const best = improved ? value : state.best
  if (waited <= config.patience)
    return { best, waited, cooling: cools ? state.cooling - 1 : 0, factor: state.factor, before: state.factor }
  const lower = Math.max(state.factor * config.factor, config.minimum / base)
  const factor = base * (state.factor - lower) > smallestChange ? lower : state.factor
  return { best, waited: 0, cooling: config.cooldown, factor, before: state.factor }
}

/**
 * The first epoch (counted from 0) that can have a lower rate: the first value always is the best so far, and patience
 * has to run out behind it.
 */
export const firstReducedEpoch = (config: Pick<PlateauConfig, 'patience'>): number => config.patience + 2

function isBetter({ metric, threshold, thresholdMode }: PlateauConfig, value: number, best: number | null): boolean {
  if (best === null) return true
  const rises = metric === 'validationAccuracy'
  const mark =
    thresholdMode === 'rel'
      ? best * (rises ? threshold + 1 : 1 - threshold)
      : rises
        ? best + threshold
        : best - threshold
  return rises ? value > mark : value < mark
}
