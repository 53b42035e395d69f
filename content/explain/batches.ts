import { ghostSizes } from '../../core/ghost'
import { multiplicativeNoiseVariance } from '../../core/noise'
import { rateExample } from './examples'
import type { Page } from './page'
import { planOfExample } from './page'
import { densePlot, gradientNoisePlot, growthPlot, localPlot, regimePlot } from './plots/batches'
import { ghostPlots } from './plots/batchParts'
import { batchPartPages } from './batchParts'

const hoffer = (section: string) => ({
  text: `Hoffer et al. 2017, ${section}`,
  url: 'https://arxiv.org/abs/1705.08741',
})

/** What can be done about a batch besides its size and rate. */
export const batchPages: readonly Page[] = [
  {
    id: 'ghost-batch-norm',
    group: 'Batch methods',
    title: 'Ghost batch norm',
    says:
      'While training, batch norm sees the batch in pieces, each with its own mean and variance. Evaluation uses ' +
      'the running statistics and never cuts a batch.',
    formulas: [
      {
        tex: 'y = γ \\frac{x - μ^l}{\\sqrt{(σ^l)^2 + ε}} + β',
        says: 'in ghost l, with the mean and variance of its images and pixels',
      },
      {
        tex: 'r ← (1 - α)^K r + α \\sum_{i=1}^{K} (1 - α)^{K-i} μ^i',
        says: "the running mean after K ghosts, one after the other, as in the authors' code",
      },
    ],
    symbols: [
      ['K', 'the ghosts of a batch: B/g, rounded up, of nearly equal size'],
      ['α', 'the weight of a new value, as it is or divided by K'],
    ],
    helps:
      'The noise of small-batch statistics regularises; a large batch gets it back without changing the rate ' +
      'of updates. Hoffer et al. win accuracy with it in all their networks at a batch of 4,096.',
    breaks:
      'A ghost of one image behind a dense layer has variance 0. With the full weight for each of many ghosts ' +
      'the running statistics forget everything but the last batch: divide it. In the lab notes, rule and ' +
      'ghosts together no longer help at the largest batches.',
    sources: [hoffer('Algorithm 1')],
    settings: [{ path: 'batch.ghostSize' }, { path: 'networkOptions.batchNorm' }],
    presets: ['hoffer/resnet44', 'goyal', 'masters', 'notes/exp3'],
    example: {
      type: 'values',
      says: 'Ghosts of 128 in batches of other sizes.',
      columns: ['batch', 'ghosts'],
      rows: () => [64, 128, 129, 300, 1000].map((batch) => [batch, ghostSizes(batch, 128).join(', ')]),
    },
    plots: ghostPlots,
  },
  {
    id: 'regime-adaptation',
    group: 'Batch methods',
    title: 'Regime adaptation',
    says:
      'A large batch trains for as many updates as the small one would, with every phase of the schedule ' +
      'stretched to match.',
    formulas: [{ tex: 'e ← \\frac{B_L}{B_S} · e' }],
    symbols: [
      ['e', 'the epochs of each phase'],
      ['B_L, B_S', 'the batch size and the reference batch'],
    ],
    helps:
      'Hoffer et al. trace most of the gap of large batches to their fewer updates: with the square root rule, ' +
      'ghosts and as many updates, it closes.',
    breaks:
      'It gives back what the large batch was for: the work grows with B_L/B_S. Stretching epochs and keeping ' +
      'the number of updates differ a little, because the updates of an epoch are rounded; both are offered. ' +
      'With the linear rule the weights travel further than in the run that is imitated.',
    sources: [hoffer('§5')],
    settings: [{ path: 'batch.regimeAdaptation' }],
    presets: ['hoffer/resnet44', 'hoffer/f1'],
    example: {
      type: 'values',
      says: '100 epochs planned at 128, on 10,000 images.',
      columns: ['batch size', 'epochs', 'updates', 'epochs by updates'],
      rows: () =>
        [128, 512, 1024].map((batchSize) => {
          const plan = (regimeAdaptation: 'epochs' | 'updates') =>
            planOfExample(10_000, { batchSize, epochs: 100, batch: { regimeAdaptation } })
          return [batchSize, plan('epochs').epochs, plan('epochs').updates, plan('updates').epochs]
        }),
    },
    plots: [regimePlot],
  },
  {
    id: 'growing-batch',
    group: 'Batch methods',
    title: 'Growing batch',
    says:
      'Where the rate would be divided by a factor, the batch is multiplied by it. At its cap the rate falls ' +
      'after all.',
    formulas: [{ tex: 'g = \\frac{η N}{B (1 - μ)}', says: 'falls alike by dividing η and by multiplying B' }],
    symbols: [
      ['g', 'the noise scale'],
      ['B', 'the batch size, which grows'],
    ],
    helps:
      'The same curve per epoch with far fewer updates, so less time where large batches are cheap. The first ' +
      'phase, at the small batch, is untouched.',
    breaks:
      'Beside a schedule that falls by itself the noise falls twice: keep it constant. A batch beyond about a ' +
      'tenth of the training images no longer follows the approximation. Momentum keeps its memory in updates, ' +
      'so early in a new phase it averages gradients of the smaller batch.',
    sources: [{ text: 'Smith et al. 2017', url: 'https://arxiv.org/abs/1711.00489' }],
    settings: [{ path: 'batch.growth', value: 'milestones' }],
    presets: ['smith'],
    example: rateExample(
      'From 10 images times 5 at 30, 60 and 80 % of 10 epochs of 1,000, at most 500.',
      'Each milestone multiplies the batch, until the largest is reached. Every step leaves fewer updates in ' +
        'an epoch, so most updates are made in the first phase.',
      {},
      [0, 299, 300, 360, 368],
      { batch: { growth: { type: 'milestones', cap: 500 } } },
      'batchSize',
    ),
    plots: [growthPlot],
  },
  {
    id: 'gradient-noise',
    group: 'Batch methods',
    title: 'Multiplicative gradient noise',
    says:
      "Each image's gradient is weighted by a random number of mean 1, which gives a large batch the noise of a " +
      'small one.',
    formulas: [
      { tex: '\\hat{g} = \\frac{1}{B} \\sum_{n=1}^{B} z_n g_n \\quad z_n ∼ N(1, σ^2)' },
      { tex: 'σ^2 = \\frac{B_L}{B_S} - 1', says: 'matches the covariance of the small batch' },
    ],
    symbols: [
      ['z_n', 'the weight of an image, drawn anew at every update'],
      ['B_L, B_S', 'the batch size and the reference batch'],
    ],
    helps: 'Raises the noise without raising the rate, where the curvature does not allow a higher one.',
    breaks:
      'Together with the square root rule the noise is added twice. A variance of 31 means that weights ' +
      'between −10 and +12 are common (two deviations): clip the gradient. It costs an update what a large ' +
      'batch costs, for the information of a small one.',
    sources: [hoffer('§4; the variance follows from their condition on the covariance')],
    settings: [{ path: 'batch.gradientNoise', value: 'multiplicative' }],
    presets: ['hoffer/resnet44'],
    example: {
      type: 'values',
      says: 'The variance that gives a batch the noise of 128 images.',
      columns: ['batch size', 'variance'],
      rows: () => [128, 512, 4096].map((batch) => [batch, multiplicativeNoiseVariance(batch, 128)]),
    },
    plots: [gradientNoisePlot],
  },
  {
    id: 'dense-batch',
    group: 'Batch methods',
    title: 'Smaller batch in the dense layers',
    says:
      'The convolutions see the whole batch and are updated once; the dense layers behind them are updated after ' +
      'each piece of it.',
    formulas: [{ tex: '\\text{dense updates per batch} = \\frac{B}{B_{\\text{dense}}}' }],
    symbols: [
      ['B', 'the batch of the convolutions, 128 for each of K workers'],
      ['B_{\\text{dense}}', 'the batch of the dense layers'],
    ],
    helps:
      'Dense layers hold most of the weights of AlexNet-like networks and little of their computation. ' +
      'Krizhevsky greatly reduces what the large batch costs by it.',
    breaks:
      'The gradient that flows back to the convolutions comes from weights that change between the pieces. ' +
      'Networks that end in global average pooling have hardly any dense weights, and nothing to win.',
    sources: [{ text: 'Krizhevsky 2014, §4.2', url: 'https://arxiv.org/abs/1404.5997' }],
    settings: [{ path: 'batch.denseBatch' }],
    presets: ['krizhevsky'],
    example: {
      type: 'values',
      says: 'A batch of 1,024 at the linear rule, 0.08: what the rate of the dense layers is.',
      columns: ['dense batch', 'its rate'],
      rows: () =>
        [1024, 512, 128].map((denseBatch) => {
          const plan = planOfExample(10_000, {
            batchSize: 1024,
            batch: { denseBatch },
            learningRate: { base: 0.01, scaling: { type: 'linear' } },
          })
          return [denseBatch, plan.scaledRate * plan.denseRateFactor]
        }),
    },
    plots: [densePlot],
  },
  {
    id: 'post-local-sgd',
    group: 'Batch methods',
    title: 'Post-local SGD',
    says:
      'Several simulated workers train together as one large batch, and after a switch each on its own, with ' +
      'their weights averaged every H updates.',
    formulas: [
      {
        tex:
          'w_k ← w_k - η v_k \\quad \\text{every } H \\text{ updates:} ' +
          '\\quad w_k ← \\frac{1}{K} \\sum_{j=1}^{K} w_j',
      },
    ],
    symbols: [
      ['K', 'the workers'],
      ['v_k', 'the momentum buffer of a worker, which is never averaged'],
      ['H', 'updates between averages; 1 before the switch'],
    ],
    helps:
      "The workers' own paths add noise where the rate has just dropped, and end in flatter minima than the " +
      'large batch. On a cluster it saves communication as well.',
    breaks:
      'Here the workers take turns on one machine, so it is for accuracy, not for speed. With a large H and a ' +
      "high rate the workers drift apart and their average is worse than each. Batch norm's running statistics " +
      'belong to a worker: average them or estimate them anew.',
    sources: [{ text: 'Lin et al. 2018', url: 'https://arxiv.org/abs/1808.07217' }],
    settings: [{ path: 'batch.workers', value: 'postLocal' }],
    presets: ['lin'],
    example: {
      type: 'values',
      says: '4 workers, 100 updates, the switch half way: the updates behind which weights are averaged.',
      columns: ['H', 'averages before the switch', 'averages behind it'],
      rows: () =>
        [1, 5, 25].map((averageEvery) => {
          const plan = planOfExample(1000, {
            batchSize: 100,
            epochs: 10,
            batch: { workers: { type: 'postLocal', workers: 4, averageEvery } },
          })
          const count = (from: number): number =>
            Array.from({ length: 50 }, (_, index) => from + index).filter(plan.averagesWorkers).length
          return [averageEvery, count(0), count(50)]
        }),
    },
    plots: [localPlot],
  },
  ...batchPartPages,
]
