import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import protobuf from 'protobufjs'
import type { CapturableBackend } from '../../main/trainer/capture/binding'
import { capturedRunner } from '../../main/trainer/capture/capturedRunner'
import { capturePass } from '../../main/trainer/capture/capturePass'
import { graphOf } from '../../main/trainer/capture/graph'
import { encodeSavedModel } from '../../main/trainer/capture/savedModel'
import { at } from '../../main/trainer/ops/differentiable'
import { openEngine } from '../../main/trainer/engine'
import type { Program } from '../../main/trainer/learner/program'
import { variable, type Variables } from '../../main/trainer/learner/variables'
import { describeTensorflow } from './tensorflow'

let backend: CapturableBackend
beforeAll(async () => {
  backend = (await openEngine('tensorflow', {})).native as unknown as CapturableBackend
})

const vector = (...data: number[]): { shape: number[]; data: Float32Array } => ({
  shape: [data.length],
  data: Float32Array.from(data),
})

/** A program of two variables whose one pass is any function of them and of a feed of two numbers. */
const programOf = (compute: (a: tf.Variable, b: tf.Variable, x: tf.Tensor) => tf.Tensor): Program => ({
  initial: new Map([
    ['a', vector(1, 2)],
    ['b', vector(10, 20)],
  ]),
  feeds: () => [{ name: 'x', shape: [2], dtype: 'float32' }],
  compute: (_, variables: Variables, feeds) =>
    tf.tidy(() => compute(variable(variables, 'a'), variable(variables, 'b'), at(feeds, 0))),
})

const pass = { type: 'update', count: 2 } as const

/** What a captured program returns for some inputs in turn, and what its variables are then. */
function run(
  program: Program,
  ...inputs: number[][]
): { readonly results: number[][]; readonly a: number[]; readonly b: number[] } {
  const runner = capturedRunner(backend, program, [pass])
  const results = inputs.map((x) => [...runner.run(pass, [Float32Array.from(x)])])
  const state = runner.read()
  runner.dispose()
  return { results, a: [...state.get('a')!.data], b: [...state.get('b')!.data] }
}

describeTensorflow('a captured function of variables', () => {
  it('reads every variable before it assigns any', () => {
    const swap = programOf((a, b, x) => {
      const [oldA, oldB] = [tf.add(a, 0), tf.add(b, 0)]
      a.assign(oldB)
      b.assign(oldA)
      return tf.add(oldA, x)
    })
    expect(run(swap, [0, 0])).toEqual({ results: [[1, 2]], a: [10, 20], b: [1, 2] })
    expect(run(swap, [0, 0], [0, 0], [5, 5])).toEqual({
      results: [
        [1, 2],
        [10, 20],
        [6, 7],
      ],
      a: [10, 20],
      b: [1, 2],
    })
  })

  it('sees what it has assigned where it reads a variable afterwards', () => {
    const count = programOf((a, b, x) => {
      a.assign(tf.add(a, x))
      b.assign(tf.add(b, a))
      return tf.mul(b, 2)
    })
    expect(run(count, [1, 1], [1, 1])).toEqual({
      results: [
        [24, 46],
        [30, 54],
      ],
      a: [3, 4],
      b: [15, 27],
    })
  })

  it('keeps the numbers that the host made, and takes the feeds anew', () => {
    const host = [3, 4]
    const scaled = programOf((a, _, x) => tf.add(tf.mul(x, tf.tensor1d(host)), tf.mul(a, 0)))
    const runner = capturedRunner(backend, scaled, [pass])
    host.fill(0)
    expect([...runner.run(pass, [Float32Array.of(1, 1)])]).toEqual([3, 4])
    expect([...runner.run(pass, [Float32Array.of(2, 10)])]).toEqual([6, 40])
    runner.dispose()
  })

  it('refuses to read on the host what it computes', () => {
    const reading = programOf((a, _, x) => tf.mul(x, tf.sum(a).dataSync()[0] ?? 0))
    const { binding } = backend
    expect(() => capturedRunner(backend, reading, [pass])).toThrow('it reads a tensor on the host')
    expect(backend.binding).toBe(binding)
  })

  it('refuses tensors that come from nowhere', () => {
    const outside = tf.tensor1d([1, 2])
    tf.add(outside, 1).dispose()
    expect(() =>
      capturedRunner(
        backend,
        programOf((_, __, x) => tf.add(x, outside)),
        [pass],
      ),
    ).toThrow('neither given to it nor made in it')
    outside.dispose()
  })

  it('lets everything after a fence wait for everything before it', () => {
    const fenced = programOf((a, b, x) => {
      const first = tf.exp(tf.add(x, a))
      const loose = tf.sin(x)
      ;(
        tf.backend() as unknown as {
          executeMultipleOutputs(name: string, attributes: [], inputs: [], outputs: number): unknown
        }
      ).executeMultipleOutputs('NoOp', [], [], 0)
      return tf.add(tf.add(tf.cos(b), first), loose)
    })
    const recorded = capturePass(backend, fenced, pass)
    const nodes = graphOf(
      backend.binding,
      [
        { name: 'a', shape: [2] },
        { name: 'b', shape: [2] },
      ],
      [recorded],
    )
    const inputs = (op: string): readonly string[] =>
      nodes.find((node) => node.op === op && node.name.startsWith('update2/'))!.input
    const nameOf = (op: string): string => nodes.find((node) => node.op === op)!.name
    expect(inputs('NoOp')).toEqual([`^${nameOf('Exp')}`, `^${nameOf('Sin')}`])
    expect(inputs('Cos')).toContain(`^${nameOf('NoOp')}`)
    expect(inputs('Exp').join()).not.toContain('^')
  })

  it('is a SavedModel that any reader of protocol buffers understands', () => {
    const recorded = capturePass(
      backend,
      programOf((a, _, x) => tf.add(a, x)),
      pass,
    )
    const bytes = encodeSavedModel(
      graphOf(
        backend.binding,
        [
          { name: 'a', shape: [2] },
          { name: 'b', shape: [2] },
        ],
        [recorded],
      ),
    )
    const { root } = protobuf.parse(`syntax = "proto3";
      message Node { string name = 1; string op = 2; repeated string input = 3; }
      message Graph { repeated Node node = 1; } message Meta { Graph graph_def = 2; } message Model { int64 version = 1; repeated Meta meta_graphs = 2; }`)
    const model = root.lookupType('Model').decode(bytes).toJSON() as {
      metaGraphs: { graphDef: { node: { name: string; op: string }[] } }[]
    }
    const ops = model.metaGraphs[0]!.graphDef.node.map(({ op }) => op)
    expect(ops.filter((op) => op === 'VarHandleOp')).toHaveLength(2)
    expect(ops).toContain('Add')
  })
})
