import * as tf from '@tensorflow/tfjs-core'
import type { Ops } from '../ops/ops'

/** What the images of a batch should be taken for. */
export interface Targets {
  readonly labels: tf.Tensor1D
  /** With mixup: the classes of the images mixed in, and the share of the first image. */
  readonly partners?: tf.Tensor1D | undefined
  readonly mixShare?: tf.Scalar | undefined
}

/**
 * One loss per image: the one whose gradient is followed, and the plain cross-entropy that curves show. They are the
 * same tensor where they do not differ.
 */
export interface Losses {
  readonly followed: tf.Tensor1D
  readonly reported: tf.Tensor1D
}

/**
 * Cross-entropy with a target q other than the label y alone: −Σ q log p = CE(y) + Σ (onehot(y) − q)·z with z the
 * logits, because the weights of q sum to 1. Smoothing takes ε of the target and spreads it over all classes; mixup
 * shares it between two labels and is reported as it is.
 */
export function lossesOf(
  ops: Ops,
  logits: tf.Tensor2D,
  { labels, partners, mixShare }: Targets,
  labelSmoothing: number,
): Losses {
  const plain = ops.softmaxCrossEntropy(logits, labels)
  if (labelSmoothing === 0 && !partners) return { followed: plain, reported: plain }
  const classes = logits.shape[1]
  const own = oneHot(labels, classes)
  const mixed =
    partners && mixShare ? tf.add(tf.mul(own, mixShare), tf.mul(oneHot(partners, classes), tf.sub(1, mixShare))) : own
  const target = labelSmoothing > 0 ? tf.add(tf.mul(mixed, 1 - labelSmoothing), labelSmoothing / classes) : mixed
  const towards = (wanted: tf.Tensor): tf.Tensor1D => tf.add(plain, tf.sum(tf.mul(logits, tf.sub(own, wanted)), 1))
  const followed = towards(target)
  const reported = !partners ? plain : labelSmoothing > 0 ? towards(mixed) : followed
  return { followed, reported }
}

// Not made as float32 at once: the wasm backend (4.22) then writes the bits of integers.
const oneHot = (labels: tf.Tensor1D, classes: number): tf.Tensor => tf.cast(tf.oneHot(labels, classes), 'float32')
