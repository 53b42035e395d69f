import { z } from 'zod'
import { hold, type Schedule } from './schedule'

export const constantConfig = z
  .strictObject({ type: z.literal('constant') })
  .meta({ label: 'Constant', help: 'The base rate from the first update to the last' })

/** η0 at every update. */
export const constant = (base: number): Schedule => hold(base)
