import { powerIteration, stabilityThreshold } from '../../../core/flatness/curvature'
import { interpolated, interpolationPlaces } from '../../../core/flatness/line'
import { sharpness } from '../../../core/flatness/sharpness'
import { randomFor } from '../../../core/random'
import { about, countingFrom0, decades, number, type Plot, plotOf } from '../plot'
import { twoWells } from '../quadratics'

export const sharpnessPlot = plotOf({
  name: 'Sharpness over the size of the box',
  sees:
    'Near a minimum sharpness goes with the square of ε. The second line is the same network with this weight ' +
    "multiplied by c and the next layer's divided by it: it computes the same, and its sharpness is another.",
  at: [1e-4, 1e-3, 0.01],
  knobs: {
    curvature: number('Curvature h', 1e4, { minimum: 1, maximum: 1e6, log: true }),
    weight: number('Weight at the minimum', 1, { minimum: 0, maximum: 10, step: 0.1 }),
    scale: number('Rescaled by c', 10, { minimum: 0.1, maximum: 100, log: true }),
  },
  figure: ({ curvature, weight, scale }) => {
    const x = decades(-4, -2, 10)
    const measured = (at: number, h: number) => {
      const landscape = {
        loss: (w: Float64Array) => 0.5 * h * ((w[0] ?? 0) - at) ** 2,
        gradient: (w: Float64Array) => w.map((value) => h * (value - at)),
      }
      return (epsilon: number): number =>
        sharpness(landscape, Float64Array.of(at), {
          epsilon,
          iterations: 10,
          restarts: 1,
          random: randomFor(0, 'probe'),
        }).percent
    }
    const [here, there] = [measured(weight, curvature), measured(scale * weight, curvature / scale ** 2)]
    return {
      xAxis: { title: 'ε', log: true },
      yAxis: { title: 'sharpness (%)', log: true },
      x,
      curves: [
        { name: 'as it is', y: x.map(here), role: 'main' },
        { name: 'rescaled by c', y: x.map(there), role: 'beside' },
      ],
      note: `At ε = 1e-3: ${about(here(1e-3))} %, and ${about(there(1e-3))} % rescaled.`,
    }
  },
})

export const interpolationPlot = plotOf({
  name: 'Loss on the line',
  sees:
    'The more curved minimum is the narrower one. Bring the two closer together, and the same minima look wider, ' +
    'because the axis counts in their distance; the barrier between them falls.',
  at: [-1, 0, 0.5, 1, 2],
  knobs: {
    small: number('Curvature, small batch', 2, { minimum: 0.5, maximum: 50, log: true }),
    large: number('Curvature, large batch', 20, { minimum: 0.5, maximum: 50, log: true }),
    distance: number('Distance', 3, { minimum: 0.5, maximum: 5, log: true }),
  },
  figure: ({ small, large, distance }) => {
    const [from, to] = [Float64Array.of(0), Float64Array.of(distance)]
    const loss = twoWells([
      { at: from, curvature: small },
      { at: to, curvature: large },
    ])
    const y = interpolationPlaces.map((place) => loss(interpolated(from, to, place)))
    return {
      xAxis: { title: 'α' },
      yAxis: { title: 'loss', range: [-0.4, 10] },
      x: interpolationPlaces,
      curves: [{ name: 'loss at w(α)', y, role: 'main' }],
      marks: [
        { x: 0, y: y[8] ?? 0, text: 'small batch' },
        { x: 1, y: y[16] ?? 0, text: 'large batch' },
      ],
      note:
        `The barrier is ${about(Math.max(...y.slice(8, 17)))} high at the points measured. A made-up loss of one ` +
        'weight.',
    }
  },
})

const powerPlot = plotOf({
  name: 'Estimates of power iteration',
  sees:
    'Every step multiplies what is wrong by the quotient of the two eigenvalues, squared for the estimate. The ' +
    'closer they are, the longer it takes; with entries whose largest eigenvalue is negative it finds that one.',
  at: [1, 2, 4, 7],
  knobs: {
    first: number('First entry', 2, { minimum: -5, maximum: 5, step: 0.1 }),
    beside: number('Off the diagonal', 1, { minimum: -5, maximum: 5, step: 0.1 }),
    second: number('Last entry', 3, { minimum: -5, maximum: 5, step: 0.1 }),
  },
  figure: ({ first, beside, second }) => {
    const multiply = (v: Float64Array): Float64Array =>
      Float64Array.of(first * (v[0] ?? 0) + beside * (v[1] ?? 0), beside * (v[0] ?? 0) + second * (v[1] ?? 0))
    const { estimates } = powerIteration(multiply, Float64Array.of(1, 0), { iterations: 20, tolerance: 0 })
    const middle = (first + second) / 2
    const reach = Math.hypot((first - second) / 2, beside)
    const farthest = middle < 0 ? middle - reach : middle + reach
    return {
      xAxis: { title: 'steps' },
      yAxis: { title: 'eigenvalue' },
      x: countingFrom0(20).map((step) => step + 1),
      // Where it starts on an eigenvector there is nothing more to find.
      curves: [
        {
          name: 'estimate',
          y: countingFrom0(20).map((step) => estimates[step] ?? estimates.at(-1) ?? null),
          role: 'main',
        },
        { name: 'eigenvalue of largest size', y: countingFrom0(20).map(() => farthest), role: 'beside' },
      ],
      note:
        `From (1, 0). The eigenvalues are ${about(middle + reach)} and ` +
        about(middle - reach) +
        (beside === 0 ? '; the start is an eigenvector, and the other one is never found.' : '.'),
    }
  },
})

const stabilityPlot = plotOf({
  name: 'Curvature that a rate stands',
  sees:
    'Below a line descent converges, above it the weights leave. Momentum raises the limit by up to two, ' +
    "Nesterov's form lowers it. Ten times the rate stands a tenth of the curvature, at any batch size.",
  at: [0.01, 0.1, 1],
  knobs: {
    momentum: number('Momentum', 0.9, { minimum: 0, maximum: 0.99, step: 0.01 }),
    eigenvalue: number('λ of the network', 30, { minimum: 0.1, maximum: 1e4, log: true }),
  },
  figure: ({ momentum, eigenvalue }) => {
    const x = decades(-3, 1, 10)
    const limit = (own: number, nesterov: boolean) =>
      x.map((learningRate) => stabilityThreshold({ learningRate, momentum: own, nesterov }))
    return {
      xAxis: { title: 'rate', log: true },
      yAxis: { title: 'largest stable λ', log: true },
      x,
      curves: [
        { name: 'without momentum, 2/η', y: limit(0, false), role: 'main' },
        { name: 'heavy ball', y: limit(momentum, false), role: 'beside' },
        { name: 'Nesterov', y: limit(momentum, true), role: 'beside' },
        { name: 'λ of the network', y: x.map(() => eigenvalue), role: 'beside' },
      ],
      note:
        `At λ = ${about(eigenvalue)} the rate can be up to ${about(2 / eigenvalue)}, with heavy-ball momentum ` +
        `${about((2 + 2 * momentum) / eigenvalue)}.`,
    }
  },
})

export const hessianPlots: readonly [Plot, Plot] = [powerPlot, stabilityPlot]
