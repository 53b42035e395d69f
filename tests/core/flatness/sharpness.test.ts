import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharpnessBox, sharpness, sharpnessOf, subspaceSharpness } from '../../../core/flatness/sharpness'
import { pseudoInverse, randomColumns, within } from '../../../core/flatness/subspace'
import { randomFor } from '../../../core/random'
import { expectClose } from '../../support/close'
import { quadratic, type Matrix } from './quadratic'

const options = (epsilon: number) => ({ epsilon, iterations: 10, restarts: 3, random: randomFor(1, 'probe') })

/** The highest value of a convex function on a box is at one of its corners: all of them are tried. */
function highestCorner(loss: (z: Float64Array) => number, box: Float64Array): number {
  return Math.max(
    ...Array.from({ length: 2 ** box.length }, (_, corner) =>
      loss(box.map((width, i) => ((corner >> i) % 2 === 0 ? width : -width))),
    ),
  )
}

describe('sharpness', () => {
  it.each([
    [1e-3, 0.5],
    [5e-4, 0.125],
  ])('of ½·10⁴·x² at 0 is, for ε = %d, %d %%', (epsilon, expected) => {
    const found = sharpness(quadratic([[1e4]], [0], 0), Float64Array.of(0), options(epsilon))
    expectClose(found.percent, expected, 1e-9)
    // At the minimum the gradient is 0: only the random corners lead up.
    expect(found.loss).toBe(0)
  })

  it.each([
    [1e-3, 0.0313333],
    [5e-4, 0.00783333],
  ])('of ½ + ½(100·dx² + 10·dy²) at (2, −1) is, for ε = %d, %d %%', (epsilon, expected) => {
    const found = sharpness(
      quadratic(
        [
          [100, 0],
          [0, 10],
        ],
        [2, -1],
        0.5,
      ),
      Float64Array.of(2, -1),
      options(epsilon),
    )
    expectClose(found.percent, expected, 2e-6)
    expect([...sharpnessBox(Float64Array.of(2, -1), 1e-3)]).toEqual([0.003, 0.002])
  })

  it('falls with ε² near a flat minimum', () => {
    const at = (epsilon: number) =>
      sharpness(
        quadratic(
          [
            [3, 1],
            [1, 2],
          ],
          [1, 1],
          0.2,
        ),
        Float64Array.of(1, 1),
        options(epsilon),
      ).percent
    expectClose(at(1e-3) / at(5e-4), 4, 1e-9)
  })

  it('is that of the best corner for random convex quadratics, of any place', () => {
    const numbers = (count: number) =>
      fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: count, maxLength: count })
    fc.assert(
      fc.property(numbers(9), numbers(3), numbers(3), (factors, center, place) => {
        // BᵀB is never negative.
        const matrix: Matrix = [0, 1, 2].map((i) =>
          [0, 1, 2].map((j) =>
            [0, 1, 2].reduce((sum, k) => sum + factors[3 * k + i]! * factors[3 * k + j]!, i === j ? 0.1 : 0),
          ),
        )
        const landscape = quadratic(matrix, center, 0.3)
        const weights = Float64Array.from(place)
        const found = sharpness(landscape, weights, { ...options(0.1), restarts: 20 })
        const best = highestCorner(
          (z) => landscape.loss(z.map((value, i) => value + weights[i]!)),
          sharpnessBox(weights, 0.1),
        )
        expectClose(found.highest, best, 1e-9)
        expectClose(found.percent, sharpnessOf(landscape.loss(weights), best), 1e-6)
      }),
      { numRuns: 50 },
    )
  })

  it('climbs to a hill inside the box where no corner is higher', () => {
    const hill = {
      loss: (w: Float64Array) => 2 - (w[0]! - 0.3) ** 2,
      gradient: (w: Float64Array) => Float64Array.of(-2 * (w[0]! - 0.3)),
    }
    const found = sharpness(hill, Float64Array.of(0), { ...options(1), iterations: 60 })
    expect(found.highest).toBeGreaterThan(2 - 1e-4)
    expect(found.highest).toBeLessThanOrEqual(2)
  })

  it('is 0 where nothing around is higher, and counts what it did', () => {
    const cap = {
      loss: (w: Float64Array) => 1 - w[0]! ** 2,
      gradient: (w: Float64Array) => Float64Array.of(-2 * w[0]!),
    }
    const found = sharpness(cap, Float64Array.of(0), { ...options(1e-3), restarts: 0 })
    expect(found).toEqual({ percent: 0, loss: 1, highest: 1, iterations: 0, evaluations: 2 })
  })
})

describe('sharpness in a subspace', () => {
  const identity = [Float64Array.of(1, 0), Float64Array.of(0, 1)]
  const landscape = quadratic(
    [
      [100, 0],
      [0, 10],
    ],
    [2, -1],
    0.5,
  )

  it('is that of the full space where the subspace is the full space', () => {
    expectClose(subspaceSharpness(landscape, Float64Array.of(2, -1), identity, options(1e-3)).percent, 0.0313333, 2e-6)
  })

  it('is that of the best corner of the box around A⁺w', () => {
    const columns = randomColumns(4, 2, randomFor(5, 'probe'))
    const weights = Float64Array.of(1, -2, 0.5, 3)
    const bowl = quadratic(
      [
        [4, 1, 0, 0],
        [1, 3, 0, 1],
        [0, 0, 2, 0],
        [0, 1, 0, 5],
      ],
      [0.9, -2, 0.4, 3],
      0.1,
    )
    const found = subspaceSharpness(bowl, weights, columns, options(0.01))
    const best = highestCorner(
      (z) => bowl.loss(within(weights, columns, z)),
      sharpnessBox(pseudoInverse(columns, weights), 0.01),
    )
    expectClose(found.highest, best, 1e-12)
    expect(found.percent).toBeGreaterThan(0)
  })

  it('finds A⁺ by least squares: A⁺A = I, and the rest of w is orthogonal to A', () => {
    const columns = randomColumns(7, 3, randomFor(2, 'probe'))
    const z = Float64Array.of(0.3, -1.2, 2)
    const recovered = pseudoInverse(columns, within(new Float64Array(7), columns, z))
    recovered.forEach((value, i) => expectClose(value, z[i]!, 1e-9))
    const weights = Float64Array.from({ length: 7 }, (_, i) => Math.sin(i))
    const rest = within(
      weights,
      columns,
      pseudoInverse(columns, weights).map((value) => -value),
    )
    for (const column of columns)
      expect(Math.abs(column.reduce((sum, value, i) => sum + value * rest[i]!, 0))).toBeLessThan(1e-9)
  })

  it('refuses columns that say the same', () => {
    expect(() => pseudoInverse([Float64Array.of(1, 2), Float64Array.of(2, 4)], Float64Array.of(1, 1))).toThrow(
      'column 2 of 2 is not',
    )
  })

  it('draws standard normal columns', () => {
    const values = randomColumns(500, 20, randomFor(3, 'probe')).flatMap((column) => [...column])
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(4 / 100)
    expect(Math.abs(values.reduce((sum, value) => sum + value * value, 0) / values.length - 1)).toBeLessThan(
      (4 * Math.sqrt(2)) / 100,
    )
  })
})
