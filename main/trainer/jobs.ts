import type { HostMessage, JobResults, TrainerJob } from '../../core/job'
import { loadDataset } from '../data/dataset'
import { inspected } from '../data/inspected'
import { preview, thumbnails } from '../data/previews'
import type { Commands } from './commands'
import { guardFolder } from '../files/guard'
import { probeEngines } from './engine'
import { evaluateCheckpoints, type EvaluationOptions } from './evaluateCheckpoints'
import { measureFlatness } from './flatness/measureFlatness'
import { progressOf } from './progress'
import { trainJob } from './trainJob'

interface TrainerJobOptions extends EvaluationOptions {
  /** The built thread that fills batches. */
  readonly inputThread?: string | null
}

/** Does one job and returns its answer. Training answers with events; the rest with a value. */
export async function runTrainerJob(
  job: TrainerJob,
  post: (message: HostMessage) => void,
  commands: Commands,
  { inputThread = null, read = loadDataset, mayCompute }: TrainerJobOptions = {},
): Promise<JobResults[TrainerJob['type']]> {
  if (job.folders.library !== undefined) guardFolder(job.folders.library)
  const onProgress = progressOf(post)
  switch (job.type) {
    case 'train':
      return await trainJob(job, post, commands, inputThread)
    case 'evaluate':
      return await evaluateCheckpoints(job, onProgress, { read, ...(mayCompute && { mayCompute }) })
    case 'flatness':
      return await measureFlatness(job, post)
    case 'inspect': {
      return inspected(
        await read(job.data, { cacheFolder: job.folders.cache, resources: job.folders.resources, onProgress }),
      )
    }
    case 'preview': {
      const dataset = await read(job.data, {
        cacheFolder: job.folders.cache,
        resources: job.folders.resources,
        onProgress,
      })
      const split = dataset[job.split]
      const indices = job.indices.filter((index) => index < split.labels.length)
      return job.augment
        ? preview(dataset, job.data, job.seed, 0, indices)
        : thumbnails(split, dataset.info.shape, indices)
    }
    case 'probe':
      return await probeEngines()
  }
}
