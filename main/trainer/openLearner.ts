import type { RunConfig } from '../../core/config/config'
import type { DatasetFacts } from '../../core/facts'
import { batchFiller } from '../data/batches'
import type { LabelledImages } from '../data/rawImages'
import { capturedRunner } from './capture/capturedRunner'
import type { CapturableBackend } from './capture/binding'
import { fillDropoutMasks } from './dropout'
import { openEngine, type Engine } from './engine'
import { evaluateBatches, type EvaluationBatch } from './evaluate'
import type { Learner } from './learner'
import { packedRates, programOf, type Pass, type Program } from './program'
import { eagerRunner, type Runner } from './runner'

// Large enough that calls cost nothing, small enough that activations stay in the cache of a few cores.
const evaluationBatch = 256

/** Opens the engine that a config asks for and puts a freshly initialised network on it. */
export async function openLearner(config: RunConfig, facts: DatasetFacts): Promise<Learner> {
  const engine = await openEngine(config.engine.backend, { threads: config.engine.threads ?? undefined })
  return createLearner(engine, config, facts)
}

/** A learner on an open engine, which must be tfjs's current backend whenever the learner is used. */
export function createLearner(engine: Engine, config: RunConfig, facts: DatasetFacts): Learner {
  const program = programOf(engine, config, facts)
  const { runner, captured, note } = startRunner(engine, program, config, facts)
  return {
    engine: {
      name: engine.name, device: engine.device, versions: { ...engine.versions }, captured,
      note: [...engine.refused.map(({ name, reason }) => `${name}: ${reason}`), ...(note === '' ? [] : [note])].join(' '),
    },
    update: updaterOf(runner, program, config, facts),
    evaluate: evaluatorOf(runner, config, facts),
    read: runner.read,
    write: runner.write,
    dispose: runner.dispose,
  }
}

interface Started { readonly runner: Runner; readonly captured: boolean; readonly note: string }

function startRunner(engine: Engine, program: Program, config: RunConfig, facts: DatasetFacts): Started {
  if (!engine.native || config.engine.capture === 'off') return { runner: eagerRunner(program), captured: false, note: '' }
  try {
    const runner = capturedRunner(engine.native as unknown as CapturableBackend, program, expectedPasses(config, facts))
    return { runner, captured: true, note: '' }
  } catch (error) {
    return { runner: eagerRunner(program), captured: false, note: `The step is not captured: ${error instanceof Error ? error.message : String(error)}.` }
  }
}

/** The passes of a run: an update of a full batch and of the rest, and evaluations of full batches and of what each split leaves over. */
function expectedPasses({ batchSize, batch }: RunConfig, { counts }: DatasetFacts): Pass[] {
  const rest = batch.lastPartial === 'keep' ? counts.train % batchSize : 0
  const updates = new Set([Math.min(batchSize, counts.train), rest])
  const evaluations = new Set([counts.validation, counts.test].flatMap((total) => [Math.min(evaluationBatch, total), total % evaluationBatch]))
  const passes = (type: Pass['type'], counted: ReadonlySet<number>): Pass[] => [...counted].filter((count) => count > 0).map((count) => ({ type, count }))
  return [...passes('update', updates), ...passes('evaluate', evaluations)]
}

function updaterOf(runner: Runner, program: Program, config: RunConfig, facts: DatasetFacts): Learner['update'] {
  const [height, width, channels] = facts.shape
  const { weightDecay } = config.optimizer
  const features = program.dropout.reduce((sum, part) => sum + part.width, 0)
  const mask = new Float32Array(features * config.batchSize)
  return ({ images, labels, count, update }, { learningRate, momentum, momentumCorrection = 1 }) => {
    const masks = features > 0 ? [mask.subarray(0, count * features)] : []
    for (const one of masks) fillDropoutMasks(one, program.dropout, config.seed, update)
    const [loss = NaN, correct = NaN, gradientNorm = NaN] = runner.run({ type: 'update', count }, [
      images.subarray(0, count * height * width * channels), labels.subarray(0, count),
      packedRates({ learningRate, momentum, weightDecay, momentumCorrection }), ...masks,
    ])
    return { loss, correct, gradientNorm }
  }
}

function evaluatorOf(runner: Runner, config: RunConfig, facts: DatasetFacts): Learner['evaluate'] {
  const [height, width, channels] = facts.shape
  const fill = batchFiller(config.data, facts)
  const pass = ({ images, labels, count }: EvaluationBatch): Float32Array =>
    runner.run({ type: 'evaluate', count }, [images.subarray(0, count * height * width * channels), labels.subarray(0, count)])
  function* batches(split: LabelledImages): Generator<EvaluationBatch> {
    const total = split.labels.length
    const size = Math.min(evaluationBatch, total)
    const buffers = { images: new Float32Array(size * height * width * channels), labels: new Int32Array(size) }
    for (let from = 0; from < total; from += size) {
      const count = Math.min(size, total - from)
      fill(split, Uint32Array.from({ length: count }, (_, i) => from + i), null, config.seed, buffers)
      yield { ...buffers, count }
    }
  }
  return (split) => evaluateBatches(pass, batches(split), split.labels.length)
}
