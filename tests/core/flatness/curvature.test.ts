import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  differenceLength,
  hessianVector,
  powerIteration,
  spectrumEnds,
  stabilityThreshold,
} from '../../../core/flatness/curvature'
import { dot, norm, unit } from '../../../core/flatness/landscape'
import { randomFor } from '../../../core/random'
import { expectClose } from '../../support/close'
import { eigenvalues, quadratic, times, type Matrix } from './quadratic'

const exact = { iterations: 5000, tolerance: 1e-9 }
const endsOf = (matrix: Matrix, start: Float64Array) =>
  spectrumEnds(powerIteration(times(matrix), start, exact), times(matrix), start, exact)

/** Random symmetric matrices of 2 to 6 rows. */
const symmetric = fc
  .integer({ min: 2, max: 6 })
  .chain((n) =>
    fc
      .array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: n * n, maxLength: n * n })
      .map((values): Matrix =>
        Array.from({ length: n }, (_, i) =>
          Array.from({ length: n }, (_unused, j) => values[Math.min(i, j) * n + Math.max(i, j)]!),
        ),
      ),
  )

// Nearly equal sizes make power iteration slow, and a start almost orthogonal to the eigenvector late.
const isApart = (matrix: Matrix): boolean => {
  const values = eigenvalues(matrix)
  const sizes = values.map(Math.abs).sort((a, b) => b - a)
  const [low = 0, second = 0] = values
  return (
    sizes[0]! > 0.1 &&
    sizes[1]! < 0.97 * sizes[0]! &&
    second - low > 0.03 * sizes[0]! &&
    values.at(-1)! - values.at(-2)! > 0.03 * sizes[0]!
  )
}
const start = Float64Array.of(1, -0.7, 0.45, 0.83, -0.31, 0.59)

describe('power iteration', () => {
  it('gives the published Rayleigh quotients of (2, 1; 1, 3) from (1, 0)', () => {
    const { estimates } = powerIteration(
      times([
        [2, 1],
        [1, 3],
      ]),
      Float64Array.of(1, 0),
      { iterations: 7, tolerance: 0 },
    )
    for (const [k, expected] of [
      [1, 2],
      [2, 3],
      [4, 3.6],
      [7, 3.61797753],
    ] as const)
      expectClose(estimates[k - 1]!, expected, 1e-8)
    const { value, vector, converged } = powerIteration(
      times([
        [2, 1],
        [1, 3],
      ]),
      Float64Array.of(1, 0),
      exact,
    )
    expect(converged).toBe(true)
    expectClose(value, 3.6180339887, 1e-10)
    expectClose(vector[1]! / vector[0]!, (1 + Math.sqrt(5)) / 2, 1e-6)
  })

  it('finds the eigenvalue of largest size of random matrices, negative ones too', () => {
    fc.assert(
      fc.property(symmetric.filter(isApart), (matrix) => {
        const all = eigenvalues(matrix)
        const expected = Math.abs(all[0]!) > Math.abs(all.at(-1)!) ? all[0]! : all.at(-1)!
        expectClose(powerIteration(times(matrix), start.slice(0, matrix.length), exact).value, expected, 1e-6)
      }),
      { numRuns: 60 },
    )
  })

  it('finds both ends of a spectrum, on either side of 0', () => {
    fc.assert(
      fc.property(symmetric.filter(isApart), (matrix) => {
        const all = eigenvalues(matrix)
        const { largest, smallest } = endsOf(matrix, start.slice(0, matrix.length))
        const size = Math.max(...all.map(Math.abs))
        expect(Math.abs(largest.value - all.at(-1)!)).toBeLessThan(1e-6 * size)
        expect(Math.abs(smallest.value - all[0]!)).toBeLessThan(1e-6 * size)
      }),
      { numRuns: 60 },
    )
    // All above 0: a shift by 0.51 of the largest would find the largest again.
    const { largest, smallest } = endsOf(
      [
        [10, 0],
        [0, 9],
      ],
      Float64Array.of(1, 1),
    )
    expectClose(largest.value, 10, 1e-9)
    expectClose(smallest.value, 9, 1e-9)
  })

  it('says when it ran out of iterations, and stops at once where there is nothing', () => {
    const short = powerIteration(
      times([
        [2, 1],
        [1, 3],
      ]),
      Float64Array.of(1, 0),
      { iterations: 3, tolerance: 1e-9 },
    )
    expect(short.converged).toBe(false)
    expect(short.estimates).toHaveLength(3)
    expectClose(short.value, 3.5, 1e-12)
    expect(powerIteration((vector) => vector.map(() => 0), Float64Array.of(3, 4), exact)).toMatchObject({
      value: 0,
      converged: true,
      estimates: [0],
    })
  })
})

