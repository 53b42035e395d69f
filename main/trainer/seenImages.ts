import { createHash } from 'node:crypto'
import type { TrainedData } from '../../core/checkpoint'
import type { DataConfig } from '../../core/config/data'
import { errorText } from '../../core/errorText'
import type { TrainedOn } from '../../core/evaluation'
import type { Dataset } from '../data/dataset'
import { pixelsOf, type LabelledImages } from '../data/rawImages'
import { readLike } from '../data/readLike'

/** Images on which weights are measured: a split of a data set as a config reads it. */
export interface MeasuredSplit {
  readonly data: DataConfig
  readonly dataset: Dataset
  readonly split: LabelledImages
}

// Of each buffer the hashes of its images: the splits of a data set share one, and so do the checkpoints of a
// comparison.
const hashes = new WeakMap<Uint8Array, (string | undefined)[]>()

function contentOf(part: LabelledImages, image: number): string {
  let known = hashes.get(part.images)
  if (known === undefined) hashes.set(part.images, (known = []))
  const place = part.subset === undefined ? image : (part.subset.places[image] ?? 0)
  return (known[place] ??= createHash('sha256').update(pixelsOf(part, image)).digest('base64'))
}

/** The places of images in a split whose pixels are also among the training images. */
export function amongTraining(split: LabelledImages, training: LabelledImages): readonly number[] {
  if (split.images === training.images && split.subset === training.subset)
    return Array.from(split.labels, (_, image) => image)
  const places = new Map<string, number[]>()
  for (let image = 0; image < split.labels.length; image++) {
    const content = contentOf(split, image)
    const same = places.get(content)
    if (same === undefined) places.set(content, [image])
    else same.push(image)
  }
  const found = new Set<number>()
  for (let image = 0; image < training.labels.length; image++)
    for (const place of places.get(contentOf(training, image)) ?? []) found.add(place)
  return [...found].sort((a, b) => a - b)
}

/**
 * Which images of a split are among those that weights were trained on, now or earlier; `load` reads the data that each
 * training had.
 */
export async function trainedOn(
  measured: MeasuredSplit,
  trained: readonly TrainedData[],
  load: (data: DataConfig) => Promise<Dataset>,
): Promise<TrainedOn> {
  const found = new Set<number>()
  for (const one of trained) {
    const training = await trainingImages(measured, one, load)
    if (typeof training === 'string') return { isKnown: false, reason: training }
    for (const image of amongTraining(measured.split, training)) found.add(image)
  }
  return { isKnown: true, images: [...found].sort((a, b) => a - b) }
}

/** The images that a training had, with the pixels that the measured ones have; or why they are not to be had. */
async function trainingImages(
  { data: measuredAs, dataset: measured }: MeasuredSplit,
  { data, fingerprint }: TrainedData,
  load: (data: DataConfig) => Promise<Dataset>,
): Promise<LabelledImages | string> {
  if (measured.info.fingerprint === fingerprint) return measured.train
  if (data === null) return 'it began with weights that do not say what they were trained on'
  const where = 'path' in data.source ? data.source.path : `the data set ${data.source.type}`
  try {
    const own = await load(data)
    if (own.info.fingerprint !== fingerprint) return `the images in ${where} are no longer those that it was trained on`
    if (own.info.shape.join() === measured.info.shape.join()) return own.train
    const again = await load(readLike(data, measuredAs))
    return again.info.shape.join() === measured.info.shape.join()
      ? again.train
      : `it was trained on images of ${own.info.shape.join('×')}, which cannot be held against ` +
          `${measured.info.shape.join('×')}`
  } catch (error) {
    return `the images that it was trained on cannot be read (${errorText(error)})`
  }
}
