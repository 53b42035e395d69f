/**
 * The sizes of the ghost batches of a batch, in order: ⌈B/g⌉ near-equal pieces, larger first (numpy.array_split's
 * rule), but never a piece of one image, whose variance is 0: an odd batch in ghosts of 2 has one ghost of 3. Hoffer et
 * al. 2017, 1705.08741, Alg. 1.
 */
export function ghostSizes(batch: number, ghost: number): readonly number[] {
  return nearEqual(batch, Math.max(1, Math.min(Math.ceil(batch / ghost), Math.floor(batch / 2))))
}

/** So many sizes that sum to the total and differ by at most one, larger first. */
export function nearEqual(total: number, count: number): readonly number[] {
  const size = Math.floor(total / count)
  const larger = total % count
  return Array.from({ length: count }, (_, index) => (index < larger ? size + 1 : size))
}

/** Sizes in a row told shortly, equal neighbours together: "7 × 143 + 1 × 142". */
export function sizesInWords(sizes: readonly number[]): string {
  const groups: { readonly size: number; times: number }[] = []
  for (const size of sizes) {
    const last = groups.at(-1)
    if (last?.size === size) last.times++
    else groups.push({ size, times: 1 })
  }
  return groups.map(({ size, times }) => `${times} × ${size}`).join(' + ')
}

/**
 * n/(n − 1), what turns a biased variance of n values into the unbiased one that the running variance uses; 1 for a
 * single value.
 */
export const unbiasing = (values: number): number => (values > 1 ? values / (values - 1) : 1)
