import { ghostSizes } from '../../../core/ghost'
import { multiplicativeNoiseVariance } from '../../../core/noise'
import { batchAt } from '../../../core/plan/phases'
import { rateRatio, scaledRate } from '../../../core/scaling'
import { planOfExample } from '../page'
import { about, batchAxis, batchSizes, choice, countingFrom0, listKnob, number, plotOf, whole } from '../plot'
import { localSgd } from '../quadratics'

const reference = whole('Reference batch', 128, { minimum: 4, maximum: 4096, log: true, unit: 'images' })

export const regimePlot = plotOf({
  name: 'Rate over the run',
  sees:
    "By updates, the adapted run is the small batch's run: one line covers the other. Without adaptation the " +
    'large batch goes through all drops in a few updates. By epochs the picture turns round: the adapted run is ' +
    'the long one.',
  at: [0, 399, 400, 800, 1200],
  knobs: {
    batch: whole('Batch size', 512, { minimum: 128, maximum: 2048, log: true, unit: 'images' }),
    adaptation: choice('Adaptation', 'epochs', { epochs: 'Epochs', updates: 'Updates' }),
    over: choice('Over', 'updates', { updates: 'Updates', epochs: 'Epochs' }),
  },
  figure: ({ batch, adaptation, over }) => {
    const plan = (batchSize: number, regimeAdaptation: 'off' | 'epochs' | 'updates') =>
      planOfExample(5120, {
        batchSize,
        epochs: 40,
        learningRate: {
          base: 0.1,
          referenceBatch: 128,
          schedule: { type: 'multiStep', milestones: [10, 20, 30], unit: 'epochs', factor: 0.5 },
        },
        batch: { regimeAdaptation },
      })
    const [small, large, adapted] = [plan(128, 'off'), plan(batch, 'off'), plan(batch, adaptation)]
    const end = Math.max(small.updates, large.updates, adapted.updates)
    const longest = Math.max(small.epochs, adapted.epochs)
    const x =
      over === 'updates' ? countingFrom0(Math.ceil(end)) : countingFrom0(401).map((index) => (index * longest) / 400)
    const rates = ({ learningRate, updates, clock }: typeof small) =>
      x.map((place) => {
        const update = over === 'updates' ? place : Math.floor(clock.updateAt(place))
        return update < updates ? learningRate(update) : null
      })
    return {
      xAxis: { title: over },
      yAxis: { title: 'rate', range: [0, 0.11] },
      x,
      curves: [
        { name: 'large batch, adapted', y: rates(adapted), role: 'main', shape: 'steps' },
        { name: 'large batch', y: rates(large), role: 'beside', shape: 'steps' },
        { name: 'reference batch', y: rates(small), role: 'beside', shape: 'steps' },
      ],
      note:
        `On 5,120 images: ${about(small.updates)} updates at 128, ${about(large.updates)} at ${about(batch)}, ` +
        `${about(adapted.updates)} in ${about(adapted.epochs)} epochs adapted.`,
    }
  },
})

export const growthPlot = plotOf({
  name: 'Growing beside falling',
  sees:
    'The batch goes up where the rate would go down, and the noise scale falls in the same steps either way. ' +
    'When the batch meets its cap the rate falls after all, so the steps of the noise scale go on.',
  at: [0, 3, 6, 8],
  knobs: {
    factor: number('Factor', 5, { minimum: 1.5, maximum: 20, step: 0.5 }),
    cap: whole('Largest batch', 500, { minimum: 10, maximum: 1000, log: true, unit: 'images' }),
    milestones: listKnob('Milestones', [0.3, 0.6, 0.8], {
      minimum: 0,
      maximum: 1,
      counts: [1, 6],
      unit: 'part of the run',
    }),
  },
  figure: ({ factor, cap, milestones }) => {
    const growing = planOfExample(1000, {
      batchSize: 10,
      epochs: 10,
      learningRate: { base: 0.1 },
      batch: { growth: { type: 'milestones', factor, cap, milestones: [...milestones] } },
    })
    const falling = planOfExample(1000, {
      batchSize: 10,
      epochs: 10,
      learningRate: {
        base: 0.1,
        schedule: {
          type: 'multiStep',
          factor: 1 / factor,
          milestones: milestones.map((part) => Math.ceil(part * 10 - 1e-9)),
          unit: 'epochs',
        },
      },
    })
    const x = countingFrom0(201)
      .map((index) => index / 20)
      .filter((epoch) => epoch < 10)
    const over = ({ clock }: typeof growing, schedule: (update: number) => number) =>
      x.map((epoch) => schedule(Math.floor(clock.updateAt(epoch) + 1e-9)) / schedule(0))
    return {
      xAxis: { title: 'epochs' },
      yAxis: { title: 'over that at the start', log: true },
      x,
      curves: [
        {
          name: 'batch size',
          y: over(growing, (update) => batchAt(growing.phases, update)),
          role: 'main',
          shape: 'steps',
        },
        { name: 'rate', y: over(growing, growing.learningRate), role: 'beside', shape: 'steps' },
        { name: 'noise scale', y: over(growing, growing.noiseScale), role: 'beside', shape: 'steps' },
        { name: 'noise scale if the rate falls', y: over(falling, falling.noiseScale), role: 'beside', shape: 'steps' },
      ],
      note: `${about(growing.updates)} updates in place of ${about(falling.updates)}.`,
    }
  },
})

