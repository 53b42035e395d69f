import { exactNoiseScale, noiseScale, rateToBatch } from '../../../core/noise'
import { effectiveBatch, meanRateOfSum, scaledRate, type ScalingConfig } from '../../../core/scaling'
import { about, batchAxis, batchSizes, type PlotFigure, number, type Plot, plotOf, whole } from '../plot'

const rate = (initial: number) => number('Base rate', initial, { minimum: 0.001, maximum: 10, log: true })
const reference = whole('Reference batch', 128, { minimum: 4, maximum: 8192, log: true, unit: 'images' })
const images = (initial: number) =>
  whole('Training images', initial, { minimum: 1000, maximum: 1_300_000, log: true, step: 1000, unit: 'images' })
const places = [32, 128, 512, 4096]
const neighbours = [
  ['fixed', { type: 'fixed' }],
  ['linear', { type: 'linear' }],
  ['square root', { type: 'squareRoot' }],
] as const

/** A rule's rate at each batch size beside the other rules. */
function beside(
  name: string,
  config: ScalingConfig,
  {
    base,
    referenceBatch,
    trainingImages = 40_000,
  }: { readonly base: number; readonly referenceBatch: number; readonly trainingImages?: number },
): PlotFigure {
  const rates = (rule: ScalingConfig): readonly number[] =>
    batchSizes.map((batchSize) => scaledRate(rule, { base, batchSize, referenceBatch, trainingImages }))
  const [smallest, largest] = [128, 4096].map((batchSize) =>
    scaledRate(config, { base, batchSize, referenceBatch, trainingImages }),
  )
  return {
    xAxis: batchAxis,
    yAxis: { title: 'rate', log: true },
    x: batchSizes,
    curves: [
      { name, y: rates(config), role: 'main' },
      ...neighbours
        .filter(([, { type }]) => type !== config.type)
        .map(([other, rule]) => ({ name: other, y: rates(rule), role: 'beside' as const })),
    ],
    note: `At 128 images the rate is ${about(smallest ?? NaN)}, at 4,096 it is ${about(largest ?? NaN)}.`,
  }
}

const rule = (name: string, config: ScalingConfig, sees: string): Plot =>
  plotOf({
    name: 'Rate over batch size',
    sees,
    at: places,
    knobs: { base: rate(0.1), reference },
    figure: ({ base, reference: referenceBatch }) => beside(name, config, { base, referenceBatch }),
  })

export const fixedPlot = rule(
  'fixed',
  { type: 'fixed' },
  'The rules part at the reference batch. To its right the fixed rate is ever further below what the others ask for.',
)

export const linearPlot = rule(
  'linear',
  { type: 'linear' },
  'On logarithmic axes the rule is a line of slope 1. Move the reference batch: the line shifts, and with it ' +
    'every rate, which is why a base rate means nothing without it.',
)

export const squareRootPlot = rule(
  'square root',
  { type: 'squareRoot' },
  'Half the slope of the linear rule: at 32 times the reference batch it asks for a rate that is nearly six ' +
    'times lower.',
)

export const ratioPlot = plotOf({
  name: 'Rate over batch size',
  sees:
    'The same slope as the linear rule. The reference batch and the base rate do not move it, only the rate per ' +
    'image does.',
  at: places,
  knobs: {
    ratio: number('Rate per image', 0.002, { minimum: 1e-5, maximum: 0.1, log: true }),
    base: rate(0.1),
    reference,
  },
  figure: ({ ratio, base, reference: referenceBatch }) =>
    beside('constant ratio', { type: 'constantRatio', ratio }, { base, referenceBatch }),
})

export const datasetPlot = plotOf({
  name: 'Rate over batch size',
  sees:
    'The line lies far below the others, by training images over reference batch. It meets the fixed rate only ' +
    'when a batch is the whole data set.',
  at: places,
  knobs: { base: rate(0.1), images: images(40_000), reference },
  figure: ({ base, images: trainingImages, reference: referenceBatch }) =>
    beside('proportional to the data set', { type: 'datasetProportional' }, { base, referenceBatch, trainingImages }),
})

export const sumPlot = plotOf({
  name: 'Rate for the mean',
  sees:
    'A fixed rate per example is the linear rule in disguise. It makes the same update as the fixed rate for the ' +
    'mean where the lines cross.',
  at: places,
  knobs: {
    example: number('Rate per example', 2 ** -8, { minimum: 1e-5, maximum: 0.1, log: true }),
    mean: number('Rate for the mean', 0.1, { minimum: 0.001, maximum: 10, log: true }),
  },
  figure: ({ example, mean }) => ({
    xAxis: batchAxis,
    yAxis: { title: 'rate for the mean', log: true },
    x: batchSizes,
    curves: [
      { name: 'sum, fixed rate per example', y: batchSizes.map((m) => meanRateOfSum(example, m)), role: 'main' },
      { name: 'mean, fixed rate', y: batchSizes.map(() => mean), role: 'beside' },
    ],
    note: `The lines cross at ${about(mean / example)} images.`,
  }),
})

export const noisePlot = plotOf({
  name: 'Noise scale over batch size',
  sees:
    'Raise the momentum, and the same noise scale is reached with a larger batch: ten times as large at 0.9. The ' +
    'approximation parts from the exact value where a batch is no longer small beside the data set.',
  at: places,
  knobs: {
    rate: number('Rate', 0.1, { minimum: 0.001, maximum: 10, log: true }),
    momentum: number('Momentum', 0.9, { minimum: 0, maximum: 0.99, step: 0.01 }),
    images: images(40_000),
  },
  figure: ({ rate: learningRate, momentum, images: trainingImages }) => {
    const scale = (form: typeof noiseScale, mu: number) =>
      batchSizes.map((batchSize) => {
        const value = form({ learningRate, trainingImages, batchSize, momentum: mu })
        return value > 0 ? value : null
      })
    return {
      xAxis: batchAxis,
      yAxis: { title: 'noise scale g', log: true },
      x: batchSizes,
      curves: [
        { name: 'ηN/(B(1 − μ))', y: scale(noiseScale, momentum), role: 'main' },
        { name: 'exact, with N/B − 1', y: scale(exactNoiseScale, momentum), role: 'beside' },
        { name: 'without momentum', y: scale(noiseScale, 0), role: 'beside' },
      ],
      note:
        `128 images count as B/(1 − μ) = ${about(effectiveBatch(128, momentum))}; their noise scale is ` +
        `${about(noiseScale({ learningRate, trainingImages, batchSize: 128, momentum }))}.`,
    }
  },
})

export const ratePerImagePlot = plotOf({
  name: 'Rate over batch size, per image',
  sees:
    'Under the linear rule the ratio is level, so every batch size should behave alike. Under the square root ' +
    'rule and at a fixed rate it falls, and large batches are trained with less noise.',
  at: places,
  knobs: { base: rate(0.1), reference },
  figure: ({ base, reference: referenceBatch }) => ({
    xAxis: batchAxis,
    yAxis: { title: 'η/B, per image', log: true },
    x: batchSizes,
    curves: neighbours.map(([name, config]) => ({
      name,
      role: name === 'linear' ? 'main' : 'beside',
      y: batchSizes.map((batchSize) =>
        rateToBatch(scaledRate(config, { base, batchSize, referenceBatch, trainingImages: 40_000 }), batchSize),
      ),
    })),
    note: `At the reference batch all three are ${about(rateToBatch(base, referenceBatch))} per image.`,
  }),
})
