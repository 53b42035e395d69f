import { join } from 'node:path'
import { errorText } from '../../core/errorText'
import type { HostMessage, Job } from '../../core/job'
import type { Moment } from '../../core/moment'
import { contradictions, planRun } from '../../core/plan/plan'
import { tensorFault } from '../../core/tensors'
import { loadDataset } from '../data/dataset'
import { DataError } from '../data/dataError'
import { openLog, type EventLog } from '../files/eventLog'
import { diskFs, type FileSystem } from '../files/fs'
import { isFileNow } from '../files/guard'
import { leasedFs, watchLock } from '../files/lease'
import { writeSafetensors } from '../files/safetensors'
import { listenForCommands, type Commands } from './commands'
import { restore } from './restore'
import { loadWeights } from './checkpoint'
import { beginningNote, inherited } from './earlierData'
import { abortTraining } from './abort'
import { createJournal } from './journal'
import { createCheckpointStore, type CheckpointStore } from './checkpointStore'
import { beginningOnDisk, clearUnfinished, present, readRecorded, reconcile } from './recovery'
import type { LearnerState } from './learner/learner'
import { openLearner } from './learner/openLearner'
import { loader } from './datasetLoader'
import { progressOf } from './progress'
import { checkWritable } from './diskSpace'
import { withoutSlots } from './state'
import { missingBest } from './readableCheckpoint'
import { trainingLoop } from './trainingLoop'
import { version } from '../../package.json'

type TrainJob = Extract<Job, { type: 'train' }>

/** Trains one run: everything that happens goes to the run's log first and then to whoever listens. */
export async function trainJob(
  job: TrainJob,
  post: (message: HostMessage) => void,
  commands: Commands | Commands['next'],
  inputThread: string | null = null,
  disk: FileSystem = diskFs,
): Promise<null> {
  const { config, runFolder, lock } = job
  const fs = lock === undefined || lock === null ? disk : leasedFs(disk, watchLock(lock))
  await checkWritable(runFolder, job.folders.cache, fs)
  const dataset = await loadDataset(config.data, {
    cacheFolder: job.folders.cache,
    resources: job.folders.resources,
    onProgress: progressOf(post),
    // With the thread that fills batches.
    isShared: true,
  })
  const issues = contradictions(config, dataset.info)
  // The config was held against its data before the run was queued, so it is the data that is another now.
  if (issues[0] !== undefined) throw new DataError(issues[0].path, `${issues[0].path} ${issues[0].message}`)
  const plan = planRun(config, dataset.info)
  post({ type: 'progress', message: 'Starting the engine', fraction: null })
  const learner = await openLearner(config, dataset.info)
  const seeded = learner.read()
  const logPath = join(runFolder, 'events.ndjson')
  const recorded = await readRecorded(logPath, fs)
  await clearUnfinished(runFolder, fs)
  const owner = {
    run: job.run,
    config,
    info: dataset.info,
    hasOrigin: ['origin', 'initial'].some((name) => isFileNow(join(runFolder, `${name}.safetensors`))),
  }
  const beginning = await beginningOnDisk(runFolder, job.beginning, recorded, owner)
  const { progress, from, notes: said, resumed } = await restore(beginning, learner, plan, owner)
  // The newest checkpoint may be one that cannot be read.
  const used = beginning.type === 'resume' && from !== null ? { ...beginning, path: from } : beginning
  const earlier = await inherited(used, dataset.info)
  const beginningSaid = await beginningNote(beginning, earlier, config, dataset, loader(job.folders, progressOf(post)))
  const known = present(runFolder, recorded)
  const lost = missingBest(config, recorded.checkpoints, known)
  let log: EventLog | null = null
  let store: CheckpointStore | null = null
  try {
    const { initial, lost: lostStart } = await initialState(
      runFolder,
      beginning.type,
      { seeded, now: learner.read(), hasOrigin: owner.hasOrigin },
      fs,
    )
    const notes = [...dataset.notes, ...said, beginningSaid, lostStart, lost].filter((one) => one !== '')
    const note = (message: string, { update }: Moment, about?: 'data'): void =>
      journal.tell({
        type: 'noted',
        at: new Date().toISOString(),
        update,
        message,
        ...(about === undefined ? {} : { about }),
      })
    log = await openLog(logPath, { fs, onMishap: (message) => note(message, newest(store) ?? progress.moment) })
    const journal = createJournal(log, post)
    store = createCheckpointStore(runFolder, known, journal, fs)
    journal.tell({
      type: 'started',
      at: new Date().toISOString(),
      moment: progress.moment,
      engine: learner.engine,
      facts: dataset.info,
      parameters: plan.network.parameters,
      updates: plan.updates,
      epochs: plan.epochs,
      from,
    })
    // Once in a run, and again where the data is understood in another way than in an earlier attempt.
    for (const sentence of dataset.about) if (!recorded.noted.has(sentence)) note(sentence, progress.moment, 'data')
    for (const sentence of notes) note(sentence, progress.moment)
    await reconcile(
      store,
      resumed === undefined || from === null ? null : { path: from, metadata: resumed },
      recorded,
      owner,
      fs,
    )
    const attention = listenForCommands(runFolder, commands, post)
    for await (const event of trainingLoop({
      run: job.run,
      config,
      plan,
      dataset,
      learner,
      store,
      progress,
      initial,
      earlier,
      version,
      inputThread,
      attention,
    })) {
      if (event.type === 'paused' || event.type === 'ended') await journal.record([event])
      else journal.tell(event)
    }
    // Everything is on the disk by then.
    await log.close().catch(() => undefined)
  } catch (error) {
    const where = { config, info: dataset.info, engine: learner.engine }
    await abortTraining(
      {
        error,
        where,
        checkpoints: store?.checkpoints() ?? known,
        began: progress.moment,
        state: seeded,
        runFolder,
        cache: job.folders.cache,
      },
      log,
      post,
    )
  } finally {
    learner.dispose()
  }
  return null
}

