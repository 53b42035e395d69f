import { setImmediate as turn } from 'node:timers/promises'
import { slotPrefix } from '../../core/checkpoint'
import { floatDtypes, floatsOf } from './floats'
import { readHeader, readTensors } from './safetensors'
import type { Header } from './safetensorsHeader'

/** A tensor that a network needs. */
export interface NeededTensor {
  readonly name: string
  readonly shape: readonly number[]
}

/** The weights that a network needs out of a file, as float32. */
export interface WeightsFile {
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
  /** What a person should know: tensors that were not used, and floats that were converted. */
  readonly notes: readonly string[]
}

/** A file of weights that a network cannot begin with; the message is a sentence with everything that is wrong. */
class WeightsRefused extends Error {
  override readonly name = 'WeightsRefused'
}

const namedAtMost = 20

const listed = (names: readonly string[]): string =>
  names.slice(0, namedAtMost).join(', ') + (names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : '')

const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/** What PyTorch calls the same: its convolutions are out × in × height × width and its dense layers out × in. */
function torchShape(shape: readonly number[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = shape
  return (shape.length === 4 ? [d, c, a, b] : shape.length === 2 ? [b, a] : []).join()
}

/**
 * Reads the weights of a network from any safetensors file. Tensors that the network does not have, of whatever kind,
 * are left out and named; F16, BF16 and F64 become float32. Refused is a file that lacks a tensor or has one of another
 * shape or kind, or with a number that is not finite.
 */
export async function readWeights(path: string, needed: readonly NeededTensor[]): Promise<WeightsFile> {
  const header = await readHeader(path)
  refuseUnfit(path, header, needed)
  const { tensors: found } = await readTensors(
    path,
    needed.map(({ name }) => name),
  )
  const tensors = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>()
  for (const { name, shape } of needed) {
    const stored = found.get(name)
    const data = stored === undefined ? null : floatsOf(stored)
    if (stored === undefined || data === null) throw new WeightsRefused(`${path} has no floats called ${name}`)
    refuseInfinite(path, name, data, stored.dtype)
    tensors.set(name, { shape, data })
    // The window's process may be the one that looks.
    await turn()
  }
  return { tensors, notes: notesOn(header, new Set(tensors.keys())) }
}

function refuseUnfit(path: string, header: Header, needed: readonly NeededTensor[]): void {
  const missing = needed.filter(({ name }) => !header.tensors.has(name)).map(({ name }) => name)
  const [first, ...others] = missing
  if (first !== undefined) {
    const there = [...header.tensors.keys()].filter((name) => !name.startsWith(slotPrefix))
    throw new WeightsRefused(
      `${path} has no tensor ${first}, which this network ` +
        `needs${others.length > 0 ? `, nor ${listed(others)}` : ''}; it has ${listed(there) || 'none'}`,
    )
  }
  const wrong = needed.flatMap(({ name, shape }): readonly string[] => {
    const place = header.tensors.get(name)
    if (place === undefined) return []
    if (!floatDtypes.has(place.dtype))
      return [`tensor ${name} is ${place.dtype}, expected floats (${[...floatDtypes].join(', ')})`]
    if (place.shape.join() === shape.join()) return []
    const torch =
      place.shape.join() === torchShape(shape)
        ? "; that is PyTorch's order of axes: a convolution here is height × width × in × out, a dense layer in × out"
        : ''
    return [`tensor ${name} has shape ${shown(place.shape)}, this network needs ${shown(shape)}${torch}`]
  })
  if (wrong.length > 0)
    throw new WeightsRefused(
      `${path}: ${wrong.slice(0, 5).join('; ')}${wrong.length > 5 ? `; and ${wrong.length - 5} more` : ''}`,
    )
}

function refuseInfinite(path: string, name: string, data: Float32Array, dtype: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value))
  if (at >= 0)
    throw new WeightsRefused(
      `${path}: tensor ${name} holds a NaN or infinite value at position ` +
        `${at}${dtype === 'F64' ? ', or one too large for float32' : ''}`,
    )
}

function notesOn({ tensors }: Header, used: ReadonlySet<string>): readonly string[] {
  // A checkpoint of a training holds its optimizer's state, which everybody expects to be left out.
  const extra = [...tensors]
    .filter(([name]) => !used.has(name) && !name.startsWith(slotPrefix))
    .map(([name, { dtype }]) => `${name} (${dtype})`)
  const converted = [...tensors].filter(([name, { dtype }]) => used.has(name) && dtype !== 'F32')
  const kinds = [...new Set(converted.map(([, { dtype }]) => dtype))]
  return [
    ...(extra.length === 0
      ? []
      : [
          `The weights file has ${extra.length === 1 ? 'a tensor' : `${extra.length} tensors`} that this ` +
            `network does not have, and ${extra.length === 1 ? 'it was' : 'they were'} not used: ${listed(extra)}`,
        ]),
    ...(converted.length === 0
      ? []
      : [
          `${converted.length === 1 ? 'One tensor' : `${converted.length} tensors`} of the weights file ` +
            `${converted.length === 1 ? 'was' : 'were'} converted from ${kinds.join(' and ')} to float32`,
        ]),
  ]
}
