import { FinderConfig, sweepRates } from '../../core/lrFinder'
import { accuracyStandardError, medianOfLastFive } from '../../core/measure'
import { batchEconomy, fitDiffusion, gradientMoments, rateToBatch, simpleNoiseScale } from '../../core/noise'
import type { Page } from './page'
import { diffusionPlot, economyPlot, errorPlot, finderPlot, livePlot } from './plots/diagnostics'
import { ratePerImagePlot } from './plots/rules'
import { flatnessPages } from './flatness'

/** What can be measured of a run and of its weights. */
export const diagnosticPages: readonly Page[] = [
  {
    id: 'live-diagnostics',
    group: 'Diagnostics',
    title: 'Live diagnostics',
    says:
      'What is measured while a run trains: the update of each layer relative to its weights, the norm of the ' +
      'gradient, the noise of the gradient, and how far the weights have come.',
    formulas: [{ tex: '\\frac{‖Δ w‖}{‖w‖}', says: 'update to weight, for each layer' }],
    symbols: [
      ['w', 'the weights of a layer'],
      ['Δ w', 'what one update changes in them'],
    ],
    helps:
      'An update-to-weight ratio of about a thousandth is usual; a layer that is far above it is about to ' +
      'diverge, one far below does not learn. It tells whether a scaled rate is too high before the loss does.',
    breaks:
      'A measured update takes about twice as long, and about five times where batch norm sees the whole ' +
      'batch, so measure every so many. Behind batch norm the ratio settles by itself, to √(2ηλ) for plain SGD.',
    sources: [
      {
        text: 'Karpathy et al., CS231n, ratio of weights to updates',
        url: 'https://cs231n.github.io/neural-networks-3/',
      },
      { text: 'Wan et al. 2020, on √(2ηλ)', url: 'https://arxiv.org/abs/2006.08419' },
    ],
    settings: [{ path: 'diagnostics' }],
    presets: [],
    example: {
      type: 'values',
      says: 'Where the ratio settles behind batch norm, at weight decay 5e-4.',
      columns: ['rate', 'ratio'],
      rows: () => [0.01, 0.1, 3.2].map((rate) => [rate, Math.sqrt(2 * rate * 5e-4)]),
    },
    plots: [livePlot],
  },
  {
    id: 'rate-over-batch',
    group: 'Diagnostics',
    title: 'Rate over batch size',
    says: "The rate per image, η/B. The run's charts show it at each update.",
    formulas: [{ tex: '\\frac{η}{B}' }],
    symbols: [
      ['η', 'the rate'],
      ['B', 'the batch size'],
    ],
    helps:
      'To see whether two runs should behave alike: the same ratio over the same epochs, the same curves, as ' +
      'long as the rate is small enough. Larger values go with wider minima.',
    breaks:
      "It leaves momentum and the size of the data set out; the noise scale has both. He's bound uses the " +
      'inverse, so “large” and “small” change places.',
    sources: [{ text: 'Jastrzębski et al. 2017', url: 'https://arxiv.org/abs/1711.04623' }],
    settings: [],
    presets: ['jastrzebski', 'he'],
    example: {
      type: 'values',
      says: 'Two of these are the same experiment.',
      columns: ['rate', 'batch size', 'rate over batch'],
      rows: () =>
        [
          [0.1, 128],
          [0.1, 50],
          [0.5, 250],
        ].map(([rate = 0, batch = 1]) => [rate, batch, rateToBatch(rate, batch)]),
    },
    plots: [ratePerImagePlot],
  },
  {
    id: 'gradient-noise-scale',
    group: 'Diagnostics',
    title: 'Gradient noise scale',
    says:
      'How many images it takes until the gradient of a batch is more signal than noise: an estimate of the ' +
      'largest batch that still pays.',
    formulas: [
      {
        tex: '|G|^2 = \\frac{B_b |G_b|^2 - B_s |G_s|^2}{B_b - B_s} \\quad S = \\frac{|G_s|^2 - |G_b|^2}{1/B_s - 1/B_b}',
      },
      { tex: 'B_{\\text{simple}} = \\frac{S}{|G|^2}' },
    ],
    symbols: [
      ['G_s, G_b', 'gradients of a small and a big batch, before clipping and weight decay'],
      ['S', "the variance of one image's gradient, summed over the weights"],
      ['G', 'the true gradient'],
    ],
    helps:
      'Far below B_simple a larger batch saves updates at no cost in examples; far above it the examples are ' +
      'wasted. It grows as the loss falls, which is why a growing batch makes sense.',
    breaks:
      'Single estimates are very noisy and |G|² can come out negative: S and |G|² are averaged separately, and ' +
      'only then divided. Batch norm ties the images of a piece together, so the pieces are the ghost batches; ' +
      'where the batch is one ghost they are the losses of its quarters, and what its statistics vary by is ' +
      'not in S. It says nothing of generalisation.',
    sources: [{ text: 'McCandlish et al. 2018, appendix A.1', url: 'https://arxiv.org/abs/1812.06162' }],
    settings: [{ path: 'diagnostics.gradientNoise' }],
    presets: [],
    example: {
      type: 'values',
      says: 'Measured |G|² of 4 with 64 images and of 1.5 with 1,024; then what that says of three batch sizes.',
      columns: ['batch size', 'B_simple', 'updates over the fewest', 'examples over the fewest'],
      rows: () => {
        const scale =
          simpleNoiseScale(
            gradientMoments({ smallBatch: 64, smallSquaredNorm: 4, bigBatch: 1024, bigSquaredNorm: 1.5 }),
          ) ?? NaN
        return [32, 128, 1024].map((batch) => [
          batch,
          scale,
          batchEconomy(batch, scale).updates,
          batchEconomy(batch, scale).examples,
        ])
      },
    },
    plots: [economyPlot],
  },
  {
    id: 'diffusion',
    group: 'Diagnostics',
    title: 'Distance from the initial weights',
    says:
      'In the first phase, at a constant rate, the weights diffuse: their distance from where they began grows ' +
      'with the logarithm of the updates.',
    formulas: [{ tex: '‖w_t - w_0‖ ≈ a + b \\ln t' }],
    symbols: [
      ['t', 'the update'],
      ['a, b', 'a straight line fitted over ln t'],
      ['w_t', 'all trained weights, without running statistics'],
    ],
    helps:
      'Slopes that differ between batch sizes say that one of them explores more slowly; after the square root ' +
      'rule and ghost batches they should nearly agree. It is how Hoffer et al. argue that updates, not ' +
      "epochs, count. A run's chart fits the line to the epochs before η/B first falls, from three on.",
    breaks: 'Only before the first drop of the rate, and against updates. Weight decay and warm-up bend the line.',
    sources: [{ text: 'Hoffer et al. 2017, §3', url: 'https://arxiv.org/abs/1705.08741' }],
    settings: [],
    presets: ['hoffer/resnet44'],
    example: {
      type: 'values',
      says: 'Distances 0.5, 5.1, 9.7 and 14.3 after 1, 10, 100 and 1,000 updates.',
      columns: ['a', 'b', 'R²'],
      rows: () => {
        const fit = fitDiffusion([1, 10, 100, 1000], [0.5, 5.1, 9.7, 14.3])
        return fit === null ? [] : [[fit.intercept, fit.slope, fit.r2]]
      },
    },
    plots: [diffusionPlot],
  },
  ...flatnessPages,
  {
    id: 'rate-finder',
    group: 'Diagnostics',
    title: 'Learning-rate range test',
    says: 'Trains a few updates at rates from far too low to too high and looks at the loss.',
    formulas: [{ tex: 'η_i = η_{\\text{first}} · (\\frac{η_{\\text{last}}}{η_{\\text{first}}})^{i/n}' }],
    symbols: [
      ['i', 'the update of the sweep'],
      ['n', 'the number of updates'],
    ],
    helps:
      'A first idea of the range of rates at a batch size: where the loss falls fastest, and where it ' +
      'explodes. Do it once for each batch size to see the range narrow as the batch grows.',
    breaks:
      'What a network stands for 100 updates it need not stand for an epoch. It knows nothing of ' +
      'generalisation. Suggestions differ by a factor of ten between rules; read the curve.',
    sources: [{ text: 'Smith 2015, §3.3', url: 'https://arxiv.org/abs/1506.01186' }],
    settings: [],
    presets: [],
    example: {
      type: 'values',
      says: 'From 1e-7 to 10 in 100 updates.',
      columns: ['update', 'rate'],
      rows: () => {
        const rates = sweepRates(FinderConfig.parse({}))
        return [0, 50, 99].map((update) => [update, rates[update] ?? NaN])
      },
    },
    plots: [finderPlot],
  },
  {
    id: 'error-bars',
    group: 'Diagnostics',
    title: 'How sure an accuracy is',
    says: 'The spread that an accuracy has because it was measured on so many images, and what to report of a run.',
    formulas: [
      { tex: '\\text{SE} = \\sqrt{\\frac{p (1 - p)}{n}}' },
      { tex: '|p_1 - p_2| > 1.96 · \\sqrt{2} · \\text{SE}', says: 'before two single runs differ, seeds not counted' },
    ],
    symbols: [
      ['p', 'the accuracy'],
      ['n', 'the test images'],
    ],
    helps:
      'Most differences between neighbouring configs of the lab notes are below it. Goyal, and Masters and ' +
      'Luschi, report the median of the last five epochs, not the best one.',
    breaks:
      'It leaves out how much a run changes with its seed, which is often as large: repeat with several. Two ' +
      "models on the same images are compared better pair by pair (McNemar's test). Picking the best epoch by " +
      'test accuracy is choosing by the test images.',
    sources: [
      { text: 'Goyal et al. 2017, §5.1', url: 'https://arxiv.org/abs/1706.02677' },
      { text: 'Masters & Luschi 2018', url: 'https://arxiv.org/abs/1804.07612' },
    ],
    settings: [],
    presets: ['notes/exp1'],
    example: {
      type: 'values',
      says: 'On 10,000 images; and five last epochs, of which 80.2 is reported.',
      columns: [
        'accuracy',
        'standard error, points',
        'needed difference, points',
        'median of 80.1, 80.5, 79.9, 81.0, 80.2',
      ],
      rows: () =>
        [0.91, 0.88, 0.8].map((p) => [
          p,
          100 * accuracyStandardError(p, 10_000),
          196 * Math.SQRT2 * accuracyStandardError(p, 10_000),
          medianOfLastFive([80.1, 80.5, 79.9, 81, 80.2]),
        ]),
    },
    plots: [errorPlot],
  },
]
