import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { NetworkConfig, NetworkOptions } from '../../core/config/network'
import { networkFor } from '../../core/network'
import type { ImageShape } from '../../core/networks/layer'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { initialWeights } from '../../main/trainer/learner/initialise'
import type { LearnerState } from '../../main/trainer/learner/learner'
import { forward, type TrainingPass } from '../../main/trainer/learner/network'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { createVariables, disposeVariables, readVariables } from '../../main/trainer/learner/variables'
import * as reference from './reference'
import { distance, numbers, type Block } from './reference'
import { testedEngines } from './tensorflow'

const shape: ImageShape = [6, 6, 2]

function built(network: object, options: object) {
  const parsed = NetworkOptions.parse(options)
  const layers = networkFor(NetworkConfig.parse(network), parsed, shape, 3)
  return { layers, state: initialWeights(layers, shape, parsed.initialisation, 5) }
}

/** Class scores of a freshly initialised network, and its tensors afterwards. */
function run(
  engine: Engine,
  { layers, state }: ReturnType<typeof built>,
  images: Block,
  training: (Omit<TrainingPass, 'dropoutMask'> & { readonly mask?: Block }) | undefined,
) {
  const variables = createVariables(state)
  const scoresOf = (x: tf.Tensor, dropoutMask: tf.Tensor2D | undefined): tf.Tensor =>
    forward({ ops: opsFor(engine), layers, variables }, x as tf.Tensor4D, training && { ...training, dropoutMask })
  const scores = tf.tidy(() => {
    const dropoutMask =
      training?.mask && tf.tensor2d([...training.mask.data], [training.mask.shape[0]!, training.mask.shape[1]!])
    return [...scoresOf(tf.tensor([...images.data], [...images.shape]), dropoutMask).dataSync()]
  })
  const after = readVariables(variables)
  disposeVariables(variables)
  return { scores, after }
}

const block = (state: LearnerState, name: string): Block => ({
  shape: state.get(name)!.shape,
  data: [...state.get(name)!.data],
})

/** A dense layer of the plain version. */
function dense(x: Block, state: LearnerState, name: string): Block {
  const [inputs, outputs] = state.get(`${name}.weight`)!.shape as [number, number]
  const weight = { shape: [1, 1, inputs, outputs], data: block(state, `${name}.weight`).data }
  const count = x.data.length / inputs
  return reference.biasAdd(
    reference.conv2d({ shape: [count, 1, 1, inputs], data: x.data }, weight, 1, 0),
    block(state, `${name}.bias`),
  )
}

