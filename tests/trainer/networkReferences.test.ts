import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { NetworkConfig, NetworkOptions } from '../../core/config/network'
import { OptimizerConfig } from '../../core/config/optimizer'
import { dropoutParts, dropoutWidth, networkFor, sizeOf, weightsOf } from '../../core/network'
import type { ImageShape, Layer } from '../../core/networks/layer'
import { randomFor } from '../../core/random'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { fillDropoutMasks } from '../../main/trainer/learner/dropout'
import { initialWeights } from '../../main/trainer/learner/initialise'
import { forward } from '../../main/trainer/learner/network'
import { gradientsOf } from '../../main/trainer/learner/step'
import { createVariables, disposeVariables, readVariables } from '../../main/trainer/learner/variables'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { crossEntropy, imagesOf } from '../reference/images'
import * as plain from '../reference/networks'
import { testedEngines } from './tensorflow'

/*
 * Every network against its forward pass longhand, on the fastest engine there is: that the engines compute the same is
 * tested with their operations.
 */

/** Sizes of the images; `large` where a layer shows on larger ones only (inference). */
interface Case {
  readonly network: Parameters<typeof NetworkConfig.parse>[0]
  readonly reference: plain.Forward
  readonly shape: ImageShape
  readonly large?: ImageShape
}

const cifar: ImageShape = [32, 32, 3]
const half: ImageShape = [16, 16, 3]
const odd: ImageShape = [9, 14, 1]
const cases: readonly Case[] = [
  { network: { type: 'resnet', depth: 14 }, reference: plain.resnet(14, 'A'), shape: half },
  { network: { type: 'resnet', depth: 14, shortcut: 'projection' }, reference: plain.resnet(14, 'B'), shape: half },
  { network: { type: 'resnet', depth: 8 }, reference: plain.resnet(8, 'A'), shape: odd },
  { network: { type: 'resnet', depth: 8, shortcut: 'projection' }, reference: plain.resnet(8, 'B'), shape: odd },
  { network: { type: 'wideResnet', depth: 16, width: 2 }, reference: plain.wideResnet(16, 2), shape: half },
  // At width 1 the first stage has the channels that come in, and no 1×1 shortcut.
  { network: { type: 'wideResnet', depth: 10, width: 1 }, reference: plain.wideResnet(10, 1), shape: odd },
  { network: { type: 'resnet9' }, reference: plain.resnet9, shape: half, large: cifar },
  { network: { type: 'keskarC1' }, reference: plain.keskarC1, shape: half },
  { network: { type: 'keskarC2' }, reference: plain.keskarC2, shape: half, large: cifar },
  { network: { type: 'vgg9' }, reference: plain.vgg9, shape: half },
  { network: { type: 'reducedAlexnet' }, reference: plain.reducedAlexnet(false), shape: half },
  { network: { type: 'reducedAlexnet', batchNorm: true }, reference: plain.reducedAlexnet(true), shape: half },
  {
    network: { type: 'mlp', hidden: [512, 512, 512, 512, 512], batchNorm: true },
    reference: plain.normedMlp(512, 512, 512, 512, 512),
    shape: [28, 28, 1],
  },
  { network: { type: 'lenet' }, reference: plain.lenet, shape: [28, 28, 1], large: [32, 32, 1] },
  { network: { type: 'conv4' }, reference: plain.conv4(false), shape: half },
  { network: { type: 'conv4', batchNorm: true }, reference: plain.conv4(true), shape: half },
  { network: { type: 'tinyCnn' }, reference: plain.tinyCnn, shape: half },
  { network: { type: 'vggSmall' }, reference: plain.vggSmall, shape: half },
]

// Batch norm behind a dense layer makes ±1 of two images, whatever they are.
const images = 4

const normals = (seed: number, count: number): Float32Array => {
  const random = randomFor(seed, 'synthetic')
  return Float32Array.from({ length: count }, random.normal)
}

