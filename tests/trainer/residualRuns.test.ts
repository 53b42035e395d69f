import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Dataset } from '../../main/data/dataset'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Batch } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { digits, digitsBatch, digitsConfig, useFolder } from '../support/digits'
import { distance } from './reference'

const folder = useFolder()

type Weights = ReadonlyMap<string, tf.Tensor>

/** ResNet-8 with padded shortcuts in tfjs's own words, without any of the trainer's layers or operations. */
function lossOf(weights: Weights, pixels: tf.Tensor4D, labels: tf.Tensor1D): tf.Scalar {
  const need = <T extends tf.Tensor>(name: string): T => weights.get(name) as T
  const conv = (x: tf.Tensor4D, name: string, stride: number): tf.Tensor4D =>
    tf.conv2d(x, need<tf.Tensor4D>(`${name}.weight`), stride, 1)
  const norm = (x: tf.Tensor4D, name: string): tf.Tensor4D => {
    const { mean, variance } = tf.moments(x, [0, 1, 2])
    return tf.add(
      tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), need(`${name}.weight`)),
      need(`${name}.bias`),
    )
  }
  const block = (x: tf.Tensor4D, name: string, stride: number): tf.Tensor4D => {
    const body = norm(
      conv(tf.relu(norm(conv(x, `${name}.conv1`, stride), `${name}.bn1`)), `${name}.conv2`, 1),
      `${name}.bn2`,
    )
    const half = (body.shape[3] - x.shape[3]) / 2
    // Every second pixel, and channels of zeros on both sides.
    const shortcut =
      stride === 1
        ? x
        : tf.pad(tf.maxPool(x, 1, stride, 'valid'), [
            [0, 0],
            [0, 0],
            [0, 0],
            [half, half],
          ])
    return tf.relu(tf.add(body, shortcut))
  }
  const features = block(
    block(block(tf.relu(norm(conv(pixels, 'conv1', 1), 'bn1')), 'layer1.0', 1), 'layer2.0', 2),
    'layer3.0',
    2,
  )
  const scores = tf.add(
    tf.matMul(tf.mean(features, [1, 2]) as tf.Tensor2D, need<tf.Tensor2D>('fc.weight')),
    need('fc.bias'),
  )
  return tf.neg(
    tf.mean(tf.sum(tf.mul(tf.logSoftmax(scores as tf.Tensor2D), tf.cast(tf.oneHot(labels, 10), 'float32')), 1)),
  )
}

describe('residual blocks whose last γ starts at zero, on real digits', () => {
  let engine: Engine
  let dataset: Dataset
  beforeAll(async () => {
    engine = await openEngine('cpu', {})
    dataset = await digits(digitsConfig({}), folder())
  })

  it.each([true, false])(
    'train as a plain residual network does (zero γ: %s)',
    { timeout: 120_000 },
    (zeroLastGamma) => {
      const config = digitsConfig({
        network: { type: 'resnet', depth: 8 },
        networkOptions: { zeroLastGamma },
        batchSize: 6,
        learningRate: { base: 0.1, referenceBatch: 6 },
      })
      const learner = createLearner(engine, config, dataset.info)
      const names = learner.weights.filter(({ trainable }) => trainable).map(({ name }) => name)
      const start = learner.read()
      const plain = new Map(
        names.map((name) => [
          name,
          {
            shape: start.get(name)!.shape,
            values: start.get(name)!.data.slice(),
            buffer: new Float32Array(start.get(name)!.data.length),
          },
        ]),
      )
      const step = ({ images, labels, count }: Batch): number => {
        const gradientsAt = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
          lossOf(
            new Map(names.map((name, k) => [name, tensors[k + 2]!])),
            tensors[0] as tf.Tensor4D,
            tensors[1] as tf.Tensor1D,
          ),
        )
        return tf.tidy(() => {
          const { value, grads } = gradientsAt([
            tf.tensor4d(images, [count, 8, 8, 1]),
            tf.tensor1d(labels, 'int32'),
            ...names.map((name) => tf.tensor(plain.get(name)!.values.slice(), [...plain.get(name)!.shape])),
          ])
          names.forEach((name, k) => {
            const { values, buffer } = plain.get(name)!
            grads[k + 2]!.dataSync<'float32'>().forEach((g, i) => {
              buffer[i] = 0.9 * buffer[i]! + g
              values[i]! -= 0.05 * buffer[i]!
            })
          })
          return value.dataSync()[0]!
        })
      }
      for (let update = 0; update < 3; update++) {
        const batch = digitsBatch(
          config,
          dataset,
          dataset.train,
          [0, 1, 2, 3, 4, 5].map((i) => 6 * update + i),
          update,
        )
        const { loss } = learner.update(batch, { learningRate: 0.05, momentum: 0.9 })
        expect(loss / step(batch)).toBeCloseTo(1, 4)
        if (update > 0) continue
        // Behind a γ of zero no gradient comes through: at first only γ and β of the block's end learn.
        const moved = (name: string): number => distance(learner.read().get(name)!.data, start.get(name)!.data)
        expect(moved('layer2.0.conv1.weight') === 0).toBe(zeroLastGamma)
        expect(moved('layer2.0.bn2.weight')).toBeGreaterThan(1e-4)
      }
      const found = learner.read()
      for (const name of names)
        expect(distance(found.get(name)!.data, plain.get(name)!.values), name).toBeLessThan(5e-5)
      learner.dispose()
    },
  )
})
