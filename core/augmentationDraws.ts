import type { AugmentationConfig } from './config/data'
import type { DatasetInfo } from './datasetInfo'
import type { Issue } from './issue'
import { randomFor } from './random'

/**
 * What is done to one image in one epoch: where it is cropped, whether it is mirrored, how far it is turned and where
 * the cutout lies.
 */
export interface AugmentationDraw {
  /** Top left corner of the crop in the padded image, 0 … 2·pad; pad is the unmoved image. */
  top: number
  left: number
  flip: boolean
  /** Counter-clockwise, in radians. */
  angle: number
  /** Centre of the cutout, any pixel of the image. */
  cutoutRow: number
  cutoutColumn: number
}

/** A draw that changes nothing. */
export const noDraw = (pad: number): AugmentationDraw => ({
  top: pad,
  left: pad,
  flip: false,
  angle: 0,
  cutoutRow: 0,
  cutoutColumn: 0,
})

/**
 * Draws the augmentation of an image as a pure function of (seed, epoch, image). Six numbers are always taken, in this
 * order, so that switching one augmentation on never changes what another draws. The result goes into `draw`, which the
 * training loop reuses.
 */
export function drawAugmentation(
  augmentation: AugmentationConfig,
  shape: DatasetInfo['shape'],
  seed: number,
  epoch: number,
  image: number,
  draw: AugmentationDraw,
): AugmentationDraw {
  const random = randomFor(seed, 'augment', epoch, image)
  const positions = 2 * augmentation.pad + 1
  draw.top = random.integer(positions)
  draw.left = random.integer(positions)
  draw.flip = random.uniform() < 0.5 && augmentation.flip
  draw.angle = ((2 * random.uniform() - 1) * augmentation.rotation * Math.PI) / 180
  draw.cutoutRow = random.integer(shape[0])
  draw.cutoutColumn = random.integer(shape[1])
  return draw
}

/**
 * The pixels [start, end) that a cutout covers along one axis: `side` pixels from centre − ⌊side/2⌋, clipped to the
 * image, so a corner may lose as little as a quarter of the square (DeVries & Taylor 2017, §3.2).
 */
export function cutoutSpan(centre: number, side: number, size: number): readonly [start: number, end: number] {
  const start = centre - Math.floor(side / 2)
  return [Math.max(0, start), Math.min(size, start + side)]
}

/**
 * The pixel of the image that stands at a padded position when padding mirrors: … 2 1 | 0 1 2 … n−1 | n−2 …; the edge
 * is not repeated.
 */
export function reflected(position: number, size: number): number {
  if (size === 1) return 0
  const period = 2 * (size - 1)
  const within = ((position % period) + period) % period
  return within < size ? within : period - within
}

/** What is wrong with an augmentation for images of a given shape. */
export function augmentationIssues(augmentation: AugmentationConfig, shape: DatasetInfo['shape']): Issue[] {
  const [height, width] = shape
  const smaller = Math.min(height, width)
  const issues: Issue[] = []
  if (augmentation.pad >= smaller) {
    issues.push({
      path: 'data.augmentation.pad',
      message: `must be less than the image's ${smaller} pixels, found ${augmentation.pad}`,
    })
  }
  if (augmentation.cutout > smaller) {
    issues.push({
      path: 'data.augmentation.cutout',
      message: `must be at most the image's ${smaller} pixels, found ${augmentation.cutout}`,
    })
  }
  return issues
}
