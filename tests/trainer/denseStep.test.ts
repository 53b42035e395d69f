import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import type { Dataset } from '../../main/data/dataset'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Batch } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { digits, digitsBatch, digitsConfig, useFolder } from './digits'
import { distance } from './reference'

const folder = useFolder()
const bodyNames = ['conv1.weight', 'conv1.bias', 'conv2.weight', 'conv2.bias']
const headNames = ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias', 'fc3.weight', 'fc3.bias']
const names = [...bodyNames, ...headNames]

/** LeNet on 8×8 images in tfjs's own words, without any of the trainer's layers, operations or rules. */
function lossOf(weights: readonly tf.Tensor[], pixels: tf.Tensor4D, labels: tf.Tensor1D): tf.Scalar {
  const [c1, d1, c2, d2, f1, e1, f2, e2, f3, e3] = weights as [tf.Tensor4D, tf.Tensor, tf.Tensor4D, tf.Tensor, tf.Tensor2D, tf.Tensor, tf.Tensor2D, tf.Tensor, tf.Tensor2D, tf.Tensor]
  const block = (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor): tf.Tensor4D => tf.maxPool(tf.relu(tf.add<tf.Tensor4D>(tf.conv2d(x, filter, 1, 'same'), bias)), 2, 2, 'valid')
  const features = tf.reshape(block(block(pixels, c1, d1), c2, d2), [pixels.shape[0], -1])
  const hidden = tf.relu(tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(features as tf.Tensor2D, f1), e1)) as tf.Tensor2D, f2), e2))
  const scores = tf.add(tf.matMul(hidden as tf.Tensor2D, f3), e3)
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(scores as tf.Tensor2D), tf.cast(tf.oneHot(labels, 10), 'float32')), 1)))
}

const gradientsOf = tf.grads((...tensors: tf.Tensor[]) => lossOf(tensors.slice(2), tensors[0] as tf.Tensor4D, tensors[1] as tf.Tensor1D))

/** Krizhevsky's scheme on the host: the dense layers are updated after each piece, the convolutions once with the mean gradient of the pieces. */
function plainUpdate(weights: Map<string, Float32Array>, buffers: Map<string, Float32Array>, shapes: Map<string, readonly number[]>, batch: Batch, piece: number, rates: { body: number; head: number }): void {
  const body = new Map(bodyNames.map((name) => [name, new Float32Array(weights.get(name)!.length)]))
  const step = (name: string, gradient: ArrayLike<number>, rate: number): void => {
    const [values, buffer] = [weights.get(name)!, buffers.get(name)!]
    for (let i = 0; i < values.length; i++) {
      buffer[i] = 0.9 * buffer[i]! + gradient[i]!
      values[i] = values[i]! - rate * buffer[i]!
    }
  }
  for (let from = 0; from < batch.count; from += piece) {
    const gradients = tf.tidy(() => gradientsOf([
      tf.tensor4d(batch.images.slice(64 * from, 64 * (from + piece)), [piece, 8, 8, 1]), tf.tensor1d(batch.labels.slice(from, from + piece), 'int32'),
      ...names.map((name) => tf.tensor(weights.get(name)!.slice(), [...shapes.get(name)!])),
    ]).slice(2).map((gradient) => gradient.dataSync<'float32'>().slice()) as never) as unknown as Float32Array[]
    names.forEach((name, k) => {
      const sum = body.get(name)
      if (sum) gradients[k]!.forEach((g, i) => { sum[i] = sum[i]! + (g * piece) / batch.count })
      else step(name, gradients[k]!, rates.head)
    })
  }
  for (const [name, gradient] of body) step(name, gradient, rates.body)
}

describe('a smaller batch of the dense layers, on real digits', () => {
  let engine: Engine
  let dataset: Dataset
  const base: RunConfigInput = { network: { type: 'lenet' }, learningRate: { base: 0.02, referenceBatch: 24, scaling: { type: 'linear' } } }
  beforeAll(async () => {
    engine = await openEngine('cpu', {})
    dataset = await digits(digitsConfig(base), folder())
  })

  const batches = (count: number): Batch[] => Array.from({ length: count }, (_, update) =>
    digitsBatch(digitsConfig(base), dataset, dataset.train, Array.from({ length: 24 }, (_, i) => 24 * update + i), update))

  it('trains as Krizhevsky\'s scheme done by hand does', () => {
    const learner = createLearner(engine, digitsConfig({ ...base, batch: { denseBatch: 6 } }), dataset.facts)
    const state = learner.read()
    const weights = new Map(names.map((name) => [name, state.get(name)!.data.slice()]))
    const shapes = new Map(names.map((name) => [name, state.get(name)!.shape]))
    const buffers = new Map(names.map((name) => [name, new Float32Array(weights.get(name)!.length)]))
    for (const batch of batches(3)) {
      learner.update(batch, { learningRate: 0.02, momentum: 0.9 })
      // The linear rule: a quarter of the batch, a quarter of the rate.
      plainUpdate(weights, buffers, shapes, batch, 6, { body: 0.02, head: 0.005 })
    }
    const found = learner.read()
    for (const name of names) {
      expect(distance(found.get(name)!.data, weights.get(name)!), name).toBeLessThan(2e-6)
      expect(distance(found.get(name)!.data, state.get(name)!.data), `${name} moves`).toBeGreaterThan(1e-5)
    }
    learner.dispose()
  })

  it('is the plain update where both batches are the same', () => {
    const trained = [null, 24].map((denseBatch) => {
      const learner = createLearner(engine, digitsConfig({ ...base, batch: { denseBatch } }), dataset.facts)
      const results = batches(3).map((batch) => learner.update(batch, { learningRate: 0.02, momentum: 0.9 }))
      const state = learner.read()
      learner.dispose()
      return { results, state }
    })
    const [whole, pieces] = trained
    for (const [name, { data }] of whole!.state) expect(distance(pieces!.state.get(name)!.data, data), name).toBeLessThan(1e-6)
    pieces!.results.forEach((result, i) => { expect(distance(Object.values(result), Object.values(whole!.results[i]!))).toBeLessThan(1e-6) })
  })
})
