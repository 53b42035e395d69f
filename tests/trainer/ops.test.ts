import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Ops } from '../../main/trainer/ops/ops'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { portableOps } from '../../main/trainer/ops/portableOps'
import { expectClose } from '../support/close'
import * as reference from './reference'
import { distance, numbers, numericGradients, type Block } from './reference'
import { describeTensorflow, testedEngines } from './tensorflow'

const tensorOf = <T extends tf.Tensor>(block: Block): T => tf.tensor([...block.data], [...block.shape]) as T

interface Case {
  readonly name: string
  readonly inputs: readonly Block[]
  readonly plain: (...inputs: Block[]) => Block
  readonly run: (ops: Ops, ...inputs: tf.Tensor[]) => tf.Tensor
}

const labels = [2, 0, 3, 3, 1]
const conv = (size: number, kernel: number, stride: number, padding: number, images = 2): Case => ({
  name: `conv2d of ${images} × ${size} pixels, kernel ${kernel}, stride ${stride}, padding ${padding}`,
  inputs: [numbers([images, size, size + 1, 3], 1), numbers([kernel, kernel, 3, 4], 2)],
  plain: (x, filter) => reference.conv2d(x!, filter!, stride, padding),
  run: (ops, x, filter) => ops.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding),
})
const norm = (ghostSizes: readonly number[], shape: readonly number[]): Case => ({
  name: `batchNorm of [${shape.join(', ')}] in ghosts of ${ghostSizes.join(', ')}`,
  inputs: [numbers(shape, 3), numbers([shape.at(-1)!], 4), numbers([shape.at(-1)!], 5)],
  plain: (x, gamma, beta) => reference.batchNorm(x!, gamma!, beta!, 1e-3, ghostSizes),
  run: (ops, x, gamma, beta) => {
    const running = tf.zeros<tf.Rank.R1>([shape.at(-1)!])
    const { y, runningMean, runningVariance } = ops.batchNorm(
      x as tf.Tensor4D,
      { gamma: gamma as tf.Tensor1D, beta: beta as tf.Tensor1D, runningMean: running, runningVariance: running },
      { epsilon: 1e-3, newValueWeight: 0.1, ghostSizes },
    )
    runningMean.dispose()
    runningVariance.dispose()
    return y
  },
})

const convolutions = [
  conv(6, 3, 1, 1),
  conv(6, 3, 2, 1),
  conv(5, 3, 2, 1),
  conv(6, 1, 2, 0),
  conv(6, 5, 1, 0),
  conv(4, 5, 1, 2),
  conv(1, 3, 1, 1),
  conv(2, 3, 2, 1),
  conv(4, 3, 1, 1, 5),
  conv(5, 3, 2, 1, 1),
]
const cases: readonly Case[] = [
  ...convolutions,
  norm([6], [6, 2, 3, 2]),
  norm([2, 2, 2], [6, 2, 2, 2]),
  norm([3, 2], [5, 1, 1, 3]),
  {
    name: 'biasAdd on images',
    inputs: [numbers([2, 3, 3, 4], 6), numbers([4], 7)],
    plain: (x, bias) => reference.biasAdd(x!, bias!),
    run: (ops, x, bias) => ops.biasAdd(x!, bias as tf.Tensor1D),
  },
  {
    name: 'biasAdd on features',
    inputs: [numbers([5, 4], 6), numbers([4], 7)],
    plain: (x, bias) => reference.biasAdd(x!, bias!),
    run: (ops, x, bias) => ops.biasAdd(x!, bias as tf.Tensor1D),
  },
  { name: 'relu', inputs: [numbers([4, 7], 8)], plain: (x) => reference.relu(x!), run: (ops, x) => ops.relu(x!) },
  {
    name: 'maxPool 2',
    inputs: [numbers([2, 5, 4, 3], 9)],
    plain: (x) => reference.maxPool(x!, 2),
    run: (ops, x) => ops.maxPool(x as tf.Tensor4D, 2, undefined),
  },
  {
    name: 'maxPool 3',
    inputs: [numbers([2, 6, 7, 2], 9)],
    plain: (x) => reference.maxPool(x!, 3),
    run: (ops, x) => ops.maxPool(x as tf.Tensor4D, 3, undefined),
  },
  ...[5, 6].map((size): Case => ({
    name: `maxPool 3 every 2 of ${size} pixels`,
    inputs: [numbers([2, size, 4, 3], 9)],
    plain: (x) => reference.overlappingPool(x!, 3, 2),
    run: (ops, x) => ops.maxPool(x as tf.Tensor4D, 3, 2),
  })),
  {
    name: 'maxPool of negative numbers',
    inputs: [{ shape: [2, 4, 4, 3], data: numbers([2, 4, 4, 3], 9).data.map((value) => value - 2) }],
    plain: (x) => reference.maxPool(x!, 2),
    run: (ops, x) => ops.maxPool(x as tf.Tensor4D, 2, undefined),
  },
  {
    name: 'globalAveragePool',
    inputs: [numbers([3, 4, 2, 5], 10)],
    plain: (x) => reference.globalAveragePool(x!),
    run: (ops, x) => ops.globalAveragePool(x as tf.Tensor4D),
  },
  {
    name: 'padChannels',
    inputs: [numbers([2, 5, 4, 3], 11)],
    plain: (x) => reference.padChannels(x!, 2, 8),
    run: (ops, x) => ops.padChannels(x as tf.Tensor4D, 2, 8),
  },
  {
    name: 'softmaxCrossEntropy',
    inputs: [{ ...numbers([5, 4], 12), data: numbers([5, 4], 12).data.map((value) => 8 * value) }],
    plain: (logits) => reference.softmaxCrossEntropy(logits!, labels),
    run: (ops, logits) => ops.softmaxCrossEntropy(logits as tf.Tensor2D, tf.tensor1d(labels, 'int32')),
  },
]

