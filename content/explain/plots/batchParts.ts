import { ghostSizes } from '../../../core/ghost'
import { epochBatches } from '../../../core/plan/phases'
import { parsedPreset } from '../../presets/shrink'
import { averagesInARow, normalised } from '../means'
import { about, batchAxis, batchSizes, countingFrom0, listKnob, number, type Plot, plotOf, whole } from '../plot'

const ghostOutputs = plotOf({
  name: 'Normalised in ghosts',
  sees:
    'Every ghost is centred by itself, so what an image becomes depends on the few that it shares a ghost with. ' +
    'With a ghost as large as the batch both lines are one.',
  at: [1, 2, 3, 4, 5, 6],
  knobs: {
    ghost: whole('Ghost batch size', 2, { minimum: 2, maximum: 12, unit: 'images' }),
    values: listKnob('Values of a feature', [1, 3, 5, 9, 2, 4], { minimum: -1000, maximum: 1000, counts: [2, 24] }),
  },
  figure: ({ ghost, values }) => {
    const sizes = ghostSizes(values.length, ghost)
    return {
      xAxis: { title: 'image of the batch' },
      yAxis: { title: 'normalised value' },
      x: values.map((_, index) => index + 1),
      curves: [
        { name: 'in ghosts', y: normalised(values, sizes), role: 'main' },
        { name: 'whole batch', y: normalised(values, [values.length]), role: 'beside' },
      ],
      note: `The ghosts have ${sizes.join(', ')} images.`,
    }
  },
})

const ghostWeights = plotOf({
  name: 'Weights in the running statistics',
  sees:
    'With the full weight for each of many ghosts hardly anything is left of what was there before, and the last ' +
    'ghosts decide. Divided by their number, all ghosts count alike and an update forgets as much as plain batch ' +
    'norm does.',
  at: [1, 8, 16, 24, 32],
  knobs: {
    ghosts: whole('Ghosts K', 32, { minimum: 2, maximum: 64 }),
    weight: number('Weight of a new value', 0.1, { minimum: 0.001, maximum: 1, log: true }),
  },
  figure: ({ ghosts, weight }) => {
    const [sequential, divided] = [averagesInARow(ghosts, weight), averagesInARow(ghosts, weight / ghosts)]
    return {
      xAxis: { title: 'ghost, in order' },
      yAxis: { title: 'weight of its mean' },
      x: countingFrom0(ghosts).map((index) => index + 1),
      curves: [
        { name: 'one after the other, full weight', y: sequential.weights, role: 'main' },
        { name: 'weight divided by K', y: divided.weights, role: 'beside' },
      ],
      note:
        `Of the old statistics ${about(100 * sequential.keep)} % are kept at full weight, ` +
        `${about(100 * divided.keep)} % divided.`,
    }
  },
})

export const ghostPlots: readonly [Plot, Plot] = [ghostOutputs, ghostWeights]

export const microPlot = plotOf({
  name: 'Passes and memory',
  sees:
    'Half the micro-batch halves what has to be held at once and doubles the passes; the gradient is the same at ' +
    'every point of the line. The pieces are of nearly equal size, so memory goes in the same steps as the ' +
    'passes.',
  at: [16, 64, 256, 1024],
  knobs: { batch: whole('Batch size', 1024, { minimum: 16, maximum: 8192, log: true, unit: 'images' }) },
  figure: ({ batch }) => {
    const sizes = batchSizes.filter((size) => size <= Math.max(batch, 16))
    const pieces = sizes.map((size) => ghostSizes(batch, size))
    return {
      xAxis: { ...batchAxis, title: 'micro-batch (images)' },
      yAxis: { title: 'passes, images', log: true },
      x: sizes,
      curves: [
        { name: 'passes per update', y: pieces.map(({ length }) => length), role: 'main' },
        { name: 'images held at once', y: pieces.map((piece) => Math.max(...piece)), role: 'beside' },
      ],
      note: `At most 256 images: ${ghostSizes(batch, 256).length} of at most ${Math.max(...ghostSizes(batch, 256))}.`,
    }
  },
})

// Every eighth size, so that all teeth are seen and the powers of two are among them.
const sizes = countingFrom0(1024).map((index) => 8 * (index + 1))
const keeping = parsedPreset({ batch: { lastPartial: 'keep' } }).batch

export const lastPartialPlot = plotOf({
  name: 'What is left over',
  sees:
    'A saw whose teeth grow with the batch, at most one batch less an image high. Just beyond a size that ' +
    'divides the images the rest is nearly a whole batch; a larger batch brings it down to nothing again.',
  at: [128, 1024, 4096],
  knobs: {
    images: whole('Training images', 40_000, { minimum: 5000, maximum: 60_000, log: true, step: 1000, unit: 'images' }),
  },
  figure: ({ images }) => {
    const x = sizes.filter((size) => size <= images)
    // What is left out is what would be kept.
    const rest = (batchSize: number): number => epochBatches({ batchSize, batch: keeping }, images).rest
    return {
      xAxis: { title: 'batch size (images)' },
      yAxis: { title: '% of the images' },
      x,
      curves: [
        { name: 'left out of an epoch', y: x.map((size) => (100 * rest(size)) / images), role: 'main' },
        { name: 'one batch less an image', y: x.map((size) => (100 * (size - 1)) / images), role: 'beside' },
      ],
      note: `Batches of 1,024 leave ${about(rest(1024))} images over, those of 4,096 leave ${about(rest(4096))}.`,
    }
  },
})
