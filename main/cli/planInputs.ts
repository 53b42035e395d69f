import { existsSync } from 'node:fs'
import type { DataConfig } from '../../core/config/data'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { Folders } from '../../core/job'
import { loadDataset } from '../data/dataset'
import type { LabelledImages, RawImages } from '../data/rawImages'
import { splitImages } from '../data/split'

/** Facts for a plan, and a sentence where the images themselves were not there to be read. */
export interface PlanInputs {
  readonly info: DatasetInfo
  readonly missing: string
  /** How the data was understood, where it was read. */
  readonly about: readonly string[]
}

const labelsOnly = (images: number, classes: number): LabelledImages => ({
  images: new Uint8Array(0),
  labels: Uint16Array.from({ length: images }, (_, image) => image % classes),
})

/** Sources whose sizes are known without a look: a plan needs counts, not pixels. */
function knownSource({ source }: DataConfig): RawImages | null {
  const balanced = (
    name: string,
    images: number,
    testImages: number,
    classes: number,
    shape: DatasetInfo['shape'],
  ): RawImages => ({
    ...labelsOnly(images, classes),
    test: labelsOnly(testImages, classes),
    name,
    shape,
    skipped: [],
    classes: Array.from({ length: classes }, (_, index) => `class ${index}`),
  })
  switch (source.type) {
    case 'synthetic':
      return balanced('Synthetic', source.images, source.testImages, source.classes, [
        source.size,
        source.size,
        source.channels,
      ])
    case 'cifar10':
      return balanced('CIFAR-10', 50_000, 10_000, 10, [32, 32, 3])
    case 'cifar100':
      return balanced('CIFAR-100', 50_000, 10_000, source.labels === 'fine' ? 100 : 20, [32, 32, 3])
    case 'digits':
    case 'folder':
    case 'idx':
      return null
  }
}

/**
 * What a plan needs to know about a data set. Sizes that follow from the config alone are split by the same code as the
 * images would be; for CIFAR that works without its files too, so that a config can be judged before anything is
 * downloaded.
 */
export async function planInputs(data: DataConfig, folders: Folders): Promise<PlanInputs> {
  const raw = knownSource(data)
  if (raw === null) {
    const { info, about } = await loadDataset(data, { cacheFolder: folders.cache, resources: folders.resources })
    return { info, missing: '', about }
  }
  const { train, validation, test } = splitImages(raw, data)
  const counts = { train: train.labels.length, validation: validation.labels.length, test: test.labels.length }
  const missing =
    'path' in data.source && !existsSync(data.source.path)
      ? `${data.source.path}: there is no such file or folder, so the usual sizes are assumed`
      : ''
  return {
    info: { name: raw.name, classes: [...raw.classes], shape: raw.shape, counts, mean: [], std: [], fingerprint: '' },
    missing,
    about: [],
  }
}

/** The fingerprint of a data set as it is now; null where the images follow from the config alone. */
export async function currentFingerprint(data: DataConfig, folders: Folders): Promise<string | null> {
  if (!('path' in data.source)) return null
  return (await loadDataset(data, { cacheFolder: folders.cache, resources: folders.resources })).info.fingerprint
}
