import { rateExample } from './examples'
import { noPlateau, plateauConfig, watchPlateau } from '../../core/schedules/plateau'
import type { Page } from './page'
import { plateauPlot } from './plots/plateau'
import { composedSchedulePages } from './composedSchedules'

const schedule = (value: string): Page['settings'] => [{ path: 'learningRate.schedule', value }]
const baseRate = ['η_0', 'the base rate after scaling'] as const
const sgdr = { text: 'Loshchilov & Hutter 2016, SGDR, eq. 5', url: 'https://arxiv.org/abs/1608.03983' } as const

/** Schedules that hold the rate or let it fall. */
export const schedulePages: readonly Page[] = [
  {
    id: 'constant',
    group: 'Schedules',
    title: 'Constant rate',
    says: 'The same rate at every update.',
    formulas: [{ tex: 'η_t = η_0' }],
    symbols: [baseRate],
    helps:
      'To see what rate and batch size do by themselves: theory about their ratio (Jastrzębski, He) is about ' +
      'constant rates. Beside a growing batch, which takes the place of the drops.',
    breaks:
      'The noise of the gradient keeps the weights moving about a minimum, at a distance that grows with η/B. ' +
      'Without a fall at the end the last points of accuracy are left on the table.',
    sources: [
      {
        text: 'He, Liu & Tao 2019',
        url: 'https://proceedings.neurips.cc/paper/2019/hash/dc6a70712a252123c40d2adba6a11d84-Abstract.html',
      },
    ],
    settings: [{ path: 'learningRate.schedule', value: 'constant' }, { path: 'learningRate.base' }],
    presets: ['he', 'jastrzebski'],
    example: rateExample(
      'Base rate 0.1.',
      'A level line. Its height follows the batch size only when a scaling rule is on; here it is the base rate.',
      {},
      [0, 500, 999],
    ),
  },
  {
    id: 'step',
    group: 'Schedules',
    title: 'Step',
    says: 'The rate is multiplied by a factor every so many epochs.',
    formulas: [{ tex: 'η_t = η_0 · γ^{⌊e/s⌋}' }],
    symbols: [baseRate, ['γ', 'the factor'], ['e', 'whole epochs before the update'], ['s', 'epochs between drops']],
    helps:
      'A first phase at a high rate finds a good region, each drop lets the weights settle deeper into it. ' +
      'Easy to read in a curve: accuracy jumps at each drop.',
    breaks:
      'With early stopping: a plateau before a drop looks like the end. When the batch size changes, epochs ' +
      'hold fewer updates, and drops in epochs come after fewer of them.',
    sources: [
      { text: 'He et al. 2015 use drops by 10', url: 'https://arxiv.org/abs/1512.03385' },
      { text: 'PyTorch, StepLR' },
    ],
    settings: schedule('step'),
    presets: ['notes/exp1'],
    example: rateExample(
      'Halved every 2 epochs.',
      'Equal steps in epochs, so each level is the same share of the one before. With a larger batch the same ' +
        'steps hold fewer updates.',
      { schedule: { type: 'step', factor: 0.5, every: 2 } },
      [0, 199, 200, 450, 999],
    ),
  },
  {
    id: 'multi-step',
    group: 'Schedules',
    title: 'Multi-step',
    says:
      'The rate is multiplied by a factor at each of a list of milestones: epochs, updates, or fractions of the ' +
      'run.',
    formulas: [{ tex: 'η_t = η_0 · γ^{n(t)}' }],
    symbols: [
      baseRate,
      ['γ', 'the factor'],
      ['n(t)', 'the number of milestones reached; a drop applies at the milestone itself'],
    ],
    helps:
      'The protocol of most papers on batch size: 30, 60 and 80 of 90 epochs (Goyal), half and three quarters ' +
      'of all updates (Masters and Luschi). Fractions keep their meaning when epochs or batch size change.',
    breaks:
      'Milestones in epochs that lie beyond the end never come. Whole epochs and updates differ: 61.5 epochs ' +
      'is reached in the middle of an epoch as a fraction of updates, and at epoch 62 where epochs are counted ' +
      'whole.',
    sources: [
      { text: 'Goyal et al. 2017, §5.1', url: 'https://arxiv.org/abs/1706.02677' },
      { text: 'Masters & Luschi 2018', url: 'https://arxiv.org/abs/1804.07612' },
    ],
    settings: schedule('multiStep'),
    presets: ['goyal', 'masters', 'hoffer/resnet44', 'lin'],
    example: rateExample(
      'A tenth at 50 % and again at 75 % of the updates.',
      "Add a milestone or move one: “0.333, 0.667, 0.889” is Goyal's protocol. As fractions they stay at their " +
        'share of the run when the epochs change; in epochs, those beyond the end never come.',
      { schedule: { type: 'multiStep' } },
      [0, 499, 500, 749, 750, 999],
    ),
  },
  {
    id: 'exponential',
    group: 'Schedules',
    title: 'Exponential',
    says: 'The rate is multiplied by a factor again and again, every k epochs.',
    formulas: [{ tex: 'η_t = η_0 · γ^{⌊e/k⌋}' }],
    symbols: [
      baseRate,
      ['γ', 'the factor'],
      ['e', 'whole epochs before the update'],
      ['k', 'epochs between two multiplications'],
    ],
    helps:
      'A smooth fall without choosing milestones. Hoffer et al. describe the regime they start from as one ' +
      'that “decreases exponentially every few epochs”.',
    breaks:
      'It falls fastest at the beginning, where a high rate does most good; a factor that is a little too ' +
      'small ends training early without a sign. After n multiplications the rate is γⁿ of what it was.',
    sources: [
      { text: 'Hoffer et al. 2017, §2', url: 'https://arxiv.org/abs/1705.08741' },
      { text: 'PyTorch, ExponentialLR (k = 1)' },
    ],
    settings: schedule('exponential'),
    presets: [],
    example: rateExample(
      'Times 0.9 after every epoch.',
      'The rate loses the same share again and again, so most of the fall comes first. In the tenth epoch 39 % ' +
        'is left at 0.9, and 4 % at 0.7.',
      { schedule: { type: 'exponential', factor: 0.9, every: 1 } },
      [0, 100, 500, 900],
    ),
  },
  {
    id: 'polynomial',
    group: 'Schedules',
    title: 'Polynomial',
    says: 'The rate falls as a power of the share of the run that is left; power 1 is a straight line.',
    formulas: [{ tex: 'η_t = η_{\\text{end}} + (η_0 - η_{\\text{end}}) (1 - \\frac{t}{T})^p' }],
    symbols: [baseRate, ['t', 'the update'], ['T', 'all updates'], ['p', 'the power']],
    helps:
      'Power 2 is usual with LARS and very large batches, where a run has so few updates that steps would be ' +
      'coarse. A straight line to zero is hard to beat as a default.',
    breaks:
      'The last update is at T − 1, so the final rate is approached and not reached. Changing the number of ' +
      'epochs changes the rate at every update.',
    sources: [{ text: 'You et al. 2017, LARS, §5', url: 'https://arxiv.org/abs/1708.03888' }],
    settings: schedule('polynomial'),
    presets: [],
    example: rateExample(
      'Power 2.',
      'Power 1 is a straight line. A higher power takes more off early and leaves a long, low end; a power ' +
        'below 1 keeps the rate up and lets it fall at the end.',
      { schedule: { type: 'polynomial', power: 2 } },
      [0, 500, 990],
    ),
  },
  {
    id: 'cosine',
    group: 'Schedules',
    title: 'Cosine',
    says: 'The rate falls along half a cosine: slowly, then quickly, then slowly again.',
    formulas: [{ tex: 'η_t = η_{\\text{min}} + \\frac{1}{2} (η_0 - η_{\\text{min}}) (1 + \\cos\\frac{π t}{T})' }],
    symbols: [baseRate, ['η_{\\text{min}}', 'the final rate'], ['t', 'the update'], ['T', 'all updates']],
    helps:
      'A long time near the base rate, a long time near zero, nothing to choose but the base rate. A safe ' +
      'default for runs of known length.',
    breaks:
      'A run that is stopped early, or prolonged later, was never at the rates that its end would have had. ' +
      'The last update is at T − 1, a little above the final rate.',
    sources: [sgdr],
    settings: schedule('cosine'),
    presets: [],
    example: rateExample(
      'From 0.1 to 0.',
      'Level at both ends and steepest half way. Change the epochs, and the whole curve stretches: every ' +
        'update then has another rate.',
      { schedule: { type: 'cosine' } },
      [0, 250, 500, 750, 999],
    ),
  },
  {
    id: 'plateau',
    group: 'Schedules',
    title: 'Reduce on plateau',
    says:
      'The rate is multiplied by a factor when validation loss, validation accuracy or training loss has not ' +
      'improved for more epochs than patience allows. The only schedule that depends on what is measured.',
    formulas: [
      {
        tex: 'm < m_{\\text{best}} (1 - θ)',
        says:
          'an improvement of a loss, with a relative threshold; accuracy has to rise above m_best(1 + θ), an ' +
          'absolute threshold is a difference',
      },
      { tex: 'η ← \\max(γ η, η_{\\text{min}}) \\quad w > p', says: 'at the end of an epoch' },
    ],
    symbols: [
      ['m', 'what is measured at the end of the epoch'],
      ['θ', 'the threshold'],
      ['w', 'epochs without improvement since the best one, the last fall or the cooldown'],
      ['p', 'the patience'],
      ['γ', 'the factor'],
      ['η_{\\text{min}}', 'the lowest rate'],
    ],
    helps:
      'When nobody knows how long a phase should last: each rate is used for as long as it brings something. ' +
      'Epochs that a large batch needs more of are granted without new milestones.',
    breaks:
      'Two runs with other batch sizes fall at other times, so what is compared is not the batch size alone. ' +
      'Measured on few images the metric is noisy, and a lucky epoch sets the mark too high. With early ' +
      'stopping its patience must be the longer one. A plan shows the rate at its highest. With patience p the ' +
      'rate cannot fall before epoch p + 2 is done; epochs of a warm-up count too. As in PyTorch, a fall of ' +
      'the rate by 1e-8 or less is not made.',
    sources: [
      {
        text: 'PyTorch, ReduceLROnPlateau',
        url: 'https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html',
      },
    ],
    settings: schedule('plateau'),
    presets: [],
    example: {
      type: 'values',
      says: 'Factor 0.5, patience 1, cooldown 1, from 0.1, with the validation loss after each epoch.',
      columns: ['epoch', 'validation loss', 'epochs waited', 'rate of the next epoch'],
      rows: () => {
        const config = plateauConfig.parse({ type: 'plateau', factor: 0.5, patience: 1, cooldown: 1 })
        let state = noPlateau
        return [1, 0.8, 0.81, 0.8, 0.79, 0.795, 0.8].map((loss, index) => {
          state = watchPlateau(config, 0.1, state, loss)
          return [index + 1, loss, state.waited, 0.1 * state.factor]
        })
      },
    },
    plots: [plateauPlot],
  },
  ...composedSchedulePages,
]
