import { z } from 'zod'

/** How the gradients of a batch are computed and reduced; the batch size itself is the config's `batchSize`. */
export const BatchConfig = z.strictObject({
  lastPartial: z.enum(['drop', 'keep']).default('drop')
    .meta({ label: 'Last partial batch', help: 'Leave out the images that do not fill a batch at the end of an epoch, or use them as a smaller batch' }),
  microBatch: z.number().int().min(1).max(65536).nullable().default(null)
    .meta({ label: 'Micro-batch', unit: 'images', help: 'Compute the gradient in pieces of this size and update once: for batches larger than memory. Empty: the whole batch at once' }),
  ghostSize: z.number().int().min(2).max(65536).nullable().default(null)
    .meta({ label: 'Ghost batch size', unit: 'images', help: 'Batch norm sees the batch in pieces of this size while training. Empty: the whole batch', paper: 'Hoffer et al. 2017, arXiv 1705.08741, Algorithm 1' }),
})
export type BatchConfig = z.output<typeof BatchConfig>
