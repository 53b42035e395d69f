import { z } from 'zod'
import { highMomentum, inverseMomentum, lowMomentum } from './fields'
import { type Clock, hold, positionOf, type Schedule, wholePeriods } from './schedule'

export const cyclicConfig = z
  .strictObject({
    type: z.literal('cyclic'),
    mode: z
      .enum(['triangular', 'triangular2', 'exp_range'])
      .default('triangular')
      .meta({
        label: 'Mode',
        help:
          'triangular keeps its height, triangular2 halves it after every cycle, exp_range shrinks it at every ' +
          'update',
      }),
    factor: z.number().min(1).max(10_000).default(5).meta({
      label: 'Rate factor',
      help: 'Highest rate divided by lowest (lr_factor); the average rate is (1 + factor)/2 times the lowest',
      step: 1,
    }),
    baseIs: z
      .enum(['floor', 'ceiling'])
      .default('floor')
      .meta({
        label: 'The base rate is',
        help:
          'Floor: cycle from the base rate up to factor times it. Ceiling: from the base rate divided by the ' +
          'factor up to it',
      }),
    period: z.number().min(0.01).max(1e9).default(8).meta({
      label: 'Period',
      help: "A whole cycle, up and down: twice the papers' step size, which should be 2 to 8 epochs",
      step: 1,
    }),
    unit: z.enum(['epochs', 'updates']).default('epochs').meta({
      label: 'Period in',
      help: 'What the period counts; epochs keep their meaning when the batch size changes',
    }),
    riseFraction: z.number().min(0.01).max(0.99).default(0.5).meta({
      label: 'Rising part',
      help: 'Fraction of the period in which the rate rises; 0.5 is symmetric',
      step: 0.05,
    }),
    decay: z
      .number()
      .positive()
      .max(1)
      .default(0.99994)
      .meta({
        label: 'Decay per update',
        help:
          'What exp_range multiplies the height by at every update of the run, inside a join of its part; the ' +
          'other modes ignore it',
        step: 0.00001,
      }),
    inverseMomentum,
    momentumHigh: highMomentum(0.9),
    momentumLow: lowMomentum(0.8),
  })
  .meta({
    label: 'Cyclic',
    help: 'Rises and falls in straight lines, again and again',
    paper: 'Smith, arXiv 1506.01186, §3',
  })

type CyclicConfig = z.output<typeof cyclicConfig>

/**
 * ηlow + (ηhigh − ηlow) · height(t): triangular, triangular2 (half as high each cycle) or exp_range (decay^t), Smith
 * 2015 (1506.01186, §3).
 */
export function cyclic(config: CyclicConfig, base: number, clock: Clock): Schedule {
  const low = config.baseIs === 'floor' ? base : base / config.factor
  const high = config.baseIs === 'floor' ? base * config.factor : base
  const height = heightOf(config, clock)
  return (update) => low + (high - low) * height(update)
}

/** μhigh − (μhigh − μlow) · height(t), against the rate; the given momentum unless the config asks for the cycle. */
export function cyclicMomentum(config: CyclicConfig, momentum: number, clock: Clock): Schedule {
  if (!config.inverseMomentum) return hold(momentum)
  const height = heightOf(config, clock)
  return (update) => config.momentumHigh - (config.momentumHigh - config.momentumLow) * height(update)
}

// The triangle's height, 0 … 1, times what the mode leaves of it.
function heightOf(config: CyclicConfig, clock: Clock): Schedule {
  return (update) => {
    const position = positionOf(update, config.unit, clock)
    const cycle = wholePeriods(position, config.period)
    const part = Math.max(0, position / config.period - cycle)
    const triangle = part <= config.riseFraction ? part / config.riseFraction : (1 - part) / (1 - config.riseFraction)
    switch (config.mode) {
      case 'triangular':
        return triangle
      case 'triangular2':
        return triangle / 2 ** cycle
      case 'exp_range':
        return triangle * config.decay ** update
    }
  }
}
