import { z } from 'zod'

const evaluated = z
  .enum(['average', 'last'])
  .default('average')
  .meta({ label: 'Evaluate', help: 'Which weights validation and test are measured with; checkpoints hold both' })

/** An average of the weights over updates or epochs, kept beside the weights that are trained. */
export const AverageConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }).meta({ label: 'None', help: 'The weights as the last update left them' }),
  z
    .strictObject({
      type: z.literal('ema'),
      decay: z.number().min(0).max(0.999999).default(0.999).meta({
        label: 'Decay',
        help: 'Share of the old average that an update keeps; the average looks back over 1/(1 − decay) updates',
        step: 0.001,
      }),
      scaleWithBatch: z
        .boolean()
        .default(false)
        .meta({
          label: 'Scale with the batch',
          help:
            'Read the decay as that of the reference batch: k times the batch uses decay^k, so that the average ' +
            'looks back over the same number of images',
        }),
      statistics: z
        .enum(['averaged', 'reestimated'])
        .default('averaged')
        .meta({
          label: 'Batch norm statistics',
          help:
            'What the average is evaluated with: the moving average of the running statistics, or statistics ' +
            'estimated anew for it on the training images at the end of each epoch',
        }),
      evaluated,
    })
    .meta({
      label: 'EMA',
      help: 'Exponential moving average of weights and running statistics, ŵ ← dŵ + (1 − d)w after every update',
      paper: 'Polyak and Juditsky 1992',
    }),
  z
    .strictObject({
      type: z.literal('swa'),
      start: z.number().min(0).max(1).default(0.75).meta({
        label: 'Start',
        help: 'Fraction of the epochs after which averaging begins; keep the rate high from there on',
        step: 0.05,
      }),
      evaluated,
    })
    .meta({
      label: 'SWA',
      help:
        'The plain mean of the weights at the ends of the last epochs; the statistics of batch norm are ' +
        'estimated anew for it on the training images',
      paper: 'Izmailov et al. 2018, arXiv 1803.05407',
    }),
])
export type AverageConfig = z.output<typeof AverageConfig>

/**
 * What holds a network back from learning the training images by heart, besides weight decay, dropout and augmentation.
 */
export const RegularisationConfig = z.strictObject({
  labelSmoothing: z.number().min(0).max(0.9).default(0).meta({
    label: 'Label smoothing',
    help: 'ε: this share of the target is spread over all classes. Curves show the plain cross-entropy',
    step: 0.05,
    paper: 'Szegedy et al. 2015, arXiv 1512.00567, §7',
  }),
  mixup: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .meta({
      label: 'Mixup',
      help:
        'α: each image of a batch is mixed with another one, in shares drawn from Beta(α, α), and so are the ' +
        'labels. 0: off',
      step: 0.1,
      paper: 'Zhang et al. 2017, arXiv 1710.09412',
    }),
  average: AverageConfig.prefault({ type: 'none' }),
})
export type RegularisationConfig = z.output<typeof RegularisationConfig>
