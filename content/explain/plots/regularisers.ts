import { cutoutSpan } from '../../../core/augmentationDraws'
import { beta } from '../../../core/mixing'
import { randomFor } from '../../../core/random'
import { notYet, watchEpoch } from '../../../core/stopping'
import { bestLead, smoothedLoss } from '../labels'
import { runningMeans } from '../means'
import { about, countingFrom0, decades, listKnob, number, plotOf, whole } from '../plot'

export const smoothingPlot = plotOf({
  name: 'Loss over the lead of the true logit',
  sees:
    'Without smoothing the loss falls for ever, so the logits never stop growing. With it there is a best lead, ' +
    'and being surer than that costs.',
  at: [0, 2, 4, 8],
  knobs: {
    epsilon: number('ε', 0.1, { minimum: 0, maximum: 0.9, step: 0.01 }),
    classes: whole('Classes', 10, { minimum: 2, maximum: 1000, log: true }),
  },
  figure: ({ epsilon, classes }) => {
    const x = countingFrom0(61).map((index) => index / 5)
    const loss = (by: number) => x.map((lead) => smoothedLoss([lead, ...countingFrom0(classes - 1).map(() => 0)], by))
    const smoothed = loss(epsilon)
    const best = bestLead(epsilon, classes)
    return {
      xAxis: { title: 'lead of the true logit over the others' },
      yAxis: { title: 'loss' },
      x,
      curves: [
        { name: 'smoothed labels', y: smoothed, role: 'main' },
        { name: 'plain labels', y: loss(0), role: 'beside' },
      ],
      marks:
        best <= 12
          ? [{ x: best, y: smoothedLoss([best, ...countingFrom0(classes - 1).map(() => 0)], epsilon), text: 'lowest' }]
          : [],
      note:
        epsilon > 0 ? `The lowest loss is at a lead of ${about(best)}.` : 'Without smoothing there is no lowest loss.',
    }
  },
})

const drawn = 8000
const bins = 25

export const mixupPlot = plotOf({
  name: 'Shares drawn',
  sees:
    'With a small α nearly every mixture is one of the two images. At 1 all shares are equally likely, and ' +
    'beyond it most mixtures are about even.',
  at: [2, 50, 98],
  knobs: { alpha: number('α', 0.2, { minimum: 0.05, maximum: 5, log: true }) },
  figure: ({ alpha }) => {
    const random = randomFor(0, 'mix')
    const counts = countingFrom0(bins).map(() => 0)
    let clear = 0
    for (let draw = 0; draw < drawn; draw++) {
      const share = beta(random, alpha)
      const bin = Math.min(bins - 1, Math.floor(share * bins))
      counts[bin] = (counts[bin] ?? 0) + 1
      if (share < 0.1 || share > 0.9) clear++
    }
    return {
      xAxis: { title: 'share of the first image (%)', range: [0, 100] },
      yAxis: { title: '% of the draws' },
      x: countingFrom0(bins).map((bin) => (100 * (bin + 0.5)) / bins),
      curves: [
        { name: 'draws, by 4 % of share', y: counts.map((count) => (100 * count) / drawn), role: 'main' },
        { name: 'all shares alike', y: countingFrom0(bins).map(() => 100 / bins), role: 'beside' },
      ],
      note: `In ${about((100 * clear) / drawn)} % of ${about(drawn)} draws one image has more than nine tenths.`,
    }
  },
})

