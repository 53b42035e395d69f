import type { RunConfig } from './config/config'
import type { DatasetInfo } from './datasetInfo'
import type { EngineInfo } from './events'
import { networkFor, weightsOf } from './network'
import { timelineOf } from './plan/phases'
import { usedUp } from './shortage'

/** What was being computed. */
export type ComputeWork = 'start' | 'update' | 'evaluation' | 'measurement'

/** What a run computes with; the data's info and the engine where they are known. */
export interface ComputeContext {
  readonly config: RunConfig
  readonly info: DatasetInfo | null
  readonly engine: Pick<EngineInfo, 'name' | 'device'> | null
}

const half = (value: number): number => Math.max(1, Math.floor(value / 2))

/** Images of the largest update that go through the network together. */
function together({ config, info }: Pick<ComputeContext, 'config' | 'info'>): number {
  const { microBatch, workers } = config.batch
  const largest =
    info === null
      ? config.batchSize
      : Math.max(...timelineOf(config, info.counts.train).phases.map(({ batchSize }) => batchSize))
  return workers.type !== 'none' ? largest / workers.workers : Math.min(microBatch ?? largest, largest)
}

function hasNorm({ network, networkOptions }: RunConfig, info: DatasetInfo | null): boolean {
  if (info === null) return false
  return weightsOf(networkFor(network, networkOptions, info.shape, info.classes.length), info.shape).some(
    ({ role }) => role === 'gamma',
  )
}

/**
 * The setting to lower, with a value that the config allows, so that an update needs about half of what it did; empty
 * where nothing can be lowered.
 */
function lowerUpdate({ config, info }: Pick<ComputeContext, 'config' | 'info'>): string {
  const {
    batchSize,
    batch: { workers, denseBatch, ghostSize },
  } = config
  if (workers.type !== 'none' || denseBatch !== null) {
    const unit = workers.type === 'none' ? 1 : workers.workers
    const size = Math.floor(batchSize / 2 / unit) * unit
    if (size < Math.max(unit, denseBatch ?? 1)) return ''
    return `Set the batch size (batchSize) to ${size}, now ${batchSize}: an update then needs less.`
  }
  const now = together({ config, info })
  const isNormed = hasNorm(config, info)
  const size = Math.min(half(now), batchSize)
  if (now < (isNormed ? 4 : 2)) return ''
  const seen =
    isNormed && (ghostSize === null || size < ghostSize) ? ', of which batch norm then sees one at a time' : ''
  return (
    `Set the micro-batch (batch.microBatch) to ${size}, now ${now}: an update is then computed in pieces${seen}, ` +
    'and needs less.'
  )
}

function lowerEvaluation({ engine: { evaluationBatch } }: RunConfig): string {
  return evaluationBatch < 2
    ? ''
    : `Set the evaluation batch (engine.evaluationBatch) to ${half(evaluationBatch)}, now ${evaluationBatch}: ` +
        'the scores stay the same but for their last digits.'
}

function otherEngine(engine: ComputeContext['engine']): string {
  if (engine?.name === 'wasm')
    return 'The tensorflow engine (engine.backend) can use all memory of the machine, the wasm engine a part of it.'
  return engine !== null && /gpu/i.test(engine.device)
    ? 'On the CPU, which has the memory of the machine, it computes where Batchlab is started with ' +
        'CUDA_VISIBLE_DEVICES=-1.'
    : ''
}

const sentences = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ')

/** What to lower so that a training or a measurement needs less memory. */
function lowerMemory(where: ComputeContext, work: ComputeWork): string {
  if (work === 'measurement')
    return sentences(
      lowerEvaluation(where.config),
      otherEngine(where.engine),
      'Settings of the engine are changed with --set on the command line; closing other programs leaves more ' +
        'memory too.',
    )
  const what = work === 'evaluation' ? lowerEvaluation(where.config) : lowerUpdate(where)
  const data =
    work === 'start' ? 'A smaller network, or fewer training images (data.trainingImages), needs less too.' : ''
  return sentences(
    what,
    data,
    otherEngine(where.engine),
    'Settings are changed in a fork or a new run; a resume with the same ones needs more free memory than there was.',
  )
}

const doing: Readonly<Record<ComputeWork, (where: ComputeContext) => string>> = {
  start: () => 'while it was set up',
  update: (where) => `in an update of ${together(where)} images at once`,
  evaluation: ({ config }) => `while it evaluated ${config.engine.evaluationBatch} images at once`,
  measurement: ({ config }) => `while it measured ${config.engine.evaluationBatch} images at once`,
}

// TensorFlow adds lines of hints, and names of nodes without end.
const inShort = (said: string): string => {
  const [line = ''] = said.trim().split('\n')
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}

/** What is said where an engine has no memory, or no threads, left: what happened, at what, and what to lower. */
export function exhausted(where: ComputeContext, work: ComputeWork, said: string): string {
  const who = where.engine === null ? 'The engine' : `The ${where.engine.name} engine`
  const { threads } = where.config.engine
  if (usedUp(said) === 'threads') {
    return (
      `${who} got no more threads from the system ${doing[work](where)} (${inShort(said)}). Set the threads ` +
      `(engine.threads) to ${half(threads ?? 2)}${threads === null ? '' : `, now ${threads}`}, or raise the ` +
      "system's limit of processes (ulimit -u)."
    )
  }
  return `${who} ran out of memory ${doing[work](where)} (${inShort(said)}). ${lowerMemory(where, work)}`
}

/** What is said where the system ended a trainer, most likely for its memory; `how` is how it ended. */
export const killedForMemory = (where: ComputeContext, how: string): string =>
  `${how}${/[.!?]$/.test(how) ? '' : '.'} ${lowerMemory(where, 'update')}`
