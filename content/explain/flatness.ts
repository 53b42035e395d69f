import { powerIteration } from '../../core/flatness/curvature'
import type { Landscape } from '../../core/flatness/landscape'
import { interpolationPlaces } from '../../core/flatness/line'
import { sharpness } from '../../core/flatness/sharpness'
import { randomFor } from '../../core/random'
import type { Page } from './page'
import { hessianPlots, interpolationPlot, sharpnessPlot } from './plots/flatness'

const matrixTimes = (v: Float64Array): Float64Array =>
  Float64Array.of(2 * (v[0] ?? 0) + (v[1] ?? 0), (v[0] ?? 0) + 3 * (v[1] ?? 0))

const parabola: Landscape = { loss: (w) => 0.5e4 * (w[0] ?? 0) ** 2, gradient: (w) => w.map((value) => 1e4 * value) }

/** What the loss looks like around a minimum and between two. */
export const flatnessPages: readonly Page[] = [
  {
    id: 'sharpness',
    group: 'Diagnostics',
    title: 'Sharpness',
    says: 'How much the training loss can rise when each weight moves within a small box around its value.',
    formulas: [
      {
        tex: 'φ = 100 · \\frac{\\max_{z ∈ C} f(w + z) - f(w)}{1 + f(w)} \\quad C = \\text{all } |z_i| ≤ ε (|w_i| + 1)',
      },
    ],
    symbols: [
      ['f', 'the training loss'],
      ['ε', 'the size of the box, 1e-3 or 5e-4'],
    ],
    helps:
      'Compares minima of the same network from different batch sizes: Keskar et al. found those of large ' +
      'batches far sharper. The command “batchlab flatness” measures it for any checkpoint.',
    breaks:
      'It depends on how the weights are parametrised: a ReLU network can be rescaled to any sharpness without ' +
      'changing what it computes (Dinh et al.). The maximum is searched, so it is a lower bound. Compare only ' +
      'with the same images, batch norm fixed, dropout off.',
    sources: [
      { text: 'Keskar et al. 2016, metric 2.1', url: 'https://arxiv.org/abs/1609.04836' },
      { text: 'Dinh et al. 2017', url: 'https://arxiv.org/abs/1703.04933' },
    ],
    settings: [],
    presets: ['keskar/c1'],
    example: {
      type: 'values',
      says: 'The loss f = ½ · 10⁴ · w² at w = 0: the box is ±ε, its corner the highest point.',
      columns: ['ε', 'sharpness'],
      rows: () =>
        [1e-3, 5e-4].map((epsilon) => [
          epsilon,
          sharpness(parabola, Float64Array.of(0), {
            epsilon,
            iterations: 10,
            restarts: 1,
            random: randomFor(0, 'probe'),
          }).percent,
        ]),
    },
    plots: [sharpnessPlot],
  },
  {
    id: 'interpolation',
    group: 'Diagnostics',
    title: 'Loss between two checkpoints',
    says: 'Loss and accuracy along the straight line through two sets of weights.',
    formulas: [{ tex: 'w(α) = α w_L + (1 - α) w_S \\quad -1 ≤ α ≤ 2' }],
    symbols: [['w_S, w_L', 'the weights of the small and the large batch']],
    helps:
      'Shows a barrier between two minima and how wide each is along the line. Two runs from the same initial ' +
      'weights are the fair comparison. The command “batchlab flatness” prints the 25 points of two ' +
      'checkpoints, also as CSV.',
    breaks:
      "Between two networks batch norm's running statistics belong to neither: estimate them anew at each " +
      'point. One line says little of the other million directions, and width along it has the units of the ' +
      'distance.',
    sources: [
      { text: 'Goodfellow et al. 2014', url: 'https://arxiv.org/abs/1412.6544' },
      { text: 'Keskar et al. 2016', url: 'https://arxiv.org/abs/1609.04836' },
    ],
    settings: [],
    presets: ['keskar/c1'],
    example: {
      type: 'values',
      says: "The 25 points that Keskar's plot uses, in part.",
      columns: ['point', 'α'],
      rows: () => [0, 8, 16, 24].map((index) => [index, interpolationPlaces[index] ?? NaN]),
    },
    plots: [interpolationPlot],
  },
  {
    id: 'hessian',
    group: 'Diagnostics',
    title: 'Largest eigenvalue of the Hessian',
    says: 'The curvature of the loss in its steepest direction, by power iteration with Hessian-vector products.',
    formulas: [
      { tex: 'v ← \\frac{H v}{‖H v‖} \\quad λ = v · H v' },
      { tex: 'H v ≈ \\frac{∇ f(w + r v) - ∇ f(w - r v)}{2 r}' },
    ],
    symbols: [
      ['H', 'the matrix of second derivatives'],
      ['r', 'a small length'],
    ],
    helps:
      'Gradient descent is stable only while λ < 2/η, or (2 + 2μ)/η with momentum μ, so it says how high a ' +
      'rate can be, at any batch size: beyond that linear scaling must fail. Larger η/B ends at a smaller λ. ' +
      'The command “batchlab flatness” puts it beside that limit.',
    breaks:
      'Power iteration finds the eigenvalue of largest size, which may be negative. Too small an r drowns in ' +
      'rounding, too large a one measures something else: the value should not change from r/3 to 3r.',
    sources: [
      { text: 'Jastrzębski et al. 2017', url: 'https://arxiv.org/abs/1711.04623' },
      { text: 'Li et al. 2018', url: 'https://arxiv.org/abs/1712.09913' },
    ],
    settings: [],
    presets: ['jastrzebski'],
    example: {
      type: 'values',
      says: 'The matrix (2, 1; 1, 3), whose largest eigenvalue is 3.618034, from (1, 0).',
      columns: ['step', 'estimate'],
      rows: () =>
        powerIteration(matrixTimes, Float64Array.of(1, 0), { iterations: 7, tolerance: 0 })
          .estimates.map((value, index) => [index + 1, value])
          .filter((_, index) => [0, 1, 3, 6].includes(index)),
    },
    plots: hessianPlots,
  },
]
