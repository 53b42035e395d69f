import type * as tf from '@tensorflow/tfjs-core'
import type { NativeAttribute } from '../engine'

/** A tensor inside TensorFlow, as tfjs-node's binding names it. Ids are never used twice. */
export interface NativeTensor {
  readonly id: number
  readonly shape: readonly number[]
  readonly dtype: number
}

export type NativeValues = Float32Array | Int32Array | Uint8Array

type Constant =
  | 'TF_ATTR_TYPE'
  | 'TF_ATTR_INT'
  | 'TF_ATTR_FLOAT'
  | 'TF_ATTR_BOOL'
  | 'TF_ATTR_STRING'
  | 'TF_ATTR_SHAPE'
  | 'TF_FLOAT'
  | 'TF_INT32'
  | 'TF_BOOL'

/** tfjs-node's native library, as far as capturing uses it. */
export interface Binding extends Readonly<Record<Constant, number>> {
  createTensor(shape: readonly number[], dtype: number, values: NativeValues): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): NativeValues
  executeOp(
    operation: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensor[]
  loadSavedModel(folder: string, tags: string): number
  deleteSavedModel(session: number): void
  runSavedModel(session: number, inputs: readonly number[], inputNames: string, outputNames: string): NativeTensor[]
}

/**
 * tfjs-node's backend: its binding can be exchanged, and it knows which native tensor stands behind a tensor of tfjs.
 */
export interface CapturableBackend {
  binding: Binding
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[]
}
