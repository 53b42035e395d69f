import type { Evaluation } from './evaluation'

/** Which images two classifiers got right and wrong, by their place in the split. */
export interface Outcomes {
  readonly onlyA: readonly number[]
  readonly onlyB: readonly number[]
  readonly neither: readonly number[]
  readonly both: number
}

/**
 * Sorts the images of a split by who classified them right; throws unless both evaluations are of the same images in
 * the same order.
 */
export function outcomesOf(a: Evaluation, b: Evaluation): Outcomes {
  if (a.labels.length !== b.labels.length || a.labels.some((label, index) => label !== b.labels[index])) {
    throw new Error(
      `The two checkpoints were not measured on the same images: ${a.labels.length} and ${b.labels.length}`,
    )
  }
  const onlyA: number[] = []
  const onlyB: number[] = []
  const neither: number[] = []
  let both = 0
  a.labels.forEach((label, index) => {
    const rightA = a.predictions[index] === label
    const rightB = b.predictions[index] === label
    if (rightA && rightB) both++
    else if (rightA) onlyA.push(index)
    else if (rightB) onlyB.push(index)
    else neither.push(index)
  })
  return { onlyA, onlyB, neither, both }
}

/**
 * The two-sided exact p of McNemar's test (McNemar 1947): how likely a split of the discordant images at least this
 * uneven is if both classifiers are equally good (binomial, p = 1/2).
 */
export function mcnemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB
  const smaller = Math.min(onlyA, onlyB)
  // Sums of logarithms: C(n, k) / 2^n overflows long before n does.
  let logTerm = -n * Math.LN2
  let tail = 0
  for (let k = 0; k <= smaller; k++) {
    tail += Math.exp(logTerm)
    logTerm += Math.log(n - k) - Math.log(k + 1)
  }
  return Math.min(1, 2 * tail)
}

/** Rows of b minus rows of a: true class by predicted class. */
export const confusionDifference = (
  a: Evaluation['confusion'],
  b: Evaluation['confusion'],
): readonly (readonly number[])[] => b.map((row, i) => row.map((value, j) => value - (a[i]?.[j] ?? 0)))
