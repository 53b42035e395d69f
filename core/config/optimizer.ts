import { z } from 'zod'
import { meanRateOfSum } from '../scaling'

/** A limit on the gradient, applied to the reduced gradient of the whole batch before weight decay and momentum. */
export const ClipConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }).meta({ label: 'None', help: 'The gradient as it is' }),
  z
    .strictObject({
      type: z.literal('norm'),
      limit: z.number().positive().max(1e6).default(5).meta({
        label: 'Largest norm',
        help: 'The gradient of all weights together is shortened to this length where it is longer',
        log: true,
      }),
    })
    .meta({
      label: 'Global norm',
      help: 'g · min(1, limit / (‖g‖ + 1e-6)), one norm over all weights',
      paper: 'Pascanu et al. 2012, arXiv 1211.5063',
    }),
  z
    .strictObject({
      type: z.literal('value'),
      limit: z
        .number()
        .positive()
        .max(1e6)
        .default(1)
        .meta({ label: 'Largest value', help: 'Every component of the gradient is cut to ± this', log: true }),
    })
    .meta({ label: 'Value', help: 'Each component cut by itself; changes the direction of the gradient' }),
  z
    .strictObject({
      type: z.literal('adaptive'),
      limit: z.number().positive().max(10).default(0.01).meta({
        label: 'Largest ratio',
        help: 'The gradient of each output unit is shortened to this share of the length of its weights',
        log: true,
      }),
    })
    .meta({
      label: 'Adaptive (AGC)',
      help: 'For each output unit: g · min(1, limit · max(‖w‖, 1e-3) / ‖g‖); the classifier is left as it is',
      paper: 'Brock et al. 2021, arXiv 2102.06171',
    }),
])
export type ClipConfig = z.output<typeof ClipConfig>

const momentum = z.number().min(0).max(0.9999).default(0.9).meta({
  label: 'Momentum',
  help: 'Share of the last step kept in the next; the steady state multiplies the rate by 1/(1 − momentum)',
  step: 0.01,
})
const nesterov = z
  .boolean()
  .default(false)
  .meta({ label: 'Nesterov', help: 'Step along gradient + momentum · buffer, the look-ahead form as in PyTorch' })
const rateIn = z.enum(['outside', 'inside'])
const rateMeta = {
  label: 'Rate in the buffer',
  help:
    'outside (PyTorch): v ← μv + g, w ← w − ηv; inside (Caffe): v ← μv + ηg, w ← w − v. They differ only while ' +
    'the rate changes; outside needs no momentum correction',
  paper: 'Goyal et al. 2017, arXiv 1706.02677, §3',
}
const momentumCorrection = z
  .boolean()
  .default(false)
  .meta({
    label: 'Momentum correction',
    help:
      'With the rate inside the buffer: scale the buffer by η/η_before when the rate changes, v ← μ(η/η_before)v ' +
      '+ ηg. With the rate outside there is nothing to correct',
    paper: 'Goyal et al. 2017, arXiv 1706.02677, §3',
  })
const weightDecay = (initial: number) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(initial)
    .meta({ label: 'Weight decay', help: 'λ, in the convention that `decay` names', step: 0.0001, log: true })
const decayNormAndBias = z.boolean().default(false).meta({
  label: 'Decay biases and batch norm',
  help: 'Let weight decay act on biases and on γ and β of batch norm too',
})
const trustNormAndBias = z
  .boolean()
  .default(false)
  .meta({
    label: 'Adapt biases and batch norm',
    help:
      'Let the ratio of norms act on biases and on γ and β of batch norm too; without it they move at the plain ' +
      'rate',
  })
const reduction = z
  .enum(['mean', 'sum'])
  .default('mean')
  .meta({
    label: 'Reduction',
    help:
      'Follow the mean or the sum of the gradients of a batch. The sum is batch-size times larger: rate, weight ' +
      'decay and clipping limits then mean something else',
    paper: 'Masters and Luschi 2018, arXiv 1804.07612, §2',
  })
const clip = ClipConfig.prefault({ type: 'none' })

const sgd = z
  .strictObject({
    type: z.literal('sgd'),
    momentum,
    nesterov,
    rate: rateIn.default('outside').meta(rateMeta),
    momentumCorrection,
    weightDecay: weightDecay(0),
    decay: z.enum(['coupled', 'decoupled']).default('coupled').meta({
      label: 'Decay',
      help: 'coupled (L2): g ← g + λw before momentum; decoupled: w ← (1 − ηλ)w beside the step',
      paper: 'Loshchilov and Hutter 2017, arXiv 1711.05101',
    }),
    decayNormAndBias,
    clip,
    reduction,
  })
  .meta({ label: 'SGD', help: 'Stochastic gradient descent with momentum' })