function valueAndGradients(
  ops: Ops,
  one: Case,
  dy: Block,
): { readonly value: Float32Array; readonly shape: number[]; readonly gradients: Float32Array[] } {
  return tf.tidy(() => {
    const inputs = one.inputs.map((block) => tensorOf(block))
    const { value, grads } = tf.engine().gradients(() => one.run(ops, ...inputs), inputs, tensorOf(dy))
    const data = {
      value: value.dataSync<'float32'>(),
      shape: value.shape,
      gradients: grads.map((gradient) => gradient.dataSync<'float32'>()),
    }
    return data as never
  })
}

describe.each(testedEngines)('operations on %s', (engineName) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(engineName, {})
  })

  it.each(cases.map((one) => [one.name, one] as const))(
    '%s: value and gradients are those of the plain version',
    (_, one) => {
      const expected = one.plain(...one.inputs)
      const dy = numbers(expected.shape, 13)
      const found = valueAndGradients(opsFor(engine), one, dy)
      expect(found.shape).toEqual(expected.shape)
      expect(distance(found.value, expected.data)).toBeLessThan(1e-5)
      numericGradients(one.plain, one.inputs, dy).forEach((gradient, i) => {
        expect(distance(found.gradients[i]!, gradient.data), `gradient of input ${i}`).toBeLessThan(1e-5)
      })
    },
  )

  it.each<[string, number, readonly number[]]>([
    ['the whole batch', 0.1, [6]],
    ['three ghosts', 0.1, [2, 2, 2]],
    ['uneven ghosts', 0.03, [3, 3]],
    ['nothing old kept', 1, [6]],
    ['nothing old kept, ghosts', 1, [4, 2]],
  ])('moves the running statistics ghost by ghost: %s', (_, newValueWeight, ghostSizes) => {
    const x = numbers([6, 2, 2, 3], 14)
    const before = { mean: numbers([3], 15).data, variance: numbers([3], 16).data.map((value) => value + 2) }
    let from = 0
    let expected = { mean: [...before.mean], variance: [...before.variance] }
    for (const size of ghostSizes) {
      const { mean, unbiased } = reference.statistics(x, from, from + size)
      const move = (old: readonly number[], value: readonly number[]): number[] =>
        old.map((o, i) => (1 - newValueWeight) * o + newValueWeight * value[i]!)
      expected = { mean: move(expected.mean, mean), variance: move(expected.variance, unbiased) }
      from += size
    }
    const one = tf.ones<tf.Rank.R1>([3])
    const { runningMean, runningVariance } = opsFor(engine).batchNorm(
      tensorOf(x),
      {
        gamma: one,
        beta: one,
        runningMean: tf.tensor1d([...before.mean]),
        runningVariance: tf.tensor1d([...before.variance]),
      },
      { epsilon: 1e-5, newValueWeight, ghostSizes },
    )
    expect(distance(runningMean.dataSync(), expected.mean)).toBeLessThan(1e-6)
    expect(distance(runningVariance.dataSync(), expected.variance)).toBeLessThan(1e-6)
  })

  it('normalises the worked example of ghost batch norm', () => {
    const x = tf.tensor4d([1, 3, 5, 9, 2, 4], [6, 1, 1, 1])
    const norm = (ghostSizes: readonly number[], newValueWeight: number) =>
      opsFor(engine).batchNorm(
        x,
        { gamma: tf.ones([1]), beta: tf.zeros([1]), runningMean: tf.zeros([1]), runningVariance: tf.ones([1]) },
        { epsilon: 1e-5, newValueWeight, ghostSizes },
      )
    const ghosts = norm([2, 2, 2], 0.1)
    expect(
      distance(ghosts.y.dataSync(), [-0.999995, 0.999995, -0.99999875, 0.99999875, -0.999995, 0.999995]),
    ).toBeLessThan(1e-6)
    expectClose(ghosts.runningMean.dataSync()[0]!, 1.092, 1e-6)
    expectClose(ghosts.runningVariance.dataSync()[0]!, 1.811, 1e-6)
    const divided = norm([2, 2, 2], 0.1 / 3)
    expectClose(divided.runningMean.dataSync()[0]!, 0.38785185, 1e-6)
    expectClose(divided.runningVariance.dataSync()[0]!, 1.29003704, 1e-6)
    const whole = norm([6], 0.1)
    expect(
      distance(whole.y.dataSync(), [-1.1618941324, -0.3872980441, 0.3872980441, 1.9364902207, -0.7745960883, 0]),
    ).toBeLessThan(1e-6)
    expectClose(whole.runningMean.dataSync()[0]!, 0.4, 1e-6)
    expectClose(whole.runningVariance.dataSync()[0]!, 1.7, 1e-6)
  })

  it('takes the norm over all tensors together', () => {
    expect(
      opsFor(engine)
        .norm([
          tf.tensor1d([3, 0]),
          tf.tensor2d([
            [0, 4],
            [12, 0],
          ]),
        ])
        .dataSync()[0],
    ).toBeCloseTo(13, 5)
  })

  it('leaves no tensors behind', () => {
    const one = cases.find(({ name }) => name.startsWith('batchNorm of [6, 2, 2, 2]'))!
    const dy = numbers([6, 2, 2, 2], 13)
    valueAndGradients(opsFor(engine), one, dy)
    const before = tf.memory().numTensors
    for (let i = 0; i < 3; i++) valueAndGradients(opsFor(engine), one, dy)
    expect(tf.memory().numTensors).toBe(before)
  })
})