export const gradientNoisePlot = plotOf({
  name: 'Noise of an update',
  sees:
    'The added noise lifts the falling line back to that of the reference batch, onto the line of the square ' +
    'root rule, which does the same by the rate. Both together overshoot, ever more as the batch grows.',
  at: [128, 512, 4096],
  knobs: { reference, share: number('Variance, of what matches', 1, { minimum: 0, maximum: 2, step: 0.05 }) },
  figure: ({ reference: smallBatch, share }) => {
    const sizes = batchSizes.filter((batch) => batch >= smallBatch)
    const variance = (batch: number): number => share * multiplicativeNoiseVariance(batch, smallBatch)
    // Cov ∝ η²(1 + σ²)/B, over its value at the reference batch.
    const covariance = (scaled: boolean, added: boolean): readonly number[] =>
      sizes.map(
        (batchSize) =>
          (scaledRate(
            { type: scaled ? 'squareRoot' : 'fixed' },
            { base: 1, batchSize, referenceBatch: smallBatch, trainingImages: 1 },
          ) **
            2 *
            (added ? 1 + variance(batchSize) : 1) *
            smallBatch) /
          batchSize,
      )
    return {
      xAxis: batchAxis,
      yAxis: { title: 'covariance, relative', log: true },
      x: sizes,
      curves: [
        { name: 'noise added', y: covariance(false, true), role: 'main' },
        { name: 'neither', y: covariance(false, false), role: 'beside' },
        { name: 'square root rule', y: covariance(true, false), role: 'beside' },
        { name: 'both', y: covariance(true, true), role: 'beside' },
      ],
      note:
        `At 4,096 images the variance is ${about(variance(4096))}: two deviations reach from ` +
        `${about(1 - 2 * Math.sqrt(variance(4096)))} to ${about(1 + 2 * Math.sqrt(variance(4096)))}.`,
    }
  },
})

export const densePlot = plotOf({
  name: 'Rate of the dense layers',
  sees:
    'The further the dense batch is below the batch, the lower the rate that the rule gives the dense layers. At ' +
    'the batch size itself all rules meet.',
  at: [32, 128, 512],
  knobs: {
    batch: whole('Batch size', 1024, { minimum: 32, maximum: 8192, log: true, unit: 'images' }),
    rate: number('Rate at the batch size', 0.08, { minimum: 0.001, maximum: 10, log: true }),
  },
  figure: ({ batch, rate }) => {
    const sizes = [...batchSizes.filter((size) => size < batch), batch]
    const rates = (type: 'linear' | 'squareRoot' | 'fixed') =>
      sizes.map(
        (size) =>
          rate * rateRatio({ type }, { base: rate, batchSize: batch, referenceBatch: batch, trainingImages: 1 }, size),
      )
    return {
      xAxis: { ...batchAxis, title: 'dense batch (images)' },
      yAxis: { title: 'rate of the dense layers', log: true },
      x: sizes,
      curves: [
        { name: 'linear rule', y: rates('linear'), role: 'main' },
        { name: 'square root rule', y: rates('squareRoot'), role: 'beside' },
        { name: 'fixed', y: rates('fixed'), role: 'beside' },
      ],
      note:
        'With pieces of 128 the dense layers are updated ' +
        `${ghostSizes(batch, 128).length === 1 ? 'once' : `${ghostSizes(batch, 128).length} times`} for every ` +
        'update of the convolutions.',
    }
  },
})

export const localPlot = plotOf({
  name: 'Two workers',
  sees:
    'Half way the workers let go of each other: each falls towards the minimum of its own images and is pulled ' +
    'back at every average. The longer they are alone, the further they part, and the further their mean lies ' +
    'from where the large batch goes.',
  at: [1, 20, 23, 24, 31, 32, 40],
  knobs: {
    every: whole('Average every', 8, { minimum: 1, maximum: 16, unit: 'updates' }),
    rate: number('Rate', 0.1, { minimum: 0.01, maximum: 0.5, log: true }),
    momentum: number('Momentum', 0, { minimum: 0, maximum: 0.95, step: 0.05 }),
  },
  figure: ({ every, rate, momentum }) => {
    const plan = planOfExample(1000, {
      batchSize: 100,
      epochs: 4,
      batch: { workers: { type: 'postLocal', workers: 2, averageEvery: every } },
    })
    const { workers, together } = localSgd(
      [
        { curvature: 1, centre: 0 },
        { curvature: 3, centre: 2 },
      ],
      plan.updates,
      { rate, momentum, from: 0, averages: plan.averagesWorkers },
    )
    return {
      xAxis: { title: 'updates' },
      yAxis: { title: 'weight' },
      x: countingFrom0(plan.updates).map((update) => update + 1),
      curves: [
        ...workers.map((y, index) => ({
          name: `worker ${index + 1}`,
          y,
          role: index === 0 ? ('main' as const) : ('beside' as const),
        })),
        { name: 'one large batch', y: together, role: 'beside' },
      ],
      note: 'Losses ½(w − 0)² and ½ · 3(w − 2)²; their mean is lowest at 1.5.',
    }
  },
})
