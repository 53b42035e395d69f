import { evenPoints } from '../../../core/flatness/line'
import { FinderConfig, hasDiverged, suggestRates, sweepRates } from '../../../core/lrFinder'
import { accuracyStandardError, significantDifference, smooth } from '../../../core/measure'
import { batchEconomy, fitDiffusion, gradientMoments, simpleNoiseScale } from '../../../core/noise'
import { about, batchAxis, batchSizes, countingFrom0, decades, listKnob, number, plotOf, whole } from '../plot'
import { sweptLoss } from '../quadratics'
import { exampleUpdateRatios } from '../updates'

const rate = number('Rate', 0.1, { minimum: 0.001, maximum: 10, log: true })
const seen = decades(0, 5, 20)
  .map(Math.round)
  .filter((update, index, all) => update !== all[index - 1])

export const livePlot = plotOf({
  name: 'Update over weight',
  sees:
    'Whatever length the weights begin with, the ratio ends at √(2ηλ). A high rate or decay gets there soon; ' +
    'with little of both a run is over before.',
  at: [1, 100, 1000, 10_000, 100_000],
  knobs: {
    rate,
    decay: number('Weight decay λ', 5e-4, { minimum: 1e-5, maximum: 0.1, log: true }),
    length: number('Length at the start', 1, { minimum: 0.2, maximum: 50, log: true }),
  },
  figure: ({ rate: eta, decay, length }) => {
    const ratios = exampleUpdateRatios(100_000, { rate: eta, decay, length, gradient: 1 })
    const limit = Math.sqrt(2 * eta * decay)
    return {
      xAxis: { title: 'updates', log: true },
      yAxis: { title: '‖Δw‖/‖w‖', log: true },
      x: seen,
      curves: [
        { name: 'behind batch norm', y: seen.map((update) => ratios[update - 1] ?? null), role: 'main' },
        { name: '√(2ηλ)', y: seen.map(() => limit), role: 'beside' },
        { name: 'a thousandth', y: seen.map(() => 1e-3), role: 'beside' },
      ],
      note: `It settles at ${about(limit)}, within some 1/(2ηλ) = ${about(1 / (2 * eta * decay))} updates.`,
    }
  },
})

export const economyPlot = plotOf({
  name: 'What a batch size costs',
  sees:
    'Left of B_simple a larger batch saves updates and costs hardly any examples; to its right it is the other ' +
    'way round. At B_simple both are twice what they must be.',
  at: [32, 128, 1024],
  knobs: {
    small: number('|G|² with 64 images', 4, { minimum: 0.1, maximum: 100, log: true }),
    big: number('|G|² with 1,024 images', 1.5, { minimum: 0.1, maximum: 100, log: true }),
  },
  figure: ({ small, big }) => {
    const scale = simpleNoiseScale(
      gradientMoments({ smallBatch: 64, smallSquaredNorm: small, bigBatch: 1024, bigSquaredNorm: big }),
    )
    if (scale === null)
      throw new Error(
        'The estimate of |G|² is not above 0: with the larger batch the gradient can be 16 times shorter at ' +
          'most. A single estimate does that at times, which is why they are averaged',
      )
    if (scale <= 0)
      throw new Error('The estimate of S is not above 0: the gradient of the larger batch must be the shorter one')
    const economy = batchSizes.map((batch) => batchEconomy(batch, scale))
    return {
      xAxis: batchAxis,
      yAxis: { title: 'over the fewest possible', log: true },
      x: batchSizes,
      curves: [
        { name: 'updates', y: economy.map(({ updates }) => updates), role: 'main' },
        { name: 'examples', y: economy.map(({ examples }) => examples), role: 'beside' },
      ],
      marks: scale >= 4 && scale <= 8192 ? [{ x: scale, y: 2, text: 'B_simple' }] : [],
      note: `B_simple is ${about(scale)} images.`,
    }
  },
})

