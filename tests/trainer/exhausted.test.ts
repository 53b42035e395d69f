/*
 * An engine whose memory is used up, at any of its operations: the run pauses at its last checkpoint, or failed where
 * it has none, the sentence says what to lower, and when it goes on it ends as the run that never lacked memory.
 */
import * as tf from '@tensorflow/tfjs-core'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { RunConfig } from '../../core/config/config'
import { noPoints, type TrainEvent } from '../../core/events'
import { foldTraced } from '../../core/fold'
import type { Beginning, HostMessage, TrainerJob } from '../../core/job'
import { newRun, type TracedRun } from '../../core/run'
import { DataError } from '../../main/data/dataError'
import { FileError } from '../../main/files/fileError'
import { readLog } from '../../main/files/readLog'
import { loadCheckpoint } from '../../main/trainer/checkpoint'
import { failureOf } from '../../main/trainer/exhaustion'
import { runTrainerJob } from '../../main/trainer/jobs'
import { digitsConfig } from '../support/digits'
import { removeFolder } from '../support/cleanup'

vi.setConfig({ testTimeout: 1_800_000 })
const resources = resolve(import.meta.dirname, '../../resources')
const folder = mkdtempSync(join(tmpdir(), 'batchlab-exhausted-'))
const folders = { cache: join(folder, 'cache'), resources }
afterAll(() => removeFolder(folder))

const oom =
  'OOM when allocating tensor with shape[24,64] and type float on /job:localhost/replica:0/task:0/device:CPU:0 ' +
  'by allocator cpu'
const engine = tf.engine()
const runKernel = engine.runKernel.bind(engine)
afterEach(() => {
  engine.runKernel = runKernel
})

/** Counts the operations of the engine; the one of this number finds no memory. */
function exhaustedAt(operation: number): { readonly count: () => number } {
  let count = 0
  engine.runKernel = (...args) => {
    if (count++ === operation) throw new Error(oom)
    return runKernel(...args)
  }
  return { count: () => count }
}

interface Attempt {
  readonly traced: TracedRun
  readonly events: readonly TrainEvent[]
  readonly said: readonly HostMessage[]
}

/** As a host does it: the last word of a job that throws is what the thread says of it. */
async function attempt(config: RunConfig, into: string): Promise<Attempt> {
  const path = join(into, 'checkpoints', 'last.safetensors')
  const isBegun = readdirSync(into).includes('checkpoints')
  const beginning: Beginning = isBegun ? { type: 'resume', path, acceptChangedData: false } : { type: 'new' }
  const said: HostMessage[] = []
  const job: TrainerJob = { type: 'train', config, runFolder: into, beginning, folders }
  await runTrainerJob(job, (message) => said.push(message), { next: () => null, isAskedToEnd: () => false }).catch(
    (error: unknown) => said.push(failureOf(error, job)),
  )
  const events: TrainEvent[] = []
  let traced: TracedRun = { run: newRun('0000test', '', config, { type: 'new' }), trace: noPoints() }
  if (readdirSync(into).includes('events.ndjson')) {
    await readLog(join(into, 'events.ndjson'), (event) => {
      events.push(event as TrainEvent)
      traced = foldTraced(traced, event as TrainEvent)
    })
  }
  return { traced, events, said }
}

async function essence(
  { run: { status, message, moment, epochs, test }, trace }: TracedRun,
  into: string,
): Promise<string> {
  const { state } = await loadCheckpoint(join(into, 'checkpoints', 'final.safetensors'))
  const tensors = [...state].map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
  ])
  return JSON.stringify({ status, message, moment, epochs, test, trace, tensors }, (key, value: unknown) =>
    key === 'seconds' ? 0 : value,
  )
}

const fresh = (): string => mkdtempSync(join(folder, 'run-'))
const config = digitsConfig({
  data: { trainingImages: 72, validationImages: 40, testImages: 40 },
  network: { type: 'mlp', hidden: [6] },
  epochs: 3,
  engine: { backend: 'cpu', evaluationBatch: 16 },
})

