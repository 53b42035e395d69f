import type { Page } from './page'
import { adamPlot, correctionPlot, decayPlot, lambPlot, larsPlot, sgdPlot } from './plots/optimizers'
import { adamPath, firstLamb, larsRatio, sgdPath } from './updates'
import { clippingPages } from './clipping'

const optimizer = (value: string): Page['settings'] => [{ path: 'optimizer', value }]
const goyal = { text: 'Goyal et al. 2017, §3', url: 'https://arxiv.org/abs/1706.02677' } as const
const common: Page['symbols'] = [
  ['w', 'the weights'],
  ['g', 'the gradient of the batch'],
  ['η', 'the rate'],
  ['λ', 'the weight decay'],
]
const listed = (values: readonly number[]): string => values.map((value) => Number(value.toPrecision(6))).join(', ')

/** A gradient of 1 at every update, rate 0.1, momentum 0.9, decay 0.01, from a weight of 1. */
const constantGradient = (nesterov: boolean, decay: 'coupled' | 'decoupled'): readonly number[] =>
  sgdPath(1, () => 1, 3, { rate: () => 0.1, momentum: 0.9, nesterov, decay: { by: 0.01, type: decay } })

/**
 * What three ways of holding the rate do when it rises from 0.1 to 1 behind the second update: gradient 1, momentum
 * 0.9, from 0.
 */
const risingRate = (buffer: 'outside' | 'inside' | 'corrected'): readonly number[] =>
  sgdPath(0, () => 1, 4, { rate: (update) => (update < 2 ? 0.1 : 1), momentum: 0.9, buffer })

