import type { StoredTensor } from './safetensors'

// Every value of 16 bits once, so that a tensor is converted by looking up.
function table(valueOf: (bits: number) => number): () => Float32Array {
  let values: Float32Array | undefined
  return () => (values ??= Float32Array.from({ length: 65_536 }, (_, bits) => valueOf(bits)))
}

/** IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits; every one of them is a float32. */
const halves = table((bits) => {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent < 31
        ? (1024 + fraction) * 2 ** (exponent - 25)
        : fraction === 0
          ? Infinity
          : NaN
  return bits >> 15 === 0 ? size : -size
})

/** The upper half of a float32. */
const brains = table((bits) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0] ?? 0)

const lookUp = (data: Uint16Array, values: Float32Array): Float32Array => {
  const floats = new Float32Array(data.length)
  for (let i = 0; i < data.length; i++) floats[i] = values[data[i] ?? 0] ?? 0
  return floats
}

/**
 * The kinds of floats that can become float32: F16 and BF16 exactly, F64 rounded to the nearest (a tie to even; too
 * large becomes infinite).
 */
export const floatDtypes: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16', 'F64'])

/** A float tensor's numbers as float32; null for any other kind. */
export function floatsOf({ dtype, data }: StoredTensor): Float32Array | null {
  if (data instanceof Float32Array) return data
  if (data instanceof Float64Array) return new Float32Array(data)
  if (data instanceof Uint16Array && dtype === 'F16') return lookUp(data, halves())
  if (data instanceof Uint16Array && dtype === 'BF16') return lookUp(data, brains())
  return null
}
