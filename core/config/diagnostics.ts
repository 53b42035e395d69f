import { z } from 'zod'

/** What is measured now and then while training, besides loss, accuracy and the norm of the gradient. */
export const DiagnosticsConfig = z.strictObject({
  every: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .default(null)
    .meta({
      label: 'Measure every',
      unit: 'updates',
      help:
        'Empty: never. An update that is measured takes about twice as long; with the noise of the gradient, ' +
        'where batch norm sees the whole batch, about five times',
    }),
  updateRatio: z
    .boolean()
    .default(true)
    .meta({ label: 'Update to weight', help: '‖Δw‖/‖w‖ of each layer in the measured update; around 0.001 is usual' }),
  gradientNoise: z
    .boolean()
    .default(true)
    .meta({
      label: 'Gradient noise scale',
      help:
        'B_simple = S/|G|², from the gradients of the pieces of a batch (ghosts, else micro-batches, else ' +
        'quarters), before clipping and weight decay',
      paper: 'McCandlish et al. 2018, arXiv 1812.06162, appendix A.1',
    }),
})
export type DiagnosticsConfig = z.output<typeof DiagnosticsConfig>
