import type { DataConfig } from '../../core/config/data'
import { permutation, randomFor, type Random } from '../../core/random'
import { checkLabels, subsetOf, type LabelledImages, type RawImages } from './rawImages'
import { DataError } from './dataError'

/** A data set's images in their three splits. */
export interface Splits {
  readonly train: LabelledImages
  readonly validation: LabelledImages
  readonly test: LabelledImages
}

// The test split of a source without one is the same whatever the config says, so that accuracies can be compared.
const testSeed = 0

const labels = {
  trainingImages: 'Training images',
  validationImages: 'Validation images',
  testImages: 'Test images',
} as const

/**
 * How many to take of each class: each its exact share rounded down, then one more by the largest remainder until
 * `count` is reached.
 */
function quotas(sizes: readonly number[], count: number): readonly number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const exact = sizes.map((size) => (size * count) / total)
  const taken = exact.map(Math.floor)
  const order = exact
    .map((share, label) => ({ label, rest: share - Math.floor(share) }))
    .sort((a, b) => b.rest - a.rest || a.label - b.label)
  let left = count - taken.reduce((sum, n) => sum + n, 0)
  for (const { label } of order) {
    if (left <= 0) break
    taken[label] = (taken[label] ?? 0) + 1
    left--
  }
  return taken
}

/**
 * Takes `count` of the given images, the same share of each class: each class in a random order, from its end. Both
 * halves come back in the images' own order.
 */
export function stratified(
  labels: Uint16Array,
  images: Uint32Array,
  classCount: number,
  count: number,
  random: Random,
): { readonly taken: Uint32Array; readonly rest: Uint32Array } {
  const members: number[][] = Array.from({ length: classCount }, () => [])
  for (const image of images) members[labels[image] ?? 0]?.push(image)
  const wanted = quotas(
    members.map((own) => own.length),
    count,
  )
  const chosen = new Set<number>()
  members.forEach((own, label) => {
    const order = permutation(random, own.length)
    for (const position of order.subarray(own.length - (wanted[label] ?? 0))) chosen.add(own[position] ?? 0)
  })
  return { taken: images.filter((image) => chosen.has(image)), rest: images.filter((image) => !chosen.has(image)) }
}

const everyImage = (part: LabelledImages): Uint32Array => Uint32Array.from(part.labels, (_, image) => image)

const chosenFrom = ({ images, labels }: LabelledImages, chosen: Uint32Array): LabelledImages =>
  chosen.length === labels.length ? { images, labels } : subsetOf({ images, labels }, chosen)

/**
 * Holds out validation and test images, then keeps as many of each split as the config asks for. Each step has its own
 * random stream, so limiting one split never changes another.
 */
export function splitImages(raw: RawImages, config: DataConfig): Splits {
  const classCount = raw.classes.length
  const random = (step: number): Random => randomFor(config.splitSeed, 'split', step)
  checkLabels(raw.name, raw, raw.classes)
  const whole = everyImage(raw)
  const hold = (fraction: number, from: Uint32Array, source: Random): ReturnType<typeof stratified> =>
    stratified(raw.labels, from, classCount, Math.round(fraction * from.length), source)
  const test =
    raw.test === undefined
      ? hold(raw.testFraction ?? 0, whole, randomFor(testSeed, 'split', 0))
      : { taken: everyImage(raw.test), rest: whole }
  const validation =
    raw.validation === undefined
      ? hold(config.validationFraction, test.rest, random(1))
      : { taken: everyImage(raw.validation), rest: test.rest }

  const keep = (
    field: 'trainingImages' | 'validationImages' | 'testImages',
    part: LabelledImages,
    images: Uint32Array,
    step: number,
  ): LabelledImages => {
    const count = config[field]
    if (count === null) return chosenFrom(part, images)
    if (count > images.length)
      throw new DataError(
        `data.${field}`,
        `${labels[field]}: expected at most the ${images.length} that ${raw.name} has for it, found ${count}`,
      )
    return chosenFrom(part, stratified(part.labels, images, classCount, count, random(step)).taken)
  }
  const train = keep('trainingImages', raw, validation.rest, 2)
  const splits = {
    train,
    validation: keep('validationImages', raw.validation ?? raw, validation.taken, 3),
    test: keep('testImages', raw.test ?? raw, test.taken, 4),
  }
  checkLabels(`${raw.name}, its training split of ${train.labels.length} images`, train, raw.classes)
  return splits
}
