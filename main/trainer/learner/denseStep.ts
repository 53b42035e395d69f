import * as tf from '@tensorflow/tfjs-core'
import { dropoutWidth, weightsOf, type WeightSpec } from '../../../core/network'
import type { ImageShape, Layer } from '../../../core/networks/layer'
import { upTo } from '../../../core/plan/pieces'
import { moveAverages } from './average'
import { at, meanOf, sumOfScalars } from '../ops/differentiable'
import { pieceDone } from '../ops/pieces'
import { lossesOf } from './loss'
import { forwardPart } from './network'
import { applyUpdate } from './applyUpdate'
import type { Rates } from './optimizers'
import { countRight, shares, sliced, type StepFeeds, type Trainee } from './step'
import { variable } from './variables'

/** How the dense layers differ from the rest: images per update, and what the rate is multiplied by. */
export interface DenseSettings {
  readonly batch: number
  readonly rateFactor: number
}

/**
 * One update of the convolutions and several of the layers behind them (Krizhevsky 2014, 1404.5997): the features of
 * the whole batch are computed once, the dense layers go through them piece by piece and are updated after each, and
 * the gradients of the features are gathered for one update of the convolutions, whose forward pass is computed a
 * second time for it. Returns what `trainingStep` returns; the loss of a piece is that before its own update, the norm
 * that of the convolutions' gradient with the mean square of the pieces'.
 */
export function denseStep(
  trainee: Trainee,
  shape: ImageShape,
  ghosts: readonly number[],
  dense: DenseSettings,
): (feeds: StepFeeds) => tf.Tensor1D {
  const { network, weights, optimizer, labelSmoothing } = trainee
  const { ops, variables } = network
  const first = network.layers.findIndex(({ type }) => type === 'dense')
  const [body, head] = [network.layers.slice(0, first), network.layers.slice(first)]
  const bodyWeights = trainable(body, shape)
  const inBody = new Set(bodyWeights.map(({ name }) => name))
  const headWeights = weights.filter(({ name, trainable: isTrained }) => isTrained && !inBody.has(name))
  const batch = ghosts.reduce((sum, size) => sum + size, 0)
  const sizes = upTo(dense.batch, batch)
  const bodyWidth = dropoutWidth(body, shape)
  const ghostsOf = { ghostSizes: ghosts, ghostsPerUpdate: ghosts.length }

  return (feeds) =>
    tf.tidy(() => {
      const columns = (from: number, width: number): tf.Tensor2D | undefined =>
        feeds.dropoutMask && width > 0 ? tf.slice(feeds.dropoutMask, [0, from], [-1, width]) : undefined
      const bodyPass = { ...ghostsOf, dropoutMask: columns(0, bodyWidth) }
      const headMask = columns(bodyWidth, (feeds.dropoutMask?.shape[1] ?? 0) - bodyWidth)
      const features = tf.tidy(() =>
        forwardPart(network, body, feeds.images, { ...bodyPass, keepStatistics: true }),
      ) as tf.Tensor2D
      const rates = { ...feeds, learningRate: tf.mul<tf.Scalar>(feeds.learningRate, dense.rateFactor) }
      // The rate changes between updates, not between their pieces: the buffer is corrected once.
      const sameRates = { ...rates, momentumCorrection: tf.scalar(1) }

      let from = 0
      const pieces = sizes.map((size, piece) => {
        const part = { ...sliced({ ...feeds, dropoutMask: headMask }, from, size) }
        const input = tf.slice(features, [from, 0], [size, -1])
        from += size
        const done = headUpdate(size, part, input, piece === 0 ? rates : sameRates)
        pieceDone()
        return done
      })
      const gathered = tf.concat(
        pieces.map(({ pull }) => pull),
        0,
      )
      const { grads } = tf.engine().gradients(
        () => forwardPart(network, body, feeds.images, bodyPass),
        bodyWeights.map(({ name }) => variable(variables, name)),
        gathered,
      )
      const norm = applyUpdate(
        trainee,
        bodyWeights.map((weight, i) => ({ weight, gradient: at(grads, i) })),
        feeds,
      )
      if (feeds.averageKeep) moveAverages(variables, weights, feeds.averageKeep)
      return tf.stack([
        tf.mul(sumOfScalars(pieces.map(({ loss }) => loss)), 1 / batch),
        sumOfScalars(pieces.map(({ correct }) => correct)),
        tf.sqrt(tf.add(tf.square(norm), meanOf(pieces.map((piece) => tf.square(piece.norm))))),
      ]) as tf.Tensor1D

      function headUpdate(
        size: number,
        part: StepFeeds,
        input: tf.Tensor2D,
        own: Rates,
      ): { pull: tf.Tensor; loss: tf.Tensor; correct: tf.Tensor; norm: tf.Tensor } {
        return tf.tidy(() => {
          const pass = { ghostSizes: [size], ghostsPerUpdate: sizes.length, dropoutMask: part.dropoutMask }
          let kept: { readonly logits: tf.Tensor2D; readonly reported: tf.Tensor1D } | undefined
          const { grads: gradients } = tf.engine().gradients(
            () => {
              const logits = forwardPart(network, head, input, pass) as tf.Tensor2D
              const { followed, reported } = lossesOf(ops, logits, part, labelSmoothing)
              kept = { logits: tf.keep(logits), reported: tf.keep(reported) }
              return followed
            },
            [input, ...headWeights.map(({ name }) => variable(variables, name))],
            shares(part, optimizer.reduction === 'sum' ? 1 : 1 / size),
          )
          if (!kept) throw new Error('The loss was not computed')
          const correct = countRight(kept.logits, part.labels)
          const loss = tf.sum(kept.reported)
          kept.logits.dispose()
          kept.reported.dispose()
          const norm = applyUpdate(
            trainee,
            headWeights.map((weight, i) => ({ weight, gradient: at(gradients, i + 1) })),
            own,
          )
          // The convolutions follow the mean over the whole batch.
          return {
            pull: optimizer.reduction === 'sum' ? at(gradients, 0) : tf.mul(at(gradients, 0), size / batch),
            loss,
            correct,
            norm,
          }
        })
      }
    })
}

const trainable = (layers: readonly Layer[], shape: ImageShape): WeightSpec[] =>
  weightsOf(layers, shape).filter((weight) => weight.trainable)