export const emaPlot = plotOf({
  name: 'What an average still remembers',
  sees:
    'At the same decay a larger batch makes the average look back over as many times more images. Scaled with ' +
    'the batch it looks back over the same images as the reference batch did.',
  at: [1000, 10_000, 100_000, 1_000_000],
  knobs: {
    decay: number('Decay', 0.999, { minimum: 0.5, maximum: 0.9999, step: 0.001 }),
    batch: whole('Batch size', 1024, { minimum: 32, maximum: 8192, log: true, unit: 'images' }),
    reference: whole('Reference batch', 128, { minimum: 32, maximum: 1024, log: true, unit: 'images' }),
  },
  figure: ({ decay, batch, reference }) => {
    const x = decades(3, 7, 20)
    // An average that keeps d in an update of B images owes d^(n/B) to weights more than n images old.
    const older = (keep: number, size: number) => x.map((images) => 100 * keep ** (images / size))
    return {
      xAxis: { title: 'images ago', log: true },
      yAxis: { title: '% that is older', range: [0, 100] },
      x,
      curves: [
        { name: 'this batch', y: older(decay, batch), role: 'main' },
        { name: 'this batch, decay scaled', y: older(decay ** (batch / reference), batch), role: 'beside' },
        { name: 'reference batch', y: older(decay, reference), role: 'beside' },
      ],
      note:
        `It looks back over ${about(batch / (1 - decay))} images; scaled, the decay is ` +
        `${(decay ** (batch / reference)).toPrecision(4)}, and over ` +
        `${about(batch / (1 - decay ** (batch / reference)))}.`,
    }
  },
})

export const swaPlot = plotOf({
  name: 'A weight and its mean',
  sees:
    'At a high rate the weight keeps moving about its minimum at 0 while the mean of its places comes to rest ' +
    'there. Start too early, and the way down is averaged in.',
  at: [1, 10, 20, 30, 40],
  knobs: {
    start: number('Start', 0.25, { minimum: 0, maximum: 0.95, step: 0.05, unit: 'part of the run' }),
    rate: number('Rate', 0.3, { minimum: 0.02, maximum: 1, log: true }),
    seed: whole('Seed', 1, { minimum: 0, maximum: 99 }),
  },
  figure: ({ start, rate, seed }) => {
    const random = randomFor(seed, 'probe')
    let weight = 3
    const ends = countingFrom0(40).map(() => (weight -= rate * (weight + random.normal())))
    const first = ends.findIndex((_, index) => index + 1 > start * ends.length + 1e-9)
    const means = runningMeans(ends.slice(first))
    return {
      xAxis: { title: 'epochs' },
      yAxis: { title: 'weight' },
      x: ends.map((_, index) => index + 1),
      curves: [
        { name: 'mean of the weights', y: ends.map((_, index) => means[index - first] ?? null), role: 'main' },
        { name: 'weight at the end of an epoch', y: ends, role: 'beside' },
      ],
      note: `In the end the weight is ${about(ends.at(-1) ?? NaN)} and the mean ${about(means.at(-1) ?? NaN)}.`,
    }
  },
})

export const dropoutPlot = plotOf({
  name: 'The mean of many features',
  sees:
    'Scaling up what is kept leaves the expected value alone, but not the spread: it grows with p and shrinks ' +
    'with the number of features, which is why wide layers stand dropout and narrow ones do not.',
  at: [0, 0.25, 0.5, 0.75],
  knobs: { width: whole('Features', 64, { minimum: 1, maximum: 4096, log: true }) },
  figure: ({ width }) => {
    const x = countingFrom0(91).map((index) => index / 100)
    const deviation = (p: number): number => Math.sqrt(p / (1 - p) / width)
    const level = (deviations: number) => x.map((p) => 1 + deviations * deviation(p))
    return {
      xAxis: { title: 'fraction dropped p' },
      yAxis: { title: 'mean of features of 1' },
      x,
      curves: [
        { name: 'expected', y: level(0), role: 'main' },
        { name: 'two deviations above', y: level(2), role: 'beside' },
        { name: 'two deviations below', y: level(-2), role: 'beside' },
      ],
      note:
        `At p = 0.5 a kept feature counts ${1 / (1 - 0.5)} times, and the mean spreads by ` +
        `${about(deviation(0.5))}.`,
    }
  },
})

