import { RunConfig, type RunConfigInput } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import { randomFor } from '../../core/random'
import type { LabelledImages } from '../../main/data/rawImages'
import type { Batch } from '../../main/trainer/learner/learner'

/** Facts of a tiny data set: 3 classes of 6×6 single-channel images. */
export const info: DatasetInfo = {
  name: 'stripes',
  classes: ['rows', 'columns', 'diagonals'],
  shape: [6, 6, 1],
  counts: { train: 48, validation: 0, test: 0 },
  mean: [0.5],
  std: [0.25],
  fingerprint: 'stripes',
}

/** Noisy stripes in three directions: what a small network learns in a few updates. */
export function stripes(count: number, seed: number): LabelledImages {
  const random = randomFor(seed, 'synthetic')
  const images = new Uint8Array(count * 36)
  const labels = new Uint16Array(count)
  for (let n = 0; n < count; n++) {
    const label = n % 3
    labels[n] = label
    const shift = random.integer(3)
    for (let row = 0; row < 6; row++) {
      for (let column = 0; column < 6; column++) {
        const along = label === 0 ? row : label === 1 ? column : row + column
        images[n * 36 + row * 6 + column] = ((along + shift) % 3 === 0 ? 200 : 60) + random.integer(50)
      }
    }
  }
  return { images, labels }
}

/** The images as a batch, normalised. */
export function batchOf({ images, labels }: LabelledImages, count: number, update: number): Batch {
  return {
    images: Float32Array.from(images.subarray(0, count * 36), (byte) => (byte / 255 - 0.5) / 0.25),
    labels: Int32Array.from(labels.subarray(0, count)),
    count,
    update,
  }
}

/** A config of a run on the stripes. */
export const configOf = (input: RunConfigInput): RunConfig =>
  RunConfig.parse({ data: { source: { type: 'digits' } }, batchSize: 12, ...input })
