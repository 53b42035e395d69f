import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { ghostSizes } from '../../core/ghost'
import type { Layer } from '../../core/networks/layer'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { forward } from '../../main/trainer/learner/network'
import { createVariables, disposeVariables, readVariables } from '../../main/trainer/learner/variables'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { numbers } from './reference'
import { itTensorflow, testedEngines } from './tensorflow'

/* Published vectors of ghost batch norm, from the layer that training uses. */

const x = [1, 3, 5, 9, 2, 4]
type Convention = 'sequential' | 'divided'

/** A layer of batch norm with γ = 1 and β = 0 on single values, and its running statistics afterwards. */
function normed(
  engine: Engine,
  values: readonly number[],
  ghosts: readonly number[],
  ghostStatistics: Convention,
  start = [0, 1],
): { readonly output: number[]; readonly mean: number; readonly variance: number } {
  const layers: Layer[] = [
    { type: 'batchNorm', name: 'bn', gamma: 1, epsilon: 1e-5, newValueWeight: 0.1, ghostStatistics },
  ]
  const one = (value: number) => ({ shape: [1], data: Float32Array.of(value) })
  const variables = createVariables(
    new Map([
      ['bn.weight', one(1)],
      ['bn.bias', one(0)],
      ['bn.running_mean', one(start[0]!)],
      ['bn.running_var', one(start[1]!)],
    ]),
  )
  const output = tf.tidy(() => [
    ...forward({ ops: opsFor(engine), layers, variables }, tf.tensor4d([...values], [values.length, 1, 1, 1]), {
      ghostSizes: ghosts,
      ghostsPerUpdate: ghosts.length,
      dropoutMask: undefined,
    }).dataSync(),
  ])
  const after = readVariables(variables)
  disposeVariables(variables)
  return { output, mean: after.get('bn.running_mean')!.data[0]!, variance: after.get('bn.running_var')!.data[0]! }
}

describe.each(testedEngines)('ghost batch norm on %s', (engineName) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(engineName, {})
  })

  it.each([
    [2, [-0.999995, 0.999995, -0.99999875, 0.99999875, -0.999995, 0.999995]],
    [6, [-1.1618941324, -0.3872980441, 0.3872980441, 1.9364902207, -0.7745960883, 0]],
  ])('normalises ghosts of %d by themselves', (ghost, expected) => {
    normed(engine, x, ghostSizes(6, ghost), 'divided').output.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6)
    })
  })

  it.each<[Convention, number, number, number]>([
    ['sequential', 2, 1.092, 1.811],
    ['divided', 2, 0.38785185, 1.29003704],
    ['sequential', 6, 0.4, 1.7],
    ['divided', 6, 0.4, 1.7],
  ])(
    'moves the running statistics by the unbiased ones of each ghost: %s, ghosts of %d',
    (convention, ghost, mean, variance) => {
      const found = normed(engine, x, ghostSizes(6, ghost), convention)
      expect(found.mean).toBeCloseTo(mean, 6)
      expect(found.variance).toBeCloseTo(variance, 6)
    },
  )

  it.each<[Convention, number]>([
    ['sequential', 0.9 ** 32],
    ['divided', (1 - 0.1 / 32) ** 32],
  ])('keeps of the old statistics what 32 ghosts leave: %s', (convention, kept) => {
    // Of a batch of zeros the old statistics are all that remains.
    const { mean, variance } = normed(
      engine,
      Array.from({ length: 64 }, () => 0),
      ghostSizes(64, 2),
      convention,
      [1, 1],
    )
    expect(kept).toBeCloseTo(convention === 'sequential' ? 0.03434 : 0.9047, 4)
    expect(mean).toBeCloseTo(kept, 5)
    expect(variance).toBeCloseTo(kept, 5)
  })
})

describe('one ghost that is the batch', () => {
  itTensorflow(
    "is TensorFlow's batch norm of the whole batch to the bit, gradients and running statistics included",
    async () => {
      const engine = await openEngine('tensorflow', {})
      const native = engine.native!
      const [input, pull] = [numbers([12, 3, 3, 5], 1), numbers([12, 3, 3, 5], 2)]
      const vectors = [3, 4, 5].map((seed) => numbers([5], seed).data)
      const tensors = () => ({
        images: tf.tensor4d([...input.data], [12, 3, 3, 5]),
        dy: tf.tensor4d([...pull.data], [12, 3, 3, 5]),
        gamma: tf.tensor1d([...vectors[0]!]),
        beta: tf.tensor1d([...vectors[1]!]),
        mean: tf.tensor1d([...vectors[2]!]),
        variance: tf.tensor1d([1, 2, 3, 4, 5]),
      })
      const data = (found: readonly tf.Tensor[]): string[] =>
        found.map((one) => Buffer.from(one.dataSync<'float32'>().slice().buffer).toString('hex'))
      const ghosted = tf.tidy(() => {
        const { images, dy, gamma, beta, mean, variance } = tensors()
        let running: tf.Tensor[] = []
        const { value, grads } = tf.engine().gradients(
          () => {
            const { y, runningMean, runningVariance } = opsFor(engine).batchNorm(
              images,
              { gamma, beta, runningMean: mean, runningVariance: variance },
              { epsilon: 1e-5, newValueWeight: 0.1, ghostSizes: ghostSizes(12, 12) },
            )
            running = [runningMean, runningVariance]
            return y
          },
          [images, gamma, beta],
          dy,
        )
        const found = data([value, ...running, ...grads])
        for (const one of running) one.dispose()
        return found as never
      }) as unknown as string[]
      const { binding } = native
      const attributes = [
        { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
        { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
        { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: 1e-5 },
        { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
        { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
      ]
      const plain = tf.tidy(() => {
        const { images, dy, gamma, beta, mean, variance } = tensors()
        const average = { name: 'exponential_avg_factor', type: binding.TF_ATTR_FLOAT, value: 0.1 }
        const [y, newMean, newVariance, ...reserved] = native.executeMultipleOutputs(
          'FusedBatchNormV3',
          [...attributes, average],
          [images, gamma, beta, mean, variance],
          6,
        )
        const [dx, dGamma, dBeta] = native.executeMultipleOutputs(
          'FusedBatchNormGradV3',
          attributes,
          [dy, images, gamma, ...reserved],
          5,
        )
        return data([y!, newMean!, newVariance!, dx!, dGamma!, dBeta!]) as never
      }) as unknown as string[]
      expect(ghosted).toEqual(plain)
    },
  )
})