describe.each(testedEngines)('a forward pass on %s', (engineName) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(engineName, {})
  })
  const images = numbers([4, ...shape], 1)

  it('hands each dropout layer of C1 its own columns of the mask', () => {
    const network = built({ type: 'keskarC1' }, {})
    const mask = (first: number, second: number): Block => ({
      shape: [4, 576],
      data: Array.from({ length: 4 * 576 }, (_, i) => (i % 576 < 384 ? first : second)),
    })
    const training = { ghostSizes: [4], ghostsPerUpdate: 1 }
    const scores = (first: number, second: number) =>
      run(engine, network, images, { ...training, mask: mask(first, second) }).scores
    const bias = run(engine, network, images, { ...training, mask: mask(1, 0) }).scores
    // Nothing reaches the classifier through a second mask of zeros; the first is undone by the batch norm behind it,
    // but for ε.
    expect(distance(bias, Array.from({ length: 4 }, () => [...network.state.get('fc3.bias')!.data]).flat())).toBe(0)
    expect(distance(scores(2, 1), scores(1, 1))).toBeLessThan(1e-2)
    expect(
      distance(
        scores(1, 2),
        scores(1, 1).map((score) => 2 * score),
      ),
    ).toBeLessThan(1e-5)
  })

  it('computes the 4-conv network as the plain version does', () => {
    const network = built({ type: 'conv4' }, {})
    const layer = (x: Block, name: string): Block =>
      reference.relu(
        reference.biasAdd(
          reference.conv2d(x, block(network.state, `${name}.weight`), 1, 1),
          block(network.state, `${name}.bias`),
        ),
      )
    const half = reference.maxPool(layer(layer(images, 'conv1'), 'conv2'), 2)
    const expected = dense(reference.maxPool(layer(layer(half, 'conv3'), 'conv4'), 2), network.state, 'fc')
    expect(distance(run(engine, network, images, undefined).scores, expected.data)).toBeLessThan(1e-5)
  })

  it('computes a residual block with a padded shortcut as the plain version does', () => {
    const network = built({ type: 'resnet' }, {})
    const { state } = network
    const norm = (x: Block, name: string): Block =>
      reference.batchNorm(x, block(state, `${name}.weight`), block(state, `${name}.bias`), 1e-5, [4])
    const conv = (x: Block, name: string, stride: number): Block =>
      reference.conv2d(x, block(state, `${name}.weight`), stride, 1)
    const residual = (x: Block, name: string, stride: number): Block => {
      const inner = reference.relu(norm(conv(x, `${name}.conv1`, stride), `${name}.bn1`))
      const body = norm(conv(inner, `${name}.conv2`, 1), `${name}.bn2`)
      const shortcut = stride === 1 ? x : reference.padChannels(x, stride, body.shape[3]!)
      return reference.relu({ shape: body.shape, data: body.data.map((value, i) => value + shortcut.data[i]!) })
    }
    const first = reference.relu(norm(conv(images, 'conv1', 1), 'bn1'))
    const last = residual(residual(residual(first, 'layer1.0', 1), 'layer2.0', 2), 'layer3.0', 2)
    const expected = dense(reference.globalAveragePool(last), state, 'fc')
    expect(
      distance(run(engine, network, images, { ghostSizes: [4], ghostsPerUpdate: 1 }).scores, expected.data),
    ).toBeLessThan(2e-5)
  })

  it('starts as if its blocks were not there when their last γ is zero', () => {
    const scores = (depth: number): number[] =>
      run(engine, built({ type: 'resnet', depth }, { zeroLastGamma: true }), images, undefined).scores
    expect(scores(14)).toEqual(scores(8))
    const plain = run(engine, built({ type: 'resnet', depth: 14 }, {}), images, undefined).scores
    expect(distance(plain, scores(8))).toBeGreaterThan(0.01)
  })

  it('assigns running statistics while training only, and by the share of one ghost', () => {
    const network = built({ type: 'mlp', hidden: [4], batchNorm: true }, {})
    const untouched = run(engine, network, images, undefined).after
    expect(untouched).toEqual(network.state)
    const before = dense(images, network.state, 'fc1')
    const expected = (weight: number): number[] =>
      [0, 2].reduce(
        (old, from) => {
          const { mean } = reference.statistics(before, from, from + 2)
          return old.map((o, c) => (1 - weight) * o + weight * mean[c]!)
        },
        [0, 0, 0, 0],
      )
    const divided = run(engine, network, images, { ghostSizes: [2, 2], ghostsPerUpdate: 2 }).after
    expect(distance(divided.get('bn1.running_mean')!.data, expected(0.05))).toBeLessThan(1e-6)
    const sequential = run(
      engine,
      built({ type: 'mlp', hidden: [4], batchNorm: true }, { batchNorm: { ghostStatistics: 'sequential' } }),
      images,
      { ghostSizes: [2, 2], ghostsPerUpdate: 2 },
    ).after
    expect(distance(sequential.get('bn1.running_mean')!.data, expected(0.1))).toBeLessThan(1e-6)
  })

  it('multiplies the features before the last layer by the dropout mask, while training only', () => {
    const network = built({ type: 'mlp', hidden: [4] }, { dropout: 0.5 })
    const mask = { shape: [4, 4], data: Array.from({ length: 16 }, (_, i) => (i % 3 === 0 ? 0 : 2)) }
    const hidden = reference.relu(dense(images, network.state, 'fc1'))
    const expected = dense(
      { shape: hidden.shape, data: hidden.data.map((value, i) => value * mask.data[i]!) },
      network.state,
      'fc2',
    )
    expect(
      distance(run(engine, network, images, { ghostSizes: [4], ghostsPerUpdate: 1, mask }).scores, expected.data),
    ).toBeLessThan(1e-5)
    expect(
      distance(run(engine, network, images, undefined).scores, dense(hidden, network.state, 'fc2').data),
    ).toBeLessThan(1e-5)
  })
})
