import { coupledRate, effectiveBatch, meanRateOfSum, scaledRate, type ScalingConfig } from '../../core/scaling'
import { noiseScale } from '../../core/noise'
import type { Page, ValuesExample } from './page'
import { datasetPlot, fixedPlot, linearPlot, noisePlot, ratioPlot, squareRootPlot, sumPlot } from './plots/rules'

const batches = [32, 128, 512, 4096]
const airbenchRate = 11.5
const rule = (config: ScalingConfig, says: string): ValuesExample => ({
  type: 'values',
  says,
  columns: ['batch size', 'rate'],
  rows: () =>
    batches.map((batchSize) => [
      batchSize,
      scaledRate(config, { base: 0.1, batchSize, referenceBatch: 128, trainingImages: 40_000 }),
    ]),
})
const symbols: Page['symbols'] = [
  ['η_0', 'the base rate, quoted at the reference batch'],
  ['B', 'the batch size'],
  ['B_0', 'the reference batch'],
]
const setting = (value: string): Page['settings'] => [{ path: 'learningRate.scaling', value }]
const hoffer = { text: 'Hoffer et al. 2017, §4', url: 'https://arxiv.org/abs/1705.08741' } as const
const krizhevsky = { text: 'Krizhevsky 2014, §5', url: 'https://arxiv.org/abs/1404.5997' } as const