export const cutoutPlot = plotOf({
  name: 'How much a cutout covers',
  sees:
    'The centre may lie anywhere, so part of the square often lies outside: only some of the images lose all of ' +
    'it, and in a corner three quarters are lost. A larger square is cut off more often.',
  at: [25, 50, 75, 100],
  knobs: {
    side: whole('Cutout', 16, { minimum: 1, maximum: 32, unit: 'pixels' }),
    size: whole('Image', 32, { minimum: 8, maximum: 96, unit: 'pixels' }),
  },
  figure: ({ side, size }) => {
    if (side > size) throw new Error(`Cutout must be at most the image's ${size} pixels, found ${side}`)
    const spans = countingFrom0(size)
      .map((centre) => cutoutSpan(centre, side, size))
      .map(([from, to]) => to - from)
    const areas = spans.flatMap((height) => spans.map((width) => (100 * height * width) / side ** 2))
    const x = countingFrom0(101)
    return {
      xAxis: { title: 'part of the square inside the image (%)', range: [0, 100] },
      yAxis: { title: '% with at least that', range: [0, 102] },
      x,
      curves: [
        {
          name: 'over all places of the centre',
          y: x.map((part) => (100 * areas.filter((area) => area >= part - 1e-9).length) / areas.length),
          role: 'main',
        },
      ],
      note:
        `On average ${about((areas.reduce((sum, area) => sum + area, 0) / areas.length / 100) * side ** 2)} of ` +
        `${about(size ** 2)} pixels are covered.`,
    }
  },
})

/**
 * A made-up validation accuracy that rises to a plateau, and again behind each drop of the rate, with the unrest of few
 * images.
 */
const accuracies = (drops: readonly number[]): readonly number[] => {
  const random = randomFor(3, 'probe')
  return countingFrom0(100).map((epoch) => {
    const starts = [0, ...drops.filter((drop) => drop <= epoch)]
    const rise = starts.reduce(
      (sum, start, index) =>
        sum + (index === 0 ? 0.62 : 0.14 / index) * (1 - Math.exp(-(epoch - start + 1) / (index === 0 ? 5 : 2))),
      0.1,
    )
    return Math.min(0.99, rise + 0.008 * random.normal())
  })
}

export const stoppingPlot = plotOf({
  name: 'Where a run is ended',
  sees:
    'Before the first drop accuracy has stopped rising, and a short patience ends the run there. It has to ' +
    'outlast the longest phase. The unrest decides when counting begins: a lucky epoch sets the mark.',
  at: [1, 20, 40, 60],
  knobs: {
    patience: whole('Patience', 10, { minimum: 1, maximum: 60, unit: 'epochs' }),
    delta: number('Minimum delta', 0, { minimum: 0, maximum: 0.05, step: 0.001 }),
    drops: listKnob('The rate drops at', [50, 75], { minimum: 1, maximum: 99, counts: [0, 6], unit: 'epochs' }),
  },
  figure: ({ patience, delta, drops }) => {
    const curve = accuracies([...drops].sort((a, b) => a - b))
    let state = notYet
    const end = curve.findIndex((accuracy, index) => {
      const watched = watchEpoch(
        { enabled: true, monitor: 'validationAccuracy', patience, minimumDelta: delta, restoreBest: true },
        state,
        index + 1,
        { accuracy, loss: 1, images: 1000 },
      )
      state = watched.state
      return watched.stop
    })
    const last = end < 0 ? curve.length : end + 1
    return {
      xAxis: { title: 'epochs' },
      yAxis: { title: 'validation accuracy (%)' },
      x: curve.map((_, index) => index + 1),
      curves: [
        {
          name: 'until it is ended',
          y: curve.map((accuracy, index) => (index < last ? 100 * accuracy : null)),
          role: 'main',
        },
        { name: 'if it went on', y: curve.map((accuracy) => 100 * accuracy), role: 'beside' },
      ],
      marks: [{ x: state.bestEpoch, y: 100 * (state.best ?? 0), text: 'best' }],
      note:
        `${end < 0 ? 'The run is not ended' : `It is ended after epoch ${last} of ${curve.length}`}; the best is ` +
        `${about(100 * (state.best ?? 0))} % at epoch ${state.bestEpoch}, the best of all ` +
        `${about(100 * Math.max(...curve))} %.`,
    }
  },
})
