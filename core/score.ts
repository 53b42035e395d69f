import { z } from 'zod'

/** Mean cross-entropy (nats) and fraction right on one split; a loss that is not finite is null, as in every file. */
export const Score = z.strictObject({
  loss: z.number().nullable(),
  accuracy: z.number().min(0).max(1),
  images: z.number().int(),
})
export type Score = z.output<typeof Score>