const newest = (store: CheckpointStore | null): Moment | undefined =>
  store?.checkpoints().find(({ name }) => name === 'last')?.moment

interface Start {
  readonly initial: LearnerState
  /** That it is not known any more, in a sentence; empty where it is. */ readonly lost: string
}

/**
 * Weights at update 0: the seed's, or a copy of what the run began with, so that distances can be measured after a
 * resume too. A lost copy costs the distances only.
 */
async function initialState(
  runFolder: string,
  beginning: TrainJob['beginning']['type'],
  {
    seeded,
    now,
    hasOrigin,
  }: { readonly seeded: LearnerState; readonly now: LearnerState; readonly hasOrigin: boolean },
  fs: FileSystem,
): Promise<Start> {
  const path = join(runFolder, 'initial.safetensors')
  if (beginning === 'new' || (beginning === 'resume' && !hasOrigin && !isFileNow(path)))
    return { initial: seeded, lost: '' }
  const weights = withoutSlots(now)
  if (beginning === 'resume') return await loadStart(path, weights)
  await writeSafetensors(
    path,
    new Map([...weights].map(([name, { shape, data }]) => [name, { dtype: 'F32' as const, shape, data }])),
    {},
    { fs },
  )
  return { initial: weights, lost: '' }
}

async function loadStart(path: string, weights: LearnerState): Promise<Start> {
  try {
    const { state } = await loadWeights(path)
    const fault = tensorFault(
      state,
      [...weights].map(([name, { shape }]) => ({ name, shape })),
      'weights',
    )
    if (fault !== '') throw new Error(`${path} ${fault}`)
    return { initial: state, lost: '' }
  } catch (error) {
    return {
      initial: new Map(),
      lost: `The distance from the initial weights is not measured any more: ${errorText(error)}`,
    }
  }
}
