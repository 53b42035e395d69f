import { clipAdaptively, clipNorm, larsRatio } from './layers'
import type { Parameters } from './perceptron'

/**
 * Updates of a whole network with momentum on plain arrays, all options together, written from the formulas:
 * combinations under test are compared with it.
 */
export interface UpdaterOptions {
  readonly momentum: number
  readonly nesterov?: boolean
  readonly rate?: 'inside' | 'outside'
  readonly corrected?: boolean
  readonly weightDecay?: number
  readonly decay?: 'coupled' | 'decoupled'
  /** LARS's coefficient; plain SGD without it. */
  readonly trust?: number
  readonly clip?: 'norm' | 'adaptive'
  readonly limit?: number
}

const isWeight = (name: string): boolean => name.endsWith('.weight')

/** Rows of the weights of each output unit, which lie along the last axis, and back. */
const unitsOf = (values: readonly number[], outputs: number): number[][] =>
  Array.from({ length: outputs }, (_, o) => values.filter((_value, i) => i % outputs === o))
const merged = (units: readonly (readonly number[])[], length: number): number[] =>
  Array.from({ length }, (_, i) => units[i % units.length]?.[Math.floor(i / units.length)] ?? NaN)

function clipped(
  gradients: Parameters,
  parameters: Parameters,
  { clip, limit = NaN }: UpdaterOptions,
  classifier: string,
): Parameters {
  const names = Object.keys(gradients)
  if (clip === 'norm') {
    const tensors = clipNorm(
      names.map((name) => gradients[name] ?? []),
      limit,
    )
    return Object.fromEntries(names.map((name, k) => [name, tensors[k] ?? []]))
  }
  return clip === undefined
    ? gradients
    : Object.fromEntries(
        names.map((name) => {
          const [gradient, values] = [gradients[name] ?? [], parameters[name] ?? []]
          if (name.startsWith(`${classifier}.`)) return [name, gradient]
          // There is a bias for each output unit, and the biases of a layer are one unit.
          const outputs = isWeight(name) ? (parameters[name.replace('.weight', '.bias')]?.length ?? NaN) : 1
          return [
            name,
            merged(clipAdaptively(unitsOf(values, outputs), unitsOf(gradient, outputs), limit), values.length),
          ]
        }),
      )
}

/**
 * The parameters after one update of those that gradients are given for; the rest stay. Buffers are kept from update to
 * update. `correction` is η/η_before.
 */
export function updater(
  options: UpdaterOptions,
  classifier: string,
): (parameters: Parameters, gradients: Parameters, rate: number, correction: number) => Parameters {
  const { momentum, nesterov = false, corrected = false, weightDecay = 0, decay = 'coupled', trust } = options
  const inside = options.rate === 'inside'
  const buffers = new Map<string, readonly number[]>()
  return (parameters, gradients, rate, correction) => ({
    ...parameters,
    ...Object.fromEntries(
      Object.entries(clipped(gradients, parameters, options, classifier)).map(([name, gradient]) => {
        const values = parameters[name] ?? []
        const shrink = isWeight(name) ? weightDecay : 0
        const ratio = trust !== undefined && isWeight(name) ? larsRatio(values, gradient, trust, shrink) : 1
        const pushes = gradient.map(
          (g, i) => (inside ? rate : 1) * ratio * (g + (decay === 'coupled' ? shrink * (values[i] ?? NaN) : 0)),
        )
        const buffer = pushes.map(
          (push, i) => momentum * (inside && corrected ? correction : 1) * (buffers.get(name)?.[i] ?? 0) + push,
        )
        buffers.set(name, buffer)
        const steps = buffer.map((v, i) => (inside ? 1 : rate) * (nesterov ? (pushes[i] ?? NaN) + momentum * v : v))
        return [name, values.map((w, i) => (decay === 'decoupled' ? 1 - rate * shrink : 1) * w - (steps[i] ?? NaN))]
      }),
    ),
  })
}
