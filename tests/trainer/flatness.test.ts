import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { hessianVector, powerIteration, spectrumEnds } from '../../core/flatness/curvature'
import { moved, norm, type Landscape } from '../../core/flatness/landscape'
import { interpolated } from '../../core/flatness/line'
import { sharpnessBox, sharpness, sharpnessOf } from '../../core/flatness/sharpness'
import { networkFor } from '../../core/network'
import { randomFor } from '../../core/random'
import type { Dataset } from '../../main/data/dataset'
import { subsetOf } from '../../main/data/rawImages'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { networkLandscape, type NetworkLandscape } from '../../main/trainer/flatness/networkLandscape'
import type { LearnerState } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { eigenvalues } from '../core/flatness/quadratic'
import { meanOf, oneHot, perceptron, type Parameters } from '../reference/perceptron'
import { digits, digitsBatch, digitsConfig, useFolder } from '../support/digits'
import { distance } from './reference'
import { testedEngines } from './tensorflow'

const folder = useFolder()
const names = ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']
const images = 60

/** The plain perceptron as a function of the same flattened weights, in double precision. */
function plainLandscape(hidden: number, pixels: Float32Array, labels: Int32Array): Landscape {
  const examples = Array.from(labels, (label, n) => ({
    pixels: pixels.subarray(64 * n, 64 * n + 64),
    target: oneHot(label, 10),
    weight: 1,
  }))
  const sizes = [64 * hidden, hidden, hidden * 10, 10]
  const parameters = (weights: Float64Array): Parameters =>
    Object.fromEntries(
      names.map((name, k) => {
        const from = sizes.slice(0, k).reduce((a, b) => a + b, 0)
        return [name, [...weights.subarray(from, from + sizes[k]!)]]
      }),
    )
  return {
    loss: (weights) => meanOf(perceptron(parameters(weights), examples).losses),
    gradient: (weights) => {
      const { gradients } = perceptron(parameters(weights), examples)
      return Float64Array.from(names.flatMap((name) => gradients[name]!))
    },
  }
}