describe('an engine whose memory is used up', () => {
  it(
    'at any operation pauses the run at its last checkpoint, says what to lower, and changes nothing of what the ' +
      'run becomes',
    async () => {
      const whole = fresh()
      const counting = exhaustedAt(-1)
      const expected = await essence((await attempt(config, whole)).traced, whole)
      const total = counting.count()
      expect(total).toBeGreaterThan(300)
      const works = new Set<string>()
      const endings = new Set<string>()
      const stride = process.env['BATCHLAB_EVERY_KILL'] === undefined ? Math.ceil(total / 12) : 1
      const sample = [
        0,
        ...Array.from({ length: Math.ceil(total / stride) }, (_, i) => i * stride + 3),
        total - 1,
      ].filter((one) => one < total)
      for (const operation of stride === 1 ? Array.from({ length: total }, (_, i) => i) : sample) {
        const into = fresh()
        exhaustedAt(operation)
        const {
          traced: { run },
          events,
          said,
        } = await attempt(config, into)
        const last = events.at(-1) ?? said.at(-1)
        const where = `operation ${operation} of ${total}`
        expect(last, where).toMatchObject({ shortage: 'resource_exhausted' })
        const sentence =
          last?.type === 'paused' ? last.cause : last !== undefined && 'message' in last ? last.message : ''
        expect(sentence, where).toMatch(
          /ran out of memory .*OOM when allocating.*Set the (?:micro-batch \(batch\.microBatch\) to 12, now 24|evaluation batch \(engine\.evaluationBatch\) to 8, now 16)/,
        )
        if (last?.type === 'paused') {
          expect(run.moment, where).toEqual(run.checkpoints.find(({ name }) => name === 'last')?.moment)
          expect(sentence).toContain(`Training stands at its last checkpoint (update ${run.moment.update}).`)
        } else expect(run.checkpoints, where).toEqual([])
        works.add(/while it was set up|in an update|while it evaluated/.exec(sentence)?.[0] ?? '')
        endings.add(last?.type ?? '')
        engine.runKernel = runKernel
        expect(await essence((await attempt(config, into)).traced, into), where).toBe(expected)
        rmSync(into, { recursive: true })
      }
      expect(works).toEqual(new Set(['while it was set up', 'in an update', 'while it evaluated']))
      expect(endings).toEqual(new Set(['failed', 'ended', 'paused']))
    },
  )

  it('in a comparison or a measurement of flatness says what to lower, and is no bad input', async () => {
    const into = fresh()
    await attempt(config, into)
    const path = join(into, 'checkpoints', 'last.safetensors')
    const jobs: readonly TrainerJob[] = [
      { type: 'evaluate', checkpoints: [{ path }], split: 'test', data: null, unseen: false, folders },
      {
        type: 'flatness',
        checkpoints: [{ path }],
        data: null,
        folders,
        settings: { images: 32, epsilons: [0.001], ascentSteps: 1, powerSteps: 2, places: [] },
      },
    ]
    for (const job of jobs) {
      const counting = exhaustedAt(-1)
      const work = (): Promise<unknown> =>
        runTrainerJob(job, () => undefined, { next: () => null, isAskedToEnd: () => false })
      await work()
      for (const operation of [1, Math.floor(counting.count() / 2), counting.count() - 1]) {
        exhaustedAt(operation)
        const failure = await work().then(
          () => null,
          (error: unknown) => failureOf(error, job),
        )
        expect(failure, `${job.type}, operation ${operation}`).toMatchObject({
          type: 'failed',
          shortage: 'resource_exhausted',
          message: expect.stringMatching(
            /ran out of memory while it measured 16 images.*\(engine\.evaluationBatch\) to 8, now 16/,
          ),
        })
      }
      engine.runKernel = runKernel
    }
  })

  it('is not what an error of a file means, whatever its path says', () => {
    const job: TrainerJob = { type: 'train', config, runFolder: '', beginning: { type: 'new' }, folders }
    for (const error of [
      new FileError('/out of memory/x', 'EIO', 'Cannot read x: the disk reported an error (/out of memory/x)'),
      new DataError('data', '/out of memory is not there'),
      Object.assign(new Error("ENOENT: open '/out of memory'"), { code: 'ENOENT', path: '/out of memory' }),
    ]) {
      expect(failureOf(error, job)).toMatchObject({ message: error.message })
      expect(failureOf(error, job)).not.toHaveProperty('shortage')
    }
    const raw = failureOf(new RangeError('Array buffer allocation failed'), {
      type: 'inspect',
      data: config.data,
      folders,
    })
    expect(raw).toEqual({ type: 'failed', message: 'Array buffer allocation failed', shortage: 'resource_exhausted' })
  })

  it('is not replaced by a slower one', async () => {
    exhaustedAt(0)
    const { said } = await attempt({ ...config, engine: { ...config.engine, backend: 'auto' } }, fresh())
    expect(said.at(-1)).toMatchObject({ type: 'failed', shortage: 'resource_exhausted' })
  })
})
