import type { Binding } from './binding'
import type { NodeDef } from './savedModel'

// DT_BFLOAT16 of TensorFlow's types.proto; tfjs knows no such type.
const bfloat16 = 14

// The operations that do nearly all of the work, with the places of their float inputs.
const factors: Readonly<Record<string, readonly number[]>> = {
  Conv2D: [0, 1],
  Conv2DBackpropInput: [1, 2],
  Conv2DBackpropFilter: [0, 2],
  BatchMatMulV2: [0, 1],
}

/**
 * The nodes of a pass with the factors of its convolutions and dense layers rounded to bfloat16 (8 significant bits,
 * the exponents of float32, so that no loss has to be scaled). Everything else, weights, sums over images and updates
 * included, stays float32: mixed precision (Micikevicius et al. 2017, arXiv 1710.03740, §3.1; Kalamkar et al. 2019,
 * arXiv 1905.12322).
 */
export function withBfloat16(binding: Binding, nodes: readonly NodeDef[]): NodeDef[] {
  const rounded = new Map<string, NodeDef>()
  const cast = (name: string, input: string, from: number, to: number): NodeDef => ({
    name,
    op: 'Cast',
    input: [input],
    attr: { SrcT: { type: from }, DstT: { type: to } },
  })
  const round = (source: string): string => {
    const made = rounded.get(source) ?? cast(`${source.replace(':', '_')}/rounded`, source, binding.TF_FLOAT, bfloat16)
    rounded.set(source, made)
    return made.name
  }
  const changed = nodes.flatMap((node) => {
    const places = factors[node.op]
    if (places === undefined) return [node]
    const input = node.input.map((source, place) => (places.includes(place) ? round(source) : source))
    // Whoever uses the result finds it in float32 under the name that it had.
    return [
      { ...node, name: `${node.name}/bfloat16`, input, attr: { ...node.attr, T: { type: bfloat16 } } },
      cast(node.name, `${node.name}/bfloat16`, bfloat16, binding.TF_FLOAT),
    ]
  })
  return [...changed, ...rounded.values()]
}
