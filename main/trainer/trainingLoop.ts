/*
 * The loop: for each epoch, shuffle once; for each batch, augment it, make one update with the plan's rate, and record
 * the point. After each epoch: validate, let early stopping decide, save. Between any two updates somebody may ask for
 * a pause, a stop or a save. A pause is a checkpoint and a return; going on later starts from that checkpoint and
 * computes the same numbers. A pause or a stop is heard in the middle of an evaluation, and between the pieces of an
 * update, too: what was begun is left, nothing of it counts, and it is done again when the run goes on.
 */
import type { TrainEvent } from '../../core/events'
import { imagesUsed, phaseOfEpoch } from '../../core/plan/phases'
import { rateAt } from '../../core/plan/rate'
import { openReader, type Reader } from '../data/prefetch/reader'
import type { BatchPlace } from '../data/prefetch/shared'
import { Interrupted } from './commands'
import { awakeNow } from './awake'
import { measureUpdate } from './learner/measureUpdate'
import { closeEpoch, diverged, finish } from './finish'
import type { Batch, UpdateRates } from './learner/learner'
import type { TrainingSession, Training } from './session'
import { addPoint, flush, save, createSession, timestamp, written } from './session'

const flushEveryMs = 150
const turnEveryMs = 4
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * Trains until the plan is done, patience runs out, the loss is no longer finite, or somebody asks for a pause or a
 * stop.
 */
export async function* trainingLoop(training: Training): AsyncGenerator<TrainEvent> {
  const {
    config,
    plan,
    dataset: { info, train: images },
  } = training
  const largest = Math.max(...plan.phases.map(({ batchSize }) => batchSize))
  const reader = openReader(
    { data: config.data, info, seed: config.seed, images, largest },
    config.engine.inputThread,
    training.inputThread,
  )
  const session = createSession(training)
  try {
    yield* trainWith(session, reader)
  } finally {
    reader.close()
    await session.saving?.written.catch(() => undefined)
  }
}

async function* trainWith(session: TrainingSession, reader: Reader): AsyncGenerator<TrainEvent> {
  const { training } = session
  const { plan } = training
  const { ending } = session.progress
  if (ending !== undefined) return yield* finish(session, ending.reason, ending.message)
  while (session.progress.moment.epoch < plan.epochs) {
    const phase = phaseOfEpoch(plan.phases, session.progress.moment.epoch)
    const used = imagesUsed(phase)
    let turned = -Infinity
    while (session.progress.moment.position < used) {
      if (performance.now() - turned > turnEveryMs) {
        await nextTurn()
        turned = performance.now()
        if (session.saving?.isOver === true) await written(session)
      }
      if (yield* obey(session)) return
      const lost = yield* unlessInterrupted(
        update(session, reader, Math.min(phase.batchSize, used - session.progress.moment.position)),
      )
      if (lost === 'interrupted') continue
      if (lost !== null) {
        await written(session)
        yield diverged(session, session.progress.moment.update + 1, `The loss became ${lost}`)
        return
      }
      const now = performance.now()
      if (now - session.flushedAt > flushEveryMs) yield* flush(session)
      const isDue = now - session.savedAt > training.config.checkpoints.saveEverySeconds * 1000
      if (isDue && session.progress.moment.position < used) yield* save(session, ['last'])
    }
    const isOver = yield* unlessInterrupted(closeEpoch(session, phase.batchSize))
    if (isOver === true) return
    // The epoch's updates are done and its end is not: that is where the checkpoint stands, and where a resume goes on.
    if (isOver === 'interrupted' && (yield* obey(session))) return
  }
  yield* finish(session, 'finished', '')
}

/** Goes through events until they end or are left in the middle. */
async function* unlessInterrupted<T>(
  events: AsyncGenerator<TrainEvent, T> | Generator<TrainEvent, T>,
): AsyncGenerator<TrainEvent, T | 'interrupted'> {
  try {
    return yield* events
  } catch (error) {
    if (error instanceof Interrupted) return 'interrupted'
    throw error
  }
}

