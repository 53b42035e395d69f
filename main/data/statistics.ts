import { createHash } from 'node:crypto'
import type { DatasetInfo } from '../../core/datasetInfo'
import { bytesInOrder, imageBytes, type LabelledImages, type RawImages } from './rawImages'
import type { Splits } from './split'

/** Per-channel mean and population standard deviation of the pixels in 0…1, from exact counts of each byte. */
export function channelMoments(
  part: LabelledImages,
  channels: number,
): { readonly mean: number[]; readonly std: number[] } {
  const counts = new Float64Array(256 * channels)
  for (const bytes of bytesInOrder(part))
    for (let channel = 0; channel < channels; channel++) {
      const base = 256 * channel
      for (let i = channel; i < bytes.length; i += channels) {
        const at = base + (bytes[i] ?? 0)
        counts[at] = (counts[at] ?? 0) + 1
      }
    }
  const pixels = Math.max(1, (part.labels.length * imageBytes(part)) / channels)
  const mean: number[] = []
  const std: number[] = []
  for (let channel = 0; channel < channels; channel++) {
    const count = (byte: number): number => counts[256 * channel + byte] ?? 0
    let sum = 0
    for (let byte = 0; byte < 256; byte++) sum += count(byte) * byte
    const middle = sum / pixels
    let squares = 0
    for (let byte = 0; byte < 256; byte++) squares += count(byte) * (byte - middle) ** 2
    mean.push(middle / 255)
    std.push(Math.sqrt(squares / pixels) / 255)
  }
  return { mean, std }
}

/** SHA-256 over what the trainer sees: shape, classes, and each split's labels and pixels in their order. */
function fingerprintOf(shape: DatasetInfo['shape'], classes: readonly string[], splits: Splits): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify({ shape, classes }))
  for (const split of [splits.train, splits.validation, splits.test]) {
    hash.update(JSON.stringify({ count: split.labels.length }))
    // Little-endian on every machine that Node 18 and later are built for but one; a fingerprint made there differs and
    // nothing worse.
    hash.update(new Uint8Array(split.labels.buffer, split.labels.byteOffset, split.labels.byteLength))
    for (const bytes of bytesInOrder(split)) hash.update(bytes)
  }
  return hash.digest('hex')
}

/** Everything that a plan needs to know about the split data. */
export function datasetInfoOf(raw: RawImages, splits: Splits): DatasetInfo {
  return {
    name: raw.name,
    classes: [...raw.classes],
    shape: raw.shape,
    counts: {
      train: splits.train.labels.length,
      validation: splits.validation.labels.length,
      test: splits.test.labels.length,
    },
    ...channelMoments(splits.train, raw.shape[2]),
    fingerprint: fingerprintOf(raw.shape, raw.classes, splits),
  }
}
