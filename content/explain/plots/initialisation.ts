import { spreadOf } from '../../../core/initialisation'
import { about, countingFrom0, decades, type Plot, plotOf, whole } from '../plot'

const methods = [
  ['He', 'heNormal'],
  ['Glorot', 'glorotNormal'],
  ['LeCun', 'lecunNormal'],
  ['PyTorch', 'torch'],
] as const

/** Standard deviation of a method's initial weights; of a uniform spread, its bound over √3. */
export function deviationOf(method: (typeof methods)[number][1], fanIn: number, fanOut: number): number {
  const spread = spreadOf({ method, fan: 'in' }, { fanIn, fanOut })
  return spread.type === 'normal' ? spread.deviation : spread.type === 'uniform' ? spread.bound / Math.sqrt(3) : NaN
}

const spreadPlot = plotOf({
  name: 'Spread over the inputs',
  sees:
    'He and LeCun fall as one over the root of the inputs, by √2 apart. Glorot follows the outputs as well: ' +
    'where there are more of them than inputs, it starts lower.',
  at: [10, 100, 1000, 10_000],
  knobs: { outputs: whole('Outputs', 288, { minimum: 1, maximum: 10_000, log: true }) },
  figure: ({ outputs }) => {
    const x = decades(1, 4, 20)
    return {
      xAxis: { title: 'inputs of a unit', log: true },
      yAxis: { title: 'standard deviation', log: true },
      x,
      curves: methods.map(([name, method], index) => ({
        name,
        y: x.map((inputs) => deviationOf(method, inputs, outputs)),
        role: index === 0 ? 'main' : 'beside',
      })),
      note:
        'A 3×3 convolution from 16 channels has 144 inputs: He starts at ' +
        `${about(deviationOf('heNormal', 144, outputs))}.`,
    }
  },
})

const signalPlot = plotOf({
  name: 'A signal through layers of ReLU',
  sees:
    "ReLU lets half of the square of a signal through. He's spread makes up for it, and the signal keeps its " +
    'size; with the others it fades from layer to layer, until there is nothing to learn from.',
  at: [0, 10, 20, 30],
  knobs: {
    inputs: whole('Inputs of each layer', 256, { minimum: 1, maximum: 10_000, log: true }),
    outputs: whole('Outputs of each layer', 256, { minimum: 1, maximum: 10_000, log: true }),
  },
  figure: ({ inputs, outputs }) => {
    const gain = (method: (typeof methods)[number][1]): number =>
      Math.sqrt((inputs * deviationOf(method, inputs, outputs) ** 2) / 2)
    return {
      xAxis: { title: 'layers' },
      yAxis: { title: 'size of the signal', log: true },
      x: countingFrom0(31),
      curves: methods.map(([name, method], index) => ({
        name,
        y: countingFrom0(31).map((layers) => gain(method) ** layers),
        role: index === 0 ? 'main' : 'beside',
      })),
      note:
        'A layer multiplies the signal by ' +
        `${methods.map(([name, method]) => `${about(gain(method))} (${name})`).join(', ')}.`,
    }
  },
})

export const initialisationPlots: readonly [Plot, Plot] = [spreadPlot, signalPlot]
