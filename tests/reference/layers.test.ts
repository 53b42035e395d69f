import { describe, expect, it } from 'vitest'
import { smooth } from '../../core/measure'
import { expectClose } from '../support/close'
import {
  adamwStep,
  averageWeights,
  clipAdaptively,
  clipNorm,
  clipValue,
  lambStep,
  larsRatio,
  larsStep,
  reestimate,
  smoothedCrossEntropy,
  startAdam,
} from './layers'

const weights = [3, 4]
const gradient = [0.6, 0.8]

function expectAll(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((value, index) => expectClose(value, expected[index] ?? NaN, tolerance))
}

describe('LARS', () => {
  it('scales the step by the ratio of norms', () => {
    expectClose(larsRatio(weights, gradient, 0.001, 5e-4), 0.004987531172, 1e-8)
    const stepped = larsStep({ weights, buffer: [] }, gradient, {
      learningRate: 1,
      momentum: 0.9,
      weightDecay: 5e-4,
      trust: 0.001,
    })
    expectAll(stepped.buffer, [0.003, 0.004], 1e-7)
    expectAll(stepped.weights, [2.997, 3.996], 1e-9)
  })

  it('does not scale where a norm is 0', () => {
    expect(larsRatio([0, 0], gradient, 0.001, 5e-4)).toBe(1)
    expect(larsRatio(weights, [0, 0], 0.001, 5e-4)).toBe(1)
  })
})

describe('LAMB', () => {
  it('takes the published first step', () => {
    const { direction, ratio, state } = lambStep(startAdam(weights), gradient, {
      learningRate: 1e-3,
      weightDecay: 0.01,
    })
    expectAll(direction, [1.0299983333, 1.03999875], 1e-9)
    expectClose(ratio, 3.415939738, 1e-9)
    expectAll(state.weights, [2.9964815878, 3.9964474269], 1e-9)
  })
})

describe('AdamW', () => {
  it('steps by the rate times the sign at first, beside the decay', () => {
    expectAll(
      adamwStep(startAdam(weights), gradient, { learningRate: 1e-3, weightDecay: 0.01 }).weights,
      [3 * (1 - 1e-5) - 1e-3, 4 * (1 - 1e-5) - 1e-3],
      1e-9,
    )
  })
})

describe('clipping', () => {
  it('shortens all tensors together', () => {
    expectAll(clipNorm([[3], [4]], 1).flat(), [0.59999988, 0.79999984], 1e-8)
    expect(clipNorm([[3, 4]], 6)).toEqual([[3, 4]])
  })

  it('cuts components', () => {
    expect(clipValue([3, 4, -9], 3.5)).toEqual([3, 3.5, -3.5])
  })

  it('shortens each output unit by its own weights', () => {
    expectAll(
      clipAdaptively(
        [
          [3, 4],
          [0, 0.0005],
        ],
        [
          [0.6, 0.8],
          [0.3, 0.4],
        ],
        0.01,
      ).flat(),
      [0.03, 0.04, 6e-6, 8e-6],
      1e-9,
    )
  })
})

describe('label smoothing', () => {
  it('mixes the cross-entropy of the label with that of all classes', () => {
    expectClose(smoothedCrossEntropy([2, 1, 0.1], 0, 0), 0.4170300163, 1e-9)
    expectClose(smoothedCrossEntropy([2, 1, 0.1], 0, 0.1), 0.5136966829, 1e-9)
  })
})

describe('averages of weights', () => {
  it('weigh every visit alike (SWA)', () => {
    expectClose(averageWeights([1, 2, 6]), 3, 1e-12)
  })

  it('start at 0 or are corrected for it (EMA)', () => {
    expectClose(
      [1, 1, 1].reduce((average, value) => 0.9 * average + 0.1 * value, 0),
      0.271,
      1e-9,
    )
    expectClose(smooth([1, 1, 1], 0.9)[2] ?? NaN, 1, 1e-12)
  })
})

describe('re-estimated statistics', () => {
  it('over-weigh a smaller last batch when batches count alike', () => {
    const { mean, variance } = reestimate([
      [1, 3],
      [5, 9, 1],
    ])
    expectClose(mean, 3.5, 1e-12)
    expectClose(variance, 9, 1e-12)
    const whole = reestimate([[1, 3, 5, 9, 1]])
    expectClose(whole.mean, 3.8, 1e-12)
    expectClose(whole.variance, 11.2, 1e-12)
  })
})
