import { z } from 'zod'
import { type Clock, hasReached, type Schedule } from './schedule'

const length = z.number().min(0).max(1e9).default(5).meta({
  label: 'Length',
  help: 'How long the warm-up lasts; the schedule runs underneath on its own clock, so milestones stay where they are',
  step: 1,
})
const unit = z
  .enum(['epochs', 'updates'])
  .default('epochs')
  .meta({ label: 'Length in', help: 'What the length counts' })
const from = z
  .enum(['unscaled', 'rate', 'fraction'])
  .default('unscaled')
  .meta({
    label: 'Start from',
    help:
      'The base rate before scaling (as Goyal et al.; the scaled one if that is lower), a rate of your own, or a ' +
      'fraction of the scaled rate',
  })
const start = z.number().min(0).max(100).default(0).meta({
  label: 'Start value',
  help: 'The rate or the fraction to start from; ignored when starting from the unscaled base rate',
  step: 0.01,
})

const noWarmupConfig = z
  .strictObject({ type: z.literal('none') })
  .meta({ label: 'None', help: 'The schedule from the first update' })

const constantWarmupConfig = z.strictObject({ type: z.literal('constant'), length, unit, from, start }).meta({
  label: 'Constant',
  help: 'A low rate for the first epochs, then the schedule',
  paper: 'Goyal et al., arXiv 1706.02677, §2.2',
})

const gradualWarmupConfig = z
  .strictObject({
    type: z.literal('gradual'),
    length,
    unit,
    from,
    start,
    firstUpdate: z
      .enum(['startValue', 'oneIncrement'])
      .default('startValue')
      .meta({
        label: 'First update at',
        help:
          'The start value (t/W, so the target comes right after the warm-up), or one increment above it ((t + ' +
          '1)/W, so the target is its last update)',
      }),
    toward: z
      .enum(['base', 'schedule'])
      .default('base')
      .meta({
        label: 'Rise to',
        help:
          "The scaled base rate, or the schedule's value at the moment, which leaves no jump where a falling " +
          'schedule takes over',
      }),
  })
  .meta({
    label: 'Gradual',
    help: 'Rises by a constant amount at each update until the scaled rate is reached',
    paper: 'Goyal et al., arXiv 1706.02677, §2.2',
  })

/** How a run's first updates approach the scheduled rate. */
export const WarmupConfig = z.discriminatedUnion('type', [noWarmupConfig, constantWarmupConfig, gradualWarmupConfig])
export type WarmupConfig = z.output<typeof WarmupConfig>

/** The rates that a warm-up can refer to. */
export interface WarmupRates {
  /** The base rate after scaling, where the warm-up ends (kη in Goyal et al.). */
  readonly target: number
  /** The base rate before scaling (η in Goyal et al.). */
  readonly unscaled: number
}

/** The updates W that a warm-up lasts, fractional where it ends inside an update. */
export function warmupUpdates(config: WarmupConfig, clock: Clock): number {
  if (config.type === 'none') return 0
  return config.unit === 'epochs' ? clock.updateAt(config.length) : config.length
}

/**
 * η_start for t < W (constant), or η_start + (target − η_start) · min(t/W, 1) (gradual), then the schedule on its own
 * clock (Goyal et al. 2017, 1706.02677, §2.2).
 */
export function withWarmup(schedule: Schedule, config: WarmupConfig, rates: WarmupRates, clock: Clock): Schedule {
  if (config.type === 'none') return schedule
  const updates = warmupUpdates(config, clock)
  const first = startRate(config, rates)
  if (config.type === 'constant') return (update) => (hasReached(update, updates) ? schedule(update) : first)
  const ahead = config.firstUpdate === 'startValue' ? 0 : 1
  return (update) => {
    if (hasReached(update, updates)) return schedule(update)
    const target = config.toward === 'base' ? rates.target : schedule(update)
    return first + (target - first) * Math.min((update + ahead) / updates, 1)
  }
}

/**
 * The rate that a warm-up starts from. Goyal et al. warm up only when the batch is larger than the reference; for a
 * smaller one the unscaled rate would be a dangerous place to start.
 */
export function startRate(config: Exclude<WarmupConfig, { type: 'none' }>, rates: WarmupRates): number {
  switch (config.from) {
    case 'unscaled':
      return Math.min(rates.unscaled, rates.target)
    case 'rate':
      return config.start
    case 'fraction':
      return config.start * rates.target
  }
}
