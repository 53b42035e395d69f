import { z } from 'zod'
import { type Clock, hasReached, positionOf, type Schedule } from './schedule'

const point = z
  .strictObject({
    at: z.number().min(0).max(1e9).meta({ label: 'At', help: "The position, in the table's unit" }),
    value: z
      .number()
      .min(0)
      .max(1e6)
      .meta({ label: 'Value', help: 'The rate there, or the multiple of the base rate' }),
  })
  .meta({ label: 'Point', help: 'A position and the rate there' })

export const pointsConfig = z
  .strictObject({
    type: z.literal('points'),
    points: z
      .array(point)
      .min(1)
      .max(10_000)
      .default([{ at: 0, value: 0.1 }])
      .meta({
        label: 'Points',
        help:
          'Positions and rates, in increasing order of position; before the first and after the last the value ' +
          'is held',
      }),
    unit: z
      .enum(['updates', 'epochs', 'fraction'])
      .default('updates')
      .meta({ label: 'Positions in', help: 'What the positions count; a fraction is of all updates' }),
    between: z.enum(['linear', 'hold']).default('linear').meta({
      label: 'Between points',
      help: 'Linear draws a straight line; hold keeps each value until the next point',
    }),
    relative: z.boolean().default(false).meta({
      label: 'Values are multiples',
      help: 'On: values multiply the base rate and follow the scaling rule. Off: values are the rates themselves',
    }),
  })
  .superRefine(({ points, unit }, context) => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', path: ['points'], message })
    const unordered = points.find((next, index) => index > 0 && next.at <= (points[index - 1]?.at ?? 0))
    if (unordered !== undefined)
      refuse(`must be in increasing order of position, each position once, found ${unordered.at} out of order`)
    const beyond = unit === 'fraction' ? points.find(({ at }) => at > 1) : undefined
    if (beyond !== undefined)
      refuse(
        `must have positions between 0 and 1 as fractions, found ${beyond.at}; choose epochs or updates for ` +
          'larger numbers',
      )
  })
  .meta({ label: 'Table of points', help: 'Any curve, as a table of positions and rates that can be drawn or pasted' })

/**
 * The curve through the table's points: straight lines between them, or each value held until the next; flat before the
 * first and after the last.
 */
export function points(config: z.output<typeof pointsConfig>, base: number, clock: Clock): Schedule {
  const factor = config.relative ? base : 1
  return (update) => {
    const position = positionOf(update, config.unit, clock)
    const next = firstBeyond(config.points, position)
    const left = config.points[Math.max(0, next - 1)]
    const right = config.points[next] ?? left
    if (left === undefined || right === undefined)
      throw new Error('A table of points needs at least one point, found none')
    if (next === 0 || left === right || config.between === 'hold') return factor * left.value
    return factor * (left.value + ((right.value - left.value) * (position - left.at)) / (right.at - left.at))
  }
}

// Binary search: a pasted table can be long, and the plan asks for every update.
function firstBeyond(table: readonly { readonly at: number }[], position: number): number {
  let low = 0
  let high = table.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (hasReached(position, table[middle]?.at ?? Infinity)) low = middle + 1
    else high = middle
  }
  return low
}