describe('the end of a wide spectrum', () => {
  it('is not taken for found at a random start, whose quotient is near 0 like most eigenvalues', () => {
    // One eigenvalue of 8, one of −1, and 4,998 of nearly 0, as in a network.
    const diagonal = Float64Array.from({ length: 5000 }, (_, i) => (i === 0 ? 8 : i === 1 ? -1 : 1e-4 * Math.sin(i)))
    const multiply = (vector: Float64Array) => vector.map((value, i) => value * diagonal[i]!)
    const random = randomFor(1, 'probe')
    const wide = Float64Array.from(diagonal, random.normal)
    const options = { iterations: 10, tolerance: 0.02 }
    const first = powerIteration(multiply, wide, options)
    expect(first.converged).toBe(true)
    expectClose(first.value, 8, 1e-3)
    const early = spectrumEnds(first, multiply, wide, options).smallest
    expect(early.converged).toBe(false)
    expect(early.value).toBeGreaterThan(-0.5)
    const late = spectrumEnds(first, multiply, wide, { ...options, iterations: 200 }).smallest
    expect(late.converged).toBe(true)
    expectClose(late.value, -1, 1e-3)
  })
})

describe('a Hessian-vector product', () => {
  const quartic = {
    loss: (w: Float64Array) => w[0]! ** 4,
    gradient: (w: Float64Array) => Float64Array.of(4 * w[0]! ** 3),
  }

  it.each([
    [1e-2, 12.0004],
    [1e-3, 12.000004],
  ])('of w⁴ at 1 with r = %d is %d', (length, expected) => {
    expectClose(hessianVector(quartic, Float64Array.of(1), Float64Array.of(1), length)[0]!, expected, 1e-9)
  })

  // A forward difference of length r is the central one about the middle of its step.
  it('of w⁴ at 1 by a forward difference of 0.01 is 12.1204, a hundredth off where the central one is 4e-4 off', () => {
    expectClose(hessianVector(quartic, Float64Array.of(1.005), Float64Array.of(1), 0.005)[0]!, 12.1204, 1e-9)
  })

  it('is that of the matrix for a quadratic, for vectors of any length', () => {
    const matrix = [
      [2, 1, 0],
      [1, 3, -4],
      [0, -4, 1],
    ]
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 }), (values) => {
        const vector = Float64Array.from(values)
        const found = hessianVector(quadratic(matrix, [1, 2, 3], 0.5), Float64Array.of(-1, 0, 2), vector, 0.1)
        times(matrix)(vector).forEach((expected, i) =>
          expect(Math.abs(found[i]! - expected)).toBeLessThan(1e-9 * (1 + norm(vector))),
        )
      }),
    )
  })

  it('of 0 is 0', () => {
    expect([...hessianVector(quadratic([[1]], [0], 0), Float64Array.of(1), Float64Array.of(0), 0.1)]).toEqual([0])
  })

  it('takes a step in proportion to the weights, but not below 1e-3', () => {
    expect(differenceLength(Float64Array.of(0.1))).toBe(1e-3)
    expectClose(differenceLength(Float64Array.of(3, 4)), 5e-3, 1e-12)
  })
})

describe('the stability threshold', () => {
  it('is 2/η for plain gradient descent', () => {
    expect(stabilityThreshold({ learningRate: 0.1, momentum: 0, nesterov: false })).toBe(20)
  })

  it.each([
    [0, false],
    [0.5, false],
    [0.9, false],
    [0.9, true],
    [0.3, true],
  ])('parts what diverges from what does not, at momentum %d (Nesterov: %s)', (momentum, nesterov) => {
    const learningRate = 0.05
    const limit = stabilityThreshold({ learningRate, momentum, nesterov })
    const after = (curvature: number): number => {
      let [weight, buffer] = [1, 0]
      let highest = 0
      for (let i = 0; i < 600; i++) {
        const gradient = curvature * weight
        buffer = momentum * buffer + gradient
        weight -= learningRate * (nesterov ? gradient + momentum * buffer : buffer)
        if (i >= 500) highest = Math.max(highest, Math.abs(weight))
      }
      return highest
    }
    expect(after(0.98 * limit)).toBeLessThan(1e-3)
    expect(after(1.02 * limit)).toBeGreaterThan(1e3)
  })
})

describe('vectors', () => {
  it('have their usual products and lengths', () => {
    expect(dot(Float64Array.of(1, 2), Float64Array.of(3, -4))).toBe(-5)
    expect([...unit(Float64Array.of(3, 4))]).toEqual([0.6, 0.8])
    expect([...unit(Float64Array.of(0, 0))]).toEqual([0, 0])
  })
})
