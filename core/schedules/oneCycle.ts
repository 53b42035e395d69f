import { z } from 'zod'
import { highMomentum, inverseMomentum, lowMomentum } from './fields'
import { type Clock, hold, type Schedule } from './schedule'

export const oneCycleConfig = z
  .strictObject({
    type: z.literal('oneCycle'),
    convention: z
      .enum(['torch', 'fastai'])
      .default('torch')
      .meta({
        label: 'Convention',
        help:
          'PyTorch divides the starting rate to get the final one and ends on the last update; fastai divides the ' +
          'peak and ends one update later',
      }),
    riseFraction: z.number().min(0.01).max(0.99).default(0.3).meta({
      label: 'Rising part',
      help: 'Fraction of the updates in which the rate rises (PyTorch 0.3, fastai 0.25)',
      step: 0.05,
    }),
    startDivision: z
      .number()
      .min(1)
      .max(1e9)
      .default(25)
      .meta({ label: 'Start division', help: 'The cycle starts at the base rate divided by this', step: 1 }),
    finalDivision: z.number().min(1).max(1e12).default(10_000).meta({
      label: 'Final division',
      help: 'The cycle ends at the starting rate (PyTorch, 10 000) or the base rate (fastai, 100 000) divided by this',
      step: 1000,
    }),
    phases: z
      .enum(['two', 'three'])
      .default('two')
      .meta({
        label: 'Phases',
        help:
          'Two: up, then down to the final rate. Three: up, down as long as up, then a last fall from the ' +
          'starting rate, as in the paper',
      }),
    curve: z
      .enum(['cosine', 'linear'])
      .default('cosine')
      .meta({ label: 'Curve', help: 'The form of each phase; the paper draws straight lines' }),
    inverseMomentum,
    momentumHigh: highMomentum(0.95),
    momentumLow: lowMomentum(0.85),
  })
  .superRefine(({ phases, riseFraction }, context) => {
    if (phases === 'three' && riseFraction > 0.5)
      context.addIssue({
        code: 'custom',
        path: ['riseFraction'],
        message: `must be at most 0.5 with three phases, because the falling part is as long, found ${riseFraction}`,
      })
  })
  .meta({
    label: 'One cycle',
    help: 'Rises to the base rate and falls far below where it started, once in the run',
    paper: 'Smith & Topin, arXiv 1708.07120; Smith, arXiv 1803.09820',
  })

type OneCycleConfig = z.output<typeof oneCycleConfig>

/**
 * One rise to η0 and one fall (super-convergence, Smith & Topin 2018), by PyTorch's OneCycleLR or fastai's
 * fit_one_cycle, as the config says.
 */
export function oneCycle(config: OneCycleConfig, base: number, clock: Clock): Schedule {
  const start = base / config.startDivision
  const final = (config.convention === 'torch' ? start : base) / config.finalDivision
  return through(config, clock, config.phases === 'two' ? [start, base, final] : [start, base, start, final])
}

/**
 * The momentum against the rate: high, low at the peak, high again (Smith 2018, 1803.09820, §4.3); the given momentum
 * unless the config asks for it.
 */
export function oneCycleMomentum(config: OneCycleConfig, momentum: number, clock: Clock): Schedule {
  if (!config.inverseMomentum) return hold(momentum)
  const { momentumHigh: high, momentumLow: low } = config
  return through(config, clock, config.phases === 'two' ? [high, low, high] : [high, low, high, high])
}

// The curve through one value per turning point. A phase that has no length is already over.
function through(config: OneCycleConfig, clock: Clock, values: readonly number[]): Schedule {
  const turns = turningPoints(config, clock.updates)
  const blend =
    config.curve === 'linear' ? (part: number) => part : (part: number) => (1 - Math.cos(Math.PI * part)) / 2
  return (update) => {
    const phase = Math.max(
      1,
      turns.findIndex((turn, index) => index > 0 && update <= turn),
    )
    const index = update > (turns.at(-1) ?? 0) ? turns.length - 1 : phase
    const from = turns[index - 1] ?? 0
    const to = turns[index] ?? 0
    const part = to > from ? Math.min(1, (update - from) / (to - from)) : 1
    const [a, b] = [values[index - 1] ?? 0, values[index] ?? 0]
    return a + (b - a) * blend(part)
  }
}

// PyTorch counts from 0 to T − 1 and takes one off at each turn, so a turn need not fall on an update and the exact
// peak may never be used.
function turningPoints(config: OneCycleConfig, updates: number): readonly number[] {
  const rise = config.riseFraction * updates
  if (config.convention === 'fastai') return config.phases === 'two' ? [0, rise, updates] : [0, rise, 2 * rise, updates]
  return config.phases === 'two' ? [0, rise - 1, updates - 1] : [0, rise - 1, 2 * rise - 2, updates - 1]
}
