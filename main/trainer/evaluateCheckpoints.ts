import type { Evaluation, TrainedOn } from '../../core/evaluation'
import type { Job } from '../../core/job'
import type { LabelledImages, OnProgress } from '../data/rawImages'
import { evaluateChosen } from './epochEnd'
import { catchExhaustion } from './exhaustion'
import { confusionMatrix } from './learner/evaluate'
import { openLearner } from './learner/openLearner'
import { loader, type LoadDataset, type ReadDataset } from './datasetLoader'
import { openMeasured, ownLabels, part, type MeasuredCheckpoint } from './measuredCheckpoint'
import { trainedOn } from './seenImages'

type EvaluateJob = Extract<Job, { type: 'evaluate' }>

/** What a process that does more than one job does otherwise. */
export interface EvaluationOptions {
  readonly read?: ReadDataset
  /** Called before anything is computed; throws where this process must not. */
  readonly mayCompute?: (measured: readonly MeasuredCheckpoint[]) => void
}

/**
 * Scores checkpoints image by image on one split of the data that the first was trained on, or of the data that the job
 * names. Each network is fed as it was trained, and classes are matched by their names, so that a checkpoint scores the
 * same in any company.
 */
export async function evaluateCheckpoints(
  job: EvaluateJob,
  onProgress: OnProgress,
  { read, mayCompute = () => undefined }: EvaluationOptions = {},
): Promise<readonly Evaluation[]> {
  const load = loader(job.folders, onProgress, read)
  const measured: MeasuredCheckpoint[] = []
  for (const file of job.checkpoints) {
    const [first] = measured
    measured.push(await openMeasured(file, job.data ?? first?.config.data ?? null, load))
  }
  const seen: TrainedOn[] = []
  for (const one of measured) seen.push(await seenBy(one, job.split, load))
  const images = imagesToMeasure(job, measured, seen)
  mayCompute(measured)
  const evaluations: Evaluation[] = []
  for (const [index, one] of measured.entries()) {
    const isSeen = seen[index]
    if (isSeen !== undefined) evaluations.push(await evaluated(one, job.split, images, isSeen))
  }
  return evaluations
}

function splitOf({ dataset }: MeasuredCheckpoint, split: EvaluateJob['split']): LabelledImages {
  if (dataset[split].labels.length === 0)
    throw new Error(`“${dataset.info.name}” has no ${split === 'train' ? 'training' : split} images`)
  return dataset[split]
}

const seenBy = (one: MeasuredCheckpoint, split: EvaluateJob['split'], load: LoadDataset): Promise<TrainedOn> =>
  trainedOn({ data: one.config.data, dataset: one.dataset, split: splitOf(one, split) }, one.trained, load)

/** The places in the split of the images to measure on: all, or those that no checkpoint was trained on. */
function imagesToMeasure(
  { split, unseen }: EvaluateJob,
  measured: readonly MeasuredCheckpoint[],
  seen: readonly TrainedOn[],
): readonly number[] {
  const [first] = measured
  if (first === undefined) return []
  const all = Array.from({ length: splitOf(first, split).labels.length }, (_, image) => image)
  if (!unseen) return all
  const known = new Set<number>()
  seen.forEach((one, index) => {
    if (!one.isKnown)
      throw new Error(`The images that ${measured[index]?.name ?? ''} was trained on cannot be left out: ${one.reason}`)
    for (const image of one.images) known.add(image)
  })
  const left = all.filter((image) => !known.has(image))
  if (left.length === 0)
    throw new Error(
      `No image is left to measure on: all ${all.length} ${split === 'train' ? 'training' : split} images were ` +
        'trained on',
    )
  return left
}

async function evaluated(
  one: MeasuredCheckpoint,
  split: EvaluateJob['split'],
  images: readonly number[],
  seen: TrainedOn,
): Promise<Evaluation> {
  const { config, info } = one
  return await catchExhaustion({ config, info, engine: null }, 'measurement', () =>
    measuredOn(one, split, images, seen),
  )
}

async function measuredOn(
  one: MeasuredCheckpoint,
  split: EvaluateJob['split'],
  images: readonly number[],
  seen: TrainedOn,
): Promise<Evaluation> {
  const { config, info, places, metadata, dataset, about, input } = one
  const chosen = part(splitOf(one, split), images)
  const learner = await openLearner(config, info)
  try {
    learner.write(one.state)
    const { loss, correct, predictions } = evaluateChosen(learner, config, {
      ...chosen,
      labels: ownLabels(chosen.labels, places),
    })
    const named = Array.from(predictions, (prediction) => places[prediction] ?? prediction)
    return {
      moment: metadata.moment,
      split,
      classes: dataset.info.classes,
      images,
      labels: [...chosen.labels],
      predictions: named,
      score: { loss: Number.isFinite(loss) ? loss : null, accuracy: correct / images.length, images: images.length },
      confusion: confusionMatrix(chosen.labels, named, dataset.info.classes.length),
      data: about,
      input,
      trainedOn: seen,
    }
  } finally {
    learner.dispose()
  }
}
