import { stabilityThreshold } from '../../../core/flatness/curvature'
import { about, countingFrom0, decades, listKnob, number, plotOf } from '../plot'
import {
  adamPath,
  clippedByNorm,
  clippedByUnit,
  clippedByValue,
  firstLamb,
  type GradientAt,
  larsRatio,
  sgdPath,
} from '../updates'

const rate = (initial: number, maximum = 10) => number('Rate', initial, { minimum: 0.001, maximum, log: true })
const momentum = number('Momentum', 0.9, { minimum: 0, maximum: 0.99, step: 0.01 })
const updates = (count: number) => countingFrom0(count + 1)

export const sgdPlot = plotOf({
  name: 'A weight on its way to 0',
  sees:
    "Without momentum the weight creeps. With it the weight overshoots and swings; Nesterov's look ahead damps " +
    'the swing. Raise rate times curvature to see each of them leave.',
  at: [0, 5, 10, 20, 40],
  knobs: {
    rate: rate(0.1, 5),
    momentum,
    curvature: number('Curvature h', 1, { minimum: 0.01, maximum: 20, log: true }),
  },
  figure: ({ rate: eta, momentum: mu, curvature }) => {
    const path = (own: number, nesterov: boolean) =>
      [1, ...sgdPath(1, (weight) => curvature * weight, 40, { rate: () => eta, momentum: own, nesterov })].map(
        (weight) => (Math.abs(weight) < 4 ? weight : null),
      )
    const limit = stabilityThreshold({ learningRate: eta, momentum: mu, nesterov: false })
    return {
      xAxis: { title: 'updates' },
      yAxis: { title: 'weight', range: [-1.5, 1.5] },
      x: updates(40),
      curves: [
        { name: 'heavy ball', y: path(mu, false), role: 'main' },
        { name: 'Nesterov', y: path(mu, true), role: 'beside' },
        { name: 'without momentum', y: path(0, false), role: 'beside' },
      ],
      note:
        `Loss ½hw². Heavy ball is stable up to a curvature of ${about(limit)}, Nesterov up to ` +
        `${about(stabilityThreshold({ learningRate: eta, momentum: mu, nesterov: true }))}.`,
    }
  },
})

export const correctionPlot = plotOf({
  name: 'A weight while the rate changes',
  sees:
    'Where the rate rises, the buffer with the rate inside lags behind; let the rates fall instead (1, 1, 0.1, ' +
    '0.1), and it runs ahead. Corrected, it lies on the line of the rate outside.',
  at: [0, 1, 2, 3, 4],
  knobs: {
    rates: listKnob('Rates, one per update', [0.1, 0.1, 1, 1], { minimum: 1e-6, maximum: 100, counts: [1, 60] }),
    momentum,
  },
  figure: ({ rates, momentum: mu }) => {
    const path = (buffer: 'outside' | 'inside' | 'corrected') => [
      0,
      ...sgdPath(0, () => 1, rates.length, { rate: (update) => rates[update] ?? NaN, momentum: mu, buffer }),
    ]
    const [inside, outside] = [path('inside'), path('outside')]
    return {
      xAxis: { title: 'updates' },
      yAxis: { title: 'weight' },
      x: updates(rates.length),
      curves: [
        { name: 'rate inside', y: inside, role: 'main' },
        { name: 'rate outside', y: outside, role: 'beside' },
        { name: 'inside, corrected', y: path('corrected'), role: 'beside', shape: 'points' },
      ],
      note:
        `Gradient 1. At the end the weights are ${about(Math.abs((inside.at(-1) ?? 0) - (outside.at(-1) ?? 0)))} ` +
        'apart.',
    }
  },
})

