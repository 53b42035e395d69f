import { join } from 'node:path'
import type { HostMessage, Job } from '../../core/job'
import type { Moment } from '../../core/moment'
import { contradictions, planRun } from '../../core/plan/plan'
import { tensorFault } from '../../core/tensors'
import { loadDataset } from '../data/dataset'
import { DataRefused } from '../data/refusal'
import { openLog, type EventLog } from '../files/eventLog'
import { diskFs, type FileSystem } from '../files/fs'
import { isFileNow } from '../files/guard'
import { leasedFs, watchLock } from '../files/lease'
import { writeSafetensors } from '../files/safetensors'
import { payAttention, type Commands } from './attention'
import { begin } from './begin'
import { loadWeights } from './checkpoint'
import { beginningNote, inherited } from './earlierData'
import { giveUp } from './giveUp'
import { createJournal } from './journal'
import { createKeeper, type Keeper } from './keeper'
import { beginningOnDisk, clearUnfinished, present, readRecorded, reconcile } from './kept'
import type { LearnerState } from './learner/learner'
import { openLearner } from './learner/openLearner'
import { loader } from './measuredCheckpoint'
import { progressOf } from './progress'
import { checkWritable } from './diskSpace'
import { withoutSlots } from './state'
import { missingBest } from './readable'
import { train } from './train'
import { version } from '../../package.json'

type TrainJob = Extract<Job, { type: 'train' }>

/** Trains one run: everything that happens goes to the run's log first and then to whoever listens. */
export async function trainJob(
  job: TrainJob,
  say: (message: HostMessage) => void,
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
    onProgress: progressOf(say),
  })
  const issues = contradictions(config, dataset.facts)
  // The config was held against its data before the run was queued, so it is the data that is another now.
  if (issues[0] !== undefined) throw new DataRefused(issues[0].path, `${issues[0].path} ${issues[0].message}`)
  const plan = planRun(config, dataset.facts)
  say({ type: 'progress', message: 'Starting the engine', fraction: null })
  const learner = await openLearner(config, dataset.facts)
  const seeded = learner.read()
  const logPath = join(runFolder, 'events.ndjson')
  const recorded = await readRecorded(logPath, fs)
  await clearUnfinished(runFolder, fs)
  const owner = {
    run: job.run,
    config,
    facts: dataset.facts,
    hasOrigin: ['origin', 'initial'].some((name) => isFileNow(join(runFolder, `${name}.safetensors`))),
  }
  const beginning = await beginningOnDisk(runFolder, job.beginning, recorded, owner)
  const { progress, from, notes: said, resumed } = await begin(beginning, learner, plan, owner)
  // The newest checkpoint may be one that cannot be read.
  const used = beginning.type === 'resume' && from !== null ? { ...beginning, path: from } : beginning
  const earlier = await inherited(used, dataset.facts)
  const beginningSaid = await beginningNote(beginning, earlier, config, dataset, loader(job.folders, progressOf(say)))
  const known = present(runFolder, recorded)
  const lost = missingBest(config, recorded.checkpoints, known)
  let log: EventLog | null = null
  let keeper: Keeper | null = null
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
    log = await openLog(logPath, { fs, onMishap: (message) => note(message, newest(keeper) ?? progress.moment) })
    const journal = createJournal(log, say)
    keeper = createKeeper(runFolder, known, journal, fs)
    journal.tell({
      type: 'started',
      at: new Date().toISOString(),
      moment: progress.moment,
      engine: learner.engine,
      facts: dataset.facts,
      parameters: plan.network.parameters,
      updates: plan.updates,
      epochs: plan.epochs,
      from,
    })
    // Once in a run, and again where the data is understood in another way than in an earlier sitting.
    for (const sentence of dataset.about) if (!recorded.noted.has(sentence)) note(sentence, progress.moment, 'data')
    for (const sentence of notes) note(sentence, progress.moment)
    await reconcile(
      keeper,
      resumed === undefined || from === null ? null : { path: from, metadata: resumed },
      recorded,
      owner,
      fs,
    )
    const attention = payAttention(runFolder, commands, say)
    for await (const event of train({
      run: job.run,
      config,
      plan,
      dataset,
      learner,
      keeper,
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
    const where = { config, facts: dataset.facts, engine: learner.engine }
    await giveUp(
      {
        error,
        where,
        checkpoints: keeper?.checkpoints() ?? known,
        began: progress.moment,
        state: seeded,
        runFolder,
        cache: job.folders.cache,
      },
      log,
      say,
    )
  } finally {
    learner.dispose()
  }
  return null
}

const newest = (keeper: Keeper | null): Moment | undefined =>
  keeper?.checkpoints().find(({ name }) => name === 'last')?.moment

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
      lost:
        'The distance from the initial weights is not measured any more: ' +
        `${error instanceof Error ? error.message : String(error)}`,
    }
  }
}
