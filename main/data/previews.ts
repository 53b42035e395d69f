import type { DataConfig } from '../../core/config/data'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { Images } from '../../core/job'
import { batchFiller, normaliser } from './batches'
import type { Dataset } from './dataset'
import { pixelsOf, type LabelledImages } from './rawImages'
import { DataError } from './dataError'

function checkIndices(split: LabelledImages, indices: readonly number[]): void {
  const wrong = indices.find((index) => !(index >= 0 && index < split.labels.length))
  if (wrong !== undefined)
    throw new DataError(
      'indices',
      `Images to show: expected numbers below ${split.labels.length}, the images of the split, found ${wrong}`,
    )
}

/** Images as they are. */
export function thumbnails(split: LabelledImages, shape: DatasetInfo['shape'], indices: readonly number[]): Images {
  checkIndices(split, indices)
  const size = shape[0] * shape[1] * shape[2]
  const pixels = new Uint8Array(indices.length * size)
  indices.forEach((index, slot) => pixels.set(pixelsOf(split, index), slot * size))
  return { shape: [indices.length, ...shape], pixels, labels: indices.map((index) => split.labels[index] ?? 0) }
}

/**
 * Training images as the network sees them in an epoch, brought back to bytes: what normalising made 0 shows as the
 * mean colour.
 */
export function preview(
  dataset: Dataset,
  config: DataConfig,
  seed: number,
  epoch: number,
  indices: readonly number[],
): Images {
  const { info, train } = dataset
  checkIndices(train, indices)
  const channels = info.shape[2]
  const { mean, std } = normaliser(config, info)
  const out = {
    images: new Float32Array(indices.length * info.shape[0] * info.shape[1] * channels),
    labels: new Int32Array(indices.length),
  }
  batchFiller(config, info)(train, indices, epoch, seed, out)
  const pixels = Uint8Array.from(out.images, (value, i) => {
    const byte = Math.round((value * (std[i % channels] ?? 1) + (mean[i % channels] ?? 0)) * 255)
    return Math.min(255, Math.max(0, byte))
  })
  return { shape: [indices.length, ...info.shape], pixels, labels: [...out.labels] }
}
