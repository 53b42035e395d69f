import { z } from 'zod'

/** Where a run is, between two updates. */
export const Moment = z.strictObject({
  /** Updates done so far; the next update is the schedule's t = update. */
  update: z.number().int().min(0),
  /** Whole epochs done so far. */
  epoch: z.number().int().min(0),
  /** Images of the current epoch's order already used. */
  position: z.number().int().min(0),
  /** Training examples seen so far, all epochs. */
  examples: z.number().int().min(0),
  /** Seconds spent training so far: pauses, evaluation and set-up are not counted. */
  seconds: z.number().min(0),
})
export type Moment = z.output<typeof Moment>

/** The moment before the first update. */
export const start: Moment = { update: 0, epoch: 0, position: 0, examples: 0, seconds: 0 }
