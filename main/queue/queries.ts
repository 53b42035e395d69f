import type { DataConfig } from '../../core/config/data'
import type { EngineReport, Folders, Images, Job, JobResults } from '../../core/job'
import { titleOf } from '../../core/names'
import type { CheckpointRef, Comparison } from '../../core/protocol'
import type { Library } from '../library/library'
import { requestError } from '../requests/requestError'
import type { SideJobs } from './sideJobs'
import { createLibraryCheckJob, type LibraryCheckJob } from './libraryCheckJob'

/** What may be asked about data, checkpoints and engines: no answer changes a run. */
export interface Queries extends LibraryCheckJob {
  readonly inspect: (data: DataConfig) => Promise<JobResults['inspect']>
  readonly preview: (job: Omit<Extract<Job, { type: 'preview' }>, 'type' | 'folders'>) => Promise<Images>
  readonly evaluate: (
    job: Omit<Extract<Job, { type: 'evaluate' }>, 'type' | 'folders'>,
  ) => Promise<JobResults['evaluate']>
  /**
   * Both on the images of the first one's run, each network fed as it was trained; with `unseen` without those that one
   * of them was trained on.
   */
  readonly compare: (
    a: CheckpointRef,
    b: CheckpointRef,
    options: { readonly split: 'validation' | 'test'; readonly unseen: boolean },
  ) => Promise<Comparison>
  readonly probe: () => Promise<readonly EngineReport[]>
}

interface Options {
  readonly library: Library
  readonly jobs: SideJobs
  readonly folders: Folders
  readonly inspect: Queries['inspect']
}

export const createQueries = ({ library, jobs, folders, inspect }: Options): Queries => ({
  ...createLibraryCheckJob({ library, jobs, folders }),
  inspect,
  preview: async (job) => await jobs.run({ ...job, type: 'preview', folders }),
  evaluate: async (job) => await jobs.run({ ...job, type: 'evaluate', folders }),
  compare: async (a, b, { split, unseen }) => {
    const checkpoints = [a, b].map(({ run: id, checkpoint }) => {
      const run = library.run(id)
      if (!run.checkpoints.some(({ name }) => name === checkpoint))
        throw requestError(`${titleOf(run)} has no checkpoint ${checkpoint}`)
      return {
        path: library.checkpointPath(id, checkpoint),
        name: `${titleOf(run)}, ${checkpoint}`,
        source: run.config.data.source,
      }
    })
    const { data } = library.run(a.run).config
    const [first, second] = await jobs.run({ type: 'evaluate', checkpoints, split, unseen, data, folders })
    if (first === undefined || second === undefined)
      throw new Error('The trainer answered for fewer checkpoints than it was asked about')
    return { a: first, b: second, data }
  },
  probe: async () => await jobs.run({ type: 'probe', folders }),
})
