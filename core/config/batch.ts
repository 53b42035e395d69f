import { z } from 'zod'

/** A batch that grows where the rate would otherwise fall (Smith et al. 2017). */
const GrowthConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }).meta({ label: 'None', help: 'The same batch size in every epoch' }),
  z
    .strictObject({
      type: z.literal('milestones'),
      factor: z
        .number()
        .gt(1)
        .max(1000)
        .default(5)
        .meta({ label: 'Factor', help: 'What the batch size is multiplied by at each milestone', step: 1 }),
      milestones: z
        .array(z.number().min(0).max(1e6))
        .min(1)
        .max(100)
        .default([0.3, 0.6, 0.8])
        .meta({ label: 'Milestones', help: 'Where the batch grows, rounded up to whole epochs' }),
      unit: z
        .enum(['fraction', 'epochs'])
        .default('fraction')
        .meta({ label: 'Milestones in', help: 'What the milestones count; a fraction is of the epochs' }),
      cap: z
        .number()
        .int()
        .min(1)
        .max(65536)
        .nullable()
        .default(null)
        .meta({
          label: 'Largest batch',
          unit: 'images',
          help:
            'From here on the rate falls in place of the batch growing. A tenth of the training images is usual. ' +
            'Empty: the training images',
        }),
    })
    .meta({
      label: 'Grow at milestones',
      help:
        'Multiplies the batch size where others divide the rate: the same noise scale with fewer updates. Keep ' +
        'the schedule constant beside it',
      paper: 'Smith et al. 2017, arXiv 1711.00489',
    }),
])

/** Noise on the gradient beyond that of the batch. */
const GradientNoiseConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }).meta({ label: 'None', help: 'The noise that the batch has by itself' }),
  z
    .strictObject({
      type: z.literal('multiplicative'),
      variance: z.number().min(0).max(1e5).nullable().default(null).meta({
        label: 'Variance',
        help: 'σ². Empty: batch/reference batch − 1, which gives the batch the noise of the reference batch',
      }),
    })
    .meta({
      label: 'Multiplicative',
      help: "Each image's gradient is weighted by its own z ~ N(1, σ²); an alternative to raising the rate",
      paper: 'Hoffer et al. 2017, arXiv 1705.08741, §4',
    }),
])

/** Several simulated workers that each train on their part of the batch (Lin et al. 2018). */
export const WorkersConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }).meta({ label: 'None', help: 'One network that sees the whole batch' }),
  z
    .strictObject({
      type: z.literal('postLocal'),
      workers: z
        .number()
        .int()
        .min(2)
        .max(64)
        .default(4)
        .meta({
          label: 'Workers',
          help:
            'K: the batch is dealt to so many copies of the network, each with its own momentum and batch norm ' +
            'statistics',
        }),
      averageEvery: z.number().int().min(1).max(100_000).default(16).meta({
        label: 'Average every',
        unit: 'updates',
        help: "H: after the switch the copies' weights are averaged only every so many updates; before it at each one",
      }),
      switchAt: z.number().min(0).max(1).default(0.5).meta({
        label: 'Switch at',
        help: 'Fraction of the epochs after which the workers go their own ways; usually where the rate first drops',
        step: 0.05,
      }),
      statistics: z
        .enum(['averaged', 'reestimated'])
        .default('averaged')
        .meta({
          label: 'Batch norm statistics',
          help:
            "What the averaged network is evaluated with: the mean of the workers' running statistics, or " +
            'statistics estimated anew on the training images at the end of each epoch',
        }),
    })
    .meta({
      label: 'Post-local SGD',
      help: 'Large-batch SGD first, then local SGD; simulated on one machine, so it is for accuracy, not for speed',
      paper: 'Lin et al. 2018, arXiv 1808.07217',
    }),
])
export type WorkersConfig = z.output<typeof WorkersConfig>

/** How the gradients of a batch are computed and reduced; the batch size itself is the config's `batchSize`. */
export const BatchConfig = z.strictObject({
  lastPartial: z.enum(['drop', 'keep']).default('drop').meta({
    label: 'Last partial batch',
    help: 'Leave out the images that do not fill a batch at the end of an epoch, or use them as a smaller batch',
  }),
  microBatch: z
    .number()
    .int()
    .min(1)
    .max(65536)
    .nullable()
    .default(null)
    .meta({
      label: 'Micro-batch',
      unit: 'images',
      help:
        'Compute the gradient in pieces of this size and update once: for batches larger than memory. Empty: the ' +
        'whole batch at once',
    }),
  ghostSize: z.number().int().min(2).max(65536).nullable().default(null).meta({
    label: 'Ghost batch size',
    unit: 'images',
    help: 'Batch norm sees the batch in pieces of this size while training. Empty: the whole batch',
    paper: 'Hoffer et al. 2017, arXiv 1705.08741, Algorithm 1',
  }),
  regimeAdaptation: z
    .enum(['off', 'epochs', 'updates'])
    .default('off')
    .meta({
      label: 'Regime adaptation',
      help:
        'Train as long as the reference batch would. epochs: batch/reference batch times the epochs, and every ' +
        'milestone as much later; updates: the number of updates, and the schedule, of the reference batch',
      paper: 'Hoffer et al. 2017, arXiv 1705.08741, §5',
    }),
  growth: GrowthConfig.prefault({ type: 'none' }),
  gradientNoise: GradientNoiseConfig.prefault({ type: 'none' }),
  denseBatch: z
    .number()
    .int()
    .min(1)
    .max(65536)
    .nullable()
    .default(null)
    .meta({
      label: 'Batch of the dense layers',
      unit: 'images',
      help:
        'The layers behind the convolutions are updated after each piece of this size, the convolutions once per ' +
        'batch. Their rate follows the scaling rule to this size. Empty: the same batch everywhere',
      paper: 'Krizhevsky 2014, arXiv 1404.5997',
    }),
  workers: WorkersConfig.prefault({ type: 'none' }),
})
export type BatchConfig = z.output<typeof BatchConfig>
