import * as tf from '@tensorflow/tfjs-core'

/**
 * What an operation with its own gradient computes: `gradient` gives one tensor for each input, from dy and what was
 * saved.
 */
export interface Differentiable<T extends tf.Tensor> {
  readonly value: T
  readonly saved: readonly tf.Tensor[]
  readonly gradient: (dy: T, saved: readonly tf.Tensor[]) => tf.Tensor[]
}

/**
 * An operation with its own gradient. tfjs frees everything that `compute` makes but the value and what is saved for
 * the gradient, and does not record the operations inside, neither forwards nor backwards.
 */
export function differentiable<T extends tf.Tensor>(inputs: readonly tf.Tensor[], compute: () => Differentiable<T>): T {
  const operation = tf.customGrad<T>((...given) => {
    const { value, saved, gradient } = compute()
    const save = given.at(-1) as tf.GradSaveFunc
    save([...saved])
    return { value, gradFunc: (dy, kept) => gradient(dy, kept) }
  })
  return operation(...inputs)
}

/** The element of an array that is there by construction, which the type system does not know. */
export function at<T>(values: readonly T[], index: number): T {
  const value = values[index]
  if (value === undefined) throw new Error(`Expected at least ${index + 1} tensors, found ${values.length}`)
  return value
}

/**
 * The mean of tensors of one shape, by one reduction: a captured graph may reorder a chain of additions, which then
 * rounds otherwise.
 */
export const meanOf = (tensors: readonly tf.Tensor[]): tf.Tensor => tf.mean(tf.stack([...tensors]), 0)

/** The sum of scalars, by one reduction. */
export const sumOfScalars = (scalars: readonly tf.Tensor[]): tf.Tensor => tf.sum(tf.stack([...scalars]))