/** How the rate follows the batch size, and what the rules are about. */
export const rulePages: readonly Page[] = [
  {
    id: 'fixed-rate',
    group: 'Scaling rules',
    title: 'Fixed rate',
    says: 'The same rate whatever the batch size.',
    formulas: [{ tex: 'η = η_0' }],
    symbols: [['η_0', 'the base rate']],
    helps: 'As the control: it shows what a larger batch does if nothing is done about it.',
    breaks:
      'An epoch of a batch k times as large has a k-th of the updates, each of the same length, so the weights ' +
      "travel less, with less noise. The lab notes' first experiment falls from 86 to 39 %.",
    sources: [{ text: 'The lab notes, first experiment' }],
    settings: setting('fixed'),
    presets: ['notes/exp1'],
    example: rule({ type: 'fixed' }, 'Base rate 0.1.'),
    plots: [fixedPlot],
  },
  {
    id: 'linear-rule',
    group: 'Scaling rules',
    title: 'Linear scaling rule',
    says: 'When the batch is multiplied by k, multiply the rate by k.',
    formulas: [
      { tex: 'η = η_0 · \\frac{B}{B_0}' },
      { tex: 'η = 0.1 · \\frac{k n}{256}', says: "Goyal's form, for k workers with n images each" },
    ],
    symbols,
    helps:
      'For as long as the gradient hardly changes, k small updates and one large one move the weights equally ' +
      'far. It keeps η/B and the noise scale, so runs at different batch sizes stay comparable, epoch by epoch.',
    breaks:
      'In the first epochs, where the gradient changes quickly: warm up. Beyond a size that depends on data ' +
      'and network (about 8,192 on ImageNet, far less on CIFAR-10), because the rate cannot exceed what the ' +
      'curvature allows, whatever the batch.',
    sources: [{ text: 'Goyal et al. 2017, §2.1', url: 'https://arxiv.org/abs/1706.02677' }, krizhevsky],
    settings: [...setting('linear'), { path: 'learningRate.referenceBatch' }],
    presets: ['goyal', 'krizhevsky', 'notes/exp2'],
    example: rule({ type: 'linear' }, '0.1 at 128 images.'),
    plots: [linearPlot],
  },
  {
    id: 'square-root-rule',
    group: 'Scaling rules',
    title: 'Square root scaling rule',
    says: 'When the batch is multiplied by k, multiply the rate by √k.',
    formulas: [
      { tex: 'η = η_0 · \\sqrt{\\frac{B}{B_0}}' },
      { tex: '\\text{Cov}(Δ w) ∝ \\frac{η^2}{B}', says: 'which the rule keeps as it is' },
    ],
    symbols,
    helps:
      'Keeps the covariance of one update, so that a diffusing set of weights spreads as quickly per update. ' +
      'Meant to go with as many updates as the small batch makes: regime adaptation. Less aggressive than the ' +
      'linear rule at large k.',
    breaks:
      'At the same number of epochs it moves the weights less than the small batch did: Krizhevsky found the ' +
      'linear rule to work better in practice, and in the experiments of Goyal et al. the root does poorly.',
    sources: [hoffer, krizhevsky],
    settings: setting('squareRoot'),
    presets: ['hoffer/resnet44', 'goyal'],
    example: rule({ type: 'squareRoot' }, '0.1 at 128 images.'),
    plots: [squareRootPlot],
  },
  {
    id: 'constant-ratio',
    group: 'Scaling rules',
    title: 'Constant ratio of rate to batch size',
    says: 'The rate is a given number per image times the batch size.',
    formulas: [
      { tex: 'η = c · B' },
      {
        tex: '\\frac{η}{S} \\text{ large}, \\quad \\frac{B}{η} \\text{ small}',
        says: "Jastrzębski's and He's advice: the same, inverted",
      },
    ],
    symbols: [
      ['c', 'the rate per image'],
      ['B = S', 'the batch size'],
    ],
    helps:
      'Sets directly what is said to decide the width of the minimum that SGD ends in: a larger η/B means more ' +
      'noise, wider minima and, up to a point, better generalisation.',
    breaks:
      'The invariance ends when the rate becomes too large for the curvature, or the batch too small. The ' +
      'evidence is for constant rates and plain SGD.',
    sources: [
      { text: 'Jastrzębski et al. 2017', url: 'https://arxiv.org/abs/1711.04623' },
      {
        text: 'He, Liu & Tao 2019',
        url: 'https://proceedings.neurips.cc/paper/2019/hash/dc6a70712a252123c40d2adba6a11d84-Abstract.html',
      },
    ],
    settings: setting('constantRatio'),
    presets: ['jastrzebski', 'he'],
    example: rule({ type: 'constantRatio', ratio: 0.002 }, '0.002 per image, 0.1 at 50.'),
    plots: [ratioPlot],
  },
  {
    id: 'dataset-rule',
    group: 'Scaling rules',
    title: 'Proportional to the data set',
    says: 'The rate times the share of the training images that a batch holds: the first attempt of the lab notes.',
    formulas: [{ tex: 'η = η_0 · \\frac{B}{N}' }],
    symbols: [...symbols.slice(0, 2), ['N', 'the training images']],
    helps:
      "It is here so that the notes' first log can be repeated: 0.1 · 128/40,000 is 0.00032, and the run took " +
      'far too long.',
    breaks:
      'No paper supports it. The k of the linear rule is a ratio of two batch sizes, not of a batch to the ' +
      'data set, so the rates come out hundreds of times too small.',
    sources: [{ text: 'The lab notes, first log' }],
    settings: setting('datasetProportional'),
    presets: [],
    example: rule({ type: 'datasetProportional' }, '0.1 on 40,000 images.'),
    plots: [datasetPlot],
  },
  {
    id: 'sum-or-mean',
    group: 'Scaling rules',
    title: 'Sum or mean of the gradients',
    says:
      "An update can follow the mean of a batch's gradients or their sum. " +
      'A rate for the sum is a rate per example.',
    formulas: [
      { tex: 'w ← w - \\frac{η}{m} \\sum_{i=1}^{m} g_i', says: 'mean' },
      { tex: 'w ← w - \\tilde{η} \\sum_{i=1}^{m} g_i', says: 'sum' },
      { tex: '\\tilde{η} = \\frac{η}{m} \\quad \\tilde{λ} = m λ', says: 'make both the same, weight decay included' },
    ],
    symbols: [
      ['m', 'the batch size'],
      ['g_i', 'the gradient of one image'],
      ['\\tilde{η}, \\tilde{λ}', 'rate and weight decay for the sum'],
    ],
    helps:
      'With the sum, one fixed rate keeps the expected update per example at every batch size: it is the ' +
      'linear rule, seen from the other side. The variance of an update then grows linearly with m, which is ' +
      "Masters and Luschi's case for small batches.",
    breaks:
      'Everything that is compared with the gradient changes by m as well: weight decay must be m times larger ' +
      'for the same decay, a clipping limit means something else. A scaling rule on top scales twice. Scaling ' +
      'the loss is not scaling the rate once there is weight decay.',
    sources: [
      { text: 'Masters & Luschi 2018, §2', url: 'https://arxiv.org/abs/1804.07612' },
      { text: 'Goyal et al. 2017, §3', url: 'https://arxiv.org/abs/1706.02677' },
    ],
    settings: [{ path: 'optimizer.reduction' }],
    presets: ['masters'],
    example: {
      type: 'values',
      says: 'The rate for the mean that a rate of 2⁻⁸ per example amounts to.',
      columns: ['m', 'rate for the mean'],
      rows: () => [2, 8, 32, 128].map((m) => [m, meanRateOfSum(2 ** -8, m)]),
    },
    plots: [sumPlot],
  },
  {
    id: 'momentum-and-batch',
    group: 'Scaling rules',
    title: 'Noise scale, momentum and batch size',
    says: 'How noisy SGD is depends on rate, batch size and momentum together, in one number.',
    formulas: [
      { tex: 'g = \\frac{η}{1 - μ} (\\frac{N}{B} - 1) ≈ \\frac{η N}{B (1 - μ)}' },
      { tex: 'B_{\\text{eff}} = \\frac{B}{1 - μ}', says: 'the images whose gradients make up one displacement' },
    ],
    symbols: [
      ['g', 'the noise scale, in units of the rate'],
      ['N', 'the training images'],
      ['B', 'the batch size'],
      ['μ', 'the momentum'],
    ],
    helps:
      'Settings with the same g behave alike at small rates: B can grow with η, with N, and with 1/(1 − μ). ' +
      'There is a best g for a problem, so a best batch size at every rate. The rule “momentum” keeps the rate ' +
      'and gives a larger batch as much momentum as keeps g: 1 − μ = (1 − μ₀)B₀/B.',
    breaks:
      'When the rate is so large that the curvature, not the noise, sets the limit; for adaptive optimizers, ' +
      'whose averages do not add steps up; and for small N/B, where the −1 matters. Some code quotes rates with ' +
      'momentum counted in another way: airbench divides by 1 + 1/(1 − μ), ' +
      `${(1 / coupledRate(1, 0.85)).toFixed(3)} at μ = 0.85, so its ${airbenchRate} at 1,024 images is a rate of ` +
      `${coupledRate(airbenchRate, 0.85).toFixed(2)} here.`,
    sources: [
      { text: 'Smith & Le 2017', url: 'https://arxiv.org/abs/1710.06451' },
      { text: 'Smith et al. 2017', url: 'https://arxiv.org/abs/1711.00489' },
    ],
    settings: [{ path: 'batchSize' }, ...setting('momentum')],
    presets: ['smith'],
    example: {
      type: 'values',
      says: 'Three settings with the same noise scale on 40,000 images, and one without momentum.',
      columns: ['rate', 'batch size', 'momentum', 'noise scale', 'B/(1 − μ)'],
      rows: () =>
        [
          [0.1, 128, 0.9],
          [0.8, 1024, 0.9],
          [0.1, 640, 0.98],
          [0.1, 128, 0],
        ].map(([learningRate = 0, batchSize = 1, momentum = 0]) => [
          learningRate,
          batchSize,
          momentum,
          noiseScale({ learningRate, trainingImages: 40_000, batchSize, momentum }),
          effectiveBatch(batchSize, momentum),
        ]),
    },
    plots: [noisePlot],
  },
]
