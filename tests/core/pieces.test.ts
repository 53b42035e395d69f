import { describe, expect, it } from 'vitest'
import { BatchConfig } from '../../core/config/batch'
import { piecesOf } from '../../core/plan/pieces'

describe('piecesOf', () => {
  it.each<[number, number | null, number | null, number[][]]>([
    [12, null, null, [[12]]],
    [12, null, 4, [[4, 4, 4]]],
    [12, 4, null, [[4], [4], [4]]],
    [
      12,
      6,
      2,
      [
        [2, 2, 2],
        [2, 2, 2],
      ],
    ],
    [10, 4, null, [[4], [3], [3]]],
    [9, 4, 3, [[3], [3], [3]]],
    [3, 8, 8, [[3]]],
    // Ghosts of one image are none; micro-batches of one are what was asked for.
    [3, 1, null, [[1], [1], [1]]],
    [3, null, 2, [[3]]],
  ])('cuts %d images into micro-batches of %s and ghosts of %s', (count, microBatch, ghostSize, expected) => {
    expect(piecesOf(BatchConfig.parse({ microBatch, ghostSize }), count)).toEqual(expected)
  })

  it('deals them to workers', () => {
    expect(piecesOf(BatchConfig.parse({ ghostSize: 4, workers: { type: 'postLocal', workers: 3 } }), 24)).toEqual([
      [4, 4],
      [4, 4],
      [4, 4],
    ])
  })
})
