import type { Ending } from '../../core/checkpoint'
import { noSums } from '../../core/checkpoint'
import type { EndReason, TrainEvent } from '../../core/events'
import { rateAt } from '../../core/plan/rate'
import type { Score } from '../../core/score'
import {
  noPlateau,
  type PlateauConfig,
  type PlateauState,
  measuredFor,
  watchPlateau,
} from '../../core/schedules/plateau'
import { watchEpoch } from '../../core/stopping'
import { type Loaded, readBest } from './readableCheckpoint'
import { Interrupted } from './commands'
import { changesAtEnd, endEpoch } from './epochEnd'
import type { TrainingSession } from './session'
import { flush, metadataOf, save, scoreOf, timestamp, write, written } from './session'
import { distanceBetween, isFinite } from './state'

/**
 * Says that a number is no longer finite, and at which update; nothing is written over the checkpoints that there are.
 */
export function diverged(
  { training, progress: { moment } }: TrainingSession,
  update: number,
  what: string,
): TrainEvent {
  const kept =
    training.store.checkpoints().length > 0
      ? 'the last checkpoint with finite weights is kept'
      : 'no checkpoint had been saved'
  return { type: 'ended', at: timestamp(), moment, reason: 'diverged', message: `${what} at update ${update}; ${kept}` }
}

/** Validates, records and saves the epoch that is done. The answer is true when the training has ended with it. */
export async function* closeEpoch(session: TrainingSession, batchSize: number): AsyncGenerator<TrainEvent, boolean> {
  const { config, plan, learner, initial } = session.training
  yield* flush(session)
  const { sums, stopping, plateau } = session.progress
  const epoch = session.progress.moment.epoch + 1
  const validation = validated(session, epoch)
  const train: Score = { loss: sums.loss / sums.images, accuracy: sums.correct / sums.images, images: sums.images }
  const moment = { ...session.progress.moment, epoch, position: 0 }
  const watched = watchEpoch(config.earlyStopping, stopping, epoch, validation)
  const { schedule } = config.learningRate
  const lowered =
    schedule.type === 'plateau'
      ? watchPlateau(schedule, plan.scaledRate, plateau, measuredFor(schedule, train, validation))
      : noPlateau
  const what = config.earlyStopping.monitor === 'validationAccuracy' ? 'validation accuracy' : 'validation loss'
  const ending: Ending | undefined = watched.stop
    ? {
        reason: 'earlyStopped',
        message: `no better ${what} for ${watched.state.waited} epochs; the best was epoch ${watched.state.bestEpoch}`,
      }
    : undefined
  session.progress = { moment, sums: noSums, stopping: watched.state, plateau: lowered, validation, ending }
  const state = learner.read()
  if (!isFinite(state)) {
    await written(session)
    yield diverged(session, moment.update, 'A weight became NaN or infinite')
    return true
  }
  yield {
    type: 'epochEnded',
    epoch: {
      epoch,
      moment,
      train,
      validation,
      seconds: sums.seconds,
      batchSize,
      learningRate: rateAt(plan, { update: moment.update - 1, plateau }),
      distance: distanceBetween(state, initial),
    },
  }
  if (schedule.type === 'plateau' && lowered.factor < plateau.factor) yield noteOfFall(schedule, lowered, moment.update)
  const { everyEpochs } = config.checkpoints
  const isPeriodic = everyEpochs !== null && epoch % everyEpochs === 0
  await write(
    session,
    ['last', ...(validation === null ? [] : ['best' as const]), ...(isPeriodic ? ['periodic' as const] : [])],
    state,
  )
  if (ending === undefined) return false
  yield* finish(session, ending.reason, ending.message)
  return true
}

/**
 * Does what the end of an epoch does to the learner, and validates. Where that is interrupted, the learner is as
 * before, so that all of it can be done again.
 */
function validated({ training }: TrainingSession, epoch: number): Score | null {
  const { config, plan, dataset, learner, attention } = training
  const before = changesAtEnd(config, epoch, plan.epochs) ? learner.read() : null
  try {
    endEpoch(
      learner,
      config,
      epoch,
      plan.epochs,
      dataset.train,
      attention.during('Estimating the batch norm statistics'),
    )
    return dataset.validation.labels.length > 0 ? scoreOf(training, dataset.validation, 'Validating') : null
  } catch (error) {
    if (error instanceof Interrupted && before !== null) learner.write(before)
    throw error
  }
}

const metricNames: Readonly<Record<PlateauConfig['metric'], string>> = {
  validationLoss: 'validation loss',
  validationAccuracy: 'validation accuracy',
  trainingLoss: 'training loss',
}

const noteOfFall = (
  { metric, patience }: PlateauConfig,
  { factor, best }: PlateauState,
  update: number,
): TrainEvent => ({
  type: 'noted',
  at: timestamp(),
  update,
  message:
    `No better ${metricNames[metric]} for ${patience + 1} ` +
    `epoch${patience === 0 ? '' : 's'}${best === null ? '' : ` (best ${Number(best.toPrecision(4))})`}: from ` +
    `here the rate is ${Number(factor.toPrecision(4))} times the planned one`,
})

/**
 * Tests the last and the best weights, keeps what the run ends with as `final`, and says that it ended. A pause in the
 * middle keeps how training ended, and the test is done when the run goes on; a stop ends the run without it.
 */
export async function* finish(
  session: TrainingSession,
  reason: EndReason,
  message: string,
): AsyncGenerator<TrainEvent> {
  await written(session)
  const { config, learner, store } = session.training
  const { moment } = session.progress
  const last = { state: learner.read(), metadata: metadataOf(session) }
  const best = yield* readBest(session, last)
  let end: Ending = { reason, message }
  try {
    yield* tested(session, best)
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error
    learner.write(last.state)
    if (reason !== 'stopped' && wantedEnd(session) === 'pause') {
      session.progress = { ...session.progress, ending: end }
      yield* save(session, ['last'])
      await written(session)
      yield { type: 'paused', at: timestamp(), moment, cause: '' }
      return
    }
    end = { reason: 'stopped', message: 'stopped by hand before the test was done' }
  }
  const final = best !== null && reason === 'earlyStopped' && config.earlyStopping.restoreBest ? best : last
  await store.save(['final'], final.state, final.metadata)
  yield { type: 'ended', at: timestamp(), moment, ...end }
}

/** Tests the present weights and those of the best checkpoint; the present ones stay, unless this is interrupted. */
function* tested({ training, progress: { moment } }: TrainingSession, best: Loaded | null): Generator<TrainEvent> {
  const {
    dataset: { test },
    learner,
  } = training
  if (test.labels.length === 0) return
  yield {
    type: 'tested',
    at: timestamp(),
    checkpoint: 'last',
    epoch: moment.epoch,
    test: scoreOf(training, test, 'Testing the last weights'),
  }
  if (best === null) return
  const state = learner.read()
  learner.write(best.state)
  yield {
    type: 'tested',
    at: timestamp(),
    checkpoint: 'best',
    epoch: best.metadata.moment.epoch,
    test: scoreOf(training, test, 'Testing the best weights'),
  }
  learner.write(state)
}

/** Whether a pause or a stop interrupted; a checkpoint that was asked for too is written anyway. */
function wantedEnd({ training: { attention } }: TrainingSession): 'pause' | 'stop' {
  for (;;) {
    const wanted = attention.wanted()
    if (wanted === 'pause') return 'pause'
    if (wanted === 'stop' || wanted === null) return 'stop'
  }
}
