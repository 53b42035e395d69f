import { rateExample } from './examples'
import type { Page } from './page'

const schedule = (value: string): Page['settings'] => [{ path: 'learningRate.schedule', value }]

/** Schedules that are put together: of others, or point by point. */
export const composedSchedulePages: readonly Page[] = [
  {
    id: 'join',
    group: 'Schedules',
    title: 'Join',
    says:
      'Schedules one after another. Each part counts updates, epochs and fractions from its own start, and the ' +
      'last one lasts to the end of the run.',
    formulas: [{ tex: 'η_t = f_i(t - s_i) \\quad s_i ≤ t < s_{i+1}' }],
    symbols: [
      ['f_i', 'the schedule of the i-th part, on a clock on which the run is as long as the part'],
      ['s_i', 'the update that the part begins with: the first one at or after the end of the part before'],
    ],
    helps:
      'For regimes of papers that are made of pieces, such as a constant rate for half of the run and a cosine ' +
      'for the rest. The second part does not need to know where it begins.',
    breaks:
      'Every part starts from the same base rate: where one ends lower, the next one jumps up again unless it ' +
      'is scaled. A part can be scaled or stretched, which makes two levels; more are not allowed. A warm-up ' +
      'lies over all parts and knows nothing of them.',
    sources: [
      { text: 'optax, join_schedules', url: 'https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html' },
    ],
    settings: schedule('join'),
    presets: [],
    example: rateExample(
      'A straight fall to 0.04 in 4 epochs, then a cosine that is scaled by 0.4, so that nothing jumps.',
      'Change the scale of the second part: at 0.4 it takes over where the first one ends, at any other it ' +
        'jumps. Make the first part longer, and the cosine is squeezed into what is left.',
      {
        schedule: {
          type: 'join',
          parts: [
            { schedule: { type: 'polynomial', minimum: 0.04 }, length: 4 },
            { schedule: { type: 'scale', factor: 0.4, schedule: { type: 'cosine' } } },
          ],
        },
      },
      [0, 200, 399, 400, 700, 999],
    ),
  },
  {
    id: 'scale-and-stretch',
    group: 'Schedules',
    title: 'Scale and stretch',
    says: 'Another schedule with every rate multiplied by a factor, or with everything in it as many times as long.',
    formulas: [
      { tex: 'η_t = c · f(t)', says: 'scale' },
      { tex: 'η_t = f(\\frac{t}{c})', says: 'stretch' },
    ],
    symbols: [
      ['f', 'the schedule inside'],
      ['c', 'the factor'],
    ],
    helps:
      'Scale moves the lowest rate and absolute tables too, which the base rate does not. Stretch gives the ' +
      'regime of a short run to a long one without new milestones, as regime adaptation does for a large batch.',
    breaks:
      'Stretched, a schedule that ends with the run does not come to its end: twice as long, a cosine is ' +
      'halfway when the run is over. With a factor below 1 it is over early, and its last rate is held. Beside ' +
      'a scaling rule or regime adaptation, which do the same for the batch size, the rate is scaled twice.',
    sources: [{ text: 'Hoffer et al. 2017, §5 (regime adaptation)', url: 'https://arxiv.org/abs/1705.08741' }],
    settings: [...schedule('scale'), ...schedule('stretch')],
    presets: [],
    example: rateExample(
      'A drop by half every 2 epochs, stretched by 1.5.',
      'The drops come at 3, 6 and 9 epochs in place of 2, 4, 6 and 8. At a stretch of 5 none is left; below 1 ' +
        'the schedule is over early, and its last rate is held.',
      { schedule: { type: 'stretch', factor: 1.5, schedule: { type: 'step', factor: 0.5, every: 2 } } },
      [0, 299, 300, 600, 999],
    ),
  },
  {
    id: 'points',
    group: 'Schedules',
    title: 'Table of points',
    says:
      'Any curve: a table of positions and rates, with straight lines between them or each value held until the ' +
      'next.',
    formulas: [{ tex: 'η(x) = v_i + (v_{i+1} - v_i) \\frac{x - x_i}{x_{i+1} - x_i} \\quad x_i ≤ x < x_{i+1}' }],
    symbols: [
      ['x', 'the position, in updates, epochs or as a fraction'],
      ['x_i, v_i', 'the points of the table; with “multiples”, v counts in base rates'],
    ],
    helps:
      'For a schedule that a paper prints as a list, such as 0.001, 0.01, 0.001, 0.0001 at epochs 0, 60, 120, ' +
      "180 (Hoffer's code for C1), and for curves of your own.",
    breaks: 'Absolute values are not moved by a scaling rule: choose multiples if the batch size is going to change.',
    sources: [{ text: 'Hoffer et al. 2017, published code', url: 'https://arxiv.org/abs/1705.08741' }],
    settings: schedule('points'),
    presets: ['hoffer/c1', 'hoffer/wrn'],
    example: rateExample(
      '1, 10, 1 and 0.1 times the base rate, each held.',
      'Each point is a position and a value, with commas between the points. Held, they make steps; joined, a ' +
        'path of straight lines.',
      {
        base: 0.001,
        schedule: {
          type: 'points',
          unit: 'epochs',
          between: 'hold',
          relative: true,
          points: [
            { at: 0, value: 1 },
            { at: 3, value: 10 },
            { at: 6, value: 1 },
            { at: 9, value: 0.1 },
          ],
        },
      },
      [0, 299, 300, 600, 900],
    ),
  },
]
