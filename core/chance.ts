import type { Score } from './score'

/**
 * As likely as this an accuracy by guessing is at least as high: below it, it is told from guessing. Upper tail of a
 * two-sided 95 %.
 */
const tail = 0.025

/**
 * Whether an accuracy cannot be told from guessing among so many classes: P(X ≥ k) > 0.025 for X ~ Binomial(n,
 * 1/classes), with k of n images right (Combrisson & Jerbi 2015, J. Neurosci. Methods 250, 126–136: small test sets
 * exceed the chance level by chance). Worse than guessing is no better than it. It asks for as many images of each
 * class; where one is more frequent, naming it always is right more often than 1/classes.
 */
export function isAtChance({ accuracy, images }: Pick<Score, 'accuracy' | 'images'>, classes: number): boolean {
  if (images < 1 || classes < 2) return false
  const right = Math.round(accuracy * images)
  return upperTail(right, images, 1 / classes) > tail
}

/** P(X ≥ k) for X ~ Binomial(n, p), exact up to rounding. */
export function upperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1
  if (k > n) return 0
  // Above the mean the terms fall like a geometric series, so the sum can stop early; below it the other tail is the
  // smaller one.
  if (k < n * p) return 1 - upperTail(n - k + 1, n, 1 - p)
  let term = Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p))
  let sum = 0
  for (let i = k; i <= n && term > sum * 1e-16; i++) {
    sum += term
    term *= ((n - i) / (i + 1)) * (p / (1 - p))
  }
  return Math.min(1, sum)
}

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k)

/** ln n!: a sum up to 32, Stirling's series beyond, which is right to 1e-14 there. */
function logFactorial(n: number): number {
  if (n > 32)
    return (
      (n + 0.5) * Math.log(n) -
      n +
      0.5 * Math.log(2 * Math.PI) +
      1 / (12 * n) -
      1 / (360 * n ** 3) +
      1 / (1260 * n ** 5)
    )
  let sum = 0
  for (let i = 2; i <= n; i++) sum += Math.log(i)
  return sum
}

/**
 * What stands beside an accuracy that guessing would reach too; empty where it would not, or where the classes are not
 * known.
 */
export const chanceNote = (
  score: Pick<Score, 'accuracy' | 'images'> | null | undefined,
  classes: number | undefined,
): string =>
  score == null || classes === undefined || !isAtChance(score, classes)
    ? ''
    : `at chance level (guessing among ${classes} classes)`
