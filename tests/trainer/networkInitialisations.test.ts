import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { InitialisationConfig, NetworkConfig, NetworkOptions } from '../../core/config/network'
import { OptimizerConfig } from '../../core/config/optimizer'
import { networkFor, weightsOf } from '../../core/network'
import type { ImageShape } from '../../core/networks/layer'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { initialWeights, initialWeightValues } from '../../main/trainer/learner/initialise'
import { forward } from '../../main/trainer/learner/network'
import { gradientsOf } from '../../main/trainer/learner/step'
import { createVariables, disposeVariables } from '../../main/trainer/learner/variables'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { distance, numbers } from './reference'
import { testedEngines } from './tensorflow'

type Network = Parameters<typeof NetworkConfig.parse>[0]

const cifar: ImageShape = [32, 32, 3]
// Inputs and outputs of a unit counted by hand: channels times the pixels of the kernel (He et al. 2015, 1502.01852,
// §2.2).
const large: readonly [Network, ImageShape, string, number, number][] = [
  [{ type: 'resnet', depth: 20 }, cifar, 'layer3.1.conv1.weight', 9 * 64, 9 * 64],
  [{ type: 'resnet9' }, cifar, 'layer1.conv.weight', 9 * 64, 9 * 128],
  [{ type: 'wideResnet', depth: 16, width: 4 }, cifar, 'layer2.0.shortcut.weight', 64, 128],
  [{ type: 'wideResnet', depth: 16, width: 4 }, cifar, 'layer2.0.conv1.weight', 9 * 64, 9 * 128],
  [{ type: 'keskarC1' }, cifar, 'conv2.weight', 25 * 64, 25 * 64],
  [{ type: 'reducedAlexnet' }, cifar, 'conv1.weight', 81 * 3, 81 * 64],
  [{ type: 'conv4' }, cifar, 'fc.weight', 4096, 10],
  [{ type: 'mlp', hidden: [128] }, [28, 28, 1], 'fc1.weight', 784, 128],
  [{ type: 'lenet' }, cifar, 'fc1.weight', 400, 120],
]

const specOf = (network: Network, shape: ImageShape, name: string) =>
  weightsOf(networkFor(NetworkConfig.parse(network), NetworkOptions.parse({}), shape, 10), shape).find(
    (weight) => weight.name === name,
  )!

describe('a large weight', () => {
  const methods: readonly (readonly [
    Partial<InitialisationConfig>,
    'normal' | 'uniform',
    (inputs: number, outputs: number) => number,
  ])[] = [
    [{ method: 'heNormal' }, 'normal', (inputs) => Math.sqrt(2 / inputs)],
    [{ method: 'heNormal', fan: 'out' }, 'normal', (_, outputs) => Math.sqrt(2 / outputs)],
    [{ method: 'heUniform' }, 'uniform', (inputs) => Math.sqrt(6 / inputs)],
    [{ method: 'heUniform', fan: 'out' }, 'uniform', (_, outputs) => Math.sqrt(6 / outputs)],
    [{ method: 'glorotNormal' }, 'normal', (inputs, outputs) => Math.sqrt(2 / (inputs + outputs))],
    [{ method: 'glorotUniform' }, 'uniform', (inputs, outputs) => Math.sqrt(6 / (inputs + outputs))],
    [{ method: 'lecunNormal' }, 'normal', (inputs) => Math.sqrt(1 / inputs)],
    [{ method: 'torch' }, 'uniform', (inputs) => 1 / Math.sqrt(inputs)],
  ]

  it.each(large)('of %j on %j, %s, spreads by %d inputs and %d outputs', (network, shape, name, inputs, outputs) => {
    const spec = specOf(network, shape, name)
    for (const [config, kind, formula] of methods) {
      const values = initialWeightValues(spec, InitialisationConfig.parse(config), 7)
      const [size, spread, message] = [values.length, formula(inputs, outputs), JSON.stringify(config)]
      const moment = (power: number): number => values.reduce((sum, value) => sum + (value / spread) ** power, 0) / size
      // Four standard errors of the mean, the mean square and the mean fourth power: of a normal distribution 0, 1 and
      // 3, of a uniform one between ±1 0, 1/3 and 1/5.
      const [second, fourth, eighth] = kind === 'normal' ? ([1, 3, 105] as const) : ([1 / 3, 1 / 5, 1 / 9] as const)
      expect(Math.abs(moment(1)), message).toBeLessThan(4 * Math.sqrt(second / size))
      expect(Math.abs(moment(2) - second), message).toBeLessThan(4 * Math.sqrt((fourth - second ** 2) / size))
      expect(Math.abs(moment(4) - fourth), message).toBeLessThan(4 * Math.sqrt((eighth - fourth ** 2) / size))
      if (kind === 'uniform')
        expect(
          values.every((value) => Math.abs(value) <= spread * (1 + 1e-6)),
          message,
        ).toBe(true)
    }
  })

  it.each<[Network, ImageShape, string, number, number]>([
    [{ type: 'keskarC1' }, cifar, 'conv2.weight', 1600, 64],
    [{ type: 'wideResnet', depth: 16, width: 4 }, cifar, 'layer2.0.shortcut.weight', 64, 128],
    [{ type: 'lenet' }, cifar, 'fc1.weight', 400, 120],
  ])('of %j on %j, %s, is orthogonal with gain √2 as a matrix of %d × %d', (network, shape, name, rows, columns) => {
    const values = initialWeightValues(
      specOf(network, shape, name),
      InitialisationConfig.parse({ method: 'orthogonal' }),
      7,
    )
    expect(values).toHaveLength(rows * columns)
    const isTall = rows >= columns
    const [count, length] = isTall ? [columns, rows] : [rows, columns]
    const element = (vector: number, i: number): number => values[isTall ? i * columns + vector : vector * columns + i]!
    let furthest = 0
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        let product = 0
        for (let i = 0; i < length; i++) product += element(a, i) * element(b, i)
        furthest = Math.max(furthest, Math.abs(product - (a === b ? 2 : 0)))
      }
    }
    expect(furthest).toBeLessThan(1e-5)
  })
})

