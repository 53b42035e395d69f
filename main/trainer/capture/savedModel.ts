import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { temporaryFolder } from '../../files/temporaryFolder'
import type { Binding } from './binding'

/** The size of each dimension. */
export interface ShapeProto {
  readonly dim: readonly { readonly size: number }[]
}

/** Numbers as TensorFlow writes them into a graph: little-endian bytes. */
interface TensorProto {
  readonly dtype: number
  readonly tensorShape: ShapeProto
  readonly tensorContent: Uint8Array
}

interface ListValue {
  readonly s?: readonly Uint8Array[]
  readonly i?: readonly number[]
  readonly f?: readonly number[]
  readonly b?: readonly boolean[]
  readonly type?: readonly number[]
}

/** One attribute of a node; exactly one field is set. */
export interface AttrValue {
  readonly s?: Uint8Array
  readonly i?: number
  readonly f?: number
  readonly b?: boolean
  readonly type?: number
  readonly shape?: ShapeProto
  readonly tensor?: TensorProto
  readonly list?: ListValue
}

/** One operation of a graph. Inputs are `node:output`, or `^node` to run after a node whose output is not used. */
export interface NodeDef {
  readonly name: string
  readonly op: string
  readonly input: readonly string[]
  readonly attr: Readonly<Record<string, AttrValue>>
}

// The parts that are used of TensorFlow's own definitions: saved_model.proto, meta_graph.proto, graph.proto,
// node_def.proto, attr_value.proto, tensor.proto, tensor_shape.proto, types.proto.
const definitions = `
syntax = "proto3";
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraphDef meta_graphs = 2; }
message MetaGraphDef { MetaInfoDef meta_info_def = 1; GraphDef graph_def = 2; }
message MetaInfoDef { repeated string tags = 4; }
message GraphDef { repeated NodeDef node = 1; VersionDef versions = 4; }
message VersionDef { int32 producer = 1; int32 min_consumer = 2; }
message NodeDef { string name = 1; string op = 2; repeated string input = 3; map<string, AttrValue> attr = 5; }
message AttrValue {
  oneof value {
    ListValue list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6;
    TensorShapeProto shape = 7; TensorProto tensor = 8;
  }
}
message ListValue {
  repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6;
}
message TensorShapeProto { message Dim { int64 size = 1; } repeated Dim dim = 2; }
message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; bytes tensor_content = 4; }
`

const tag = 'serve'

/** Bytes of a `saved_model.pb` that holds a graph and no variables. */
export function encodeSavedModel(nodes: readonly NodeDef[]): Uint8Array {
  const type = protobuf.parse(definitions).root.lookupType('SavedModel')
  const model = {
    savedModelSchemaVersion: 1,
    // Written for TensorFlow 2.9 and later, the oldest that tfjs-node comes with.
    metaGraphs: [
      { metaInfoDef: { tags: [tag] }, graphDef: { node: nodes, versions: { producer: 1087, minConsumer: 12 } } },
    ],
  }
  return type.encode(type.fromObject(model)).finish()
}

/** Loads a graph into TensorFlow and returns the id of its session. The folder is needed only while it is read. */
export function loadGraph(binding: Binding, nodes: readonly NodeDef[]): number {
  const folder = temporaryFolder('step')
  try {
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(nodes))
    return binding.loadSavedModel(folder, tag)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
