import type { CheckpointMetadata, TrainedData } from '../../core/checkpoint'
import { classesDiffer, classPlaces } from '../../core/classes'
import type { RunConfig } from '../../core/config/config'
import type { DataConfig } from '../../core/config/data'
import type { MeasuredData, OwnInput } from '../../core/evaluation'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { CheckpointFile } from '../../core/job'
import type { Dataset } from '../data/dataset'
import { subsetOf, type LabelledImages } from '../data/rawImages'
import { imagesKey, readLike } from '../data/readLike'
import { loadCheckpoint } from './checkpoint'
import type { LoadDataset } from './datasetLoader'
import { earlierOf } from './earlierData'
import type { LearnerState } from './learner/learner'
import { ownInput } from './ownInput'

/** A checkpoint with the images that it is measured on, and with everything of its own that lies between the two. */
export interface MeasuredCheckpoint {
  readonly path: string
  readonly name: string
  readonly metadata: CheckpointMetadata
  readonly state: LearnerState
  /** Its own config, but for where the images come from and what computes. */
  readonly config: RunConfig
  readonly dataset: Dataset
  /** The info that its network goes by: mean, deviation and order of classes are its own. */
  readonly info: DatasetInfo
  readonly input: OwnInput
  readonly about: MeasuredData
  /** For each class of the network its place among those of the data. */
  readonly places: readonly number[]
  /** All that its weights were trained on. */
  readonly trained: readonly TrainedData[]
}

/**
 * Opens a checkpoint to be measured on some data, or on its own run's. Throws a sentence where the two do not go
 * together.
 */
export async function openMeasured(
  file: CheckpointFile,
  wanted: DataConfig | null,
  load: LoadDataset,
): Promise<MeasuredCheckpoint> {
  const { path, name = path } = file
  const { state, metadata } = await loadCheckpoint(path)
  const own: DataConfig = { ...metadata.config.data, source: file.source ?? metadata.config.data.source }
  const { data, dataset } = await imagesFor(name, metadata, own, wanted ?? own, load)
  const { info } = dataset
  const places = classPlaces(metadata.classes, info.classes)
  if (places === null) throw new Error(classesDiffer(name, metadata.classes, info.name, info.classes))
  const input = await ownInput(path, metadata, own, load)
  const relation = info.fingerprint === metadata.data ? 'own' : imagesKey(data) === imagesKey(own) ? 'changed' : 'other'
  return {
    path,
    name,
    metadata,
    state,
    dataset,
    input,
    places,
    config: {
      ...metadata.config,
      data: { ...data, normalisation: input.normalisation },
      engine: file.engine ?? metadata.config.engine,
    },
    info: { ...info, mean: [...input.mean], std: [...input.std], classes: metadata.classes },
    about: { name: info.name, fingerprint: info.fingerprint, ownFingerprint: metadata.data, relation },
    trained: [...(await earlierOf(path, metadata)), { data: own, fingerprint: metadata.data }],
  }
}

/**
 * The images in the size that the network was trained with, as its own run would read them or as the wanted config
 * does.
 */
async function imagesFor(
  name: string,
  { shape }: CheckpointMetadata,
  own: DataConfig,
  wanted: DataConfig,
  load: LoadDataset,
): Promise<{ readonly data: DataConfig; readonly dataset: Dataset }> {
  let found: DatasetInfo | null = null
  for (const data of [readLike(wanted, own), wanted]) {
    const dataset = await load(data)
    if (dataset.info.shape.join() === shape.join()) return { data, dataset }
    found = dataset.info
  }
  const stretch =
    wanted.source.type === 'folder' && shape[0] === shape[1] && found?.shape[2] === shape[2]
      ? `: data.source.imageSize=${shape[0]} would stretch them`
      : ''
  throw new Error(
    `${name} was trained on images of ${shape.join('×')} (height × width × channels), “${found?.name ?? ''}” ` +
      `has ${found?.shape.join('×') ?? ''}${stretch}`,
  )
}

/** Labels of the data as the network numbers its classes. */
export function ownLabels(labels: Uint16Array, places: readonly number[]): Uint16Array {
  const back = new Uint16Array(places.length)
  places.forEach((place, own) => {
    back[place] = own
  })
  return labels.map((label) => back[label] ?? 0)
}

/** Some images of a split, in this order. */
export const part = (split: LabelledImages, chosen: readonly number[]): LabelledImages =>
  chosen.length === split.labels.length && chosen.every((image, slot) => image === slot)
    ? split
    : subsetOf(split, chosen)
