import { z } from 'zod'
import type { Clock, Schedule } from './schedule'

export const cosineConfig = z
  .strictObject({
    type: z.literal('cosine'),
    minimum: z
      .number()
      .min(0)
      .max(100)
      .default(0)
      .meta({ label: 'Final rate', help: 'The rate that the curve falls to at the end of the run', step: 0.001 }),
  })
  .meta({
    label: 'Cosine',
    help: 'Falls along half a cosine over the whole run',
    paper: 'SGDR, arXiv 1608.03983, eq. 5',
  })

/** ηmin + ½(η0 − ηmin)(1 + cos(πt/T)), t in updates, T the planned updates (SGDR, Loshchilov & Hutter 2017, eq. 5). */
export const cosine =
  (config: z.output<typeof cosineConfig>, base: number, clock: Clock): Schedule =>
  (update) =>
    config.minimum + 0.5 * (base - config.minimum) * (1 + Math.cos((Math.PI * update) / clock.updates))
