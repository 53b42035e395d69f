import { describe, expect, it } from 'vitest'
import { augmentationIssues, cutoutSpan, drawAugmentation, noDraw, reflected } from '../../core/augmentationDraws'
import { AugmentationConfig } from '../../core/config/data'

const all = AugmentationConfig.parse({ pad: 4, flip: true, rotation: 15, cutout: 16 })
const shape = [32, 32, 3] as [number, number, number]
const drawn = (config: AugmentationConfig, seed: number, epoch: number, image: number) => ({
  ...drawAugmentation(config, shape, seed, epoch, image, noDraw(config.pad)),
})

describe('the augmentation of an image', () => {
  it('is the same for the same seed, epoch and image, and another for another of each', () => {
    expect(drawn(all, 1, 2, 3)).toEqual(drawn(all, 1, 2, 3))
    expect(drawn(all, 9, 2, 3)).not.toEqual(drawn(all, 1, 2, 3))
    expect(drawn(all, 1, 9, 3)).not.toEqual(drawn(all, 1, 2, 3))
    expect(drawn(all, 1, 2, 9)).not.toEqual(drawn(all, 1, 2, 3))
  })

  it('draws every crop offset, angle and cutout centre in its range, and flips half of the images', () => {
    const draws = Array.from({ length: 4000 }, (_, image) => drawn(all, 0, 0, image))
    expect(new Set(draws.map(({ top }) => top))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]))
    expect(new Set(draws.map(({ left }) => left))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8]))
    expect(new Set(draws.map(({ top, left }) => 9 * top + left)).size).toBe(81)
    expect(new Set(draws.map(({ cutoutRow }) => cutoutRow)).size).toBe(32)
    expect(Math.max(...draws.map(({ cutoutColumn }) => cutoutColumn))).toBe(31)
    const flips = draws.filter(({ flip }) => flip).length
    expect(Math.abs(flips - 2000)).toBeLessThan(4 * Math.sqrt(1000))
    const angles = draws.map(({ angle }) => (angle * 180) / Math.PI)
    expect(Math.max(...angles)).toBeLessThanOrEqual(15)
    expect(Math.min(...angles)).toBeGreaterThanOrEqual(-15)
    expect(Math.max(...angles)).toBeGreaterThan(14.9)
    expect(Math.min(...angles)).toBeLessThan(-14.9)
    const mean = angles.reduce((sum, angle) => sum + angle, 0) / angles.length
    expect(Math.abs(mean)).toBeLessThan((4 * 15) / Math.sqrt(3 * 4000))
  })

  it('does not change one draw when another is switched off', () => {
    const withoutFlip = drawn({ ...all, flip: false, rotation: 0 }, 0, 5, 7)
    expect(withoutFlip).toEqual({ ...drawn(all, 0, 5, 7), flip: false, angle: withoutFlip.angle })
    expect(withoutFlip.angle === 0).toBe(true)
  })
})

describe('a cutout of 16 in an image of 32', () => {
  it.each([
    [0, [0, 8]],
    [7, [0, 15]],
    [8, [0, 16]],
    [16, [8, 24]],
    [24, [16, 32]],
    [31, [23, 32]],
  ] as const)('centred on pixel %i covers %j', (centre, span) => {
    expect(cutoutSpan(centre, 16, 32)).toEqual(span)
  })

  it('keeps an odd side whole', () => expect(cutoutSpan(10, 5, 32)).toEqual([8, 13]))
})

describe('mirrored padding', () => {
  it('goes back from the edge without repeating it', () => {
    expect([-3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((position) => reflected(position, 4))).toEqual([
      3, 2, 1, 0, 1, 2, 3, 2, 1, 0,
    ])
    expect(reflected(-2, 1)).toBe(0)
  })
})

describe('an augmentation that does not fit the image', () => {
  it('is refused by its field with expected and found', () => {
    const issues = augmentationIssues(AugmentationConfig.parse({ pad: 8, cutout: 9 }), [8, 10, 1])
    expect(issues).toEqual([
      { path: 'data.augmentation.pad', message: "must be less than the image's 8 pixels, found 8" },
      { path: 'data.augmentation.cutout', message: "must be at most the image's 8 pixels, found 9" },
    ])
    expect(augmentationIssues(AugmentationConfig.parse({ pad: 7, cutout: 8 }), [8, 10, 1])).toEqual([])
  })
})
