import type { RunConfig } from '../../../core/config/config'
import type { DatasetInfo } from '../../../core/datasetInfo'
import { errorText } from '../../../core/errorText'
import { timelineOf } from '../../../core/plan/phases'
import { usedUp } from '../../../core/shortage'
import type { ComputeContext } from '../../../core/shortageAdvice'
import { batchFiller, type BatchBuffers } from '../../data/batches'
import type { LabelledImages } from '../../data/rawImages'
import { capturedRunner } from '../capture/capturedRunner'
import type { CapturableBackend } from '../capture/binding'
import { catchExhaustion, catchingExhaustion } from '../exhaustion'
import { openEngine, type Engine } from '../engine'
import { evaluateBatches, type EvaluationBatch } from './evaluate'
import { parallelPartsOf } from './parallelParts'
import type { Learner } from './learner'
import { gradientNorms } from './measuredPieces'
import { programOf, type Pass, type Program, type RunProgram } from './program'
import { reestimated } from './reestimate'
import { eagerRunner, type Runner } from './runner'

/** Opens the engine that a config asks for and puts a freshly initialised network on it. */
export async function openLearner(config: RunConfig, info: DatasetInfo): Promise<Learner> {
  const engine = await catchExhaustion({ config, info, engine: null }, 'start', () =>
    openEngine(config.engine.backend, {
      threads: config.engine.threads ?? undefined,
      work: parallelPartsOf(config, info),
      xla: config.engine.xla,
    }),
  )
  const where = { config, info, engine }
  return learnerWithAdvice(where, await catchExhaustion(where, 'start', () => createLearner(engine, config, info)))
}

/** The same learner, whose errors say what to lower where memory has run out. */
const learnerWithAdvice = (
  where: ComputeContext,
  { update, measure, evaluate, reestimate, read, write, ...rest }: Learner,
): Learner => ({
  ...rest,
  update: catchingExhaustion(where, 'update', update),
  measure: catchingExhaustion(where, 'update', measure),
  reestimate: catchingExhaustion(where, 'update', reestimate),
  evaluate: catchingExhaustion(where, 'evaluation', evaluate),
  read: catchingExhaustion(where, 'update', read),
  write: catchingExhaustion(where, 'update', write),
})

/** A learner on an open engine, which must be tfjs's current backend whenever the learner is used. */
export function createLearner(engine: Engine, config: RunConfig, info: DatasetInfo): Learner {
  const program = programOf(engine, config, info)
  const { runner, captured, note } = startRunner(engine, program, config, info)
  const fill = batchFiller(config.data, info)
  const batchesOf = (split: LabelledImages, size: number): Generator<EvaluationBatch> =>
    plainBatches(split, size, info, (indices, into) => fill(split, indices, null, config.seed, into))
  return {
    weights: program.weights,
    engine: {
      name: engine.name,
      device: engine.device,
      versions: { ...engine.versions },
      captured,
      note: [...engine.refused.map(({ name, reason }) => `${name}: ${reason}`), ...(note === '' ? [] : [note])].join(
        ' ',
      ),
    },
    update: updaterOf(runner, program, config),
    measure: measurerOf(runner, program),
    evaluate: (split, between) =>
      evaluateBatches(
        evaluatorOf(runner, info),
        batchesOf(split, config.engine.evaluationBatch),
        split.labels.length,
        between,
      ),
    reestimate: (split, between) => {
      const total = split.labels.length
      const found = reestimated(
        program.ops,
        program.layers,
        info.shape,
        runner.read(),
        batchesOf(split, Math.max(config.batchSize, statisticsBatch)),
        'images',
        between && ((done) => between(done, total)),
      )
      between?.(total, total)
      return found
    },
    read: runner.read,
    write: runner.write,
    dispose: runner.dispose,
  }
}

/** The least number of images that statistics are estimated on at once: unlike a score, they depend on it. */
const statisticsBatch = 256

interface Started {
  readonly runner: Runner
  readonly captured: boolean
  readonly note: string
}

