import { describe, expect, it } from 'vitest'
import { expectClose } from '../support/close'
import { innerRateWeights, localSgd, sgd, type SgdOptions } from './sgd'

const options: SgdOptions = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov: false, decay: 'coupled' }

function weightsAfter(
  gradients: readonly number[],
  settings: (update: number) => SgdOptions,
  start: number,
): readonly number[] {
  let state = sgd.start([start])
  return gradients.map((gradient, update) => {
    state = sgd.step(state, [gradient], settings(update))
    return state.weights[0] ?? NaN
  })
}

describe('the reference SGD', () => {
  const rows = [
    { name: 'heavy ball, coupled decay', settings: options, weights: [0.899, 0.707201, 0.433874699] },
    {
      name: 'Nesterov, coupled decay',
      settings: { ...options, nesterov: true },
      weights: [0.8081, 0.53475461, 0.188455015],
    },
    {
      name: 'heavy ball, decoupled decay',
      settings: { ...options, decay: 'decoupled' },
      weights: [0.899, 0.708101, 0.436392899],
    },
  ] as const
  for (const { name, settings, weights } of rows) {
    it(`gives the published weights: ${name}`, () => {
      weightsAfter([1, 1, 1], () => settings, 1).forEach((weight, index) =>
        expectClose(weight, weights[index] ?? NaN, 1e-8),
      )
    })
  }

  it('takes a first Nesterov step of 1 + μ times the plain one', () => {
    const plain = { ...options, weightDecay: 0 }
    const [first] = weightsAfter([1], () => plain, 0)
    const [nesterov] = weightsAfter([1], () => ({ ...plain, nesterov: true }), 0)
    expectClose(nesterov ?? NaN, 1.9 * (first ?? NaN), 1e-12)
  })
})

describe('a changing rate', () => {
  const falling = [0.1, 0.1, 0.01, 0.01]
  const rising = [0.1, 0.1, 1, 1]
  const ones = [1, 1, 1, 1]
  const outside = (rates: readonly number[]) =>
    weightsAfter(ones, (update) => ({ ...options, weightDecay: 0, learningRate: rates[update] ?? NaN }), 0)

  it('needs no momentum correction with the rate outside the buffer', () => {
    outside(falling).forEach((weight, index) =>
      expectClose(weight, [-0.1, -0.29, -0.3171, -0.35149][index] ?? NaN, 1e-9),
    )
    expectClose(outside(rising)[2] ?? NaN, -3, 1e-9)
    expectClose(outside(rising)[3] ?? NaN, -6.439, 1e-9)
  })

  it('needs it with the rate inside', () => {
    innerRateWeights(0, ones, falling, 0.9, false).forEach((weight, index) =>
      expectClose(weight, [-0.1, -0.29, -0.471, -0.6439][index] ?? NaN, 1e-9),
    )
    expectClose(innerRateWeights(0, ones, rising, 0.9, false)[2] ?? NaN, -1.461, 1e-9)
    expectClose(innerRateWeights(0, ones, rising, 0.9, false)[3] ?? NaN, -3.5149, 1e-9)
    for (const rates of [falling, rising]) {
      innerRateWeights(0, ones, rates, 0.9, true).forEach((weight, index) =>
        expectClose(weight, outside(rates)[index] ?? NaN, 1e-9),
      )
    }
  })
})

describe('local SGD', () => {
  const workers = [
    { curvature: 1, center: 0 },
    { curvature: 3, center: 2 },
  ]
  const run = (momentum: number, averageEvery: number) =>
    localSgd(workers, { learningRate: 0.1, momentum, steps: 2, averageEvery })

  it('differs from averaging every step where curvatures differ', () => {
    expectClose(run(0, 2).weight, 0.51, 1e-9)
    expect(run(0, 2).workers[0]).toBe(0)
    expectClose(run(0, 2).workers[1] ?? NaN, 1.02, 1e-9)
    expectClose(run(0, 1).weight, 0.54, 1e-9)
  })

  it("keeps each worker's momentum to itself", () => {
    expectClose(run(0.9, 2).weight, 0.78, 1e-9)
    expectClose(run(0.9, 1).weight, 0.81, 1e-9)
  })
})
