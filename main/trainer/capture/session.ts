import type { Binding, NativeValues } from './binding'
import { graphOf, nodeNames, type GraphVariable, type RecordedPass } from './graph'
import { loadGraph } from './savedModel'

/** Values for one feed. */
interface FeedValues {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: number
  readonly values: NativeValues
}

/** A loaded graph: its variables live in TensorFlow until it is disposed of. */
export interface Session {
  /** Runs a pass: one native call, which reads the feeds, assigns the variables and returns the result. */
  readonly run: (pass: string, feeds: readonly FeedValues[]) => NativeValues
  /** Copies variables to the host. */
  readonly read: (names: readonly string[]) => Float32Array[]
  readonly write: (variables: readonly (GraphVariable & { readonly data: Float32Array })[]) => void
  readonly dispose: () => void
}

export function openSession(
  binding: Binding,
  variables: readonly GraphVariable[],
  passes: readonly RecordedPass[],
): Session {
  const session = loadGraph(binding, graphOf(binding, variables, passes))
  const call = (names: readonly string[], feeds: readonly FeedValues[], fetches: readonly string[]): NativeValues[] => {
    // TensorFlow refuses to run for nothing, as for the statistics of a network without batch norm.
    if (fetches.length === 0) return []
    const inputs = feeds.map(({ shape, dtype, values }) => binding.createTensor(shape, dtype, values))
    try {
      return binding.runSavedModel(session, inputs, names.join(), fetches.join()).map(({ id }) => {
        const values = binding.tensorDataSync(id)
        binding.deleteTensor(id)
        return values
      })
    } finally {
      inputs.forEach((id) => binding.deleteTensor(id))
    }
  }
  return {
    run: (pass, feeds) => {
      const [result] = call(
        feeds.map(({ name }) => nodeNames.feed(pass, name)),
        feeds,
        [nodeNames.result(pass)],
      )
      if (!result) throw new Error(`The captured pass ${pass} returned nothing`)
      return result
    },
    read: (names) => call([], [], names.map(nodeNames.read)) as Float32Array[],
    write: (written) => {
      const feeds = written.map(({ name, shape, data }) => ({ name, shape, dtype: binding.TF_FLOAT, values: data }))
      call(
        written.map(({ name }) => nodeNames.value(name)),
        feeds,
        written.map(({ name }) => nodeNames.written(name)),
      )
    },
    dispose: () => binding.deleteSavedModel(session),
  }
}
