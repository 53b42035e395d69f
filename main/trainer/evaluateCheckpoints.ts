import type { Evaluation, Job } from '../../core/job'
import type { OnProgress } from '../data/rawImages'
import { loadDataset, type Dataset } from '../data/dataset'
import { loadCheckpoint } from './checkpoint'
import { confusionMatrix } from './learner/evaluate'
import { evaluateChosen } from './epochEnd'
import { openLearner } from './learner/openLearner'

type EvaluateJob = Extract<Job, { type: 'evaluate' }>

/** Scores checkpoints image by image on one split of the data that they were trained on, or of the data that the job names. */
export async function evaluateCheckpoints(job: EvaluateJob, onProgress: OnProgress): Promise<readonly Evaluation[]> {
  const evaluations: Evaluation[] = []
  const loaded = new Map<string, Dataset>()
  for (const { path } of job.checkpoints) {
    const { state, metadata } = await loadCheckpoint(path)
    const data = job.data ?? metadata.config.data
    const key = JSON.stringify(data)
    const dataset = loaded.get(key) ?? await loadDataset(data, { cacheFolder: job.folders.cache, resources: job.folders.resources, onProgress })
    loaded.set(key, dataset)
    const { facts } = dataset
    if (facts.shape.join() !== metadata.shape.join()) throw new Error(`${path} was trained on images of ${metadata.shape.join('×')}, ${facts.name} has ${facts.shape.join('×')}`)
    if (facts.classes.length !== metadata.classes.length) throw new Error(`${path} knows ${metadata.classes.length} classes, ${facts.name} has ${facts.classes.length}`)
    const split = dataset[job.split]
    if (split.labels.length === 0) throw new Error(`${facts.name} has no ${job.split} images`)
    const learner = await openLearner({ ...metadata.config, data, engine: job.engine }, facts)
    try {
      learner.write(state)
      const { loss, correct, predictions } = evaluateChosen(learner, { ...metadata.config, data }, split)
      evaluations.push({
        moment: metadata.moment, split: job.split, classes: facts.classes, labels: [...split.labels], predictions: [...predictions],
        score: { loss: Number.isFinite(loss) ? loss : null, accuracy: correct / split.labels.length, images: split.labels.length },
        confusion: confusionMatrix(split.labels, predictions, facts.classes.length),
      })
    } finally {
      learner.dispose()
    }
  }
  return evaluations
}
