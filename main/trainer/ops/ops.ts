import type * as tf from '@tensorflow/tfjs-core'

/** The tensors of one batch norm layer. */
export interface NormTensors {
  readonly gamma: tf.Tensor1D
  readonly beta: tf.Tensor1D
  readonly runningMean: tf.Tensor1D
  readonly runningVariance: tf.Tensor1D
}

export interface NormSettings {
  readonly epsilon: number
  /** Weight of each ghost's statistics in the running ones. */
  readonly newValueWeight: number
  /** Sizes of the ghost batches, in order; their sum is the batch. */
  readonly ghostSizes: readonly number[]
}

/**
 * What batch norm makes of a batch. The caller owns the new statistics, which a `tf.tidy` around the gradient does not
 * free.
 */
export interface Normalised {
  readonly y: tf.Tensor4D
  readonly runningMean: tf.Tensor1D
  readonly runningVariance: tf.Tensor1D
}

/**
 * The operations of training whose speed depends on the engine; each is differentiable. There are two sets,
 * TensorFlow's own operations and ones made of tfjs's, and a test holds both to the same numbers.
 */
export interface Ops {
  /**
   * Convolution of NHWC images with an HWIO filter and as many zeros on every side; the gradient for x is computed only
   * if somebody asks for it.
   */
  readonly conv2d: (x: tf.Tensor4D, filter: tf.Tensor4D, stride: number, padding: number) => tf.Tensor4D
  /** x + bias along the last axis. */
  readonly biasAdd: <T extends tf.Tensor>(x: T, bias: tf.Tensor1D) => T
  readonly relu: <T extends tf.Tensor>(x: T) => T
  /**
   * Max pooling with square windows side by side, a narrower border left out; or, with a stride, overlapping ones that
   * reach over the border.
   */
  readonly maxPool: (x: tf.Tensor4D, size: number, stride: number | undefined) => tf.Tensor4D
  /** Mean over rows and columns. */
  readonly globalAveragePool: (x: tf.Tensor4D) => tf.Tensor2D
  /** Every stride-th pixel; zeros as further channels, half before and half behind. */
  readonly padChannels: (x: tf.Tensor4D, stride: number, channels: number) => tf.Tensor4D
  /**
   * Batch norm with each ghost's own statistics (Hoffer et al. 2017, Algorithm 1), which also move the running ones,
   * ghost by ghost.
   */
  readonly batchNorm: (x: tf.Tensor4D, tensors: NormTensors, settings: NormSettings) => Normalised
  /** Batch norm with the running statistics; without a gradient. */
  readonly batchNormInference: (x: tf.Tensor4D, tensors: NormTensors, epsilon: number) => tf.Tensor4D
  /** −log softmax(logits)[label] of each example. */
  readonly softmaxCrossEntropy: (logits: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor1D
  /** √Σx² over all elements of all tensors; without a gradient. */
  readonly norm: (tensors: readonly tf.Tensor[]) => tf.Scalar
  /** In a captured step, everything after it waits for everything before; eagerly that is so anyway. */
  readonly fence: () => void
}

/** How TensorFlow computes convolutions; the results are the same but for roundings. */
export interface Convolutions {
  /** Parts of the batch on the way forward, which a captured step computes side by side. */
  readonly parts: number
  /**
   * Whether evenly padded strided ones are padded by an operation of its own: oneDNN has no bfloat16 kernels for the
   * gradients of the others.
   */
  readonly padsFirst: boolean
}
