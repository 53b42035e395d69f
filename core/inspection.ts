import type { DatasetInfo, DataSplit } from './datasetInfo'
import type { Skipped } from './leftOut'

/** What is known of a data set once it was read, beyond the facts that a plan needs. */
export interface DataInspection {
  readonly info: DatasetInfo
  /** Sentences for people: how its folders were understood, and what was left out. */
  readonly about: readonly string[]
  /** The first files that were left out, and how many there are in all. */
  readonly skipped: readonly Skipped[]
  readonly skippedCount: number
  /** Images of each class in each split, in label order. */
  readonly classCounts: Readonly<Record<DataSplit, readonly number[]>>
  /**
   * Of each class, training images to show, as their positions in the split: from all over the class, because
   * neighbours are often alike.
   */
  readonly examples: readonly (readonly number[])[]
}

/** How many examples there are of a class, and of how many left-out files the names are told. */
export const exampleCount = 8
export const toldSkipped = 1000

/** Positions of up to `most` images of each class, evenly spread over it. */
export function spreadExamples(
  labels: ArrayLike<number>,
  classes: number,
  most: number,
): readonly (readonly number[])[] {
  const members: number[][] = Array.from({ length: classes }, () => [])
  for (let image = 0; image < labels.length; image++) members[labels[image] ?? 0]?.push(image)
  return members.map((own) =>
    Array.from(
      { length: Math.min(most, own.length) },
      (_, i) => own[Math.floor((i * own.length) / Math.min(most, own.length))] ?? 0,
    ),
  )
}

/** Images of each class. */
export function countClasses(labels: ArrayLike<number>, classes: number): readonly number[] {
  const counts = Array.from({ length: classes }, () => 0)
  for (let image = 0; image < labels.length; image++) counts[labels[image] ?? 0] = (counts[labels[image] ?? 0] ?? 0) + 1
  return counts
}