function startRunner(engine: Engine, program: Program, config: RunConfig, info: DatasetInfo): Started {
  const inFloat32 =
    config.engine.precision === 'float32'
      ? ''
      : `Computed in float32: ${config.engine.precision} needs the captured step of the tensorflow engine.`
  if (!engine.native || config.engine.capture === 'off')
    return { runner: eagerRunner(program), captured: false, note: inFloat32 }
  try {
    const runner = capturedRunner(
      engine.native as unknown as CapturableBackend,
      program,
      expectedPasses(config, info),
      config.engine.precision,
    )
    return { runner, captured: true, note: '' }
  } catch (error) {
    // What does not fit into memory captured does not fit otherwise, and a person would be told that the step cannot be
    // captured.
    if (error instanceof Error && usedUp(error.message) !== null) throw error
    return {
      runner: eagerRunner(program),
      captured: false,
      note: `The step is not captured: ${errorText(error)}. ${inFloat32}`.trim(),
    }
  }
}

/**
 * The passes of a run: updates of full batches and of the rest, and evaluations of full batches and of what each split
 * leaves over.
 */
function expectedPasses(config: RunConfig, { counts }: DatasetInfo): Pass[] {
  const { evaluationBatch } = config.engine
  const updates = new Set(timelineOf(config, counts.train).phases.flatMap(({ batchSize, rest }) => [batchSize, rest]))
  const evaluations = new Set(
    [counts.validation, counts.test].flatMap((total) => [Math.min(evaluationBatch, total), total % evaluationBatch]),
  )
  const passes = (type: Pass['type'], counted: ReadonlySet<number>): Pass[] =>
    [...counted].filter((count) => count > 0).map((count) => ({ type, count }))
  const isLocal = config.batch.workers.type !== 'none'
  return [
    ...passes('update', updates),
    ...(isLocal ? passes('localUpdate', updates) : []),
    ...passes('evaluate', evaluations),
  ]
}

function updaterOf(
  runner: Runner,
  { updateFeeds }: RunProgram,
  { batch: { workers, microBatch, denseBatch } }: RunConfig,
): Learner['update'] {
  const hasPieces = workers.type !== 'none' || microBatch !== null || denseBatch !== null
  return (batch, rates, between) => {
    const type = workers.type !== 'none' && rates.averageWorkers === false ? 'localUpdate' : 'update'
    const [loss = NaN, correct = NaN, gradientNorm = NaN] = runner.run(
      { type, count: batch.count },
      updateFeeds.values(batch, rates),
      hasPieces ? between : undefined,
    )
    return { loss, correct, gradientNorm }
  }
}

function measurerOf(runner: Runner, { updateFeeds, measured }: RunProgram): Learner['measure'] {
  return (batch, rates, between) => {
    const pieces = measured(batch.count)
    return (
      pieces &&
      gradientNorms(
        runner.run({ type: 'measure', count: batch.count }, updateFeeds.values(batch, rates), between),
        pieces,
      )
    )
  }
}

function evaluatorOf(
  runner: Runner,
  { shape: [height, width, channels] }: DatasetInfo,
): (batch: EvaluationBatch) => Float32Array {
  return ({ images, labels, count }) =>
    runner.run({ type: 'evaluate', count }, [
      images.subarray(0, count * height * width * channels),
      labels.subarray(0, count),
    ])
}

/** A split in order, in batches of a size and what is left over. */
function* plainBatches(
  split: LabelledImages,
  size: number,
  { shape: [height, width, channels] }: DatasetInfo,
  fill: (indices: Uint32Array, into: BatchBuffers) => void,
): Generator<EvaluationBatch> {
  const total = split.labels.length
  const largest = Math.min(size, total)
  const buffers = { images: new Float32Array(largest * height * width * channels), labels: new Int32Array(largest) }
  for (let from = 0; from < total; from += largest) {
    const count = Math.min(largest, total - from)
    fill(
      Uint32Array.from({ length: count }, (_, i) => from + i),
      buffers,
    )
    yield { ...buffers, count }
  }
}
