import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { floatsOf } from '../../main/files/floats'
import { writeSafetensors, type StoredTensor } from '../../main/files/safetensors'
import { readWeights } from '../../main/files/weightsFile'

const folder = mkdtempSync(join(tmpdir(), 'weights-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const bits = (dtype: 'F16' | 'BF16', ...data: number[]): StoredTensor => ({
  dtype,
  shape: [data.length],
  data: Uint16Array.from(data),
})
const needed = [
  { name: 'conv.weight', shape: [3, 3, 1, 2] },
  { name: 'dense.bias', shape: [2] },
]

let written = 0
async function fileOf(tensors: Readonly<Record<string, StoredTensor>>): Promise<string> {
  const path = join(folder, `${written++}.safetensors`)
  await writeSafetensors(path, new Map(Object.entries(tensors)), {})
  return path
}
const fitting: Readonly<Record<string, StoredTensor>> = {
  'conv.weight': { dtype: 'F32', shape: [3, 3, 1, 2], data: new Float32Array(18).fill(0.5) },
  'dense.bias': { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) },
}

describe('floatsOf', () => {
  it('gives the value of every kind of half', () => {
    // From the tables of IEEE 754: one, the largest, the smallest normal and subnormal, a third, negative zero,
    // infinities and a NaN.
    expect([
      ...floatsOf(bits('F16', 0x3c00, 0x7bff, 0x0400, 0x0001, 0x3555, 0xc000, 0x8000, 0x7c00, 0xfc00, 0x7e00))!,
    ]).toEqual([1, 65504, 2 ** -14, 2 ** -24, 0.333251953125, -2, -0, Infinity, -Infinity, NaN])
    expect([...floatsOf(bits('BF16', 0x3f80, 0x4049, 0xc000, 0x0001, 0x7f80))!]).toEqual([
      1,
      3.140625,
      -2,
      2 ** -133,
      Infinity,
    ])
  })

  it('rounds doubles to the nearest, ties to even, and takes nothing but floats', () => {
    const data = Float64Array.of(0.1, 1 + 2 ** -24, 1 + 3 * 2 ** -24, 1e300)
    expect([...floatsOf({ dtype: 'F64', shape: [4], data })!]).toEqual([Math.fround(0.1), 1, 1 + 2 ** -22, Infinity])
    expect(floatsOf({ dtype: 'I64', shape: [1], data: BigInt64Array.of(1n) })).toBeNull()
    expect(floatsOf({ dtype: 'U16', shape: [1], data: Uint16Array.of(1) })).toBeNull()
  })
})

describe('readWeights', () => {
  it("takes what the network needs, names what else there is, but not the optimizer's state", async () => {
    const path = await fileOf({
      ...fitting,
      'dense.bias': bits('F16', 0x3c00, 0x4000),
      'bn.num_batches_tracked': { dtype: 'I64', shape: [], data: BigInt64Array.of(3n) },
      'optimizer.velocity.dense.bias': { dtype: 'F32', shape: [2], data: new Float32Array(2) },
    })
    const { tensors, notes } = await readWeights(path, needed)
    expect([...tensors.keys()]).toEqual(['conv.weight', 'dense.bias'])
    expect([...tensors.get('dense.bias')!.data]).toEqual([1, 2])
    expect(notes).toEqual([
      'The weights file has a tensor that this network does not have, and it was not used: bn.num_batches_tracked (I64)',
      'One tensor of the weights file was converted from F16 to float32',
    ])
    expect((await readWeights(await fileOf(fitting), needed)).notes).toEqual([])
  })

  it.each([
    [
      'lacks a tensor',
      { 'conv.weight': fitting['conv.weight']! },
      /has no tensor dense\.bias, which this network needs; it has conv\.weight/,
    ],
    [
      'has integers',
      { ...fitting, 'dense.bias': { dtype: 'I8', shape: [2], data: Int8Array.of(1, 2) } },
      /tensor dense\.bias is I8, expected floats/,
    ],
    [
      'has another shape',
      { ...fitting, 'dense.bias': { dtype: 'F32', shape: [3], data: new Float32Array(3) } },
      /tensor dense\.bias has shape \[3\], this network needs \[2\]$/,
    ],
    [
      'has the axes of PyTorch',
      { ...fitting, 'conv.weight': { dtype: 'F32', shape: [2, 1, 3, 3], data: new Float32Array(18) } },
      /needs \[3, 3, 1, 2\]; that is PyTorch's order/,
    ],
    [
      'holds a NaN',
      { ...fitting, 'dense.bias': bits('BF16', 0x3f80, 0x7fc0) },
      /dense\.bias holds a NaN or infinite value at position 1/,
    ],
    [
      'holds what is too large',
      { ...fitting, 'dense.bias': { dtype: 'F64', shape: [2], data: Float64Array.of(1e39, 0) } },
      /position 0, or one too large for float32/,
    ],
  ] as const)('refuses a file that %s', async (_, tensors, message) => {
    await expect(readWeights(await fileOf(tensors as Readonly<Record<string, StoredTensor>>), needed)).rejects.toThrow(
      message,
    )
  })
})
