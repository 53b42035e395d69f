import { describe, expect, it } from 'vitest'
import {
  evenPoints,
  filterNormalised,
  interpolated,
  interpolationPlaces,
  surfacePlaces,
} from '../../../core/flatness/line'
import { expectClose } from '../../support/close'

describe('the line between two minima', () => {
  it('is looked at in 25 places from −1 to 2, an eighth apart', () => {
    expect(interpolationPlaces).toHaveLength(25)
    expect([interpolationPlaces[0], interpolationPlaces[8], interpolationPlaces[16], interpolationPlaces[24]]).toEqual([
      -1, 0, 1, 2,
    ])
    interpolationPlaces.slice(1).forEach((place, i) => expectClose(place - interpolationPlaces[i]!, 0.125, 1e-12))
  })

  it('can be looked at in the 401 places of the loss-landscape code', () => {
    const places = evenPoints(401, -0.5, 1.5)
    expect([places[0], places[400]]).toEqual([-0.5, 1.5])
    places.slice(1).forEach((place, i) => expectClose(place - places[i]!, 0.005, 1e-9))
  })

  it('goes through both, and beyond', () => {
    const [small, large] = [Float64Array.of(1, -4), Float64Array.of(3, 0)]
    const at = (place: number) => [...interpolated(small, large, place)]
    expect(at(0)).toEqual([1, -4])
    expect(at(1)).toEqual([3, 0])
    expect(at(0.5)).toEqual([2, -2])
    expect(at(2)).toEqual([5, 4])
    expect(at(-1)).toEqual([-1, -8])
  })

  it('has as many points as asked for', () => {
    expect(evenPoints(1, 0.5, 9)).toEqual([0.5])
    expect(surfacePlaces).toHaveLength(51)
    expect([surfacePlaces[0], surfacePlaces[25], surfacePlaces[50]]).toEqual([-1, 0, 1])
  })
})

describe('a filter-normalised direction', () => {
  it("has filters as long as the weights', as published", () => {
    // The published rows are output units; here output units are the last axis, so a row is a column.
    const found = filterNormalised(Float64Array.of(1, 2, 1, 0), Float64Array.of(3, 0.3, 4, 0.4), [
      { shape: [2, 2], from: 0 },
    ])
    ;[3.5355339, 0.5, 3.5355339, 0].forEach((expected, i) => expectClose(found[i]!, expected, 1e-7))
  })

  it('leaves biases and batch norm alone, and takes a convolution filter by filter', () => {
    const slices = [
      { shape: [2], from: 0 },
      { shape: [2, 1, 2, 3], from: 2 },
      { shape: [3], from: 14 },
    ]
    const direction = Float64Array.from({ length: 17 }, (_, i) => Math.cos(3 * i + 1))
    const weights = Float64Array.from({ length: 17 }, (_, i) => 0.1 * i - 0.7)
    const found = filterNormalised(direction, weights, slices)
    for (const i of [0, 1, 14, 15, 16]) expect(found[i]).toBe(0)
    for (const unit of [0, 1, 2]) {
      const filter = (values: Float64Array): number[] => [0, 1, 2, 3].map((k) => values[2 + 3 * k + unit]!)
      expectClose(Math.hypot(...filter(found)), Math.hypot(...filter(weights)), 1e-9)
      const factors = filter(found).map((value, k) => value / filter(direction)[k]!)
      factors.forEach((factor) => expectClose(factor, factors[0]!, 1e-12))
    }
  })

  it('stays finite where a direction is 0', () => {
    expect([...filterNormalised(new Float64Array(2), Float64Array.of(1, 2), [{ shape: [1, 2], from: 0 }])]).toEqual([
      0, 0,
    ])
  })
})