/** How a gradient becomes an update. */
export const optimizerPages: readonly Page[] = [
  {
    id: 'sgd',
    group: 'Optimizers',
    title: 'SGD with momentum',
    says:
      "Each update follows a running sum of past gradients, in which older ones fade by the momentum. Nesterov's " +
      'form looks one step ahead.',
    formulas: [
      { tex: 'v ← μ v + g \\quad w ← w - η v' },
      { tex: 'w ← w - η (g + μ v)', says: 'Nesterov, as PyTorch writes it' },
    ],
    symbols: [...common.slice(0, 3), ['v', 'the buffer; it starts as the first gradient'], ['μ', 'the momentum']],
    helps:
      'Directions that agree add up, to 1/(1 − μ) times a single gradient; directions that alternate cancel. ' +
      'It is the optimizer of nearly all papers on batch size, so their rates can be used as they are.',
    breaks:
      'A steady gradient is amplified by 1/(1 − μ): 10 at 0.9. Switching momentum off or on without dividing ' +
      'or multiplying the rate changes the run more than most rules do. Masters and Luschi use none, to see ' +
      'rate and batch alone.',
    sources: [
      { text: 'Sutskever et al. 2013' },
      { text: 'Masters & Luschi 2018', url: 'https://arxiv.org/abs/1804.07612' },
    ],
    settings: [...optimizer('sgd'), { path: 'optimizer.momentum' }, { path: 'optimizer.nesterov' }],
    presets: ['goyal', 'lin', 'masters'],
    example: {
      type: 'values',
      says: 'Three updates with gradient 1, rate 0.1, momentum 0.9 and decay 0.01, from 1.',
      columns: ['form', 'weight after 1, 2, 3 updates'],
      rows: () => [
        ['heavy ball', listed(constantGradient(false, 'coupled'))],
        ['Nesterov', listed(constantGradient(true, 'coupled'))],
      ],
    },
    plots: [sgdPlot],
  },
  {
    id: 'momentum-correction',
    group: 'Optimizers',
    title: 'Momentum correction',
    says:
      'Whether the rate stands outside the momentum buffer or inside makes no difference while it is constant. ' +
      'When it changes, a buffer that holds the old rate must be corrected.',
    formulas: [
      {
        tex: 'v ← μ \\frac{η_{t+1}}{η_t} v + η_{t+1} g \\quad w ← w - v',
        says: 'rate inside, corrected: the same as the rate outside',
      },
    ],
    symbols: [...common.slice(0, 3), ['v', 'the buffer'], ['μ', 'the momentum']],
    helps:
      'Frameworks that keep the rate inside (Caffe) lag behind a rising rate and overshoot behind a falling ' +
      'one. PyTorch keeps it outside and needs no correction.',
    breaks:
      'Correcting a buffer that does not hold the rate is a mistake that multiplies the velocity at every ' +
      'change of the rate. After a rate of 0 the buffer is empty and there is nothing to correct.',
    sources: [goyal],
    settings: [{ path: 'optimizer.momentumCorrection' }, { path: 'optimizer.rate' }],
    presets: [],
    example: {
      type: 'values',
      says: 'Gradient 1 and momentum 0.9, the rate rises from 0.1 to 1 behind the second update.',
      columns: ['rate', 'weight after 1, 2, 3, 4 updates'],
      rows: () =>
        (['outside', 'inside', 'corrected'] as const).map((kind) => [
          kind === 'corrected' ? 'inside, corrected' : kind,
          listed(risingRate(kind)),
        ]),
    },
    plots: [correctionPlot],
  },
  {
    id: 'lars',
    group: 'Optimizers',
    title: 'LARS',
    says:
      'SGD with momentum in which each layer gets its own rate, from the ratio of the length of its weights to ' +
      'that of its gradient.',
    formulas: [
      { tex: 'η_l = η · \\frac{τ ‖w_l‖}{‖g_l‖ + λ ‖w_l‖ + ε}' },
      { tex: 'v_l ← μ v_l + η_l (g_l + λ w_l) \\quad w_l ← w_l - v_l' },
    ],
    symbols: [...common, ['τ', 'the trust coefficient'], ['l', 'a layer']],
    helps:
      'Very large batches: no layer moves further than a given share of its length, so layers with large ' +
      'gradients do not blow up while others stand still. Usual with a warm-up and a polynomial fall of power ' +
      '2.',
    breaks:
      'Its rates mean something else than those of SGD; a rate of 0.1 with τ = 0.001 hardly moves. Biases and ' +
      'batch norm, whose length says little, are left at the plain rate unless asked. At ordinary batch sizes ' +
      'it has nothing to cure.',
    sources: [{ text: 'You et al. 2017', url: 'https://arxiv.org/abs/1708.03888' }],
    settings: [
      ...optimizer('lars'),
      { path: 'optimizer.trust' },
      { path: 'optimizer.limitToRate' },
      { path: 'optimizer.trustNormAndBias' },
    ],
    presets: [],
    example: {
      type: 'values',
      says: 'Weights (3, 4), gradient (0.6, 0.8), decay 5e-4, rate 1.',
      columns: ['τ', 'ratio', 'new weights'],
      rows: () =>
        [0.001, 0.01].map((trust) => {
          const [weights, gradient, decay] = [[3, 4], [0.6, 0.8], 5e-4]
          const ratio = larsRatio({
            trust,
            weightNorm: Math.hypot(...weights),
            gradientNorm: Math.hypot(...gradient),
            decay,
          })
          return [
            trust,
            ratio,
            listed(weights.map((weight, index) => weight - ratio * ((gradient[index] ?? 0) + decay * weight))),
          ]
        }),
    },
    plots: [larsPlot],
  },
  {
    id: 'adam',
    group: 'Optimizers',
    title: 'Adam and AdamW',
    says:
      'Each weight moves by the running mean of its gradient over the root of the running mean of its square. ' +
      'AdamW lets weight decay stand beside that step.',
    formulas: [
      { tex: 'm ← β_1 m + (1 - β_1) g \\quad v ← β_2 v + (1 - β_2) g^2' },
      {
        tex:
          'w ← w - η \\frac{\\hat{m}}{\\sqrt{\\hat{v}} + ε} \\quad \\hat{m} = \\frac{m}{1 - β_1^t} \\quad ' +
          '\\hat{v} = \\frac{v}{1 - β_2^t}',
        says: 'Adam',
      },
      { tex: 'w ← (1 - η λ) w - η \\frac{\\hat{m}}{\\sqrt{\\hat{v}} + ε}', says: 'AdamW' },
    ],
    symbols: [...common, ['m, v', 'running means'], ['β_1, β_2', 'their memory']],
    helps: "Works at its default rate of about 0.001 on many networks. Keskar's experiments use it.",
    breaks:
      'It averages gradients, so momentum does not amplify, and the noise scale of SGD does not apply. With ' +
      'coupled decay, weights with large gradients are hardly decayed: use AdamW. On image classifiers ' +
      'well-tuned SGD often generalises better.',
    sources: [
      { text: 'Kingma & Ba 2014', url: 'https://arxiv.org/abs/1412.6980' },
      { text: 'Loshchilov & Hutter 2017', url: 'https://arxiv.org/abs/1711.05101' },
    ],
    settings: [
      ...optimizer('adam'),
      ...optimizer('adamw'),
      { path: 'optimizer.beta1' },
      { path: 'optimizer.beta2' },
      { path: 'optimizer.epsilon' },
    ],
    presets: ['keskar/c1'],
    example: {
      type: 'values',
      says: 'The first step is the rate in every direction, whatever the gradient: rate 0.001, ε = 1e-8.',
      columns: ['gradient', 'step'],
      rows: () =>
        [0.01, 1, 100].map((gradient) => [
          gradient,
          -(adamPath(0, () => gradient, 1, { rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 })[0] ?? NaN),
        ]),
    },
    plots: [adamPlot],
  },
  {
    id: 'lamb',
    group: 'Optimizers',
    title: 'LAMB',
    says: "Adam whose step is given, in each layer, the length of the layer's weights times the rate.",
    formulas: [
      { tex: 'r = \\frac{\\hat{m}}{\\sqrt{\\hat{v}} + ε} + λ w \\quad w_l ← w_l - η \\frac{‖w_l‖}{‖r_l‖} r_l' },
    ],
    symbols: [...common, ['\\hat{m}, \\hat{v}', "Adam's corrected running means"], ['l', 'a layer']],
    helps:
      'Made for batches of tens of thousands. The relative change of each layer per update is the rate, ' +
      'whatever the gradient.',
    breaks:
      'Little to gain at the batch sizes of one machine. The gradient is clipped to norm 1 first unless told ' +
      "otherwise. Biases and batch norm move by Adam's plain step unless asked.",
    sources: [{ text: 'You et al. 2019', url: 'https://arxiv.org/abs/1904.00962' }],
    settings: optimizer('lamb'),
    presets: [],
    example: {
      type: 'values',
      says: 'First step: weights (3, 4), gradient (0.6, 0.8), decay 0.01, ε = 1e-6, rate 0.001, no clipping.',
      columns: ['ratio', 'new weights'],
      rows: () => {
        const { ratio, lamb } = firstLamb([3, 4], [0.6, 0.8], { rate: 0.001, decay: 0.01, epsilon: 1e-6 })
        return [[ratio, lamb.map((weight) => weight.toFixed(7)).join(', ')]]
      },
    },
    plots: [lambPlot],
  },
  {
    id: 'weight-decay',
    group: 'Optimizers',
    title: 'Weight decay',
    says:
      'Pulls weights towards 0. Coupled decay adds λw to the gradient; decoupled decay shrinks the weights ' +
      'beside the step.',
    formulas: [
      { tex: 'g ← g + λ w', says: 'coupled (L2)' },
      { tex: 'w ← (1 - η λ) w - \\text{step}', says: 'decoupled' },
    ],
    symbols: common,
    helps:
      'Behind batch norm the length of weights has no influence on the output but on how far an update turns ' +
      'them: decay keeps the effective rate up. What balances is η · λ, so a scaled rate changes the decay as ' +
      'well.',
    breaks:
      'With summed gradients coupled decay must be multiplied by the batch size. With adaptive steps the ' +
      "coupled form decays unevenly. On biases and on batch norm's γ and β it does little good, and Goyal et " +
      'al. leave them out.',
    sources: [
      { text: 'Loshchilov & Hutter 2017', url: 'https://arxiv.org/abs/1711.05101' },
      { text: 'Goyal et al. 2017, §5.1', url: 'https://arxiv.org/abs/1706.02677' },
    ],
    settings: [{ path: 'optimizer.weightDecay' }, { path: 'optimizer.decay' }, { path: 'optimizer.decayNormAndBias' }],
    presets: ['masters'],
    example: {
      type: 'values',
      says: 'Three updates with gradient 1, rate 0.1, momentum 0.9 and decay 0.01, from 1.',
      columns: ['decay', 'weight after 1, 2, 3 updates'],
      rows: () => (['coupled', 'decoupled'] as const).map((decay) => [decay, listed(constantGradient(false, decay))]),
    },
    plots: [decayPlot],
  },
  ...clippingPages,
]
