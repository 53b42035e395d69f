import type { CheckpointMetadata, Ending, EpochSums, TrainedData } from '../../core/checkpoint'
import { checkpointFormat } from '../../core/checkpoint'
import type { RunConfig } from '../../core/config/config'
import type { Points, TrainEvent } from '../../core/events'
import type { Score } from '../../core/score'
import { noPoints } from '../../core/events'
import type { Moment } from '../../core/moment'
import type { Plan } from '../../core/plan/plan'
import type { RunId } from '../../core/run'
import type { PlateauState } from '../../core/schedules/plateau'
import type { StoppingState } from '../../core/stopping'
import { normaliser } from '../data/batches'
import type { Dataset } from '../data/dataset'
import type { CommandListener } from './commands'
import { evaluateChosen } from './epochEnd'
import type { CheckpointStore } from './checkpointStore'
import type { Learner, LearnerState, UpdateRates, UpdateResult } from './learner/learner'
import { isFinite } from './state'

/** Where a training stands between two updates, besides the tensors. */
export interface TrainingProgress {
  readonly moment: Moment
  readonly sums: EpochSums
  readonly stopping: StoppingState
  readonly plateau: PlateauState
  readonly validation: Score | null
  /** How training came to its end, where only the test is left to do. */
  readonly ending?: Ending | undefined
  /**
   * The rate of the update before, where the plan has another one there: the correction of a buffer that holds the rate
   * starts from it.
   */
  readonly rateBefore?: number
}

/** Everything that one attempt of a training works with. */
export interface Training {
  /** Whose checkpoints are written; nobody's in a training without a library. */
  readonly run?: RunId | undefined
  readonly config: RunConfig
  readonly plan: Plan
  readonly dataset: Dataset
  readonly learner: Learner
  readonly store: CheckpointStore
  readonly progress: TrainingProgress
  /** Weights at update 0, for the distance that they travel. */
  readonly initial: LearnerState
  /** What the weights were trained on before this run's data. */
  readonly earlier: readonly TrainedData[]
  readonly version: string
  /** The built input thread; null where batches can only be filled between updates. */
  readonly inputThread: string | null
  /** What somebody asked for, between updates and in the middle of things. */
  readonly attention: CommandListener
}

/** A training with its progress as it changes, and the points that nobody has been told of yet. */
export interface TrainingSession {
  readonly training: Training
  progress: TrainingProgress
  points: Points
  /** Clock readings in ms: when points were last told, and when a checkpoint was last written. */
  flushedAt: number
  savedAt: number
  /** The checkpoint that is on its way to the disk while training goes on. */
  saving: Saving | null
}

interface Saving {
  readonly written: ReturnType<CheckpointStore['save']>
  isOver: boolean
}

export const createSession = (training: Training): TrainingSession => ({
  training,
  progress: training.progress,
  points: noPoints(),
  flushedAt: performance.now(),
  savedAt: performance.now(),
  saving: null,
})

export const timestamp = (): string => new Date().toISOString()

/** What a checkpoint of this moment says besides its tensors. */
export function metadataOf({ training, progress }: TrainingSession): CheckpointMetadata {
  const {
    run,
    config,
    dataset: { info },
    learner,
    version,
    earlier,
  } = training
  const { plateau, ...rest } = progress
  const own = config.learningRate.schedule.type === 'plateau' ? { plateau } : {}
  const { mean, std } = normaliser(config.data, info)
  return {
    format: checkpointFormat,
    version,
    ...(run !== undefined && { run }),
    config,
    ...rest,
    ...own,
    data: info.fingerprint,
    classes: info.classes,
    shape: info.shape,
    normalisation: { mean: [...mean], std: [...std] },
    earlier: [...earlier],
    engine: learner.engine,
  }
}

/** Tells of the points since the last time, if there are any. */
export function* flush(session: TrainingSession): Generator<TrainEvent> {
  session.flushedAt = performance.now()
  const { points } = session
  if (points.update.length === 0) return
  session.points = noPoints()
  yield { type: 'advanced', points }
}

type Kinds = Parameters<CheckpointStore['save']>[0]

/** Begins to write a checkpoint; the answer is false, and nothing is written, where a weight is no longer finite. */
export async function* save(session: TrainingSession, kinds: Kinds): AsyncGenerator<TrainEvent, boolean> {
  yield* flush(session)
  const state = session.training.learner.read()
  if (!isFinite(state)) return false
  await write(session, kinds, state)
  return true
}

/** Begins to write tensors that were read before; training goes on meanwhile. One checkpoint is written at a time. */
export async function write(session: TrainingSession, kinds: Kinds, state: LearnerState): Promise<void> {
  await written(session)
  const saving: Saving = { written: session.training.store.save(kinds, state, metadataOf(session)), isOver: false }
  const settle = (): void => {
    saving.isOver = true
  }
  // What went wrong is thrown where it is waited for.
  saving.written.then(settle, settle)
  session.saving = saving
  session.savedAt = performance.now()
}

/** Waits for the checkpoint that is being written, if there is one; the store says itself that it is on the disk. */
export async function written(session: TrainingSession): Promise<void> {
  const { saving } = session
  session.saving = null
  if (saving !== null) await saving.written
}

/** Notes one update: of the batch before it, at the moment after it. */
export function addPoint(
  { points, progress: { moment } }: TrainingSession,
  result: UpdateResult,
  { learningRate, momentum }: Pick<UpdateRates, 'learningRate' | 'momentum'>,
  count: number,
): void {
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
  points.update.push(moment.update)
  points.loss.push(finite(result.loss))
  points.accuracy.push(result.correct / count)
  points.learningRate.push(learningRate)
  points.batchSize.push(count)
  points.gradientNorm.push(finite(result.gradientNorm))
  points.seconds.push(moment.seconds)
  points.momentum.push(momentum)
}

/** The score of the weights that the config wants to be judged; `work` is what this is called while it takes long. */
export function scoreOf({ learner, config, attention }: Training, split: Dataset['test'], work: string): Score {
  const { loss, correct } = evaluateChosen(learner, config, split, attention.during(work))
  return {
    loss: Number.isFinite(loss) ? loss : null,
    accuracy: correct / split.labels.length,
    images: split.labels.length,
  }
}
