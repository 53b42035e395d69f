import { rateExample } from './examples'
import type { Page } from './page'

/** Schedules that rise again, and warm-ups. */
export const cyclePages: readonly Page[] = [
  {
    id: 'warm-restarts',
    group: 'Schedules',
    title: 'Warm restarts (SGDR)',
    says: 'The rate falls along half a cosine, jumps back to the base rate, and falls again, each time for longer.',
    formulas: [
      { tex: 'η_t = η_{\\text{min}} + \\frac{1}{2} (η_0 - η_{\\text{min}}) (1 + \\cos\\frac{π T_{\\text{cur}}}{T_i})' },
      { tex: 'T_i = T_0 · m^i', says: 'the length of the i-th period' },
    ],
    symbols: [
      ['η_0', 'the base rate after scaling'],
      ['T_{\\text{cur}}', 'time since the last restart'],
      ['T_0', 'the first period'],
      ['m', 'the growth of the periods'],
    ],
    helps:
      'A good model at the end of every period, so a run can be ended at any of them; the jumps can leave a ' +
      'poor minimum.',
    breaks:
      'A run that ends in the middle of a period ends at a high rate. With periods 1, 2, 4, 8 times the first, ' +
      'plan 15 of them in all, not 10.',
    sources: [{ text: 'Loshchilov & Hutter 2016, SGDR, §3', url: 'https://arxiv.org/abs/1608.03983' }],
    settings: [{ path: 'learningRate.schedule', value: 'warmRestarts' }],
    presets: [],
    example: rateExample(
      'First period 2 epochs, then 4, then 8.',
      'Each period ends near 0 and the next begins at the base rate. Ten epochs cut the third period off half ' +
        'way, at a high rate; with 14 the run ends where a period does.',
      { schedule: { type: 'warmRestarts', period: 2, growth: 2 } },
      [0, 100, 199, 200, 400, 600],
    ),
  },
  {
    id: 'one-cycle',
    group: 'Schedules',
    title: 'One cycle',
    says:
      'One rise to a rate that would be too high for long, and one fall to far below the start. The base rate is ' +
      'the peak.',
    formulas: [
      {
        tex: 'η_0/d \\quad η_0 \\quad η_{\\text{end}}',
        says: 'the rates at the start, at the peak and at the end, joined by half cosines or straight lines',
      },
      { tex: 'η_{\\text{end}} = \\frac{η_0}{d f}', says: "in PyTorch's convention, on the last update" },
      { tex: 'η_{\\text{end}} = \\frac{η_0}{f}', says: "in fastai's convention, one update after the last" },
    ],
    symbols: [
      ['η_0', 'the base rate after scaling, here the peak'],
      ['d', 'the start division'],
      ['f', 'the final division'],
    ],
    helps:
      'Reaches a given accuracy in a fraction of the updates where the data set is small and the network ' +
      'stands the high rate. The high rate regularises, so turn other regularisation down.',
    breaks:
      'Without batch norm the peak rarely holds. Batch sizes so large that the cycle has a few dozen updates ' +
      'leave no time to rise. The two conventions divide different numbers for the final rate. Cycling the ' +
      'momentum switches momentum on even where the optimizer has none.',
    sources: [
      { text: 'Smith & Topin 2017', url: 'https://arxiv.org/abs/1708.07120' },
      { text: 'Smith 2018, §4', url: 'https://arxiv.org/abs/1803.09820' },
      { text: 'PyTorch, OneCycleLR; fastai, fit_one_cycle' },
    ],
    settings: [{ path: 'learningRate.schedule', value: 'oneCycle' }],
    presets: ['super-convergence'],
    example: rateExample(
      "PyTorch's defaults with a peak of 0.1.",
      'The peak is the base rate. Change the rising part, and the fall takes what is left; a larger final ' +
        'division changes only the last updates.',
      { schedule: { type: 'oneCycle' } },
      [0, 299, 650, 999],
    ),
  },
  {
    id: 'cyclic',
    group: 'Schedules',
    title: 'Cyclic',
    says:
      'The rate rises and falls in straight lines between a lowest and a highest value, whose quotient is the ' +
      'lr_factor of the lab notes.',
    formulas: [
      { tex: 'η_t = η_{\\text{low}} + (η_{\\text{high}} - η_{\\text{low}}) · h_t' },
      {
        tex: 'h_t = \\max(0, 1 - |\\frac{t}{s} - 2 c + 1|) · a_t \\quad c = ⌊1 + \\frac{t}{2 s}⌋',
        says: 'for a symmetric cycle',
      },
      { tex: 'a_t = 1, \\quad 2^{1-c}, \\quad g^t', says: 'triangular, triangular2 and exp_range' },
    ],
    symbols: [
      ['s', "half a cycle, the papers' step size"],
      ['c', 'the number of the cycle, from 1'],
      ['g', 'the decay of exp_range; t counts updates of the run (inside a join, of its part), not of the cycle'],
    ],
    helps:
      'The highs leave narrow minima, the lows settle; no milestones to choose. Half a cycle of 2 to 8 epochs ' +
      'is advised. In the lab notes the best accuracies of all experiments come from it.',
    breaks:
      'Whether a scaled rate is the floor (high = factor · η) or the ceiling (low = η/factor) changes the mean ' +
      'rate, which is (1 + factor)/2 times the lowest: 5.5 times for a factor of 10. On top of a rate scaled ' +
      'to a large batch a factor of 10 is too much; in the notes 5 and 2 did better. A step size in updates ' +
      'means other epochs at each batch size.',
    sources: [
      { text: 'Smith 2015, §3', url: 'https://arxiv.org/abs/1506.01186' },
      { text: 'The lab notes, fifth experiment' },
    ],
    settings: [{ path: 'learningRate.schedule', value: 'cyclic' }],
    presets: ['notes/exp5'],
    example: rateExample(
      'Mode triangular2 between 0.01 and 0.1, cycles of 4 epochs.',
      'The second peak is half as high in triangular2, as high in triangular, and in exp_range lower with ' +
        'every update. The lowest rate is the base rate while that is the floor.',
      { base: 0.01, schedule: { type: 'cyclic', mode: 'triangular2', factor: 10, period: 4 } },
      [0, 100, 200, 400, 600, 800],
    ),
  },
  {
    id: 'constant-warmup',
    group: 'Warm-up',
    title: 'Constant warm-up',
    says: 'A low rate for the first epochs, then the schedule, at once.',
    formulas: [{ tex: 'η_t = η \\quad t < W, \\quad η_t = k η \\quad t ≥ W' }],
    symbols: [
      ['W', 'the updates of the warm-up'],
      ['η', 'the unscaled rate'],
      ['k', 'batch size over reference batch'],
    ],
    helps: 'When a pretrained part has to be kept while a new layer learns.',
    breaks:
      'The jump at its end is what a warm-up should avoid. For large batches Goyal et al. found it worse than none.',
    sources: [{ text: 'Goyal et al. 2017, §2.2', url: 'https://arxiv.org/abs/1706.02677' }],
    settings: [{ path: 'learningRate.warmup', value: 'constant' }],
    presets: ['goyal'],
    example: rateExample(
      '32 times the reference batch, 5 epochs of 10 updates at the unscaled 0.1.',
      'A jump at the end of the warm-up, by batch over reference batch. Make the batch larger, and the jump ' +
        'grows with it.',
      { referenceBatch: 4, scaling: { type: 'linear' }, warmup: { type: 'constant', length: 5 } },
      [0, 34, 35, 69],
      { batchSize: 128 },
    ),
  },
  {
    id: 'gradual-warmup',
    group: 'Warm-up',
    title: 'Gradual warm-up',
    says:
      'The rate rises by the same amount at every update until the scaled rate is reached. The schedule runs ' +
      'underneath on its own clock, so milestones stay where they are.',
    formulas: [{ tex: 'η_t = η + (k η - η) · \\min(\\frac{t}{W}, 1)' }],
    symbols: [
      ['W', 'the updates of the warm-up, 5 epochs in the paper'],
      ['η', 'the start: the unscaled rate'],
      ['k η', 'the scaled rate'],
    ],
    helps:
      'Linear scaling assumes that the gradient hardly changes over k small steps, which is wrong in the first ' +
      'epochs. Rising slowly lets the network leave that phase. Goyal et al. match the small batch up to about ' +
      '8,192 images on ImageNet.',
    breaks:
      'It does not lift the limit of linear scaling: Masters and Luschi, and the lab notes, still lose ' +
      'accuracy at the largest batches. A warm-up that outlasts the first phase of a schedule never trains at ' +
      'the scaled rate.',
    sources: [
      { text: 'Goyal et al. 2017, §2.2', url: 'https://arxiv.org/abs/1706.02677' },
      { text: 'Masters & Luschi 2018, §3.4', url: 'https://arxiv.org/abs/1804.07612' },
    ],
    settings: [{ path: 'learningRate.warmup', value: 'gradual' }],
    presets: ['goyal', 'lin', 'notes/exp4'],
    example: rateExample(
      'From 0.1 to 0.8 for 8 times the reference batch, over 5 epochs of 20 updates.',
      'A ramp from the unscaled rate to the scaled one. A longer warm-up is flatter and ends at the same rate; ' +
        'a larger batch has further to rise in fewer updates.',
      { referenceBatch: 6, scaling: { type: 'linear' }, warmup: { type: 'gradual', length: 5 } },
      [0, 1, 50, 99, 100],
      { batchSize: 48 },
    ),
  },
]
