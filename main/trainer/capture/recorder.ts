import type * as tf from '@tensorflow/tfjs-core'
import type { NativeAttribute } from '../engine'
import type { Binding, CapturableBackend, NativeTensor, NativeValues } from './binding'

/** One native operation that was executed, with the ids of the tensors that it took. */
interface RecordedOperation {
  readonly operation: string
  readonly attributes: readonly NativeAttribute[]
  readonly inputs: readonly number[]
  readonly outputs: readonly NativeTensor[]
}

/** A tensor made from numbers of the host. */
interface RecordedConstant {
  readonly shape: readonly number[]
  readonly dtype: number
  readonly values: NativeValues
}

export interface Recording {
  /** In the order of execution. */
  readonly operations: readonly RecordedOperation[]
  /** By tensor id. */
  readonly constants: ReadonlyMap<number, RecordedConstant>
}

/**
 * Runs a function of tensors once, for real, and writes down every native operation that it executes. Throws if the
 * function reads what it computed on the host: numbers that depend on the inputs would become constants.
 */
export function record<T>(
  backend: CapturableBackend,
  run: () => T,
): { readonly result: T; readonly recording: Recording } {
  const operations: RecordedOperation[] = []
  const constants = new Map<number, RecordedConstant>()
  const { binding } = backend
  backend.binding = spyOn(binding, operations, constants)
  try {
    return { result: run(), recording: { operations, constants } }
  } finally {
    backend.binding = binding
  }
}

function spyOn(binding: Binding, operations: RecordedOperation[], constants: Map<number, RecordedConstant>): Binding {
  const spies: Pick<Binding, 'createTensor' | 'executeOp' | 'tensorDataSync'> = {
    createTensor: (shape, dtype, values) => {
      const id = binding.createTensor(shape, dtype, values)
      constants.set(id, { shape: [...shape], dtype, values: values.slice() })
      return id
    },
    executeOp: (operation, attributes, inputs, count) => {
      const outputs = binding.executeOp(operation, attributes, inputs, count)
      operations.push({ operation, attributes: [...attributes], inputs: [...inputs], outputs })
      return outputs
    },
    tensorDataSync: (id) => {
      if (!constants.has(id)) throw new Error('it reads a tensor on the host')
      return binding.tensorDataSync(id)
    },
  }
  // The binding's own properties cannot be replaced, but an object that inherits from it can hide them.
  return Object.create(binding, Object.getOwnPropertyDescriptors(spies)) as Binding
}

/** The id of the native tensor that stands behind a tensor now; a variable has another one after each assignment. */
export const nativeId = (backend: CapturableBackend, tensor: tf.Tensor): number => {
  const [id] = backend.getInputTensorIds([tensor])
  if (id === undefined) throw new Error('a tensor has no native id')
  return id
}
