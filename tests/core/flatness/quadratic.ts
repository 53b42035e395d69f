import type { Landscape } from '../../../core/flatness/landscape'

export type Matrix = readonly (readonly number[])[]

export const times =
  (matrix: Matrix) =>
  (vector: Float64Array): Float64Array =>
    Float64Array.from(matrix, (row) => row.reduce((sum, value, j) => sum + value * (vector[j] ?? 0), 0))

/** c + ½(w − a)ᵀM(w − a). */
export const quadratic = (matrix: Matrix, center: readonly number[], constant: number): Landscape => {
  const offset = (weights: Float64Array): Float64Array => weights.map((weight, i) => weight - (center[i] ?? 0))
  return {
    loss: (weights) => {
      const d = offset(weights)
      const pull = times(matrix)(d)
      return constant + 0.5 * d.reduce((sum, value, i) => sum + value * (pull[i] ?? 0), 0)
    },
    gradient: (weights) => times(matrix)(offset(weights)),
  }
}

/**
 * All eigenvalues of a symmetric matrix in rising order, by Jacobi's rotations (1846), which set one element off the
 * diagonal to 0 after another.
 */
export function eigenvalues(matrix: Matrix): readonly number[] {
  const a = matrix.map((row) => Float64Array.from(row))
  const n = a.length
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2
    if (off < 1e-26) break
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, p, q)
  }
  return a.map((row, i) => row[i]!).sort((x, y) => x - y)
}

function rotate(a: Float64Array[], p: number, q: number): void {
  const [rowP, rowQ] = [a[p]!, a[q]!]
  if (rowP[q] === 0) return
  const theta = (rowQ[q]! - rowP[p]!) / (2 * rowP[q]!)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1))
  const c = 1 / Math.hypot(t, 1)
  const s = t * c
  for (const row of a) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!]
  for (let k = 0; k < a.length; k++) [rowP[k], rowQ[k]] = [c * rowP[k]! - s * rowQ[k]!, s * rowP[k]! + c * rowQ[k]!]
}