/**
 * A network at its initial weights, with every γ, β, bias and running statistic moved away from where it starts: only
 * so do they show.
 */
function built({ network, shape }: Case) {
  const options = NetworkOptions.parse({})
  const layers = networkFor(NetworkConfig.parse(network), options, shape, 10)
  const specs = weightsOf(layers, shape)
  const state = initialWeights(layers, shape, options.initialisation, 5)
  for (const [index, { name, role }] of specs.entries()) {
    if (role === 'weight') continue
    const { data } = state.get(name)!
    normals(100 + index, data.length).forEach((z, i) => {
      data[i] = role === 'runningVariance' ? Math.exp(0.5 * z) : data[i]! + 0.3 * z
    })
  }
  return {
    layers,
    shape,
    state,
    weights: new Map([...state].map(([name, { data }]) => [name, new Float64Array(data)])),
    trained: specs.filter(({ trainable }) => trainable),
  }
}

/** Images without a pattern. */
function sample(count: number, [height, width, channels]: ImageShape) {
  const shape: [number, number, number, number] = [count, height, width, channels]
  const values = normals(1, sizeOf(shape))
  return { plain: imagesOf(shape, values), tensor: () => tf.tensor4d(values, shape) }
}

/** The dropout mask of an update as the learner fills it. */
function maskOf(layers: readonly Layer[], shape: ImageShape) {
  const width = dropoutWidth(layers, shape)
  const data = new Float32Array(images * width)
  if (width > 0) fillDropoutMasks(data, dropoutParts(layers, shape), 3, 1)
  return width > 0 ? { width, data, tensor: () => tf.tensor2d(data, [images, width]) } : undefined
}

// Loops, because what takes a function for each of fifteen million weights takes seconds.
function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!
  return total
}

function scaled(values: Float64Array, factor: number) {
  const made = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) made[i] = factor * values[i]!
  return made
}

function sum(a: Float64Array, b: Float64Array) {
  const made = new Float64Array(a.length)
  for (let i = 0; i < a.length; i++) made[i] = a[i]! + b[i]!
  return made
}

function uniforms(seed: number, count: number) {
  const random = randomFor(seed, 'probe')
  const made = new Float64Array(count)
  for (let i = 0; i < count; i++) made[i] = random.uniform() - 0.5
  return made
}

/** The largest difference in units of the largest expected number. */
function furthest(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found).toHaveLength(expected.length)
  const largest = (values: ArrayLike<number>): number =>
    Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return largest(Float64Array.from(found, (value, i) => value - expected[i]!)) / largest(expected)
}

const title = ({ network, shape, large }: Case): string =>
  `${JSON.stringify(network)} on ${[...(large ? [large] : []), shape].map((one) => one.join('×')).join(' and ')}`