export const larsPlot = plotOf({
  name: 'Rate of a layer',
  sees:
    'A layer whose gradient is small beside its weights gets a high rate, one whose gradient is large a low one. ' +
    'Weight decay caps what the first can get, at τ/λ; LARC caps it at the rate.',
  at: [1, 100, 10_000, 1_000_000],
  knobs: {
    rate: rate(1, 100),
    trust: number('Trust coefficient τ', 0.001, { minimum: 1e-4, maximum: 1, log: true }),
    decay: number('Weight decay λ', 5e-4, { minimum: 0, maximum: 0.1, log: true, step: 1e-5 }),
  },
  figure: ({ rate: eta, trust, decay }) => {
    const x = decades(0, 6, 20)
    const own = x.map((quotient) => eta * larsRatio({ trust, weightNorm: quotient, gradientNorm: 1, decay }))
    return {
      xAxis: { title: '‖w‖/‖g‖', log: true },
      yAxis: { title: 'rate of the layer', log: true },
      x,
      curves: [
        { name: 'LARS', y: own, role: 'main' },
        { name: 'LARC, never beyond the rate', y: own.map((value) => Math.min(value, eta)), role: 'beside' },
        { name: 'SGD', y: x.map(() => eta), role: 'beside' },
      ],
      note:
        decay > 0
          ? `The highest rate is ητ/λ = ${about((eta * trust) / decay)}.`
          : 'Without weight decay nothing limits the rate.',
    }
  },
})

const [turn, end] = [200, 300]

export const adamPlot = plotOf({
  name: 'Steps when the gradient jumps',
  sees:
    "Adam's step is the rate whatever the gradient is. When the gradient jumps, the mean follows sooner than the " +
    'root of the mean square, so the step shoots up before it comes back. A larger β₂ makes that last.',
  at: [1, 200, 201, 220, 300],
  knobs: {
    jump: number('Gradient after 200 updates', 10, { minimum: 0.01, maximum: 100, log: true }),
    beta1: number('β₁', 0.9, { minimum: 0, maximum: 0.99, step: 0.01 }),
    beta2: number('β₂', 0.999, { minimum: 0, maximum: 0.9999, step: 0.001 }),
  },
  figure: ({ jump, beta1, beta2 }) => {
    const gradient = (_: number, update: number): number => (update < turn ? 1 : jump)
    const steps = (path: readonly number[]) => path.map((weight, update) => (path[update - 1] ?? 0) - weight)
    const adam = steps(adamPath(0, gradient, end, { rate: 1, beta1, beta2, epsilon: 1e-8 }))
    return {
      xAxis: { title: 'updates' },
      yAxis: { title: 'step over rate', log: true },
      x: countingFrom0(end).map((update) => update + 1),
      curves: [
        { name: 'Adam', y: adam, role: 'main' },
        {
          name: 'SGD with momentum β₁, averaged',
          y: steps(sgdPath(0, gradient, end, { rate: () => 1 - beta1, momentum: beta1 })),
          role: 'beside',
        },
        {
          name: 'gradient',
          y: countingFrom0(end).map((update) => gradient(0, update)),
          role: 'beside',
          shape: 'steps',
        },
      ],
      note: `Adam's longest step is ${about(Math.max(...adam))} times the rate.`,
    }
  },
})

export const lambPlot = plotOf({
  name: 'How far a layer moves',
  sees:
    "LAMB moves a layer by the rate, as a share of its length, however long it is. Adam's step has one length, " +
    'so it tears a short layer apart and hardly moves a long one. The size of the gradient moves neither line.',
  at: [0.01, 1, 5, 100],
  knobs: {
    rate: rate(0.001, 1),
    decay: number('Weight decay λ', 0.01, { minimum: 0, maximum: 1, log: true, step: 0.001 }),
    gradient: number('Size of the gradient', 1, { minimum: 0.001, maximum: 1000, log: true }),
  },
  figure: ({ rate: eta, decay, gradient }) => {
    const x = [...new Set([...decades(-2, 2, 20), 5])].sort((a, b) => a - b)
    const first = x.map((size) => ({
      size,
      ...firstLamb([0.6 * size, 0.8 * size], [0.6 * gradient, 0.8 * gradient], { rate: eta, decay, epsilon: 1e-6 }),
    }))
    const share = (form: 'lamb' | 'adam') =>
      first.map(
        ({ size, [form]: moved }) => Math.hypot(0.6 * size - (moved[0] ?? 0), 0.8 * size - (moved[1] ?? 0)) / size,
      )
    return {
      xAxis: { title: '‖w‖', log: true },
      yAxis: { title: '‖Δw‖/‖w‖', log: true },
      x,
      curves: [
        { name: 'LAMB', y: share('lamb'), role: 'main' },
        { name: 'AdamW', y: share('adam'), role: 'beside' },
      ],
      note: 'First update of a layer of two weights.',
    }
  },
})

