import { describe, expect, it } from 'vitest'
import {
  distance,
  maxPool as slowMaxPool,
  numbers,
  conv2d,
  overlappingPool as slowOverlappingPool,
  padChannels,
  batchNorm,
  type Block,
} from '../trainer/reference'
import {
  averagePool,
  convolve,
  crossEntropy,
  imagesOf,
  maxPool,
  momentsOf,
  multiply,
  normalise,
  overlappingPool,
  subsample,
  type Images,
} from './images'

const asImages = ({ shape, data }: Block): Images => imagesOf(shape as [number, number, number, number], data)
const square = imagesOf(
  [1, 4, 4, 1],
  Array.from({ length: 16 }, (_, i) => i),
)

describe('the plain layers of images', () => {
  it.each([
    [3, 1, 1],
    [3, 2, 1],
    [1, 2, 0],
    [5, 1, 2],
    [5, 1, 0],
    [9, 1, 4],
  ])('convolve with a kernel of %d at stride %d and padding %d', (kernel, stride, padding) => {
    // Zeros are passed over.
    const raw = numbers([2, 7, 6, 5], 1)
    const x = { shape: raw.shape, data: raw.data.map((value) => Math.max(0, value)) }
    const filter = numbers([kernel, kernel, 5, 3], 2)
    const expected = conv2d(x, filter, stride, padding)
    const found = convolve(asImages(x), Float64Array.from(filter.data), { filters: 3, kernel, stride, padding })
    expect([found.count, found.height, found.width, found.channels]).toEqual(expected.shape)
    expect(distance(found.data, expected.data)).toBeLessThan(1e-14)
  })

  it('convolve by hand', () => {
    const sums = convolve(square, new Float64Array(9).fill(1), { filters: 1, kernel: 3, stride: 2, padding: 1 })
    expect([...sums.data]).toEqual([
      0 + 1 + 4 + 5,
      1 + 2 + 3 + 5 + 6 + 7,
      4 + 5 + 8 + 9 + 12 + 13,
      5 + 6 + 7 + 9 + 10 + 11 + 13 + 14 + 15,
    ])
  })

  it('pool by hand', () => {
    expect([...maxPool(square, 2).data]).toEqual([5, 7, 13, 15])
    expect([...maxPool(imagesOf([1, 3, 3, 1], [9, 1, 2, 3, 4, 5, 6, 7, 8]), 2).data]).toEqual([9])
    expect([...overlappingPool(square).data]).toEqual([10, 11, 14, 15])
    expect([...overlappingPool(imagesOf([1, 2, 2, 1], [-4, -3, -2, -1])).data]).toEqual([-1])
    expect([...averagePool(imagesOf([1, 2, 2, 2], [1, 10, 2, 20, 3, 30, 6, 60])).data]).toEqual([3, 30])
  })

  it('pool as the slow ones do', () => {
    const x = numbers([2, 6, 8, 3], 3)
    expect([...maxPool(asImages(x), 3).data]).toEqual(slowMaxPool(x, 3).data)
    expect([...overlappingPool(asImages(x)).data]).toEqual(slowOverlappingPool(x, 3, 2).data)
  })

  it('take every second pixel and pad the channels', () => {
    expect([
      ...subsample(
        imagesOf(
          [1, 3, 3, 2],
          Array.from({ length: 18 }, (_, i) => i + 1),
        ),
        4,
      ).data,
    ]).toEqual([0, 1, 2, 0, 0, 5, 6, 0, 0, 13, 14, 0, 0, 17, 18, 0])
    const x = numbers([2, 5, 4, 4], 4)
    expect([...subsample(asImages(x), 8).data]).toEqual(padChannels(x, 2, 8).data)
  })

  it('normalise to γ and β', () => {
    const [x, gamma, beta] = [numbers([3, 2, 2, 4], 5), numbers([4], 6), numbers([4], 7)]
    const images = asImages(x)
    const found = normalise(images, momentsOf(images), Float64Array.from(gamma.data), Float64Array.from(beta.data))
    expect(distance(found.data, batchNorm(x, gamma, beta, 1e-5, [3]).data)).toBeLessThan(1e-14)
  })

  it('multiply by a matrix [in, out], and know the cross-entropy', () => {
    const scores = multiply(imagesOf([1, 1, 2, 1], [1, 10]), Float64Array.from([2, 1, 0.1, 0, 0, 0]), 3)
    expect([...scores.data]).toEqual([2, 1, 0.1])
    expect(crossEntropy(scores, [0])).toBeCloseTo(0.4170300163, 9)
  })
})