describe('residual blocks whose last γ is zero', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(testedEngines[0], {})
  })
  const shape: ImageShape = [8, 8, 3]
  const images = numbers([4, ...shape], 1)

  function started(network: Network, zeroLastGamma: boolean) {
    const options = NetworkOptions.parse({ zeroLastGamma })
    const layers = networkFor(NetworkConfig.parse(network), options, shape, 10)
    return { layers, specs: weightsOf(layers, shape), state: initialWeights(layers, shape, options.initialisation, 5) }
  }

  function scoresOf({ layers, state }: ReturnType<typeof started>, isTraining: boolean): number[] {
    const variables = createVariables(state)
    const pass = isTraining ? { ghostSizes: [4], ghostsPerUpdate: 1, dropoutMask: undefined } : undefined
    const scores = tf.tidy(() => [
      ...forward(
        { ops: opsFor(engine), layers, variables },
        tf.tensor4d([...images.data], [4, ...shape]),
        pass,
      ).dataSync(),
    ])
    disposeVariables(variables)
    return scores
  }

  function withOtherBranches(network: ReturnType<typeof started>): ReturnType<typeof started> {
    const inBranch = /^layer\d\.\d+\.conv[12]\.weight$/
    const other = (values: Float32Array): Float32Array => values.map((value, i) => (i % 2 === 0 ? 2 * value : -value))
    return {
      ...network,
      state: new Map(
        [...network.state].map(([name, { shape: own, data }]) => [
          name,
          { shape: own, data: inBranch.test(name) ? other(data) : data },
        ]),
      ),
    }
  }

  it.each<[Network, boolean]>([
    [{ type: 'resnet', depth: 14 }, true],
    [{ type: 'resnet', depth: 14 }, false],
    [{ type: 'resnet', depth: 14, shortcut: 'projection' }, true],
    [{ type: 'resnet', depth: 14, shortcut: 'projection' }, false],
  ])('hand on what comes in, whatever is in the branch: %j, training: %s', (network, isTraining) => {
    for (const zeroLastGamma of [true, false]) {
      const start = started(network, zeroLastGamma)
      const [plain, changed] = [scoresOf(start, isTraining), scoresOf(withOtherBranches(start), isTraining)]
      if (zeroLastGamma) expect(changed).toEqual(plain)
      else expect(distance(changed, plain)).toBeGreaterThan(0.01)
    }
  })

  // Wide ResNet's blocks end in a convolution and those of ResNet-9 in a ReLU, which would pass nothing back: there
  // every γ starts at one.
  it.each<[Network, number]>([
    [{ type: 'resnet', depth: 14 }, 6],
    [{ type: 'resnet', depth: 14, shortcut: 'projection' }, 6],
    [{ type: 'wideResnet', depth: 16, width: 1 }, 0],
    [{ type: 'resnet9' }, 0],
  ])('all learn that γ: %j has %d of them', (network, count) => {
    const { layers, specs, state } = started(network, true)
    const zeros = specs.filter(({ role, initial }) => role === 'gamma' && initial === 0)
    expect(zeros).toHaveLength(count)
    if (count === 0) return
    const variables = createVariables(state)
    const steepest = tf.tidy(() => {
      const scalar = tf.scalar(0)
      const rates = { learningRate: scalar, momentum: scalar, weightDecay: scalar, momentumCorrection: scalar }
      const feeds = {
        ...rates,
        images: tf.tensor4d([...images.data], [4, ...shape]),
        labels: tf.tensor1d([1, 4, 7, 0], 'int32'),
        dropoutMask: undefined,
      }
      const trainee = {
        network: { ops: opsFor(engine), layers, variables },
        weights: specs,
        optimizer: OptimizerConfig.parse({ type: 'sgd' }),
        labelSmoothing: 0,
      }
      return gradientsOf(trainee, zeros, feeds, { ghostSizes: [4], ghostsPerUpdate: 1 }, 0.25).gradients.map(
        (gradient) => tf.max(tf.abs(gradient)).dataSync()[0]!,
      )
    })
    disposeVariables(variables)
    for (const one of steepest) expect(one).toBeGreaterThan(1e-4)
  })
})