const lars = z
  .strictObject({
    type: z.literal('lars'),
    trust: z.number().positive().max(10).default(0.001).meta({
      label: 'Trust coefficient',
      help: 'τ: how far a layer moves at rate 1, as a share of the length of its weights',
      log: true,
    }),
    limitToRate: z.boolean().default(false).meta({
      label: 'Never beyond the rate (LARC)',
      help: 'Use min(ratio/η, 1) in place of the ratio, so that no layer moves faster than plain SGD would',
    }),
    trustNormAndBias,
    momentum,
    nesterov,
    rate: rateIn.default('inside').meta(rateMeta),
    momentumCorrection,
    weightDecay: weightDecay(5e-4),
    decayNormAndBias,
    clip,
    reduction,
  })
  .meta({
    label: 'LARS',
    help: 'SGD with momentum whose rate in each layer is multiplied by τ‖w‖/(‖g‖ + λ‖w‖), for very large batches',
    paper: 'You et al. 2017, arXiv 1708.03888',
  })

const beta1 = z
  .number()
  .min(0)
  .max(0.9999)
  .default(0.9)
  .meta({
    label: 'β₁',
    help:
      'Share of the old average in the running average of the gradient; a schedule that cycles the momentum ' +
      'cycles this',
    step: 0.01,
  })
const beta2 = z
  .number()
  .min(0)
  .max(0.999999)
  .default(0.999)
  .meta({ label: 'β₂', help: 'Share of the old average in the running average of the squared gradient', step: 0.001 })
const epsilon = (initial: number) =>
  z.number().positive().max(1).default(initial).meta({
    label: 'ε',
    help: 'Added to the square root of the second average, so that nothing is divided by 0',
    log: true,
  })

const lamb = z
  .strictObject({
    type: z.literal('lamb'),
    beta1,
    beta2,
    epsilon: epsilon(1e-6),
    trustNormAndBias,
    weightDecay: weightDecay(0.01),
    decayNormAndBias,
    clip: ClipConfig.prefault({ type: 'norm', limit: 1 }),
    reduction,
  })
  .meta({
    label: 'LAMB',
    help:
      'r = m̂/(√v̂ + ε) + λw, and each layer moves by η(‖w‖/‖r‖)r; clips the gradient to norm 1 unless told ' +
      'otherwise',
    paper: 'You et al. 2019, arXiv 1904.00962',
  })

const adam = z
  .strictObject({
    type: z.literal('adam'),
    beta1,
    beta2,
    epsilon: epsilon(1e-8),
    weightDecay: weightDecay(0),
    decayNormAndBias,
    clip,
    reduction,
  })
  .meta({
    label: 'Adam',
    help: 'w ← w − ηm̂/(√v̂ + ε); weight decay is added to the gradient (coupled)',
    paper: 'Kingma and Ba 2014, arXiv 1412.6980',
  })

const adamw = z
  .strictObject({
    type: z.literal('adamw'),
    beta1,
    beta2,
    epsilon: epsilon(1e-8),
    weightDecay: weightDecay(0.01),
    decayNormAndBias,
    clip,
    reduction,
  })
  .meta({
    label: 'AdamW',
    help: 'Adam whose weight decay stands beside the step: w ← (1 − ηλ)w − ηm̂/(√v̂ + ε)',
    paper: 'Loshchilov and Hutter 2017, arXiv 1711.05101',
  })

/**
 * How a gradient becomes an update of the weights, by its `type`. Adding one: its options here, its rule in
 * `main/trainer/learner/optimizers.ts`, a table test.
 */
export const OptimizerConfig = z.discriminatedUnion('type', [sgd, lars, lamb, adam, adamw])
export type OptimizerConfig = z.output<typeof OptimizerConfig>
export type SgdConfig = z.output<typeof sgd>
export type LarsConfig = z.output<typeof lars>
export type AdamConfig = z.output<typeof adam> | z.output<typeof adamw> | z.output<typeof lamb>

/** The coefficient μ that a momentum schedule starts from: the momentum of SGD and LARS, β₁ of Adam, AdamW and LAMB. */
export const momentumOf = (optimizer: OptimizerConfig): number =>
  'momentum' in optimizer ? optimizer.momentum : optimizer.beta1

/**
 * The rate η on the mean gradient that makes the same step as a config's rate: η̃ · B where SGD follows the sum. The
 * other optimizers divide by the gradient's own size, so the sum changes nothing.
 */
export const meanRate = (optimizer: OptimizerConfig, rate: number, batchSize: number): number =>
  optimizer.type === 'sgd' && optimizer.reduction === 'sum' ? meanRateOfSum(rate, batchSize) : rate

/**
 * How much a steady gradient is amplified, as the momentum of a noise scale: μ where a buffer adds steps up; 0 where it
 * averages them (Adam, AdamW, LAMB).
 */
export const amplifyingMomentum = (optimizer: OptimizerConfig, momentum: number): number =>
  'momentum' in optimizer ? momentum : 0
