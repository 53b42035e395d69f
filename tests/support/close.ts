import { expect } from 'vitest'

/**
 * Asserts that two numbers agree to a relative tolerance; where the expected one is 0, to that tolerance in absolute
 * terms.
 */
export function expectClose(actual: number, expected: number, tolerance: number): void {
  const allowed = tolerance * (expected === 0 ? 1 : Math.abs(expected))
  expect(Math.abs(actual - expected), `expected ${expected} ± ${allowed}, found ${actual}`).toBeLessThanOrEqual(allowed)
}
