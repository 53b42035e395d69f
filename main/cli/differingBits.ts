/** How much of two sets of numbers is the same. */
export interface BitCount {
  /** Numbers that were compared. */
  readonly numbers: number
  /** Bits in which they differ; a number that only one side has counts with all of its bits. */
  readonly differing: number
}

const ones = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length)

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/**
 * Bits that differ between two arrays of numbers, compared as they lie in memory: −0 is not 0, and NaN is only itself.
 */
export function differingBits(
  a: ArrayBufferView & ArrayLike<unknown>,
  b: ArrayBufferView & ArrayLike<unknown>,
): BitCount {
  const [left, right] = [bytesOf(a), bytesOf(b)]
  const shared = Math.min(left.length, right.length)
  let differing = 8 * Math.abs(left.length - right.length)
  for (let i = 0; i < shared; i++) differing += ones[(left[i] ?? 0) ^ (right[i] ?? 0)] ?? 0
  return { numbers: Math.max(a.length, b.length), differing }
}

/**
 * The same for plain numbers, each as its 64 bits; null, which stands for a number that is not finite, counts as NaN.
 */
export const differingBitsOfNumbers = (a: readonly (number | null)[], b: readonly (number | null)[]): BitCount =>
  differingBits(
    Float64Array.from(a, (value) => value ?? NaN),
    Float64Array.from(b, (value) => value ?? NaN),
  )

export const sumOfBitCounts = (counts: readonly BitCount[]): BitCount =>
  counts.reduce(
    (sum, { numbers, differing }) => ({ numbers: sum.numbers + numbers, differing: sum.differing + differing }),
    { numbers: 0, differing: 0 },
  )
