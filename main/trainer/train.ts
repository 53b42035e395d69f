/*
 * The loop: for each epoch, shuffle once; for each batch, augment it, make one update with the plan's rate, and record the point.
 * After each epoch: validate, let early stopping decide, save. Between any two updates somebody may ask for a pause, a stop or a save.
 * A pause is a checkpoint and a return; going on later starts from that checkpoint and computes the same numbers.
 */
import type { CheckpointMetadata, EpochSums } from '../../core/checkpoint'
import { noSums } from '../../core/checkpoint'
import type { RunConfig } from '../../core/config/config'
import type { EndReason, Points, Score, TrainEvent } from '../../core/events'
import { noPoints } from '../../core/events'
import type { Moment } from '../../core/moment'
import { imagesUsed, phaseOfEpoch } from '../../core/phases'
import type { Plan } from '../../core/plan'
import { epochOrder } from '../../core/random'
import type { StoppingState } from '../../core/stopping'
import { ranked, watchEpoch } from '../../core/stopping'
import { batchFiller } from '../data/batches'
import type { Dataset } from '../data/dataset'
import type { TrainCommand } from '../../core/job'
import { loadCheckpoint } from './checkpoint'
import type { Keeper } from './keeper'
import { lookAt } from './diagnose'
import { endEpoch, evaluateChosen } from './epochEnd'
import type { Batch, Learner, LearnerState, UpdateRates } from './learner'
import { distanceBetween, isFinite } from './state'

/** Where a training stands between two updates, besides the tensors. */
export interface Progress { readonly moment: Moment; readonly sums: EpochSums; readonly stopping: StoppingState; readonly validation: Score | null }

export interface Training {
  readonly config: RunConfig
  readonly plan: Plan
  readonly dataset: Dataset
  readonly learner: Learner
  readonly keeper: Keeper
  readonly progress: Progress
  /** Weights at update 0, for the distance that they travel. */
  readonly initial: LearnerState
  readonly version: string
  /** The next thing that somebody asked for, or null; asked between updates, after a turn of the event loop. */
  readonly wanted: () => TrainCommand['type'] | null
}

const flushEveryMs = 150
const turnEveryMs = 4
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const now = (): string => new Date().toISOString()

