import type { InitialisationConfig } from '../../../core/config/network'
import { spreadOf } from '../../../core/initialisation'
import { sizeOf, weightsOf, type WeightSpec } from '../../../core/network'
import type { ImageShape, Layer } from '../../../core/networks/layer'
import { randomFor, type Random } from '../../../core/random'
import type { HostTensor, LearnerState } from './learner'

/**
 * The initial weights and running statistics of a network. Each tensor is a function of the seed, its own name and its
 * shape, so a layer more or less elsewhere changes nothing here.
 */
export const initialWeights = (
  layers: readonly Layer[],
  shape: ImageShape,
  config: InitialisationConfig,
  seed: number,
): LearnerState =>
  new Map(
    weightsOf(layers, shape).map((weight): [string, HostTensor] => [
      weight.name,
      { shape: weight.shape, data: initialWeightValues(weight, config, seed) },
    ]),
  )

/** The initial values of one tensor. */
export function initialWeightValues(weight: WeightSpec, config: InitialisationConfig, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(weight.shape))
  if (weight.initial !== undefined) return values.fill(weight.initial)
  const random = randomFor(seed, 'weights', hashOf(weight.name))
  // Biases are 0, but for PyTorch's, which are drawn like the weights.
  if (weight.role === 'bias' && config.method !== 'torch') return values
  const spread = spreadOf(config, weight)
  switch (spread.type) {
    case 'normal':
      return normal(values, random, spread.deviation)
    case 'uniform':
      return uniform(values, random, spread.bound)
    case 'orthogonal':
      return orthogonal(values, random, weight.shape.at(-1) ?? 1, spread.gain)
  }
}

function normal(values: Float32Array, random: Random, deviation: number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal()
  return values
}

function uniform(values: Float32Array, random: Random, bound: number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = bound * (2 * random.uniform() - 1)
  return values
}

/**
 * Orthonormal rows or columns, whichever are fewer, times the gain (Saxe et al. 2013): Gram–Schmidt over Gaussian
 * vectors, which is a QR decomposition whose R has a positive diagonal. The tensor counts as a matrix of (everything
 * else) × (outputs).
 */
function orthogonal(values: Float32Array, random: Random, outputs: number, gain: number): Float32Array {
  const inputs = values.length / outputs
  const [count, length] = inputs < outputs ? [inputs, outputs] : [outputs, inputs]
  const vectors: Float64Array[] = []
  for (let k = 0; k < count; k++) {
    const vector = Float64Array.from({ length }, () => random.normal())
    // Twice, because one pass leaves rounding errors as large as the part that it took away.
    for (let pass = 0; pass < 2; pass++) for (const earlier of vectors) subtract(vector, earlier, dot(vector, earlier))
    const norm = Math.sqrt(dot(vector, vector))
    for (let i = 0; i < length; i++) vector[i] = (vector[i] ?? 0) / norm
    vectors.push(vector)
  }
  vectors.forEach((vector, k) => {
    for (let i = 0; i < length; i++)
      values[inputs < outputs ? k * outputs + i : i * outputs + k] = gain * (vector[i] ?? 0)
  })
  return values
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

function subtract(from: Float64Array, vector: Float64Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i] = (from[i] ?? 0) - times * (vector[i] ?? 0)
}

// FNV-1a, 32 bits (Fowler, Noll, Vo; public domain).
function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
