import type { DataConfig } from '../../core/config/data'
import { exampleCount, type DataInspection } from '../../core/inspection'
import type { Skipped } from '../../core/leftOut'
import { leftOutSentences } from '../../core/leftOut'
import { fakeCifarInfo, digitInfo } from './fakeRuns'

const breedNames = ['Chihuahua', 'Japanese spaniel', 'Soft-coated wheaten terrier of unusual size', 'Shih-Tzu']
const breeds = Array.from(
  { length: 120 },
  (_, i) => `n0208${5620 + 37 * i}-${breedNames[i % breedNames.length] ?? ''} ${i}`,
).sort()
const skipped: readonly Skipped[] = [
  ...Array.from({ length: 214 }, (_, i) => ({
    file: `train/n02085620-Chihuahua/IMG_${1000 + i}.TIF`,
    reason: 'is a TIF image, which is not read; expected PNG, JPEG, WEBP, GIF or BMP',
  })),
  { file: 'train/labels.csv', reason: 'is not a PNG, JPEG, WEBP, GIF or BMP by its name' },
  { file: 'test/', reason: 'was left out with its 10,357 images: no labels' },
]

/**
 * What a made-up data set would be told as; a folder has many classes with long names, and files that were left out.
 */
export function fakeInspection({ source }: DataConfig): DataInspection {
  const isFolder = source.type === 'folder'
  const info =
    source.type === 'digits'
      ? digitInfo
      : isFolder
        ? { ...fakeCifarInfo, name: 'dog-breeds', classes: breeds, fingerprint: 'breeds' }
        : fakeCifarInfo
  const { classes, counts } = info
  const spread = (images: number): readonly number[] =>
    classes.map((_, label) => Math.floor((images + label) / classes.length))
  return {
    info,
    skipped: isFolder ? skipped : [],
    skippedCount: isFolder ? skipped.length : 0,
    about: isFolder
      ? [
          'train: 50,000 images in 120 classes; test: no labels, 10,357 images left out.',
          'There is no test folder with labels, so a sixth of the images is held out for testing, the same for ' +
            'every run.',
          ...leftOutSentences(skipped),
        ]
      : [],
    classCounts: { train: spread(counts.train), validation: spread(counts.validation), test: spread(counts.test) },
    examples: classes.map((_, label) =>
      Array.from({ length: exampleCount }, (_example, i) => label + i * classes.length).filter(
        (image) => image < counts.train,
      ),
    ),
  }
}