/** Trains until the plan is done, patience runs out, the loss is no longer finite, or somebody asks for a pause or a stop. */
export async function* train(training: Training): AsyncGenerator<TrainEvent> {
  const { config, plan, dataset, learner, keeper } = training
  const { train: images, validation } = dataset
  const [height, width, channels] = dataset.facts.shape
  const fill = batchFiller(config.data, dataset.facts)
  const largest = Math.max(...plan.phases.map(({ batchSize }) => batchSize))
  const buffers = { images: new Float32Array(largest * height * width * channels), labels: new Int32Array(largest) }

  let { moment, sums, stopping, validation: score } = training.progress
  let points = noPoints()
  let flushed = performance.now()
  let turned = flushed
  let savedAt = flushed

  const metadata = (): CheckpointMetadata => ({
    format: 1, version: training.version, config, moment, data: dataset.facts.fingerprint, classes: dataset.facts.classes,
    shape: dataset.facts.shape, sums, stopping, validation: score, engine: learner.engine,
  })
  const flush = (): TrainEvent[] => {
    flushed = performance.now()
    if (points.update.length === 0) return []
    const event: TrainEvent = { type: 'advanced', points }
    points = noPoints()
    return [event]
  }
  async function* save(kinds: Parameters<Keeper['save']>[0]): AsyncGenerator<TrainEvent, boolean> {
    yield* flush()
    const state = learner.read()
    savedAt = performance.now()
    if (!isFinite(state)) return false
    yield* await keeper.save(kinds, state, metadata())
    return true
  }
  const diverged = (update: number, what: string): TrainEvent => ({
    type: 'ended', at: now(), moment, reason: 'diverged',
    message: `${what} at update ${update}${keeper.checkpoints().length > 0 ? '; the last checkpoint with finite weights is kept' : '; no checkpoint had been saved'}`,
  })

  while (moment.epoch < plan.epochs) {
    const phase = phaseOfEpoch(plan.phases, moment.epoch)
    const used = imagesUsed(phase)
    const order = epochOrder(config.seed, moment.epoch, images.labels.length)
    while (moment.position < used) {
      if (performance.now() - turned > turnEveryMs) {
        await nextTurn()
        turned = performance.now()
      }
      switch (training.wanted()) {
        case 'save': yield* save(['manual']); break
        case 'pause':
          if (!(yield* save(['last']))) return yield diverged(moment.update, 'A weight became NaN or infinite')
          return yield { type: 'paused', at: now(), moment, cause: '' }
        case 'stop':
          if (!(yield* save(['last']))) return yield diverged(moment.update, 'A weight became NaN or infinite')
          yield* finish('stopped', 'stopped by hand')
          return
        case null: break
      }
      let began = performance.now()
      const count = Math.min(phase.batchSize, used - moment.position)
      fill(images, order.subarray(moment.position, moment.position + count), moment.epoch, config.seed, buffers)
      const learningRate = plan.learningRate(moment.update)
      const batch: Batch = { ...buffers, count, update: moment.update }
      const rates: UpdateRates = {
        learningRate, momentum: plan.momentum(moment.update), momentumCorrection: plan.momentumCorrection(moment.update), averageWorkers: plan.averagesWorkers(moment.update),
      }
      const prepared = performance.now()
      const lookAgain = lookAt(learner, config, batch, rates)
      // Measuring is not training: its time is not counted.
      began += performance.now() - prepared
      const result = learner.update(batch, rates)
      const seconds = (performance.now() - began) / 1000
      const before = moment
      moment = { ...moment, update: moment.update + 1, position: moment.position + count, examples: moment.examples + count, seconds: moment.seconds + seconds }
      addPoint(points, moment, result, learningRate, count)
      if (!Number.isFinite(result.loss)) {
        yield* flush()
        moment = before
        return yield diverged(before.update + 1, `The loss became ${String(result.loss)}`)
      }
      if (lookAgain) {
        yield* flush()
        yield { type: 'diagnosed', diagnosis: lookAgain() }
      }
      sums = { loss: sums.loss + result.loss * count, correct: sums.correct + result.correct, images: sums.images + count, seconds: sums.seconds + seconds }
      if (performance.now() - flushed > flushEveryMs) yield* flush()
      if (performance.now() - savedAt > config.checkpoints.saveEverySeconds * 1000 && moment.position < used) yield* save(['last'])
    }
    yield* flush()
    const epoch = moment.epoch + 1
    endEpoch(learner, config, epoch, plan.epochs, images)
    score = validation.labels.length > 0 ? scoreOf(training, validation) : null
    const train: Score = { loss: sums.loss / sums.images, accuracy: sums.correct / sums.images, images: sums.images }
    const seconds = sums.seconds
    moment = { ...moment, epoch, position: 0 }
    sums = noSums
    const state = learner.read()
    if (!isFinite(state)) return yield diverged(moment.update, 'A weight became NaN or infinite')
    yield {
      type: 'epochEnded',
      epoch: {
        epoch, moment, train, validation: score, seconds, batchSize: phase.batchSize,
        learningRate: plan.learningRate(moment.update - 1), distance: distanceBetween(state, training.initial),
      },
    }
    const watched = watchEpoch(config.earlyStopping, stopping, epoch, score)
    stopping = watched.state
    const periodic = config.checkpoints.everyEpochs !== null && epoch % config.checkpoints.everyEpochs === 0
    yield* await keeper.save(['last', ...(score === null ? [] : ['best' as const]), ...(periodic ? ['periodic' as const] : [])], state, metadata())
    savedAt = performance.now()
    if (watched.stop) {
      yield* finish('earlyStopped', `no better ${config.earlyStopping.monitor === 'validationAccuracy' ? 'validation accuracy' : 'validation loss'} for ${stopping.waited} epochs; the best was epoch ${stopping.bestEpoch}`)
      return
    }
  }
  yield* finish('finished', '')

  /** Tests the last and the best weights, keeps what the run ends with as `final`, and says that it ended. */
  async function* finish(reason: EndReason, message: string): AsyncGenerator<TrainEvent> {
    const last = learner.read()
    const hasTest = dataset.test.labels.length > 0
    if (hasTest) yield { type: 'tested', at: now(), checkpoint: 'last', epoch: moment.epoch, test: scoreOf(training, dataset.test) }
    const best = ranked(config.earlyStopping.monitor, keeper.checkpoints().filter(({ kinds }) => kinds.includes('best')))[0]
    let final = last
    let finalMetadata = metadata()
    if (best !== undefined) {
      const loaded = await loadCheckpoint(keeper.path(best.name))
      if (hasTest) {
        learner.write(loaded.state)
        yield { type: 'tested', at: now(), checkpoint: 'best', epoch: best.moment.epoch, test: scoreOf(training, dataset.test) }
        learner.write(last)
      }
      if (reason === 'earlyStopped' && config.earlyStopping.restoreBest) {
        final = loaded.state
        finalMetadata = loaded.metadata
      }
    }
    yield* await keeper.save(['final'], final, finalMetadata)
    yield { type: 'ended', at: now(), moment, reason, message }
  }
}

function addPoint(points: Points, moment: Moment, result: ReturnType<Learner['update']>, learningRate: number, count: number): void {
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
  points.update.push(moment.update)
  points.loss.push(finite(result.loss))
  points.accuracy.push(result.correct / count)
  points.learningRate.push(learningRate)
  points.batchSize.push(count)
  points.gradientNorm.push(finite(result.gradientNorm))
  points.seconds.push(moment.seconds)
}

function scoreOf({ learner, config }: Training, split: Dataset['test']): Score {
  const { loss, correct } = evaluateChosen(learner, config, split)
  return { loss: Number.isFinite(loss) ? loss : null, accuracy: correct / split.labels.length, images: split.labels.length }
}
