/*
 * Every way in which a checkpoint may be wrong, at every place that reads one. A training goes on from the newest that
 * is its own and whole, to the same end as if nothing had been; elsewhere the file is refused by its name, and nothing
 * is computed from weights that are not there.
 */
import { appendFileSync, copyFileSync, cpSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CheckpointMetadata } from '../../core/checkpoint'
import { newestCheckpoints } from '../../core/best'
import type { RunConfig } from '../../core/config/config'
import { noPoints, type TrainEvent } from '../../core/events'
import type { FlatnessSettings } from '../../core/flatness/report'
import { foldTraced } from '../../core/fold'
import type { Beginning } from '../../core/job'
import { newRun, type RunId, type TracedRun } from '../../core/run'
import { durableWrite } from '../../main/files/durableWrite'
import { readMetadata } from '../../main/files/checkpointHeader'
import { readLog } from '../../main/files/readLog'
import { readTensors, writeSafetensors } from '../../main/files/safetensors'
import { checkpointContent, loadCheckpoint } from '../../main/trainer/checkpoint'
import { evaluateCheckpoints } from '../../main/trainer/evaluateCheckpoints'
import { measureFlatness } from '../../main/trainer/flatness/measureFlatness'
import type { HostTensor, LearnerState } from '../../main/trainer/learner/learner'
import { trainJob } from '../../main/trainer/trainJob'
import { digitsConfig } from '../support/digits'
import { removeFolder } from '../support/cleanup'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const folder = mkdtempSync(join(tmpdir(), 'batchlab-damaged-'))
afterAll(() => removeFolder(folder))
const folders = { cache: join(folder, 'cache'), resources: resolve(import.meta.dirname, '../../resources') }

const own: RunId = '0own0run'
const config = digitsConfig({
  data: { trainingImages: 96, validationImages: 40, testImages: 40 },
  network: { type: 'mlp', hidden: [6], batchNorm: true },
  epochs: 4,
  optimizer: { type: 'sgd', momentum: 0.9 },
  regularisation: { average: { type: 'ema', decay: 0.8 } },
  checkpoints: { keepBest: 4 },
})
const pausedAt = 14
const settings: FlatnessSettings = { images: 20, epsilons: [1e-3], ascentSteps: 1, powerSteps: 1, places: [0] }

const fileOf = (into: string, name: string): string => join(into, 'checkpoints', `${name}.safetensors`)

async function told(into: string, of: RunConfig): Promise<TracedRun> {
  let traced: TracedRun = { run: newRun(own, '', of, { type: 'new' }), trace: noPoints() }
  await readLog(join(into, 'events.ndjson'), (event) => {
    traced = foldTraced(traced, event as TrainEvent)
  })
  return traced
}

async function train(
  into: string,
  {
    of = config,
    run = own,
    beginning = { type: 'new' },
    pauseAfter = -1,
  }: { of?: RunConfig; run?: RunId; beginning?: Beginning; pauseAfter?: number } = {},
): Promise<TracedRun> {
  let asked = 0
  await trainJob(
    { type: 'train', run, config: of, runFolder: into, beginning, folders },
    () => undefined,
    () => (asked++ === pauseAfter ? 'pause' : null),
  )
  return await told(into, of)
}

const fresh = (): string => mkdtempSync(join(folder, 'run-'))
const resumed = (into: string, names: readonly string[]): Beginning => {
  const [path = '', ...others] = names.map((name) => fileOf(into, name))
  return { type: 'resume', path, others, acceptChangedData: false }
}

/** Everything about a finished run but its seconds and what was remarked. */
async function essence(into: string): Promise<string> {
  const {
    run: { status, moment, epochs, test, checkpoints },
    trace,
  } = await told(into, config)
  const tensors: unknown[] = []
  for (const { name } of checkpoints)
    for (const [tensor, { data }] of (await loadCheckpoint(fileOf(into, name))).state)
      tensors.push([name, tensor, [...new Uint32Array(data.buffer, data.byteOffset, data.length)]])
  const kept = checkpoints.map(({ bytes: _, ...one }) => one).sort((a, b) => a.name.localeCompare(b.name))
  return JSON.stringify(
    { status, moment, epochs, test, kept, trace, tensors: tensors.sort() },
    (key, value: unknown) => (key === 'seconds' ? 0 : value),
  )
}

interface Content {
  readonly state: LearnerState
  readonly metadata: CheckpointMetadata
}