describe.each(testedEngines)('the landscape of a network on %s', (engineName) => {
  let engine: Engine
  let dataset: Dataset
  beforeAll(async () => {
    engine = await openEngine(engineName, {})
    dataset = await digits(digitsConfig({}), folder())
  })

  /** A network after some updates on real digits, and its landscape on the first images of the training split. */
  function trained(
    input: RunConfigInput,
    updates: number,
  ): {
    readonly landscape: NetworkLandscape
    readonly state: LearnerState
    readonly pixels: Float32Array
    readonly labels: Int32Array
    readonly evaluated: number
  } {
    const config = digitsConfig({ ...input, engine: { backend: engineName, capture: 'off' } })
    const learner = createLearner(engine, config, dataset.info)
    for (let update = 0; update < updates; update++) {
      learner.update(
        digitsBatch(
          config,
          dataset,
          dataset.train,
          Array.from({ length: 24 }, (_, i) => (24 * update + i) % 240),
          update,
        ),
        { learningRate: 0.1, momentum: 0.9 },
      )
    }
    const state = learner.read()
    const measured = subsetOf(
      dataset.train,
      Array.from({ length: images }, (_, i) => i),
    )
    const evaluated = learner.evaluate(measured).loss
    learner.dispose()
    // Two batches of unequal size: how images are cut must not show.
    const whole = digitsBatch(
      config,
      dataset,
      measured,
      Array.from({ length: images }, (_, i) => i),
      0,
    )
    const batch = (from: number, to: number) => ({
      images: whole.images.slice(64 * from, 64 * to),
      labels: whole.labels.slice(from, to),
      count: to - from,
    })
    const layers = networkFor(config.network, config.networkOptions, dataset.info.shape, 10)
    const landscape = networkLandscape({
      ops: opsFor(engine),
      layers,
      shape: dataset.info.shape,
      state,
      batches: [batch(0, 37), batch(37, images)],
    })
    return { landscape, state, pixels: whole.images, labels: whole.labels, evaluated }
  }

  it('has the loss and gradient of a plain perceptron', () => {
    const { landscape, pixels, labels, evaluated } = trained({ network: { type: 'mlp', hidden: [5] } }, 10)
    const plain = plainLandscape(5, pixels, labels)
    const away = landscape.weights.map((weight, i) => weight + 0.05 * Math.sin(i))
    expect(landscape.loss(landscape.weights)).toBeCloseTo(evaluated, 6)
    for (const weights of [landscape.weights, away]) {
      expect(landscape.loss(weights)).toBeCloseTo(plain.loss(weights), 5)
      expect(distance(landscape.gradient(weights), plain.gradient(weights))).toBeLessThan(1e-6)
    }
    landscape.dispose()
  })

  it.each<[string, RunConfigInput]>([
    [
      'batch norm and dropout',
      { network: { type: 'mlp', hidden: [8], batchNorm: true }, networkOptions: { dropout: 0.5 } },
    ],
    ['convolutions and pooling', { network: { type: 'lenet' } }],
  ])('is that of evaluation, and slopes as its gradient says: %s', (_, input) => {
    const { landscape, state, evaluated } = trained(input, 4)
    const { weights } = landscape
    expect(landscape.loss(weights)).toBeCloseTo(evaluated, 4)
    const gradient = landscape.gradient(weights)
    // Along the gradient the loss changes by ‖∇f‖ per length; the difference is long enough for single precision.
    const step = 2e-3
    const direction = gradient.map((value) => value / norm(gradient))
    const slope =
      (landscape.loss(moved(weights, direction, step)) - landscape.loss(moved(weights, direction, -step))) / (2 * step)
    expect(Math.abs(slope / norm(gradient) - 1)).toBeLessThan(0.02)
    // Running statistics are not weights, and stay.
    const after = landscape.stateAt(moved(weights, direction, 1))
    for (const [name, { data }] of after) {
      if (name.includes('running')) expect([...data], name).toEqual([...state.get(name)!.data])
      else if (name === 'fc1.weight' || name === 'conv1.weight')
        expect(distance(data, state.get(name)!.data)).toBeGreaterThan(1e-6)
    }
    landscape.dispose()
  })

  it('has the largest and smallest eigenvalue of the Hessian that a plain version writes down', () => {
    const { landscape, pixels, labels } = trained({ network: { type: 'mlp', hidden: [3] } }, 20)
    const { weights } = landscape
    const plain = plainLandscape(3, pixels, labels)
    const step = 1e-6
    const columns = Array.from(weights, (_, j) => {
      const unit = weights.map((__, i) => (i === j ? 1 : 0))
      const [ahead, behind] = [plain.gradient(moved(weights, unit, step)), plain.gradient(moved(weights, unit, -step))]
      return ahead.map((value, i) => (value - behind[i]!) / (2 * step))
    })
    const matrix = columns.map((column, i) => [...column].map((value, j) => (value + columns[j]![i]!) / 2))
    const expected = eigenvalues(matrix)
    const start = Float64Array.from(weights, randomFor(3, 'probe').normal)
    // Shorter than the usual length: with so few images a longer difference crosses kinks of single ReLUs, whose
    // curvature no derivative knows.
    for (const length of [1e-4, 3e-4]) {
      const multiply = (vector: Float64Array) => hessianVector(landscape, weights, vector, length)
      const options = { iterations: 200, tolerance: 1e-3 }
      const { largest, smallest } = spectrumEnds(powerIteration(multiply, start, options), multiply, start, options)
      expect(Math.abs(largest.value / expected.at(-1)! - 1), `largest, r = ${length}`).toBeLessThan(0.02)
      expect(Math.abs(smallest.value - expected[0]!) / expected.at(-1)!, `smallest, r = ${length}`).toBeLessThan(0.02)
    }
    landscape.dispose()
  }, 60_000)

  it('is as sharp as a plain version finds it, and sharper than any random place in the box', () => {
    const { landscape, pixels, labels } = trained({ network: { type: 'mlp', hidden: [5] } }, 20)
    const { weights } = landscape
    for (const epsilon of [1e-3, 5e-4]) {
      const options = () => ({ epsilon, iterations: 10, restarts: 1, random: randomFor(1, 'probe') })
      const found = sharpness(landscape, weights, options())
      const plain = sharpness(plainLandscape(5, pixels, labels), weights, options())
      expect(Math.abs(found.percent / plain.percent - 1)).toBeLessThan(1e-2)
      const random = randomFor(2, 'probe')
      const box = sharpnessBox(weights, epsilon)
      for (let i = 0; i < 50; i++) {
        const z = box.map((width) => (2 * random.uniform() - 1) * width)
        expect(found.percent).toBeGreaterThan(sharpnessOf(found.loss, landscape.loss(moved(weights, z, 1))))
      }
    }
    landscape.dispose()
  })

  it('has both checkpoints at the ends of the line between them', () => {
    const [one, other] = [
      trained({ network: { type: 'mlp', hidden: [5] } }, 3),
      trained({ network: { type: 'mlp', hidden: [5] } }, 30),
    ]
    const at = (place: number) =>
      one.landscape.score(interpolated(one.landscape.weights, other.landscape.weights, place)).loss
    expect(at(0)).toBeCloseTo(one.evaluated, 6)
    expect(at(1)).toBeCloseTo(other.evaluated, 6)
    expect(at(1)).toBeLessThan(at(0))
    one.landscape.dispose()
    other.landscape.dispose()
  })
})

describe('a landscape', () => {
  it('refuses a checkpoint of another network, and no images', async () => {
    const engine = await openEngine('cpu', {})
    const config = digitsConfig({})
    const { info } = await digits(config, folder())
    const layers = networkFor(config.network, config.networkOptions, info.shape, 10)
    const scene = { ops: opsFor(engine), layers, shape: info.shape, batches: [] }
    expect(() => networkLandscape({ ...scene, state: new Map() })).toThrow('The checkpoint has no tensor fc1.weight')
    const learner = createLearner(engine, config, info)
    expect(() => networkLandscape({ ...scene, state: learner.read() })).toThrow('A loss needs at least one image')
    learner.dispose()
  })
})
