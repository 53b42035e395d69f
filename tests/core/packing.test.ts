import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noPoints } from '../../core/events'
import { packPoints, unpackPoints } from '../../core/packing'

const value = fc.double({ noNaN: true, noDefaultInfinity: true })
const row = fc.record({
  update: fc.integer(),
  loss: fc.option(value),
  accuracy: fc.option(value),
  learningRate: value,
  batchSize: fc.nat(),
  gradientNorm: fc.option(value),
  seconds: value,
  momentum: fc.option(value),
})

describe('a packed trace', () => {
  it('unpacks to what it was, gaps included', () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const points = noPoints()
        for (const one of rows)
          for (const column of Object.keys(points) as (keyof typeof points)[])
            (points[column] as (number | null)[]).push(one[column])
        expect(unpackPoints(packPoints(points))).toEqual(points)
      }),
    )
  })

  it('unpacks to a trace that can grow', () => {
    const points = unpackPoints(packPoints({ ...noPoints(), update: [1], loss: [null] }))
    points.loss.push(2)
    expect(points.loss).toEqual([null, 2])
  })
})