/** Writes a checkpoint anew with something changed, sealed as if it had been so. */
async function rewrite(path: string, change: (content: Content) => Partial<Content>): Promise<void> {
  const metadata = await readMetadata(path)
  const { tensors } = await readTensors(path)
  const state = new Map(
    [...tensors].map(([name, { shape, data }]): [string, HostTensor] => [name, { shape, data: data as Float32Array }]),
  )
  const changed = { state, metadata: metadata!, ...change({ state, metadata: metadata! }) }
  await durableWrite(path, checkpointContent(changed.state, changed.metadata).content)
}

async function rewriteWeights(path: string, missing: string): Promise<void> {
  const { tensors } = await readTensors(path)
  await writeSafetensors(path, new Map([...tensors].filter(([name]) => name !== missing)), {})
}

const without =
  (name: string) =>
  ({ state }: Content): Partial<Content> => {
    expect(state.has(name)).toBe(true)
    return { state: new Map([...state].filter(([one]) => one !== name)) }
  }
const withTensor =
  (name: string, shape: readonly number[], fill: number) =>
  ({ state }: Content): Partial<Content> => ({
    state: new Map([...state, [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(fill) }]]),
  })
const at =
  (moment: Partial<CheckpointMetadata['moment']>) =>
  ({ metadata }: Content): Partial<Content> => ({
    metadata: { ...metadata, moment: { ...metadata.moment, ...moment } },
  })
const saying =
  (changes: Partial<CheckpointMetadata>) =>
  ({ metadata }: Content): Partial<Content> => ({ metadata: { ...metadata, ...changes } })

function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 9]! ^= 1
  writeFileSync(path, bytes)
}

type Use = 'resume' | 'fork' | 'evaluate'
interface Damage {
  readonly what: string
  readonly spoil: (path: string) => void | Promise<void>
  readonly says: RegExp
  readonly refusedBy: readonly Use[]
}
const everywhere = ['resume', 'fork', 'evaluate'] as const
const damages: readonly Damage[] = [
  { what: 'one bit', spoil: flip, says: /checksum/, refusedBy: everywhere },
  {
    what: 'its end',
    spoil: (path) => truncateSync(path, 3000),
    says: /should have|ends after|IncompleteData|header/i,
    refusedBy: everywhere,
  },
  { what: 'everything', spoil: (path) => truncateSync(path, 0), says: /too short/, refusedBy: everywhere },
  {
    what: 'bytes behind it',
    spoil: (path) => appendFileSync(path, 'more'),
    says: /last\.safetensors/,
    refusedBy: everywhere,
  },
  {
    what: 'the weights',
    spoil: (path) => rewrite(path, without('fc1.weight')),
    says: /lacks the tensor fc1\.weight/,
    refusedBy: everywhere,
  },
  {
    what: 'the running statistics',
    spoil: (path) => rewrite(path, without('bn1.running_var')),
    says: /lacks the tensor bn1\.running_var/,
    refusedBy: everywhere,
  },
  {
    what: 'the average',
    spoil: (path) => rewrite(path, without('optimizer.average.fc2.bias')),
    says: /lacks the tensor optimizer\.average\.fc2\.bias/,
    refusedBy: everywhere,
  },
  {
    what: 'the optimizer',
    spoil: (path) => rewrite(path, without('optimizer.momentum_buffer.fc1.weight')),
    says: /lacks the tensor optimizer\.momentum_buffer\.fc1\.weight/,
    refusedBy: ['resume'],
  },
  {
    what: 'a shape',
    spoil: (path) => rewrite(path, withTensor('fc2.bias', [1, 10], 0)),
    says: /fc2\.bias of shape \[1, 10\], its network needs \[10\]/,
    refusedBy: everywhere,
  },
  {
    what: 'its own network',
    spoil: (path) => rewrite(path, withTensor('fc9.bias', [3], 0)),
    says: /does not have: fc9\.bias/,
    refusedBy: everywhere,
  },
  {
    what: 'a number',
    spoil: (path) => rewrite(path, withTensor('fc2.bias', [10], NaN)),
    says: /fc2\.bias holds a NaN/,
    refusedBy: everywhere,
  },
  {
    what: 'a divisor of its input',
    spoil: (path) => rewrite(path, saying({ normalisation: { mean: [0.3], std: [0] } })),
    says: /normalisation\.std/,
    refusedBy: everywhere,
  },
  {
    what: 'the channels of its input',
    spoil: (path) => rewrite(path, saying({ normalisation: { mean: [], std: [] } })),
    says: /a mean and a divisor for each channel/,
    refusedBy: everywhere,
  },
  {
    what: 'its run',
    spoil: (path) => rewrite(path, saying({ run: '0another' })),
    says: /is a checkpoint of run 0another, not of run 0own0run/,
    refusedBy: ['resume'],
  },
  {
    what: 'a setting',
    spoil: (path) => rewrite(path, ({ metadata }) => ({ metadata: { ...metadata, config: { ...config, seed: 7 } } })),
    says: /was trained with seed 7, the run has 1/,
    refusedBy: ['resume'],
  },
  {
    what: 'its update',
    spoil: (path) => rewrite(path, at({ update: 1_000_000 })),
    says: /only 336 images/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'its update and its images',
    spoil: (path) => rewrite(path, at({ update: 1_000_000, examples: 24_000_000 })),
    says: /update 1000000 of a run of 16/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'its epoch',
    spoil: (path) => rewrite(path, at({ epoch: 4 })),
    says: /stands at image 48 of an epoch of 0/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'its epoch, to a later one',
    spoil: (path) => rewrite(path, at({ epoch: 400 })),
    says: /epoch 400 of a run of 4/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'its position',
    spoil: (path) => rewrite(path, at({ position: 50 })),
    says: /image 50 of an epoch of 96 in batches of 24/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'its update by one',
    spoil: (path) => rewrite(path, at({ update: 13 })),
    says: /stands at update 13 in epoch 3 at image 48, where the plan has update 14/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'its count of images',
    spoil: (path) => rewrite(path, at({ examples: 335 })),
    says: /after 335 images, where the plan has 336/,
    refusedBy: ['resume'],
  },
  {
    what: 'the sums of its epoch',
    spoil: (path) =>
      rewrite(path, ({ metadata }) => ({ metadata: { ...metadata, sums: { ...metadata.sums, images: 24 } } })),
    says: /sums over 24 images at image 48/,
    refusedBy: ['resume'],
  },
  {
    what: 'what was right',
    spoil: (path) =>
      rewrite(path, ({ metadata }) => ({ metadata: { ...metadata, sums: { ...metadata.sums, correct: 49 } } })),
    says: /49 of 48 images right/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'the best epoch',
    spoil: (path) => rewrite(path, saying({ stopping: { best: 0.9, bestEpoch: 9, waited: 0 } })),
    says: /since the best one, 9/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'the patience',
    spoil: (path) => rewrite(path, saying({ stopping: { best: 0.9, bestEpoch: 3, waited: 5 } })),
    says: /waits 5 epochs/,
    refusedBy: ['resume', 'fork'],
  },
  {
    what: 'its end',
    spoil: (path) => rewrite(path, saying({ ending: { reason: 'finished', message: '' } })),
    says: /says that training ended \(finished\) in epoch 3 of 4/,
    refusedBy: ['resume', 'fork'],
  },
]

