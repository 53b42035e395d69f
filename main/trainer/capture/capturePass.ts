import * as tf from '@tensorflow/tfjs-core'
import type { Precision } from '../../../core/config/engine'
import { at } from '../ops/differentiable'
import type { Pass, Program } from '../learner/program'
import { createVariables, disposeVariables } from '../learner/variables'
import type { CapturableBackend } from './binding'
import type { RecordedPass } from './graph'
import { nativeId, record } from './recorder'

/** What the nodes of a pass are called. */
export const passName = ({ type, count }: Pass): string => `${type}${count}`

/** Runs a pass once on zeros, of which only the operations matter, and says what they made of which tensors. */
export function capturePass(
  backend: CapturableBackend,
  program: Program,
  pass: Pass,
  precision: Precision = 'float32',
): RecordedPass {
  const variables = createVariables(
    new Map(
      [...program.initial].map(([name, { shape, data }]) => [name, { shape, data: new Float32Array(data.length) }]),
    ),
  )
  const specs = program.feeds(pass)
  const tensors = specs.map(({ shape, dtype }) => tf.zeros([...shape], dtype))
  const idOf = (tensor: tf.Tensor): number => nativeId(backend, tensor)
  try {
    const feeds = specs.map(({ name, shape, dtype }, i) => ({
      name,
      shape,
      dtype: dtype === 'int32' ? backend.binding.TF_INT32 : backend.binding.TF_FLOAT,
      id: idOf(at(tensors, i)),
    }))
    const before = new Map([...variables].map(([name, variable]) => [name, idOf(variable)]))
    const { result, recording } = record(backend, () => program.compute(pass, variables, tensors))
    const recorded: RecordedPass = {
      name: passName(pass),
      recording,
      feeds,
      result: idOf(result),
      // An evaluation says what the weights can do, whatever they were trained with.
      precision: pass.type === 'evaluate' ? 'float32' : precision,
      variables: [...variables].map(([name, variable]) => ({
        name,
        before: before.get(name) ?? -1,
        after: idOf(variable),
      })),
    }
    result.dispose()
    return recorded
  } finally {
    tf.dispose(tensors)
    disposeVariables(variables)
  }
}
