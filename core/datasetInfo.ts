import { z } from 'zod'

/** Which images a number was measured on. */
export const DataSplit = z.enum(['train', 'validation', 'test'])
export type DataSplit = z.infer<typeof DataSplit>

/** What is known of a loaded and split data set; everything that a plan needs to know about it. */
export const DatasetInfo = z.object({
  name: z.string(),
  /** Class names, in label order. */
  classes: z.array(z.string()),
  /** Image size in pixels: height, width, channels. */
  shape: z.tuple([z.number().int(), z.number().int(), z.number().int()]),
  /** Images in each split. */
  counts: z.object({ train: z.number().int(), validation: z.number().int(), test: z.number().int() }),
  /** Per-channel mean and population standard deviation of the training split, in 0…1. */
  mean: z.array(z.number()),
  std: z.array(z.number()),
  /** SHA-256 over pixels, labels and split: tells whether the data changed between two attempts. */
  fingerprint: z.string(),
})
export type DatasetInfo = z.infer<typeof DatasetInfo>
