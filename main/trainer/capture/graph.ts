import type { Precision } from '../../../core/config/engine'
import type { NativeAttribute } from '../engine'
import { withBfloat16 } from './bfloat16'
import type { Binding, NativeValues } from './binding'
import type { Recording } from './recorder'
import type { AttrValue, NodeDef, ShapeProto } from './savedModel'

/** A tensor that the host gives at every run. */
interface Feed {
  readonly name: string
  readonly id: number
  readonly shape: readonly number[]
  readonly dtype: number
}

/** A variable of the graph: float32, and shared by all passes. */
export interface GraphVariable {
  readonly name: string
  readonly shape: readonly number[]
}

/** What one variable was before and after a recorded run. */
interface Assignment {
  readonly name: string
  readonly before: number
  readonly after: number
}

/** A recorded function of feeds and variables. */
export interface RecordedPass {
  readonly name: string
  readonly recording: Recording
  readonly feeds: readonly Feed[]
  readonly variables: readonly Assignment[]
  /** The id of the tensor that it returned. */
  readonly result: number
  readonly precision: Precision
}

/** Names of the nodes that a session feeds and fetches. */
export const nodeNames = {
  feed: (pass: string, feed: string): string => `${pass}/${feed}:0`,
  result: (pass: string): string => `${pass}/result:0`,
  read: (variable: string): string => `read/${variable}:0`,
  value: (variable: string): string => `write/${variable}/value:0`,
  written: (variable: string): string => `write/${variable}/done:0`,
}

/** The graph of some variables, ways to read and write each of them, and some passes that use them. */
export function graphOf(
  binding: Binding,
  variables: readonly GraphVariable[],
  passes: readonly RecordedPass[],
): NodeDef[] {
  const inItsPrecision = (pass: RecordedPass): NodeDef[] =>
    pass.precision === 'bfloat16' ? withBfloat16(binding, passNodes(binding, pass)) : passNodes(binding, pass)
  return [...variables.flatMap((variable) => variableNodes(binding, variable)), ...passes.flatMap(inItsPrecision)]
}

const handle = (variable: string): string => `variable/${variable}`

function variableNodes(binding: Binding, { name, shape }: GraphVariable): NodeDef[] {
  const dtype = { dtype: { type: binding.TF_FLOAT } }
  const fed = { ...dtype, shape: { shape: shapeProto(shape) } }
  return [
    node('VarHandleOp', handle(name), [], { ...fed, shared_name: { s: bytesOf(name) } }),
    node('ReadVariableOp', `read/${name}`, [handle(name)], dtype),
    node('Placeholder', `write/${name}/value`, [], fed),
    // A variable takes over the tensor that it is given, and this one's memory may belong to JavaScript.
    node('DeepCopy', `write/${name}/copy`, [`write/${name}/value`], { T: { type: binding.TF_FLOAT } }),
    node('AssignVariableOp', `write/${name}/assign`, [handle(name), `write/${name}/copy`], dtype),
    node('Const', `write/${name}/done`, [`^write/${name}/assign`], constant(binding.TF_INT32, [], new Int32Array(1))),
  ]
}