export const decayPlot = plotOf({
  name: 'A weight that only decays',
  sees:
    'The gradient of this weight averages out, so that only decay moves it. Coupled to Adam, the decay is ' +
    'divided by the size of the gradient: make the gradient larger, and the weight hardly decays at all. The ' +
    'other two, whose lines are one, stay where they are.',
  at: [0, 100, 200, 400],
  knobs: {
    gradient: number('Size of the gradient', 5, { minimum: 0.1, maximum: 100, log: true }),
    rate: rate(0.05, 0.5),
    decay: number('Weight decay λ', 0.1, { minimum: 0.001, maximum: 1, log: true }),
  },
  figure: ({ gradient, rate: eta, decay }) => {
    // Up and down in turn, and the mean of two weights that begin with one and with the other.
    const averaged = (path: (gradientAt: GradientAt) => readonly number[]): readonly number[] => {
      const [up, down] = [
        path((_, update) => (update % 2 === 0 ? gradient : -gradient)),
        path((_, update) => (update % 2 === 0 ? -gradient : gradient)),
      ]
      return [1, ...up.map((weight, update) => (weight + (down[update] ?? NaN)) / 2)]
    }
    const adam = (type: 'coupled' | 'decoupled') =>
      averaged((gradientAt) =>
        adamPath(1, gradientAt, 400, {
          rate: eta,
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          decay: { by: decay, type },
        }),
      )
    const coupled = adam('coupled')
    return {
      xAxis: { title: 'updates' },
      yAxis: { title: 'weight', range: [0, 1.1] },
      x: updates(400),
      curves: [
        { name: 'Adam, coupled', y: coupled, role: 'main' },
        { name: 'AdamW, decoupled', y: adam('decoupled'), role: 'beside' },
        {
          name: 'SGD',
          y: averaged((gradientAt) =>
            sgdPath(1, gradientAt, 400, { rate: () => eta, momentum: 0, decay: { by: decay, type: 'coupled' } }),
          ),
          role: 'beside',
        },
      ],
      note:
        `After 400 updates coupled decay has left ${about(100 * (coupled.at(-1) ?? 0))} % of the weight; (1 − ` +
        `ηλ)^400 is ${about(100 * (1 - eta * decay) ** 400)} %.`,
    }
  },
})

export const clippingPlot = plotOf({
  name: 'Norm before and after',
  sees:
    'Below its limit each leaves the gradient alone. Beyond it the norm stays level: what remains is the ' +
    'direction, and by value not even that. The adaptive limit grows with the weights.',
  at: [0.1, 1, 10, 100],
  knobs: {
    limit: number('Limit, norm and value', 5, { minimum: 0.1, maximum: 100, log: true }),
    ratio: number('Limit, adaptive', 0.01, { minimum: 0.001, maximum: 1, log: true }),
    weights: number('‖w‖ of the unit', 50, { minimum: 0.1, maximum: 1000, log: true }),
  },
  figure: ({ limit, ratio, weights }) => {
    const x = decades(-1, 2, 40)
    const after = (clip: (gradient: readonly number[]) => readonly number[]) =>
      x.map((size) => Math.hypot(...clip([0.6 * size, 0.8 * size])))
    const angle = (gradient: readonly number[]): number => Math.atan2(gradient[1] ?? 0, gradient[0] ?? 0)
    const turned = ((angle([60, 80]) - angle(clippedByValue([60, 80], limit))) * 180) / Math.PI
    return {
      xAxis: { title: '‖g‖ before', log: true },
      yAxis: { title: '‖g‖ after', log: true },
      x,
      curves: [
        { name: 'norm', y: after((gradient) => clippedByNorm(gradient, limit)), role: 'main' },
        { name: 'value', y: after((gradient) => clippedByValue(gradient, limit)), role: 'beside' },
        { name: 'adaptive', y: after((gradient) => clippedByUnit(gradient, [weights], ratio)), role: 'beside' },
      ],
      note:
        'The gradient points along (0.6, 0.8). Clipped by value at a norm of 100 it is turned by ' +
        `${about(turned)}°.`,
    }
  },
})
