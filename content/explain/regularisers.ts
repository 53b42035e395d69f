import { cutoutSpan } from '../../core/augmentationDraws'
import { notYet, watchEpoch } from '../../core/stopping'
import { smoothedLoss } from './labels'
import { runningMeans } from './means'
import type { Page } from './page'
import { cutoutPlot, dropoutPlot, emaPlot, mixupPlot, smoothingPlot, stoppingPlot, swaPlot } from './plots/regularisers'
import { deviationOf, initialisationPlots } from './plots/initialisation'

/** What keeps a network from learning its images by heart, and when to stop. */
export const regularisationPages: readonly Page[] = [
  {
    id: 'label-smoothing',
    group: 'Regularisation',
    title: 'Label smoothing',
    says: 'A share ε of the target is spread over all classes, so no logit has to grow without end.',
    formulas: [{ tex: 'L = (1 - ε) (-\\ln p_y) + ε · \\frac{1}{C} \\sum_{c=1}^{C} (-\\ln p_c)' }],
    symbols: [
      ['p_c', 'the probability of class c'],
      ['y', 'the true class'],
      ['C', 'the number of classes'],
    ],
    helps: 'Often a little accuracy, and better calibrated probabilities; usual in quick recipes at 0.1 to 0.2.',
    breaks:
      'The loss cannot reach 0, so it is not comparable with runs without it: curves here show the plain ' +
      'cross-entropy. Teachers for distillation lose by it.',
    sources: [{ text: 'Szegedy et al. 2015, §7', url: 'https://arxiv.org/abs/1512.00567' }],
    settings: [{ path: 'regularisation.labelSmoothing' }],
    presets: [],
    example: {
      type: 'values',
      says: 'Logits 2, 1 and 0.1, the first class is true.',
      columns: ['ε', 'loss'],
      rows: () => [0, 0.1].map((epsilon) => [epsilon, smoothedLoss([2, 1, 0.1], epsilon)]),
    },
    plots: [smoothingPlot],
  },
  {
    id: 'mixup',
    group: 'Regularisation',
    title: 'Mixup',
    says: 'Trains on mixtures of two images, with their labels mixed in the same shares.',
    formulas: [
      { tex: '\\tilde{x} = s x_i + (1 - s) x_j \\quad \\tilde{y} = s y_i + (1 - s) y_j \\quad s ∼ \\text{Beta}(α, α)' },
    ],
    symbols: [
      ['s', 'the share, drawn anew'],
      ['α', 'how even the shares are: near 0 one image dominates, at 1 all shares are equally likely'],
    ],
    helps: 'Long runs of large networks on small data sets. It smooths the function between the images.',
    breaks: 'Short runs and small networks underfit. Training accuracy means little, because targets are mixtures.',
    sources: [{ text: 'Zhang et al. 2017', url: 'https://arxiv.org/abs/1710.09412' }],
    settings: [{ path: 'regularisation.mixup' }],
    presets: [],
    example: {
      type: 'values',
      says: 'The loss of a mixture is the mixture of losses: 0.2 for one label, 2.3 for the other.',
      columns: ['share', 'loss'],
      rows: () => [1, 0.7, 0.5].map((share) => [share, share * 0.2 + (1 - share) * 2.3]),
    },
    plots: [mixupPlot],
  },
  {
    id: 'ema',
    group: 'Regularisation',
    title: 'Average of the weights: EMA',
    says:
      'A second set of weights follows the trained ones as an exponential moving average, and is evaluated in ' +
      'their place.',
    formulas: [
      { tex: '\\hat{w} ← d \\hat{w} + (1 - d) w' },
      { tex: 'd_B = d^{B/B_0}', says: 'looks back over the same number of images at another batch size' },
    ],
    symbols: [
      ['d', 'the decay; the average looks back over 1/(1 − d) updates'],
      ['B_0', 'the reference batch'],
    ],
    helps:
      'Removes the noise of the last updates, as a fall of the rate would, at any time. Good curves from a ' +
      'noisy run at a high rate.',
    breaks:
      'A decay that suits 128 images looks back 32 times further in images at 4,096: scale it with the batch. ' +
      'In a short run the average still remembers the beginning. The running statistics of batch norm are ' +
      'averaged too, though they belong to other weights than the average: where it evaluates badly, have them ' +
      'estimated anew.',
    sources: [{ text: 'Polyak & Juditsky 1992' }],
    settings: [{ path: 'regularisation.average', value: 'ema' }],
    presets: [],
    example: {
      type: 'values',
      says: 'Decay 0.999 at the reference batch, scaled.',
      columns: ['batch over reference', 'decay', 'updates it looks back'],
      rows: () => [1, 8, 32].map((k) => [k, 0.999 ** k, 1 / (1 - 0.999 ** k)]),
    },
    plots: [emaPlot],
  },
  {
    id: 'swa',
    group: 'Regularisation',
    title: 'Average of the weights: SWA',
    says:
      'The plain mean of the weights at the ends of the last epochs. The statistics of batch norm are estimated ' +
      'anew for it.',
    formulas: [{ tex: '\\bar{w} ← \\bar{w} + \\frac{w - \\bar{w}}{n + 1}' }],
    symbols: [['n', 'the epochs averaged so far']],
    helps:
      'With a rate that stays high or cycles, the weights circle a wide region and their mean lies in its flat middle.',
    breaks:
      'With a rate that has fallen to nothing all weights are the same and so is their mean. Without new batch ' +
      'norm statistics an average can be little better than chance.',
    sources: [{ text: 'Izmailov et al. 2018', url: 'https://arxiv.org/abs/1803.05407' }],
    settings: [{ path: 'regularisation.average', value: 'swa' }],
    presets: [],
    example: {
      type: 'values',
      says: 'A weight of 1, 2 and 6 at the ends of three epochs.',
      columns: ['epochs', 'mean'],
      rows: () => runningMeans([1, 2, 6]).map((mean, n) => [n + 1, mean]),
    },
    plots: [swaPlot],
  },
  {
    id: 'dropout',
    group: 'Regularisation',
    title: 'Dropout',
    says: 'While training, a random part of the features is set to 0 and the rest scaled up to match.',
    formulas: [{ tex: 'y = \\frac{b x}{1 - p} \\quad b ∼ \\text{Bernoulli}(1 - p)' }],
    symbols: [
      ['p', 'the fraction dropped'],
      ['b', 'a mask, drawn anew for every image and update'],
    ],
    helps: "Wide dense layers: AlexNet, Keskar's C1 and C2.",
    breaks:
      'Before batch norm it changes the variance between training and evaluation. Fully convolutional networks ' +
      'with batch norm gain little.',
    sources: [{ text: 'Srivastava et al. 2014' }],
    settings: [{ path: 'networkOptions.dropout' }],
    presets: ['krizhevsky', 'keskar/c1'],
    example: {
      type: 'values',
      says: 'What a kept feature of 1 becomes; the expected value stays 1.',
      columns: ['p', 'kept feature', 'expected'],
      rows: () => [0, 0.3, 0.5].map((p) => [p, 1 / (1 - p), (1 - p) / (1 - p)]),
    },
    plots: [dropoutPlot],
  },
  {
    id: 'augmentation',
    group: 'Regularisation',
    title: 'Augmentation and cutout',
    says: 'Every image is shifted, mirrored, turned or partly covered at random, drawn anew in each epoch.',
    formulas: [{ tex: '(2 p + 1)^2', says: 'places of a crop after padding by p: 81 for 4' }],
    symbols: [['p', 'the padding on each side, in pixels']],
    helps:
      "The strongest regulariser on small images: several points on CIFAR-10. Keskar's gap between batch sizes " +
      'largely disappears with it, as critics note.',
    breaks:
      'Mirrored digits and letters are other characters. Padding before normalising gives black borders, after ' +
      'it the mean colour. A cutout in a corner covers only a quarter of its square.',
    sources: [{ text: 'DeVries & Taylor 2017 (cutout)', url: 'https://arxiv.org/abs/1708.04552' }],
    settings: [{ path: 'data.augmentation' }],
    presets: ['masters', 'notes/exp1'],
    example: {
      type: 'values',
      says: 'Pixels that a cutout of 16 covers along an axis of 32.',
      columns: ['centre', 'from', 'to'],
      rows: () => [0, 16, 31].map((centre) => [centre, ...cutoutSpan(centre, 16, 32)]),
    },
    plots: [cutoutPlot],
  },
  {
    id: 'initialisation',
    group: 'Regularisation',
    title: 'Initial weights and zero γ',
    says:
      'How far the random initial weights spread, so that signals keep their size through the layers; and blocks ' +
      'that begin as the identity.',
    formulas: [
      {
        tex:
          '\\text{Var}(w) = \\frac{2}{n_{\\text{in}}}, \\quad \\frac{2}{n_{\\text{in}} + n_{\\text{out}}}, ' +
          '\\quad \\frac{1}{n_{\\text{in}}}',
        says: 'He, Glorot, LeCun',
      },
      { tex: 'γ = 0', says: 'in the last batch norm of each residual block' },
    ],
    symbols: [
      ['n_{\\text{in}}', 'the inputs of a unit, receptive field included'],
      ['n_{\\text{out}}', 'its outputs'],
    ],
    helps:
      "He's spread keeps the variance behind ReLU. Zero γ starts a residual network as a shallow one, which " +
      'helps the first epochs at large batches.',
    breaks:
      'Behind batch norm the spread hardly matters for the output, but it sets how far an update turns the ' +
      'weights. Only the ResNets have blocks that end in batch norm: those of ResNet-9 end in a ReLU, behind ' +
      'which a zero γ would stay zero, and those of the wide ResNets in a convolution.',
    sources: [
      { text: 'He et al. 2015', url: 'https://arxiv.org/abs/1502.01852' },
      { text: 'Goyal et al. 2017, §5.1', url: 'https://arxiv.org/abs/1706.02677' },
    ],
    settings: [{ path: 'networkOptions.initialisation' }, { path: 'networkOptions.zeroLastGamma' }],
    presets: ['goyal', 'masters'],
    example: {
      type: 'values',
      says: 'Standard deviation for a 3×3 convolution from 16 to 32 channels.',
      columns: ['method', 'deviation'],
      rows: () =>
        (
          [
            ['He', 'heNormal'],
            ['Glorot', 'glorotNormal'],
            ['LeCun', 'lecunNormal'],
          ] as const
        ).map(([name, method]) => [name, deviationOf(method, 144, 288)]),
    },
    plots: initialisationPlots,
  },
  {
    id: 'early-stopping',
    group: 'Early stopping',
    title: 'Early stopping',
    says: 'The run ends when validation has not improved for so many epochs, and the best weights are kept.',
    formulas: [{ tex: '\\text{stop when } e - e_{\\text{best}} ≥ \\text{patience}' }],
    symbols: [
      ['e', 'the epochs done'],
      ['e_{\\text{best}}', 'the epoch of the last improvement beyond the minimum delta'],
    ],
    helps:
      'Saves the rest of a run that overfits or has gone as far as it goes. The choice is made on validation ' +
      'images, so the test images stay unseen.',
    breaks:
      'With a schedule that drops: a plateau before the first drop looks like the end. In the lab notes a run ' +
      'of 300 epochs was ended at about 70 that way, and reached 78.5 % in place of 81. Make the patience ' +
      'longer than the longest phase. Validation accuracy on few images is noisy, and a lucky epoch sets the ' +
      'mark too high.',
    sources: [{ text: 'Prechelt 1998' }, { text: 'The lab notes, config 3 of the log' }],
    settings: [{ path: 'earlyStopping' }],
    presets: [],
    example: {
      type: 'values',
      says: 'Patience 2, by validation accuracy.',
      columns: ['epoch', 'accuracy', 'waited', 'stops'],
      rows: () => {
        let state = notYet
        return [0.5, 0.6, 0.59, 0.6].map((accuracy, index) => {
          const watched = watchEpoch(
            { enabled: true, monitor: 'validationAccuracy', patience: 2, minimumDelta: 0, restoreBest: true },
            state,
            index + 1,
            { accuracy, loss: 1, images: 1000 },
          )
          state = watched.state
          return [index + 1, accuracy, state.waited, watched.stop ? 'yes' : 'no']
        })
      },
    },
    plots: [stoppingPlot],
  },
]
