import { permutation, randomFor } from '../../../core/random'
import { batchFiller } from '../../data/batches'
import type { LabelledImages } from '../../data/rawImages'
import type { EvaluationBatch } from '../learner/evaluate'
import { networkLandscape, type NetworkLandscape, type Scene } from './networkLandscape'
import { ownLabels, part, type MeasuredCheckpoint } from '../measuredCheckpoint'

/** One checkpoint with what it takes to compute its loss anywhere. */
export interface MeasuredNetwork {
  readonly checkpoint: MeasuredCheckpoint
  readonly train: LabelledImages
  readonly test: LabelledImages
  readonly scene: Scene
}

export const sameInput = (a: MeasuredCheckpoint, b: MeasuredCheckpoint): boolean =>
  JSON.stringify([a.input.mean, a.input.std]) === JSON.stringify([b.input.mean, b.input.std])

export const landscapeScore = (scene: Scene): { readonly loss: number; readonly accuracy: number } =>
  withLandscape(scene, (landscape) => {
    const { loss, correct } = landscape.score(landscape.weights)
    return { loss, accuracy: correct / imageCount(scene.batches) }
  })

export function withLandscape<T>(scene: Scene, use: (landscape: NetworkLandscape) => T): T {
  const landscape = networkLandscape(scene)
  try {
    return use(landscape)
  } finally {
    landscape.dispose()
  }
}

export const imageCount = (batches: readonly EvaluationBatch[]): number =>
  batches.reduce((sum, { count }) => sum + count, 0)

/** The same random images of a split whenever it is the same split: those of a folder may lie in it class by class. */
export function chosenImages(split: LabelledImages, atMost: number): LabelledImages {
  const chosen = permutation(randomFor(0, 'probe', 0), split.labels.length).subarray(0, atMost)
  return part(split, [...chosen])
}

export function evaluationBatches(
  { config, info, places }: Pick<MeasuredCheckpoint, 'config' | 'info' | 'places'>,
  split: LabelledImages,
): readonly EvaluationBatch[] {
  const fill = batchFiller(config.data, info)
  const { evaluationBatch } = config.engine
  const { labels } = split
  const own = { ...split, labels: ownLabels(labels, places) }
  const size = info.shape[0] * info.shape[1] * info.shape[2]
  return Array.from({ length: Math.ceil(labels.length / evaluationBatch) }, (_, k) => {
    const indices = Uint32Array.from(
      { length: Math.min(evaluationBatch, labels.length - k * evaluationBatch) },
      (_image, i) => k * evaluationBatch + i,
    )
    const batch = {
      images: new Float32Array(indices.length * size),
      labels: new Int32Array(indices.length),
      count: indices.length,
    }
    fill(own, indices, null, 0, batch)
    return batch
  })
}
