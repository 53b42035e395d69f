import type { Page } from './page'
import { clippingPlot } from './plots/optimizers'
import { clippedByNorm, clippedByValue } from './updates'

const clip = (value: string): Page['settings'] => [{ path: 'optimizer.clip', value }]
const listed = (values: readonly number[]): string => values.map((value) => Number(value.toPrecision(6))).join(', ')

/** How gradients that are too long are shortened. */
export const clippingPages: readonly Page[] = [
  {
    id: 'gradient-clipping',
    group: 'Optimizers',
    title: 'Gradient clipping',
    says:
      'Limits the gradient before it is used: its length as a whole, each component, or for each output unit its ' +
      'length relative to the weights (AGC).',
    formulas: [
      { tex: 'g ← g · \\min(1, \\frac{c}{‖g‖ + 10^{-6}})', says: 'global norm' },
      { tex: 'g_i ← \\max(-c, \\min(c, g_i))', says: 'value' },
      {
        tex: 'g_u ← g_u · \\min(1, \\frac{c · \\max(‖w_u‖, 10^{-3})}{‖g_u‖})',
        says: "adaptive, for each output unit u but the classifier's",
      },
    ],
    symbols: [
      ['c', 'the limit'],
      ['g', 'the reduced gradient of the whole batch, before weight decay and momentum'],
    ],
    helps:
      "Rare huge gradients at high rates and early in training: Hoffer's code clips at 5, and the lab notes " +
      'wonder whether it would help large batches. AGC lets networks without batch norm train with large ' +
      'batches.',
    breaks:
      'A limit that is reached all the time is a rate that follows 1/‖g‖. The norm of a gradient falls as the ' +
      'batch grows, because noise averages out, so the same limit bites less for larger batches. With summed ' +
      'gradients limits are off by the batch size. Clipping by value turns the gradient.',
    sources: [
      { text: 'Pascanu et al. 2012', url: 'https://arxiv.org/abs/1211.5063' },
      { text: 'Brock et al. 2021', url: 'https://arxiv.org/abs/2102.06171' },
    ],
    settings: [...clip('norm'), ...clip('value'), ...clip('adaptive')],
    presets: ['hoffer/resnet44'],
    example: {
      type: 'values',
      says: 'The gradient (3, 4).',
      columns: ['clipping', 'result'],
      rows: () => [
        ['norm, limit 1', listed(clippedByNorm([3, 4], 1))],
        ['norm, limit 10', listed(clippedByNorm([3, 4], 10))],
        ['value, limit 3.5', listed(clippedByValue([3, 4], 3.5))],
      ],
    },
    plots: [clippingPlot],
  },
]
