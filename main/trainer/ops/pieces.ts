/*
 * An update that is computed operation by operation consists of pieces: micro-batches, simulated workers, batches of
 * the dense layers. Between two of them somebody may want it to be left. A captured update is one native call and has
 * no in-between.
 */
let between: (() => void) | null = null

/** Says that a piece of a computation is done. Whoever runs the computation may leave it here, by an error. */
export const pieceDone = (): void => between?.()

/** Computes something, with a function that is called after each of its pieces. */
export function inPieces<T>(after: (() => void) | undefined, compute: () => T): T {
  if (after === undefined) return compute()
  between = after
  try {
    return compute()
  } finally {
    between = null
  }
}
