import { ghostSizes } from '../../core/ghost'
import type { Page } from './page'
import { planOfExample } from './page'
import { lastPartialPlot, microPlot } from './plots/batchParts'

/** How a batch is cut into parts, and what is done with the images that do not fill one. */
export const batchPartPages: readonly Page[] = [
  {
    id: 'micro-batches',
    group: 'Batch methods',
    title: 'Micro-batches',
    says:
      'The gradient of a batch is computed in pieces that fit into memory and added up, and the weights are ' +
      'updated once.',
    formulas: [{ tex: 'g = \\frac{1}{B} \\sum_{j} B_j g_j' }],
    symbols: [
      ['B_j, g_j', 'the size and the mean gradient of a piece, so that pieces of different size count by their images'],
    ],
    helps:
      'A batch of 8,192 on a card that holds 256, with the same gradient as the whole batch. Clipping, weight ' +
      'decay and momentum act once, on the whole gradient.',
    breaks:
      'Batch norm sees the pieces, not the batch: together they are ghost batches, whether that was meant or ' +
      'not. It saves memory, not time.',
    sources: [
      { text: 'Goyal et al. 2017, §3, on gradients of several workers', url: 'https://arxiv.org/abs/1706.02677' },
    ],
    settings: [{ path: 'batch.microBatch' }],
    presets: ['goyal'],
    example: {
      type: 'values',
      says: 'A batch in pieces of at most 256.',
      columns: ['batch', 'pieces'],
      rows: () => [256, 300, 1024].map((batch) => [batch, ghostSizes(batch, 256).join(', ')]),
    },
    plots: [microPlot],
  },
  {
    id: 'last-partial-batch',
    group: 'Batch methods',
    title: 'The last partial batch',
    says: 'The images that do not fill a batch at the end of an epoch are left out, or make a smaller batch.',
    formulas: [{ tex: '⌊\\frac{N}{B}⌋ \\quad \\text{or} \\quad ⌈\\frac{N}{B}⌉', says: 'updates per epoch' }],
    symbols: [
      ['N', 'the training images'],
      ['B', 'the batch size'],
    ],
    helps:
      'Leaving them out keeps every update alike; each epoch leaves out other images. Using them is what most ' +
      'published code does, and what update counts in papers include.',
    breaks:
      'A rest of a few images makes a noisy update of full length with the mean, and noisy batch norm ' +
      'statistics. For batches near the size of the data set leaving out the rest loses much of it: 4,096 of ' +
      '40,000 images leave 3,136 over.',
    sources: [{ text: 'PyTorch, DataLoader (drop_last)', url: 'https://docs.pytorch.org/docs/stable/data.html' }],
    settings: [{ path: 'batch.lastPartial' }],
    presets: ['smith'],
    example: {
      type: 'values',
      says: '40,000 images.',
      columns: ['batch size', 'updates, dropped', 'updates, kept'],
      rows: () =>
        [128, 1024, 4096].map((batchSize) => [
          batchSize,
          ...(['drop', 'keep'] as const).map(
            (lastPartial) => planOfExample(40_000, { batchSize, batch: { lastPartial } }).updatesPerEpoch,
          ),
        ]),
    },
    plots: [lastPartialPlot],
  },
]
