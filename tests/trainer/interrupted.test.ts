/*
 * A pause is heard in the middle of evaluations, re-estimations, measurements and updates that have pieces. Wherever it
 * is heard, the resumed run is the uninterrupted one to the bit: its records, its scores, its checkpoints.
 */
import { cpSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import type { TrainEvent } from '../../core/events'
import { noPoints } from '../../core/events'
import { foldTraced } from '../../core/fold'
import type { Beginning } from '../../core/job'
import { newRun, type TracedRun } from '../../core/run'
import { readLog } from '../../main/files/readLog'
import type { Commands } from '../../main/trainer/commands'
import { loadCheckpoint } from '../../main/trainer/checkpoint'
import { trainJob } from '../../main/trainer/trainJob'
import { digitsConfig } from '../support/digits'
import { removeFolder } from '../support/cleanup'

vi.setConfig({ testTimeout: 300_000 })
const resources = resolve(import.meta.dirname, '../../resources')
const folder = mkdtempSync(join(tmpdir(), 'batchlab-interrupted-'))
afterAll(() => removeFolder(folder))

/**
 * Asks for something at the so manyth time that the trainer listens in the middle of its work; counts how often it
 * does.
 */
function interruptingAt(point: number, command: 'pause' | 'stop'): Commands & { readonly heard: () => number } {
  let heard = 0
  let asked: 'pause' | 'stop' | null = null
  return {
    heard: () => heard,
    isAskedToEnd: () => {
      if (heard++ === point) asked = command
      return asked !== null
    },
    next: () => {
      const wanted = asked
      asked = null
      return wanted
    },
  }
}

interface Told {
  readonly traced: TracedRun
  readonly events: readonly TrainEvent[]
}

async function train(config: RunConfig, into: string, commands: Commands): Promise<Told> {
  const last = join(into, 'checkpoints', 'last.safetensors')
  const isBegun = readdirSync(into).includes('checkpoints')
  const beginning: Beginning = isBegun ? { type: 'resume', path: last, acceptChangedData: false } : { type: 'new' }
  await trainJob(
    { type: 'train', config, runFolder: into, beginning, folders: { cache: join(folder, 'cache'), resources } },
    () => undefined,
    commands,
  )
  const events: TrainEvent[] = []
  let traced: TracedRun = { run: newRun('0000test', '', config, { type: 'new' }), trace: noPoints() }
  await readLog(join(into, 'events.ndjson'), (event) => {
    events.push(event as TrainEvent)
    traced = foldTraced(traced, event as TrainEvent)
  })
  return { traced, events }
}

/** Everything that a run is, but for clocks and the log's words of pauses. */
async function essence({ run, trace, diagnoses }: TracedRun, into: string): Promise<string> {
  const names = readdirSync(join(into, 'checkpoints'))
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
  const tensors: [string, string, unknown][] = []
  for (const name of names) {
    const {
      state,
      metadata: { ending: _, ...metadata },
    } = await loadCheckpoint(join(into, 'checkpoints', name))
    for (const [tensor, { data }] of state)
      tensors.push([name, tensor, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')])
    tensors.push([name, 'metadata', metadata])
  }
  const { status, message, moment, epochs, test, checkpoints } = run
  const kept = checkpoints.map(({ bytes: _, ...one }) => one).sort((a, b) => a.name.localeCompare(b.name))
  return JSON.stringify(
    { status, message, moment, epochs, test, checkpoints: kept, trace, diagnoses, tensors },
    (key, value: unknown) => (key === 'seconds' ? 0 : value),
  )
}

const fresh = (): string => mkdtempSync(join(folder, 'run-'))
const norm: RunConfigInput = { network: { type: 'mlp', hidden: [12], batchNorm: true } }

const cases: readonly (readonly [string, RunConfigInput])[] = [
  ['plain', { batch: { lastPartial: 'keep' } }],
  [
    'early stopping that ends it, with the best weights',
    { epochs: 30, learningRate: { base: 0.5 }, earlyStopping: { enabled: true, patience: 1 } },
  ],
  [
    'a moving average whose statistics are estimated anew',
    { ...norm, regularisation: { average: { type: 'ema', decay: 0.9, statistics: 'reestimated' } } },
  ],
  ['SWA', { ...norm, epochs: 4, regularisation: { average: { type: 'swa', start: 0.25 } } }],
  [
    'simulated workers with statistics estimated anew',
    { ...norm, batch: { workers: { type: 'postLocal', workers: 2, statistics: 'reestimated' } } },
  ],
  ['micro-batches with batch norm', { ...norm, batch: { microBatch: 8 } }],
  [
    'dense layers with batches of their own',
    { network: { type: 'tinyCnn' }, batch: { denseBatch: 8 }, data: { trainingImages: 96 }, epochs: 2 },
  ],
  [
    'measurements of the gradient',
    { ...norm, batch: { microBatch: 8 }, diagnostics: { every: 3, gradientNoise: true, updateRatio: true } },
  ],
  [
    'a rate that falls on a plateau',
    { learningRate: { base: 0.3, schedule: { type: 'plateau', patience: 0, metric: 'validationLoss' } } },
  ],
]

describe('a pause that is heard in the middle of something', () => {
  it.each(cases)('changes nothing of a run with %s', async (_, input) => {
    const config = digitsConfig({ data: { trainingImages: 96 }, epochs: 3, ...input })
    const straight = interruptingAt(-1, 'pause')
    const into = fresh()
    const { traced } = await train(config, into, straight)
    const expected = await essence(traced, into)
    const points = straight.heard()
    expect(points).toBeGreaterThan(3)
    // All of them where there are few; otherwise evenly many, the ones at the end included.
    const tried =
      points <= 6
        ? Array.from({ length: points }, (_, i) => i)
        : Array.from({ length: 6 }, (_, i) => Math.round((i * (points - 1)) / 5))
    for (const point of tried) {
      const other = fresh()
      const paused = await train(config, other, interruptingAt(point, 'pause'))
      expect(paused.traced.run.status, `paused at ${point} of ${points}`).toBe('paused')
      const resumed = await train(config, other, interruptingAt(-1, 'pause'))
      expect(await essence(resumed.traced, other), `interrupted at ${point} of ${points}`).toBe(expected)
    }
  })

  it('and again in every piece of work that follows, changes nothing either', async () => {
    const config = digitsConfig({
      ...norm,
      data: { trainingImages: 96 },
      epochs: 2,
      regularisation: { average: { type: 'swa', start: 0 } },
      earlyStopping: { enabled: true, patience: 1 },
    })
    const into = fresh()
    const { traced } = await train(config, into, interruptingAt(-1, 'pause'))
    const expected = await essence(traced, into)
    const other = fresh()
    let told = await train(config, other, interruptingAt(0, 'pause'))
    let pauses = 1
    // Each attempt hears one more than the one before, so that every piece is left once and then done.
    for (let point = 1; told.traced.run.status === 'paused'; point++, pauses++)
      told = await train(config, other, interruptingAt(point, 'pause'))
    expect(pauses).toBeGreaterThan(3)
    expect(await essence(told.traced, other)).toBe(expected)
  })
})

describe('a stop', () => {
  it('in the middle of the validation ends with that epoch’s updates and its own test', async () => {
    const config = digitsConfig({ data: { trainingImages: 96 }, epochs: 2 })
    const into = fresh()
    const {
      traced: { run },
    } = await train(config, into, interruptingAt(0, 'stop'))
    expect(run).toMatchObject({
      status: 'stopped',
      message: 'stopped by hand',
      moment: { update: 4, epoch: 0, position: 96 },
      epochs: [],
    })
    expect(run.test.last?.score.images).toBeGreaterThan(0)
    const { traced } = await train(config, into, interruptingAt(-1, 'stop'))
    expect(traced.run).toMatchObject({ status: 'finished', epochs: [{ epoch: 1 }, { epoch: 2 }] })
  })

  it('in the middle of the final test ends without it, keeps the final weights, and the test can be had later', async () => {
    const config = digitsConfig({ data: { trainingImages: 96 }, epochs: 2 })
    const into = fresh()
    // Two validations, each of two batches, then the test.
    const {
      traced: { run },
    } = await train(config, into, interruptingAt(4, 'stop'))
    expect(run).toMatchObject({
      status: 'stopped',
      message: 'stopped by hand before the test was done',
      epochs: [{ epoch: 1 }, { epoch: 2 }],
      test: { last: null, best: null },
    })
    expect(run.checkpoints.map(({ name }) => name)).toContain('final')
    const later = fresh()
    cpSync(into, later, { recursive: true })
    const { traced } = await train(config, later, interruptingAt(-1, 'stop'))
    expect(traced.run.test.last?.score.images).toBeGreaterThan(0)
  })
})
