import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../core/config/parse'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import type { Points, TrainEvent } from '../../core/events'
import { foldTraced } from '../../core/fold'
import type { Beginning, HostMessage, TrainCommand } from '../../core/job'
import { planRun } from '../../core/plan/plan'
import { newRun, type TracedRun } from '../../core/run'
import { noPoints } from '../../core/events'
import { readLog } from '../../main/files/readLog'
import { loadCheckpoint } from '../../main/trainer/checkpoint'
import { trainJob } from '../../main/trainer/trainJob'
import { removeFolder } from '../support/cleanup'

const resources = resolve(import.meta.dirname, '../../resources')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'batchlab-train-'))
})
afterAll(() => removeFolder(folder))

const configOf = (input: RunConfigInput): RunConfig => {
  const parsed = parseConfig({
    network: { type: 'mlp', hidden: [24], batchNorm: true },
    data: { trainingImages: 320 },
    batchSize: 32,
    epochs: 3,
    learningRate: { base: 0.05 },
    engine: { backend: 'cpu' },
    ...input,
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
}

interface Attempt {
  readonly traced: TracedRun
  readonly events: readonly TrainEvent[]
  readonly folder: string
}

/** Trains in a fresh or given folder; `command` is given once, when so many updates have been asked about. */
async function sit(
  config: RunConfig,
  options: {
    readonly into?: string
    readonly beginning?: Beginning
    readonly after?: number
    readonly command?: TrainCommand['type']
  } = {},
): Promise<Attempt> {
  const into = options.into ?? mkdtempSync(join(folder, 'run-'))
  const events: TrainEvent[] = []
  let asked = 0
  const say = (message: HostMessage): void => {
    if (message.type === 'event') events.push(message.event)
  }
  const next = (): TrainCommand['type'] | null =>
    options.command !== undefined && asked++ === options.after ? options.command : null
  await trainJob(
    {
      type: 'train',
      config,
      runFolder: into,
      beginning: options.beginning ?? { type: 'new' },
      folders: { cache: join(folder, 'cache'), resources },
    },
    say,
    next,
  )
  let traced: TracedRun = { run: newRun('0000test', '', config, { type: 'new' }), trace: noPoints() }
  await readLog(join(into, 'events.ndjson'), (event) => {
    traced = foldTraced(traced, event as TrainEvent)
  })
  return { traced, events, folder: into }
}

const resumed = (into: string): Beginning => ({
  type: 'resume',
  path: join(into, 'checkpoints', 'last.safetensors'),
  acceptChangedData: false,
})
const weightsIn = async (into: string, name = 'last') =>
  (await loadCheckpoint(join(into, 'checkpoints', `${name}.safetensors`))).state
const withoutTime = ({ seconds: _, ...rest }: Points): Omit<Points, 'seconds'> => rest

describe('a training', () => {
  it('learns the digits and records every update and epoch', { timeout: 60_000 }, async () => {
    const {
      traced: { run, trace },
    } = await sit(configOf({ epochs: 4 }))
    expect(run.status).toBe('finished')
    expect(trace.update).toEqual(Array.from({ length: run.updates }, (_, i) => i + 1))
    expect(run.updates).toBe(4 * Math.floor(run.facts!.counts.train / 32))
    expect(run.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4])
    expect(run.epochs.at(-1)!.train.loss!).toBeLessThan(run.epochs[0]!.train.loss! / 2)
    expect(run.test.last!.score.accuracy).toBeGreaterThan(0.5)
    expect(run.checkpoints.map(({ kinds }) => kinds[0]).sort()).toEqual(['best', 'final', 'last'])
    expect(run.moment.examples).toBe(trace.batchSize.reduce((sum, size) => sum + size, 0))
  })

  it('uses the rates of its plan', async () => {
    const {
      traced: { trace },
    } = await sit(configOf({ epochs: 2, learningRate: { base: 0.1, schedule: { type: 'cosine' } } }))
    const updates = trace.update.length
    trace.learningRate.forEach((rate, t) =>
      expect(rate).toBeCloseTo(0.05 * (1 + Math.cos((Math.PI * t) / updates)), 12),
    )
  })

  it('records the momentum that it used, where it moves against the rate too', async () => {
    const config = configOf({
      epochs: 2,
      learningRate: { base: 0.1, schedule: { type: 'oneCycle', inverseMomentum: true } },
    })
    const {
      traced: { run, trace },
    } = await sit(config)
    const plan = planRun(config, run.facts!)
    expect(trace.momentum).toEqual(trace.update.map((update) => plan.momentum(update - 1)))
    expect(new Set(trace.momentum).size).toBeGreaterThan(2)
  })
})

describe('a growing batch', () => {
  const config = configOf({
    epochs: 4,
    batchSize: 16,
    batch: {
      lastPartial: 'keep',
      growth: { type: 'milestones', factor: 4, milestones: [2, 3], unit: 'epochs', cap: 100 },
    },
  })

  it('is trained as planned, and a pause in the middle changes nothing', { timeout: 60_000 }, async () => {
    const straight = await sit(config)
    const { run, trace } = straight.traced
    const images = run.facts!.counts.train
    expect(run.updates).toBe(2 * Math.ceil(images / 16) + Math.ceil(images / 64) + Math.ceil(images / 100))
    expect(trace.update.at(-1)).toBe(run.updates)
    expect(run.epochs.map(({ batchSize }) => batchSize)).toEqual([16, 16, 64, 100])
    expect(run.epochs.map(({ moment }) => moment.examples)).toEqual([1, 2, 3, 4].map((epoch) => epoch * images))
    expect(new Set(trace.learningRate)).toEqual(new Set([0.05, (0.05 * 100) / 256]))
    const after = 2 * Math.ceil(images / 16) + 2
    const paused = await sit(config, { after, command: 'pause' })
    const resumedRun = await sit(config, { into: paused.folder, beginning: resumed(paused.folder) })
    expect(withoutTime(resumedRun.traced.trace)).toEqual(withoutTime(trace))
    const [a, b] = [await weightsIn(straight.folder), await weightsIn(paused.folder)]
    for (const [name, { data }] of a)
      expect(Buffer.from(b.get(name)!.data.buffer).equals(Buffer.from(data.buffer)), name).toBe(true)
  })
})

describe('a pause', () => {
  it.each([5, 9, 13])(
    'after %d updates changes nothing: curves and weights are the same to the bit',
    { timeout: 60_000 },
    async (after) => {
      const config = configOf({
        data: { trainingImages: 320, augmentation: { pad: 1, flip: true } },
        networkOptions: { dropout: 0.3 },
        batch: { lastPartial: 'keep' },
      })
      const straight = await sit(config)
      const paused = await sit(config, { after, command: 'pause' })
      expect(paused.traced.run).toMatchObject({ status: 'paused', moment: { update: after } })
      const {
        traced: { run, trace },
      } = await sit(config, { into: paused.folder, beginning: resumed(paused.folder) })
      expect(run.status).toBe('finished')
      expect(withoutTime(trace)).toEqual(withoutTime(straight.traced.trace))
      const records = ({ epochs }: typeof run) =>
        epochs.map(({ seconds: _, moment: { seconds: __, ...moment }, ...epoch }) => ({ ...epoch, moment }))
      expect(records(run)).toEqual(records(straight.traced.run))
      const [a, b] = [await weightsIn(straight.folder), await weightsIn(paused.folder)]
      expect([...b.keys()]).toEqual([...a.keys()])
      for (const [name, { data }] of a)
        expect(Buffer.from(b.get(name)!.data.buffer).equals(Buffer.from(data.buffer)), name).toBe(true)
    },
  )
})

describe('an end', () => {
  it('comes by hand and keeps what was learned', async () => {
    const {
      traced: { run },
    } = await sit(configOf({}), { after: 12, command: 'stop' })
    expect(run).toMatchObject({ status: 'stopped', moment: { update: 12 } })
    expect(run.test.last).not.toBeNull()
    expect(run.checkpoints.find(({ name }) => name === 'final')?.moment.update).toBe(12)
  })

  it('comes when the loss is no longer finite, names the update, and keeps the last finite weights', async () => {
    const config = configOf({
      network: { type: 'mlp', hidden: [24] },
      batchSize: 8,
      learningRate: { base: 100 },
      epochs: 5,
      optimizer: { type: 'sgd', momentum: 0, weightDecay: 1 },
    })
    const {
      traced: { run, trace },
      folder: into,
    } = await sit(config)
    expect(run.status).toBe('diverged')
    const named = Number(/update (\d+)/.exec(run.message)?.[1])
    expect(trace.loss.findIndex((loss) => loss === null) + 1).toBe(named)
    expect(run.moment.update).toBe(named - 1)
    for (const { name } of run.checkpoints)
      for (const { data } of (await weightsIn(into, name)).values()) expect(data.every(Number.isFinite)).toBe(true)
  })

  it('comes early when patience runs out, with the best weights restored', { timeout: 60_000 }, async () => {
    const config = configOf({
      epochs: 30,
      learningRate: { base: 0.3 },
      optimizer: { type: 'sgd', momentum: 0.9 },
      earlyStopping: { enabled: true, patience: 2 },
    })
    const {
      traced: { run },
      folder: into,
    } = await sit(config)
    expect(run.status).toBe('earlyStopped')
    const best = Math.max(...run.epochs.map(({ validation }) => validation!.accuracy))
    const bestEpoch = run.epochs.find(({ validation }) => validation!.accuracy === best)!.epoch
    expect(run.epochs.at(-1)!.epoch).toBe(bestEpoch + 2)
    expect(run.test.best?.epoch).toBe(bestEpoch)
    const { metadata } = await loadCheckpoint(join(into, 'checkpoints', 'final.safetensors'))
    expect(metadata.moment.epoch).toBe(bestEpoch)
  })
})

describe('a beginning', () => {
  it('from a weights file gives two configs the same first loss', async () => {
    const first = await sit(configOf({ seed: 7, epochs: 1 }))
    const beginning: Beginning = { type: 'weights', path: join(first.folder, 'checkpoints', 'final.safetensors') }
    const slow = await sit(configOf({ epochs: 1, learningRate: { base: 0.001 } }), { beginning })
    const fast = await sit(configOf({ epochs: 1, learningRate: { base: 0.1 } }), { beginning })
    expect(slow.traced.trace.loss[0]).toBe(fast.traced.trace.loss[0])
    expect(slow.traced.trace.loss[1]).not.toBe(fast.traced.trace.loss[1])
    expect(slow.traced.run.moment.epoch).toBe(1)
  })

  it('from a checkpoint with another batch size goes on at the same place in the data', async () => {
    const first = await sit(configOf({ epochs: 2 }))
    const {
      traced: { trace, run },
    } = await sit(configOf({ epochs: 3, batchSize: 64 }), {
      beginning: { type: 'fork', path: join(first.folder, 'checkpoints', 'last.safetensors') },
    })
    expect(run.status).toBe('finished')
    expect(run.epochs.map(({ epoch }) => epoch)).toEqual([3])
    expect(trace.update[0]).toBe(2 * Math.floor(run.facts!.counts.train / 64) + 1)
  })

  it('refuses a file of another network by its first tensor that does not fit', async () => {
    const first = await sit(configOf({ epochs: 1 }))
    const beginning: Beginning = { type: 'weights', path: join(first.folder, 'checkpoints', 'last.safetensors') }
    await expect(sit(configOf({ network: { type: 'lenet' } }), { beginning })).rejects.toThrow(
      /has no tensor \S+, which this network needs/,
    )
  })

  it('extends a finished run as if it had been planned longer, when the schedule is constant', async () => {
    const long = await sit(configOf({ epochs: 3 }))
    const short = await sit(configOf({ epochs: 2 }))
    const extended = await sit(configOf({ epochs: 3 }), { into: short.folder, beginning: resumed(short.folder) })
    expect(withoutTime(extended.traced.trace)).toEqual(withoutTime(long.traced.trace))
  })

  it('refuses to resume on data that changed', async () => {
    const first = await sit(configOf({}), { after: 5, command: 'pause' })
    await expect(
      sit(configOf({ data: { trainingImages: 300 } }), { into: first.folder, beginning: resumed(first.folder) }),
    ).rejects.toThrow(/the images are not those that the run was trained on/)
  })
})
