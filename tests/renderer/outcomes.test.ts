import { describe, expect, it } from 'vitest'
import type { Evaluation } from '../../core/evaluation'
import { confusionLabels, drawConfusion } from '../../renderer/compare/confusion'
import { screenInk } from '../../renderer/charts/chartTheme'
import { confusionDifference, mcnemar, outcomesOf } from '../../core/outcomes'

const evaluation = (labels: readonly number[], predictions: readonly number[]): Evaluation => ({
  moment: { update: 1, epoch: 1, position: 0, examples: 1, seconds: 1 },
  split: 'test',
  score: { loss: 1, accuracy: 0.5, images: labels.length },
  classes: ['a', 'b'],
  confusion: [],
  labels,
  predictions,
  images: labels.map((_, index) => index),
  data: { name: 'x', fingerprint: 'f', ownFingerprint: 'f', relation: 'own' },
  input: { normalisation: 'none', mean: [0], std: [1], from: 'checkpoint' },
  trainedOn: { isKnown: true, images: [] },
})

describe('outcomesOf', () => {
  it('sorts every image into one of four', () => {
    const labels = [0, 1, 0, 1, 0]
    expect(outcomesOf(evaluation(labels, [0, 1, 1, 0, 0]), evaluation(labels, [0, 0, 0, 0, 1]))).toEqual({
      onlyA: [1, 4],
      onlyB: [2],
      neither: [3],
      both: 1,
    })
  })
})

describe('mcnemar', () => {
  it('is the two-sided exact binomial p', () => {
    // 2 · Σ C(n, k) / 2^n in exact integers.
    expect(mcnemar(0, 0)).toBe(1)
    expect(mcnemar(5, 5)).toBe(1)
    expect(mcnemar(1, 9)).toBeCloseTo(0.021484375, 12)
    expect(mcnemar(0, 5)).toBeCloseTo(0.0625, 12)
    expect(mcnemar(10, 25)).toBeCloseTo(0.01667384780012071, 12)
    expect(mcnemar(25, 10)).toBe(mcnemar(10, 25))
  })

  it('does not overflow or underflow for thousands of images', () => {
    expect(mcnemar(5_000, 5_000)).toBeCloseTo(1, 6)
    expect(mcnemar(4_900, 5_100)).toBeCloseTo(0.04658552770494739, 9)
    expect(mcnemar(100, 5_000)).toBeLessThan(1e-300)
  })
})

describe('confusion', () => {
  it('subtracts A from B', () => {
    expect(
      confusionDifference(
        [
          [5, 1],
          [2, 8],
        ],
        [
          [6, 0],
          [2, 8],
        ],
      ),
    ).toEqual([
      [1, -1],
      [0, 0],
    ])
  })

  it('keeps classes apart that share a name or a beginning, and makes no markup of them', () => {
    const drawing = drawConfusion(
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      ['<b>', 'same', 'same'],
      { theme: screenInk('dark'), difference: false },
    )
    const [heatmap] = drawing.traces
    if (heatmap?.type !== 'heatmap') throw new Error('not a heat map')
    expect(new Set(heatmap.x).size).toBe(3)
    expect(heatmap.x[0]).toBe('&lt;b&gt;')
    expect(new Set(confusionLabels(['golden retriever, male', 'golden retriever, female', 'dog'])).size).toBe(3)
  })
})
