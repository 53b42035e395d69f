import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { parseConfig } from '../../core/config/parse'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import { noPoints, type TrainEvent } from '../../core/events'
import { foldTraced } from '../../core/fold'
import type { Beginning } from '../../core/job'
import { newRun, type TracedRun } from '../../core/run'
import { batchFiller } from '../../main/data/batches'
import { loadDataset, type Dataset } from '../../main/data/dataset'
import type { LabelledImages } from '../../main/data/rawImages'
import { readLog } from '../../main/files/readLog'
import { loadCheckpoint } from '../../main/trainer/checkpoint'
import type { Batch, LearnerState } from '../../main/trainer/learner/learner'
import { trainJob } from '../../main/trainer/trainJob'
import type { Parameters } from '../reference/perceptron'
import { removeFolder } from './cleanup'

const resources = resolve(import.meta.dirname, '../../resources')

/** A folder for the tests of a file, removed behind them. */
export function useFolder(): () => string {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'batchlab-digits-'))
  })
  afterAll(() => removeFolder(folder))
  return () => folder
}

/** A config of a small perceptron on a few hundred real digits, on the cpu engine. */
export function digitsConfig(input: RunConfigInput): RunConfig {
  const parsed = parseConfig({
    network: { type: 'mlp', hidden: [12] },
    data: { trainingImages: 240 },
    batchSize: 24,
    epochs: 3,
    learningRate: { base: 0.1, referenceBatch: 24 },
    engine: { backend: 'cpu' },
    ...input,
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
}

export const digits = (config: RunConfig, folder: string): Promise<Dataset> =>
  loadDataset(config.data, { cacheFolder: join(folder, 'cache'), resources })

/** Some images of a split as a batch, normalised. */
export function digitsBatch(
  config: RunConfig,
  { info }: Dataset,
  split: LabelledImages,
  indices: ArrayLike<number>,
  update: number,
): Batch {
  const batch = {
    images: new Float32Array(indices.length * 64),
    labels: new Int32Array(indices.length),
    count: indices.length,
    update,
  }
  batchFiller(config.data, info)(split, indices, null, config.seed, batch)
  return batch
}

export interface Trained {
  readonly traced: TracedRun
  readonly events: readonly TrainEvent[]
  readonly folder: string
  readonly final: LearnerState
}

/** Trains a run as the app does, and reads what it left on disk. */
export async function trainOnDigits(
  config: RunConfig,
  folder: string,
  { pauseAfter, resume }: { readonly pauseAfter?: number; readonly resume?: string } = {},
): Promise<Trained> {
  const into = resume ?? mkdtempSync(join(folder, 'run-'))
  const beginning: Beginning =
    resume === undefined
      ? { type: 'new' }
      : { type: 'resume', path: join(into, 'checkpoints', 'last.safetensors'), acceptChangedData: false }
  let asked = 0
  const next = (): 'pause' | null => (asked++ === pauseAfter ? 'pause' : null)
  await trainJob(
    { type: 'train', config, runFolder: into, beginning, folders: { cache: join(folder, 'cache'), resources } },
    () => undefined,
    next,
  )
  let traced: TracedRun = { run: newRun('0000test', '', config, { type: 'new' }), trace: noPoints() }
  const events: TrainEvent[] = []
  await readLog(join(into, 'events.ndjson'), (event) => {
    events.push(event as TrainEvent)
    traced = foldTraced(traced, event as TrainEvent)
  })
  const { state } = await loadCheckpoint(join(into, 'checkpoints', 'last.safetensors'))
  return { traced, events, folder: into, final: state }
}

const names = ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']

/** The perceptron's parameters in a state, possibly behind a prefix. */
export const parametersIn = (state: LearnerState, prefix = ''): Parameters =>
  Object.fromEntries(names.map((name) => [name, [...state.get(prefix + name)!.data]]))
