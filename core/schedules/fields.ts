import { z } from 'zod'

/** The lowest rate of a schedule that falls to one; absolute, so a scaling rule does not move it. */
export const lowestRate = z
  .number()
  .min(0)
  .max(100)
  .default(0)
  .meta({ label: 'Final rate', help: 'The rate that the curve falls to; not moved by the scaling rule', step: 0.001 })

/** Whether the momentum coefficient falls while the rate rises. */
export const inverseMomentum = z.boolean().default(false).meta({
  label: 'Cycle the momentum',
  help: "Momentum falls while the rate rises and back; this replaces the optimizer's momentum, even if that is 0",
})

/** The momentum coefficient where the rate is lowest. */
export const highMomentum = (value: number) =>
  z.number().min(0).max(0.9999).default(value).meta({
    label: 'Highest momentum',
    help: 'The momentum where the rate is lowest; used only when the momentum is cycled',
    step: 0.01,
  })

/** The momentum coefficient where the rate is highest. */
export const lowMomentum = (value: number) =>
  z.number().min(0).max(0.9999).default(value).meta({
    label: 'Lowest momentum',
    help: 'The momentum where the rate is highest; used only when the momentum is cycled',
    step: 0.01,
  })
