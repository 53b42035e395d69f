import type { Random } from '../random'
import { dot } from './landscape'

/**
 * The columns of a random matrix A with standard normal entries, n × p, that spans a subspace of weight space; p = 100
 * in the paper.
 *
 * @planned
 */
export const randomColumns = (length: number, count: number, random: Random): readonly Float64Array[] =>
  Array.from({ length: count }, () => Float64Array.from({ length }, random.normal))

/** w + A·z. */
export function within(weights: Float64Array, columns: readonly Float64Array[], z: Float64Array): Float64Array {
  const result = weights.slice()
  columns.forEach((column, k) => {
    const by = z[k] ?? 0
    for (let i = 0; i < result.length; i++) result[i] = (result[i] ?? 0) + by * (column[i] ?? 0)
  })
  return result
}

/** Aᵀg, the gradient with respect to z where g is the one with respect to w + A·z. */
export const projectedOn = (columns: readonly Float64Array[], gradient: Float64Array): Float64Array =>
  Float64Array.from(columns, (column) => dot(column, gradient))

/** A⁺w = (AᵀA)⁻¹Aᵀw for a matrix of independent columns, by Cholesky's decomposition of AᵀA. */
export function pseudoInverse(columns: readonly Float64Array[], weights: Float64Array): Float64Array {
  const rows = columns.map((a) => columns.map((b) => dot(a, b)))
  const count = columns.length
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0
  const set = (i: number, j: number, value: number): void => {
    const row = rows[i]
    if (row) row[j] = value
  }
  for (let j = 0; j < count; j++) {
    for (let i = j; i < count; i++) {
      let value = at(i, j)
      for (let k = 0; k < j; k++) value -= at(i, k) * at(j, k)
      if (i === j && !(value > 0))
        throw new Error(`The columns of a subspace must be independent, column ${j + 1} of ${count} is not`)
      set(i, j, i === j ? Math.sqrt(value) : value / at(j, j))
    }
  }
  const solution = projectedOn(columns, weights)
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < i; k++) solution[i] = (solution[i] ?? 0) - at(i, k) * (solution[k] ?? 0)
    solution[i] = (solution[i] ?? 0) / at(i, i)
  }
  for (let i = count - 1; i >= 0; i--) {
    for (let k = i + 1; k < count; k++) solution[i] = (solution[i] ?? 0) - at(k, i) * (solution[k] ?? 0)
    solution[i] = (solution[i] ?? 0) / at(i, i)
  }
  return solution
}