/** Does what somebody asked for since the last update. The answer is true when the attempt is over. */
async function* obey(session: TrainingSession): AsyncGenerator<TrainEvent, boolean> {
  const wanted = session.training.attention.wanted()
  if (wanted === null) return false
  const isSaved = yield* save(session, [wanted === 'save' ? 'manual' : 'last'])
  if (wanted === 'save' || wanted === 'saveRecovery') return false
  await written(session)
  const { moment } = session.progress
  if (!isSaved) yield diverged(session, moment.update, 'A weight became NaN or infinite')
  else if (wanted === 'pause') yield { type: 'paused', at: timestamp(), moment, cause: '' }
  else yield* finish(session, 'stopped', 'stopped by hand')
  return true
}

/**
 * One update and its point. Where the loss is no longer finite, the answer is the loss, and the progress is that before
 * the update.
 */
function* update(session: TrainingSession, reader: Reader, count: number): Generator<TrainEvent, number | null> {
  const { config, plan, learner, attention } = session.training
  const { rateBefore, ...before } = session.progress
  const { moment, sums } = before
  const began = awakeNow()
  const { epoch, position } = moment
  const batch: Batch = {
    ...reader.read({ epoch, position, count }, placeAfter(plan, epoch, position + count)),
    count,
    update: moment.update,
  }
  const { factor, before: factorBefore } = before.plateau
  // A buffer that holds the rate is corrected where the rate fell, which is between two epochs.
  const fall = moment.position === 0 ? factor / factorBefore : 1
  const rates: UpdateRates = {
    learningRate: rateAt(plan, { update: moment.update, plateau: before.plateau }),
    momentum: plan.momentum(moment.update),
    momentumCorrection: correctionAfter(plan, moment.update, rateBefore) * fall,
    averageWorkers: plan.averagesWorkers(moment.update),
  }
  const prepared = awakeNow()
  // Measuring is not training, nor is sleeping: their time is not counted.
  const { heed } = attention
  const lookAgain = measureUpdate(learner, config, batch, rates, heed)
  if (lookAgain) heed()
  const resumed = awakeNow()
  const result = learner.update(batch, rates, heed)
  const seconds = (awakeNow() - resumed + prepared - began) / 1000
  session.progress = {
    ...before,
    moment: {
      ...moment,
      update: moment.update + 1,
      position: moment.position + count,
      examples: moment.examples + count,
      seconds: moment.seconds + seconds,
    },
    sums: {
      loss: sums.loss + result.loss * count,
      correct: sums.correct + result.correct,
      images: sums.images + count,
      seconds: sums.seconds + seconds,
    },
  }
  addPoint(session, result, rates, count)
  if (!Number.isFinite(result.loss)) {
    yield* flush(session)
    session.progress = rateBefore === undefined ? before : { ...before, rateBefore }
    return result.loss
  }
  if (lookAgain) {
    yield* flush(session)
    yield { type: 'diagnosed', diagnosis: lookAgain() }
  }
  return null
}

/** η_t/η_(t−1) with the rate that was used before, where the plan has become another one since. */
const correctionAfter = (plan: Training['plan'], update: number, rateBefore: number | undefined): number =>
  rateBefore === undefined
    ? plan.momentumCorrection(update)
    : rateBefore > 0
      ? plan.learningRate(update) / rateBefore
      : 1

/** What is trained on after a batch that ends at a position of an epoch; null after the last. */
function placeAfter(
  { phases, epochs }: Pick<Training['plan'], 'phases' | 'epochs'>,
  epoch: number,
  position: number,
): BatchPlace | null {
  const phase = phaseOfEpoch(phases, epoch)
  const left = imagesUsed(phase) - position
  if (left > 0) return { epoch, position, count: Math.min(phase.batchSize, left) }
  return epoch + 1 < epochs ? placeAfter({ phases, epochs }, epoch + 1, 0) : null
}