export const diffusionPlot = plotOf({
  name: 'Distance over updates',
  sees:
    'Over a logarithmic axis diffusion is a straight line, and its slope is b. Change a distance: R² says how ' +
    'much of the spread the line still explains.',
  at: [1, 10, 100, 1000],
  knobs: {
    updates: listKnob('Updates', [1, 10, 100, 1000], { minimum: 1, maximum: 1e7, counts: [2, 40] }),
    distances: listKnob('Distances', [0.5, 5.1, 9.7, 14.3], { minimum: 0, maximum: 1e6, counts: [2, 40] }),
  },
  figure: ({ updates, distances }) => {
    if (updates.length !== distances.length)
      throw new Error(`There must be a distance for each of the ${updates.length} updates, found ${distances.length}`)
    if (updates.some((update, index) => index > 0 && update <= (updates[index - 1] ?? 0)))
      throw new Error('Updates must rise from each to the next')
    const fit = fitDiffusion(updates, distances)
    if (fit === null) throw new Error('Two updates at least make a line')
    return {
      xAxis: { title: 'updates', log: true },
      yAxis: { title: '‖w − w₀‖' },
      x: updates,
      curves: [
        {
          name: 'a + b ln t',
          y: updates.map((update) => fit.intercept + fit.slope * Math.log(update)),
          role: 'beside',
        },
        { name: 'measured', y: distances, role: 'main', shape: 'points' },
      ],
      note: `a = ${about(fit.intercept)}, b = ${about(fit.slope)}, R² = ${fit.r2.toFixed(3)}.`,
    }
  },
})

const rules = [
  ['steep', 'steepest'],
  ['minimum', 'lowest/10'],
  ['valley', 'valley'],
] as const

export const finderPlot = plotOf({
  name: 'Loss over the rate',
  sees:
    'The loss falls, then turns up where the steepest direction starts to leave, at 2 over the largest ' +
    'curvature. With a small batch it turns up sooner, because the noise grows with the rate as well. The rules ' +
    'read different rates off one curve.',
  at: [1e-7, 1e-5, 1e-3, 0.1],
  knobs: {
    batch: whole('Batch size', 128, { minimum: 4, maximum: 8192, log: true, unit: 'images' }),
    curvature: number('Largest curvature', 20, { minimum: 0.5, maximum: 1000, log: true }),
    smoothing: number('Smoothing', 0.9, { minimum: 0, maximum: 0.99, step: 0.01 }),
  },
  figure: ({ batch, curvature, smoothing }) => {
    const rates = sweepRates(FinderConfig.parse({}))
    const losses = sweptLoss(rates, {
      curvatures: countingFrom0(10).map((index) => curvature / 2 ** index),
      noise: 20,
      batchSize: batch,
    })
    const averages = smooth(losses, smoothing)
    const over = averages.findIndex(
      (loss, index) => index > 0 && hasDiverged(loss, Math.min(...averages.slice(0, index)), 4),
    )
    const end = over < 0 ? rates.length : over + 1
    const suggested = suggestRates(rates, averages.slice(0, end), rates.length)
    const marks = rules.flatMap(([name, text]) => {
      const one = suggested[name]
      return one === null
        ? []
        : [{ x: one.rate, y: averages[rates.findLastIndex((value) => value <= one.rate * (1 + 1e-9))] ?? 0, text }]
    })
    return {
      xAxis: { title: 'rate', log: true },
      yAxis: { title: 'loss, relative', range: [0, 2] },
      x: rates,
      curves: [
        { name: 'smoothed', y: averages.map((loss, index) => (index < end ? loss : null)), role: 'main' },
        { name: 'loss', y: losses.map((loss, index) => (index < end && loss < 10 ? loss : null)), role: 'beside' },
      ],
      marks,
      note:
        'A made-up loss with ten curvatures. ' +
        `${over < 0 ? 'The sweep goes to its end' : `It is stopped at ${about(rates[over] ?? NaN)}`}; 2 over the ` +
        `largest curvature is ${about(2 / curvature)}.`,
    }
  },
})

export const errorPlot = plotOf({
  name: 'Points that an accuracy is unsure by',
  sees:
    'The closer to 100 %, the surer. Four times as many images halve both lines: with the 1,000 images of a ' +
    'small validation set two runs have to differ by several points.',
  at: [80, 88, 91],
  knobs: {
    images: whole('Test images', 10_000, { minimum: 100, maximum: 100_000, log: true, step: 1000, unit: 'images' }),
    accuracy: number('Accuracy', 91, { minimum: 50, maximum: 99.9, step: 0.5, unit: '%' }),
  },
  figure: ({ images, accuracy }) => {
    const x = evenPoints(101, 50, 100)
    const needed = (percent: number): number => 100 * significantDifference(percent / 100, percent / 100, images)
    return {
      xAxis: { title: 'accuracy (%)' },
      yAxis: { title: 'points', range: [0, needed(50) * 1.05] },
      x,
      curves: [
        { name: 'needed difference', y: x.map(needed), role: 'main' },
        {
          name: 'standard error',
          y: x.map((percent) => 100 * accuracyStandardError(percent / 100, images)),
          role: 'beside',
        },
      ],
      marks: [{ x: accuracy, y: needed(accuracy), text: 'yours' }],
      note: `At ${about(accuracy)} % two single runs have to differ by ${about(needed(accuracy))} points.`,
    }
  },
})
