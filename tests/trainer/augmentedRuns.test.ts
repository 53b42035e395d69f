import { beforeAll, describe, expect, it } from 'vitest'
import { drawAugmentation, noDraw } from '../../core/augmentationDraws'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import type { Dataset } from '../../main/data/dataset'
import { digits, digitsConfig, parametersIn, trainOnDigits, useFolder } from '../support/digits'
import { initialOf, plainRun, type Augment } from './plainRun'
import { distance } from './reference'

/* Whole runs on augmented digits beside a plain run that changes the images by hand, as they were drawn. */

const folder = useFolder()
type Augmentation = NonNullable<NonNullable<RunConfigInput['data']>['augmentation']>

/** A pixel of an 8×8 image, the mean colour outside. */
const at = (pixels: ArrayLike<number>, y: number, x: number): number =>
  y >= 0 && x >= 0 && y < 8 && x < 8 ? pixels[8 * y + x]! : 0

function bilinear(pixels: ArrayLike<number>, y: number, x: number): number {
  const [top, left] = [Math.floor(y), Math.floor(x)]
  const [down, right] = [y - top, x - left]
  return (
    (1 - down) * ((1 - right) * at(pixels, top, left) + right * at(pixels, top, left + 1)) +
    down * ((1 - right) * at(pixels, top + 1, left) + right * at(pixels, top + 1, left + 1))
  )
}

const byHand =
  (config: RunConfig): Augment =>
  (pixels, epoch, image) => {
    const { pad, cutout } = config.data.augmentation
    const draw = drawAugmentation(config.data.augmentation, [8, 8, 1], config.seed, epoch, image, noDraw(pad))
    return Array.from({ length: 64 }, (_, i) => {
      const [y, x] = [Math.floor(i / 8), i % 8]
      const [top, left] = [draw.cutoutRow - Math.floor(cutout / 2), draw.cutoutColumn - Math.floor(cutout / 2)]
      if (y >= top && y < top + cutout && x >= left && x < left + cutout) return 0
      if (draw.angle !== 0) {
        const [dy, dx] = [y - 3.5, x - 3.5]
        return bilinear(
          pixels,
          3.5 + dx * Math.sin(draw.angle) + dy * Math.cos(draw.angle),
          3.5 + dx * Math.cos(draw.angle) - dy * Math.sin(draw.angle),
        )
      }
      return at(pixels, y + draw.top - pad, (draw.flip ? 7 - x : x) + draw.left - pad)
    })
  }

describe('a run on augmented digits', () => {
  let dataset: Dataset
  beforeAll(async () => {
    dataset = await digits(digitsConfig({}), folder())
  })

  it.each<[string, Augmentation]>([
    ['cutout', { cutout: 4 }],
    ['random crops', { pad: 2 }],
    ['flips', { flip: true }],
    ['rotation', { rotation: 15 }],
    ['crops, flips and cutout', { pad: 1, flip: true, cutout: 3 }],
  ])(
    'trains as a plain run on images that are changed by hand does: %s',
    { timeout: 60_000 },
    async (_, augmentation) => {
      const config = digitsConfig({ data: { trainingImages: 240, augmentation } })
      const {
        traced: { trace },
        final,
      } = await trainOnDigits(config, folder())
      const updates = Array.from({ length: 30 }, (_unused, update) => ({
        epoch: Math.floor(update / 10),
        batch: 24,
        rate: 0.1,
      }))
      const start = await initialOf(config, dataset)
      const plain = plainRun(config, dataset, start, updates, byHand(config))
      expect(distance(trace.loss as number[], plain.losses)).toBeLessThan(1e-4)
      for (const [name, values] of Object.entries(plain.parameters))
        expect(distance(parametersIn(final)[name]!, values), name).toBeLessThan(1e-4)
      expect(distance(plain.losses, plainRun(config, dataset, start, updates).losses)).toBeGreaterThan(1e-2)
    },
  )
})
