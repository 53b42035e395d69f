import { z } from 'zod'

/** A limit on the gradient, applied to the reduced gradient of the whole batch before weight decay and momentum. */
export const ClipConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') })
    .meta({ label: 'None', help: 'The gradient as it is' }),
  z
    .strictObject({
      type: z.literal('norm'),
      limit: z.number().positive().max(1e6).default(5)
        .meta({ label: 'Largest norm', help: 'The gradient of all weights together is shortened to this length where it is longer', log: true }),
    })
    .meta({ label: 'Global norm', help: 'g · min(1, limit / (‖g‖ + 1e-6)), one norm over all weights', paper: 'Pascanu et al. 2012, arXiv 1211.5063' }),
  z
    .strictObject({
      type: z.literal('value'),
      limit: z.number().positive().max(1e6).default(1)
        .meta({ label: 'Largest value', help: 'Every component of the gradient is cut to ± this', log: true }),
    })
    .meta({ label: 'Value', help: 'Each component cut by itself; changes the direction of the gradient' }),
])
export type ClipConfig = z.output<typeof ClipConfig>

const sgd = z
  .strictObject({
    type: z.literal('sgd'),
    momentum: z.number().min(0).max(0.9999).default(0.9)
      .meta({ label: 'Momentum', help: 'Share of the last step kept in the next; the steady state multiplies the rate by 1/(1 − momentum)', step: 0.01 }),
    nesterov: z.boolean().default(false)
      .meta({ label: 'Nesterov', help: 'Step along gradient + momentum · buffer, the look-ahead form as in PyTorch' }),
    rate: z.enum(['outside', 'inside']).default('outside')
      .meta({ label: 'Rate in the buffer', help: 'outside (PyTorch): v ← μv + g, w ← w − ηv; inside (Caffe): v ← μv + ηg, w ← w − v. They differ only while the rate changes; outside needs no momentum correction', paper: 'Goyal et al. 2017, arXiv 1706.02677, §3' }),
    weightDecay: z.number().min(0).max(1).default(0)
      .meta({ label: 'Weight decay', help: 'λ, in the convention that `decay` names', step: 0.0001, log: true }),
    decay: z.enum(['coupled', 'decoupled']).default('coupled')
      .meta({ label: 'Decay', help: 'coupled (L2): g ← g + λw before momentum; decoupled: w ← (1 − ηλ)w beside the step', paper: 'Loshchilov and Hutter 2017, arXiv 1711.05101' }),
    decayNormAndBias: z.boolean().default(false)
      .meta({ label: 'Decay biases and batch norm', help: 'Let weight decay act on biases and on γ and β of batch norm too' }),
    clip: ClipConfig.prefault({ type: 'none' }),
    reduction: z.enum(['mean', 'sum']).default('mean')
      .meta({ label: 'Reduction', help: 'Follow the mean or the sum of the gradients of a batch. The sum is batch-size times larger: rate, weight decay and clipping limits then mean something else', paper: 'Masters and Luschi 2018, arXiv 1804.07612, §2' }),
  })
  .meta({ label: 'SGD', help: 'Stochastic gradient descent with momentum' })

/** How a gradient becomes an update of the weights, by its `type`. Adding one: its options here and its rule in `main/trainer/optimizer.ts`. */
export const OptimizerConfig = z.discriminatedUnion('type', [sgd])
export type OptimizerConfig = z.output<typeof OptimizerConfig>