function passNodes(binding: Binding, { name: pass, recording, feeds, variables, result }: RecordedPass): NodeDef[] {
  const nodes: NodeDef[] = []
  // For each recorded tensor, the node output that stands for it.
  const outputs = new Map<number, { readonly source: string; readonly dtype: number }>()
  const add = (made: NodeDef, id: number, dtype: number): void => {
    nodes.push(made)
    outputs.set(id, { source: made.name, dtype })
  }
  for (const { name, id, shape, dtype } of feeds) {
    add(
      node('Placeholder', `${pass}/${name}`, [], { dtype: { type: dtype }, shape: { shape: shapeProto(shape) } }),
      id,
      dtype,
    )
  }
  for (const { name, before } of variables) {
    add(
      node('ReadVariableOp', `${pass}/read/${name}`, [handle(name)], { dtype: { type: binding.TF_FLOAT } }),
      before,
      binding.TF_FLOAT,
    )
  }
  const sourceOf = (id: number): { readonly source: string; readonly dtype: number } => {
    const known = outputs.get(id)
    if (known) return known
    const found = recording.constants.get(id)
    if (!found) throw new Error('it uses a tensor that is neither given to it nor made in it')
    const made = node('Const', `${pass}/constant${outputs.size}`, [], constant(found.dtype, found.shape, found.values))
    add(made, id, found.dtype)
    return { source: made.name, dtype: found.dtype }
  }
  const fences = fencing()
  recording.operations.forEach(({ operation, attributes, inputs, outputs: made }, index) => {
    const sources = inputs.map(sourceOf)
    const name = `${pass}/${operation}${index}`
    const order =
      operation === 'NoOp'
        ? fences.raise(name)
        : fences.pass(
            name,
            sources.map(({ source }) => source),
          )
    nodes.push(
      node(operation, name, [...sources.map(({ source }) => source), ...order], {
        ...inferred(
          operation,
          sources.map(({ dtype }) => dtype),
        ),
        ...Object.fromEntries(attributes.map((attribute) => [attribute.name, attrValue(binding, attribute)])),
      }),
    )
    made.forEach(({ id, dtype }, output) =>
      outputs.set(id, { source: output === 0 ? name : `${name}:${output}`, dtype }),
    )
  })
  // Every read comes before any assignment, so that all of the pass sees the variables as they were. Through one node:
  // of variables that all wait for each other there would be some ten thousand edges.
  nodes.push(
    node(
      'NoOp',
      `${pass}/allRead`,
      variables.map(({ name }) => `^${pass}/read/${name}`),
      {},
    ),
  )
  const assigned = variables.filter(({ before, after }) => after !== before)
  for (const { name, after } of assigned) {
    nodes.push(
      node('AssignVariableOp', `${pass}/assign/${name}`, [handle(name), sourceOf(after).source, `^${pass}/allRead`], {
        dtype: { type: binding.TF_FLOAT },
      }),
    )
  }
  const { source, dtype } = sourceOf(result)
  nodes.push(
    node('Identity', `${pass}/result`, [source, ...assigned.map(({ name }) => `^${pass}/assign/${name}`)], {
      T: { type: dtype },
    }),
  )
  return nodes
}

/**
 * Orders operations around fences, recorded as NoOps: both functions return the control inputs of the operation of that
 * name.
 */
function fencing(): {
  readonly raise: (name: string) => string[]
  readonly pass: (name: string, sources: readonly string[]) => string[]
} {
  let fence: string | undefined
  // What has run since the last fence, and what of it nobody has used yet.
  let since = new Set<string>()
  let loose = new Set<string>()
  return {
    raise: (name) => {
      const before = [...loose, ...(fence === undefined ? [] : [fence])].map((one) => `^${one}`)
      fence = name
      since = new Set()
      loose = new Set()
      return before
    },
    pass: (name, sources) => {
      const from = sources.map((source) => source.replace(/:\d+$/, ''))
      const waits = fence !== undefined && !from.some((source) => since.has(source))
      since.add(name)
      loose.add(name)
      from.forEach((source) => loose.delete(source))
      return waits ? [`^${fence}`] : []
    },
  }
}

const node = (op: string, name: string, input: readonly string[], attr: NodeDef['attr']): NodeDef => ({
  op,
  name,
  input,
  attr,
})

// Eager execution infers types that tfjs leaves out; a graph wants them written down.
const inferred = (operation: string, dtypes: readonly number[]): NodeDef['attr'] =>
  operation === 'ExpandDims' ? { T: { type: dtypes[0] ?? 0 } } : {}

function attrValue(binding: Binding, { type, value }: NativeAttribute): AttrValue {
  const [single, key] = ((): [(one: unknown) => AttrValue, keyof NonNullable<AttrValue['list']>] => {
    switch (type) {
      case binding.TF_ATTR_TYPE:
        return [(one) => ({ type: Number(one) }), 'type']
      case binding.TF_ATTR_INT:
        return [(one) => ({ i: Number(one) }), 'i']
      case binding.TF_ATTR_FLOAT:
        return [(one) => ({ f: Number(one) }), 'f']
      case binding.TF_ATTR_BOOL:
        return [(one) => ({ b: Boolean(one) }), 'b']
      case binding.TF_ATTR_STRING:
        return [(one) => ({ s: bytesOf(String(one)) }), 's']
      default:
        throw new Error(`an attribute has type ${type}`)
    }
  })()
  return typeof value === 'object' ? { list: { [key]: Array.from(value, (one) => single(one)[key]) } } : single(value)
}

const shapeProto = (shape: readonly number[]): ShapeProto => ({ dim: shape.map((size) => ({ size })) })

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const constant = (dtype: number, shape: readonly number[], values: NativeValues): NodeDef['attr'] => ({
  dtype: { type: dtype },
  value: {
    tensor: {
      dtype,
      tensorShape: shapeProto(shape),
      tensorContent: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    },
  },
})