describeTensorflow('native and portable operations', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine('tensorflow', {})
  })

  it.each(cases.map((one) => [one.name, one] as const))('agree on %s', (_, one) => {
    const dy = numbers(one.plain(...one.inputs).shape, 17)
    const native = valueAndGradients(opsFor(engine), one, dy)
    // tfjs-node has no gradient of an evenly padded convolution, which is why there is a native one.
    const portable = valueAndGradients({ ...portableOps, conv2d: opsFor(engine).conv2d }, one, dy)
    expect(distance(native.value, portable.value)).toBeLessThan(1e-5)
    native.gradients.forEach((gradient, i) => {
      expect(distance(gradient, portable.gradients[i]!)).toBeLessThan(1e-5)
    })
  })

  it.each(convolutions.flatMap((one) => [2, 3].map((parts) => [one.name, parts, one] as const)))(
    'compute %s in %i parts as in one',
    (_, parts, one) => {
      const dy = numbers(one.plain(...one.inputs).shape, 17)
      const whole = valueAndGradients(opsFor(engine), one, dy)
      const cut = valueAndGradients(opsFor(engine, { parts }), one, dy)
      expect(cut.shape).toEqual(whole.shape)
      expect(distance(cut.value, whole.value)).toBeLessThan(1e-6)
      // The gradients are computed whole.
      expect(cut.gradients).toEqual(whole.gradients)
    },
  )

  it.each(convolutions.map((one) => [one.name, one] as const))(
    'compute %s the same when they pad it first',
    (_, one) => {
      const dy = numbers(one.plain(...one.inputs).shape, 17)
      const [plain, padded] = [false, true].map((padsFirst) =>
        valueAndGradients(opsFor(engine, { padsFirst }), one, dy),
      )
      expect(padded!.shape).toEqual(plain!.shape)
      expect(distance(padded!.value, plain!.value)).toBeLessThan(1e-6)
      padded!.gradients.forEach((gradient, i) => {
        expect(distance(gradient, plain!.gradients[i]!)).toBeLessThan(1e-5)
      })
    },
  )
})