describe('a network and its forward pass longhand', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(testedEngines[0], {})
  })

  it('covers every network', () => {
    expect(new Set(cases.map(({ network }) => NetworkConfig.parse(network).type))).toEqual(
      new Set(NetworkConfig.options.map((option) => option.shape.type.value)),
    )
  })

  describe.each(cases.map((one) => [title(one), one] as const))('%s', (_, one) => {
    let network: ReturnType<typeof built>
    beforeAll(() => {
      network = built(one)
    })

    it('give the same scores from running statistics, and read the same tensors', () => {
      const shape = one.large ?? one.shape
      const layers = networkFor(NetworkConfig.parse(one.network), NetworkOptions.parse({}), shape, 10)
      const { plain: pixels, tensor } = sample(1, shape)
      const variables = createVariables(network.state)
      const found = tf.tidy(() => forward({ ops: opsFor(engine), layers, variables }, tensor(), undefined).dataSync())
      disposeVariables(variables)
      const { scores, trace } = plain.run(one.reference, pixels, {
        weights: network.weights,
        statistics: 'running',
        mask: undefined,
      })
      expect(furthest(found, scores.data)).toBeLessThan(1e-5)
      expect(trace.read).toEqual(new Set(network.state.keys()))
    })

    it('give the same scores and statistics while training', () => {
      const { layers, shape, state, weights } = network
      const [{ plain: pixels, tensor }, mask] = [sample(images, shape), maskOf(layers, shape)]
      const variables = createVariables(state)
      const pass = { ghostSizes: [images], ghostsPerUpdate: 1, newValueWeight: 1 }
      const found = tf.tidy(() =>
        forward({ ops: opsFor(engine), layers, variables }, tensor(), {
          ...pass,
          dropoutMask: mask?.tensor(),
        }).dataSync(),
      )
      const after = readVariables(variables)
      disposeVariables(variables)
      const { scores, trace } = plain.run(one.reference, pixels, { weights, statistics: 'batch', mask })
      expect(furthest(found, scores.data)).toBeLessThan(1e-4)
      expect(trace.columns).toBe(mask?.width ?? 0)
      for (const [name, { mean, variance, values }] of trace.moments) {
        expect(furthest(after.get(`${name}.running_mean`)!.data, mean), name).toBeLessThan(1e-4)
        expect(
          furthest(
            after.get(`${name}.running_var`)!.data,
            variance.map((biased) => (biased * values) / (values - 1)),
          ),
          name,
        ).toBeLessThan(1e-4)
      }
    })

    it('have the same slope in a random direction', () => {
      const { layers, shape, state, weights, trained } = network
      const [{ plain: pixels, tensor }, mask] = [sample(images, shape), maskOf(layers, shape)]
      const labels = Int32Array.from({ length: images }, (_unused, n) => (3 * n + 1) % 10)
      const variables = createVariables(state)
      const trainee = {
        network: { ops: opsFor(engine), layers, variables },
        weights: trained,
        optimizer: OptimizerConfig.parse({ type: 'sgd' }),
        labelSmoothing: 0,
      }
      const tensors = tf.tidy(() => {
        const rates = {
          learningRate: tf.scalar(0),
          momentum: tf.scalar(0),
          weightDecay: tf.scalar(0),
          momentumCorrection: tf.scalar(1),
        }
        const feeds = { ...rates, images: tensor(), labels: tf.tensor1d(labels, 'int32'), dropoutMask: mask?.tensor() }
        return gradientsOf(trainee, trained, feeds, { ghostSizes: [images], ghostsPerUpdate: 1 }, 1 / images).gradients
      })
      // Not inside: what a tidy returns is searched for tensors, number by number.
      const gradients = tensors.map((gradient) => gradient.dataSync<'float32'>())
      tf.dispose(tensors)
      disposeVariables(variables)
      // Each tensor's part of the slope is about as large as any other's, but where a bias in front of batch norm has
      // no gradient.
      const lengths = gradients.map((gradient) => Math.sqrt(dot(gradient, gradient)))
      const longest = Math.max(...lengths)
      const directions = gradients.map(({ length }, k) =>
        scaled(uniforms(k, length), 1 / Math.max(lengths[k]!, 1e-3 * longest)),
      )
      const parts = directions.map((direction, k) => dot(direction, gradients[k]!))
      const lossAt = (step: number): number => {
        const moved = new Map(weights)
        for (const [k, { name }] of trained.entries())
          moved.set(name, sum(weights.get(name)!, scaled(directions[k]!, step)))
        return crossEntropy(
          plain.run(one.reference, pixels, { weights: moved, statistics: 'batch', mask }).scores,
          labels,
        )
      }
      // So short a step that hardly a ReLU bends on it.
      const step = 3e-9 * longest
      const slope = (lossAt(step) - lossAt(-step)) / (2 * step)
      expect(Math.abs(slope - parts.reduce((a, b) => a + b)) / Math.hypot(...parts)).toBeLessThan(1e-3)
    })
  })
})
