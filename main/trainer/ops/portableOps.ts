import * as tf from '@tensorflow/tfjs-core'
import { unbiasing } from '../../../core/ghost'
import { at, differentiable } from './differentiable'
import type { Normalised, NormSettings, NormTensors, Ops } from './ops'

/** The operations of training made of tfjs's own, for any backend; the native ones are tested against them. */
export const portableOps: Ops = {
  conv2d: (x, filter, stride, padding) =>
    padding === 0 ? tf.conv2d(x, filter, stride, 'valid') : tf.conv2d(x, filter, stride, padding, 'NHWC', 1, 'floor'),
  biasAdd: <T extends tf.Tensor>(x: T, bias: tf.Tensor1D): T => tf.add<T>(x, bias),
  relu,
  maxPool: (x, size, stride) => tf.maxPool(x, size, stride ?? size, stride === undefined ? 'valid' : 'same'),
  globalAveragePool,
  padChannels,
  batchNorm,
  batchNormInference: (x, { gamma, beta, runningMean, runningVariance }, epsilon) =>
    tf.batchNorm(x, runningMean, runningVariance, beta, gamma, epsilon),
  softmaxCrossEntropy,
  // In two stages, because the wasm backend adds one by one in single precision.
  norm: (tensors) => tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum<tf.Scalar>(tf.sum(tf.square(tensor), -1))))),
  fence: () => undefined,
}

/**
 * Mean over rows and columns; its gradient spreads evenly, which tfjs's own gradient of `mean` does with a tensor of
 * ones as large as x.
 */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  const [count, height, width, channels] = x.shape
  return differentiable([x], () => ({
    value: tf.mean<tf.Tensor2D>(x, [1, 2]),
    saved: [],
    gradient: (dy) => [
      tf.tile(tf.reshape(tf.mul(dy, 1 / (height * width)), [count, 1, 1, channels]), [1, height, width, 1]),
    ],
  }))
}

/** A 1×1 average pooling takes every stride-th pixel and, unlike a strided slice, has a gradient on every backend. */
export function padChannels(x: tf.Tensor4D, stride: number, channels: number): tf.Tensor4D {
  const missing = channels - x.shape[3]
  const before = Math.floor(missing / 2)
  const thinned = stride === 1 ? x : tf.avgPool(x, 1, stride, 'valid')
  return tf.pad(thinned, [
    [0, 0],
    [0, 0],
    [0, 0],
    [before, missing - before],
  ])
}

function relu<T extends tf.Tensor>(x: T): T {
  return differentiable([x], () => {
    const value: T = tf.relu(x)
    return { value, saved: [value], gradient: (dy, saved) => [tf.mul(dy, tf.step(at(saved, 0)))] }
  })
}

function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return differentiable([logits], () => {
    const shifted = tf.sub(logits, tf.max(logits, 1, true))
    const logProbabilities = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)))
    // Not made as float32 at once: the wasm backend (4.22) then writes the bits of integers.
    const target = tf.cast(tf.oneHot(labels, logits.shape[1]), 'float32')
    return {
      value: tf.neg<tf.Tensor1D>(tf.sum(tf.mul(logProbabilities, target), 1)),
      saved: [logProbabilities, target],
      gradient: (dy, saved) => [tf.mul(tf.sub(tf.exp(at(saved, 0)), at(saved, 1)), tf.expandDims(dy, 1))],
    }
  })
}

function batchNorm(x: tf.Tensor4D, tensors: NormTensors, settings: NormSettings): Normalised {
  const { gamma, beta } = tensors
  const { epsilon, newValueWeight, ghostSizes } = settings
  const pixels = x.shape[1] * x.shape[2]
  let { runningMean, runningVariance } = tensors
  const y = differentiable([x, gamma, beta], () => {
    const inverseDeviations: tf.Tensor[] = []
    const parts = split(x, ghostSizes).map((ghost, i) => {
      const { mean, variance } = tf.moments(ghost, [0, 1, 2])
      const unbiased = tf.mul(variance, unbiasing(at(ghostSizes, i) * pixels))
      runningMean = moved(runningMean, mean, newValueWeight)
      runningVariance = moved(runningVariance, unbiased, newValueWeight)
      const inverseDeviation = tf.rsqrt(tf.add(variance, epsilon))
      inverseDeviations.push(inverseDeviation)
      return tf.mul<tf.Tensor4D>(tf.sub(ghost, mean), inverseDeviation)
    })
    tf.keep(runningMean)
    tf.keep(runningVariance)
    const standard = tf.concat(parts, 0)
    return {
      value: tf.add<tf.Tensor4D>(tf.mul(standard, gamma), beta),
      saved: [standard, gamma, ...inverseDeviations],
      gradient: (dy, saved) => normGradient(dy, saved, ghostSizes, pixels),
    }
  })
  return { y, runningMean, runningVariance }
}

const moved = (old: tf.Tensor1D, value: tf.Tensor, weight: number): tf.Tensor1D =>
  tf.add(tf.mul(old, 1 - weight), tf.mul(value, weight))

/**
 * With x̂ the standardised input of a ghost of n values: dx = γ/σ · (dy − mean(dy) − x̂ · mean(dy · x̂)), dγ = Σ dy ·
 * x̂, dβ = Σ dy.
 */
function normGradient(
  dy: tf.Tensor4D,
  saved: readonly tf.Tensor[],
  ghostSizes: readonly number[],
  pixels: number,
): tf.Tensor[] {
  const standards = split(at(saved, 0) as tf.Tensor4D, ghostSizes)
  const parts = split(dy, ghostSizes).map((dyGhost, i) => {
    const xHat = at(standards, i)
    const values = at(ghostSizes, i) * pixels
    const dBeta = tf.sum(dyGhost, [0, 1, 2])
    const dGamma = tf.sum(tf.mul(dyGhost, xHat), [0, 1, 2])
    const centred = tf.sub(tf.sub(dyGhost, tf.div(dBeta, values)), tf.mul(xHat, tf.div(dGamma, values)))
    return { dx: tf.mul(centred, tf.mul(at(saved, 1), at(saved, 2 + i))), dGamma, dBeta }
  })
  return [
    tf.concat(
      parts.map(({ dx }) => dx),
      0,
    ),
    tf.addN(parts.map(({ dGamma }) => dGamma)),
    tf.addN(parts.map(({ dBeta }) => dBeta)),
  ]
}

/** Cuts a batch into ghosts along its first axis. */
export const split = (x: tf.Tensor4D, sizes: readonly number[]): tf.Tensor4D[] =>
  sizes.length === 1 ? [x] : tf.split(x, [...sizes], 0)