describe('a checkpoint that is wrong in', () => {
  let expected = ''
  let paused = ''
  let whole = ''
  beforeAll(async () => {
    whole = fresh()
    await train(whole)
    expected = await essence(whole)
    paused = fresh()
    const { run } = await train(paused, { pauseAfter: pausedAt })
    expect(run).toMatchObject({ status: 'paused', moment: { update: pausedAt, epoch: 3, position: 48 } })
  })

  const copied = (): string => {
    const into = fresh()
    cpSync(paused, into, { recursive: true })
    return into
  }

  it('nothing is gone on from, forked and measured', async () => {
    const into = copied()
    await train(into, { beginning: resumed(into, ['last', 'best-00003']) })
    expect(await essence(into)).toBe(expected)
  })

  it.each(damages)('$what is passed over when the run goes on, to the same end', async ({ spoil, says }) => {
    const into = copied()
    await spoil(fileOf(into, 'last'))
    const names = newestCheckpoints((await told(into, config)).run).map(({ name }) => name)
    expect(names[0]).toBe('last')
    const { run } = await train(into, { beginning: resumed(into, names) })
    const remark = run.log.find(({ message }) => message.includes('last.safetensors'))?.message
    expect(remark).toMatch(says)
    expect(remark).toMatch(/Training goes on from update 12 instead/)
    expect(await essence(into)).toBe(expected)
  })

  it.each(damages)(
    '$what is refused by its name and left as it is where there is no other',
    async ({ spoil, says }) => {
      const into = copied()
      await spoil(fileOf(into, 'last'))
      const [before, log] = [readFileSync(fileOf(into, 'last')), readFileSync(join(into, 'events.ndjson'))]
      const failure = await train(into, { beginning: resumed(into, ['last']) }).then(
        () => '',
        (error: unknown) => (error as Error).message,
      )
      expect(failure).toMatch(says)
      expect(failure).toMatch(
        /last\.safetensors.*It has no other checkpoint: put one back from a backup, or begin the run anew/,
      )
      expect(readFileSync(fileOf(into, 'last')).equals(before)).toBe(true)
      expect(readFileSync(join(into, 'events.ndjson')).equals(log)).toBe(true)
    },
  )

  it.each(damages)(
    '$what is refused where it says nothing right, and only there: by a fork and a measurement',
    async ({ spoil, says, refusedBy }) => {
      const into = copied()
      const path = fileOf(into, 'last')
      await spoil(path)
      const outcome = async (work: () => Promise<unknown>): Promise<string> =>
        await work().then(
          () => '',
          (error: unknown) => (error as Error).message,
        )
      const forked = await outcome(() =>
        train(fresh(), { run: '0the0fork', beginning: { type: 'fork', path }, pauseAfter: 0 }),
      )
      if (refusedBy.includes('fork')) expect(forked).toMatch(says)
      else expect(forked).toBe('')
      const measured = await outcome(() =>
        evaluateCheckpoints(
          {
            type: 'evaluate',
            checkpoints: [{ path: fileOf(whole, 'last') }, { path }],
            split: 'test',
            data: null,
            unseen: false,
            folders,
          },
          () => undefined,
        ),
      )
      if (!refusedBy.includes('evaluate')) return expect(measured).toBe('')
      expect(measured).toMatch(says)
      expect(
        await outcome(() =>
          measureFlatness(
            { type: 'flatness', checkpoints: [{ path }], settings, data: null, folders },
            () => undefined,
          ),
        ),
      ).toMatch(says)
    },
  )

  it('no way is one of a fork that has less patience than its parent, or other batches', async () => {
    const reduced = (patience: number, batchSize: number): RunConfig => ({
      ...config,
      batchSize,
      learningRate: {
        ...config.learningRate,
        schedule: {
          type: 'plateau',
          factor: 0.5,
          patience,
          metric: 'trainingLoss',
          threshold: 100,
          thresholdMode: 'abs',
          cooldown: 0,
          minimum: 0,
        },
      },
    })
    const parent = fresh()
    await train(parent, { of: reduced(10, 24), pauseAfter: 15 })
    expect((await loadCheckpoint(fileOf(parent, 'last'))).metadata.plateau?.waited).toBe(2)
    for (const batchSize of [24, 20]) {
      const into = fresh()
      await train(into, {
        of: reduced(1, batchSize),
        run: '0the0fork',
        beginning: { type: 'fork', path: fileOf(parent, 'last') },
        pauseAfter: 1,
      })
      const { run } = await train(into, {
        of: reduced(1, batchSize),
        run: '0the0fork',
        beginning: resumed(into, ['last']),
      })
      expect(run).toMatchObject({ status: 'finished', moment: { epoch: 4 } })
    }
  })

  it.each<[string, (path: string) => void | Promise<void>]>([
    ['one bit', flip],
    ['a tensor', (path) => rewriteWeights(path, 'fc1.weight')],
  ])('the copy of the initial weights, in %s, costs the distances and nothing else', async (_, spoil) => {
    const fork: Beginning = { type: 'fork', path: fileOf(paused, 'best-00002') }
    const straight = fresh()
    await train(straight, { run: '0the0fork', beginning: fork })
    const into = fresh()
    await train(into, { run: '0the0fork', beginning: fork, pauseAfter: 2 })
    await spoil(join(into, 'initial.safetensors'))
    const { run } = await train(into, { run: '0the0fork', beginning: resumed(into, ['last']) })
    expect(run.log.map(({ message }) => message).join()).toMatch(
      /The distance from the initial weights is not measured any more: .*initial\.safetensors/,
    )
    expect(run.epochs.map(({ distance }) => distance)).toEqual([null, null])
    const withoutDistances = async (of: string): Promise<string> =>
      (await essence(of)).replace(/"distance":[^,}]*/g, '')
    expect(await withoutDistances(into)).toBe(await withoutDistances(straight))
  })

  it('its place is neither gone on from nor tested as the best', async () => {
    // Another run of the very same settings, whose weights would be taken for this run's.
    const other = fresh()
    await train(other, { run: '0another' })
    const into = copied()
    for (const name of ['last', 'best-00003', 'best-00002', 'best-00001'])
      copyFileSync(fileOf(other, 'last'), fileOf(into, name))
    await expect(
      train(into, { beginning: resumed(into, ['last', 'best-00003', 'best-00002', 'best-00001']) }),
    ).rejects.toThrow(/of run 0another.*None of its other checkpoints can be used/)
    const late = copied()
    for (const name of ['best-00003', 'best-00002', 'best-00001'])
      copyFileSync(fileOf(other, 'last'), fileOf(late, name))
    const { run } = await train(late, { beginning: resumed(late, ['last']) })
    expect(run).toMatchObject({ status: 'finished', test: { best: { epoch: 4 } } })
  })
})
