import { copyFileSync, mkdtempSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bestCheckpoint } from '../../core/best'
import { parseConfig } from '../../core/config/parse'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import type { Points, TrainEvent } from '../../core/events'
import { noPoints } from '../../core/events'
import type { ScheduleChoice } from '../../core/extension'
import { foldTraced } from '../../core/fold'
import type { Beginning, TrainCommand } from '../../core/job'
import { planExtension } from '../../core/plan/extension'
import { newRun, type TracedRun } from '../../core/run'
import { openLog } from '../../main/files/eventLog'
import { readLog } from '../../main/files/readLog'
import { checkCheckpoint } from '../../main/library/checkCheckpoint'
import { loadCheckpoint } from '../../main/trainer/checkpoint'
import { trainJob } from '../../main/trainer/trainJob'
import { removeFolder } from '../support/cleanup'

vi.setConfig({ testTimeout: 120_000 })

const resources = resolve(import.meta.dirname, '../../resources')
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'batchlab-going-on-'))
})
afterAll(() => removeFolder(folder))

const configOf = (input: RunConfigInput): RunConfig => {
  const parsed = parseConfig({
    network: { type: 'mlp', hidden: [16] },
    data: { trainingImages: 160, validationImages: 60, testImages: 60 },
    batchSize: 32,
    epochs: 3,
    learningRate: { base: 0.05 },
    engine: { backend: 'cpu' },
    ...input,
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
}

interface Trained {
  readonly traced: TracedRun
  readonly folder: string
}
interface Options {
  readonly into?: string
  readonly beginning?: Beginning
  readonly after?: number
  readonly command?: TrainCommand['type']
}

async function recordOf(config: RunConfig, into: string): Promise<TracedRun> {
  let traced: TracedRun = { run: newRun('0000test', '', config, { type: 'new' }), trace: noPoints() }
  await readLog(join(into, 'events.ndjson'), (event) => {
    traced = foldTraced(traced, event as TrainEvent)
  })
  return traced
}

/** Trains in a fresh or given folder; `command` is given once, before the update after so many. */
async function train(
  config: RunConfig,
  {
    into = mkdtempSync(join(folder, 'run-')),
    beginning = { type: 'new' },
    after = -1,
    command = 'pause',
  }: Options = {},
): Promise<Trained> {
  let asked = 0
  await trainJob(
    { type: 'train', config, runFolder: into, beginning, folders: { cache: join(folder, 'cache'), resources } },
    () => undefined,
    () => (asked++ === after ? command : null),
  )
  return { traced: await recordOf(config, into), folder: into }
}

const fileOf = (into: string, name: string): string => join(into, 'checkpoints', `${name}.safetensors`)
const resumed = (into: string, others: readonly string[] = []): Beginning => ({
  type: 'resume',
  path: fileOf(into, 'last'),
  others: others.map((name) => fileOf(into, name)),
  acceptChangedData: false,
})
const forked = (from: string, name = 'last'): Beginning => ({ type: 'fork', path: fileOf(from, name) })
const withoutTime = ({ seconds: _, ...rest }: Points): Omit<Points, 'seconds'> => rest
const digestOf = async (into: string, name = 'last'): Promise<readonly string[]> =>
  [...(await loadCheckpoint(fileOf(into, name))).state].map(
    ([tensor, { data }]) =>
      `${tensor} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`,
  )
const damage = (path: string): void => {
  const bytes = readFileSync(path)
  bytes[bytes.length - 5]! ^= 0xff
  writeFileSync(path, bytes)
}

/** Extends as the queue does: the event first, then the training that goes on from the last checkpoint. */
async function extend(
  { traced: { run }, folder: into }: Trained,
  epochs: number,
  choice: ScheduleChoice,
  options: Options = {},
): Promise<Trained & { readonly config: RunConfig }> {
  const { config, plan } = planExtension(run, run.facts!, epochs, choice)
  const log = await openLog(join(into, 'events.ndjson'))
  log.append({ type: 'extended', at: new Date().toISOString(), epochs, plan })
  await log.close()
  return { ...(await train(config, { into, beginning: resumed(into), ...options })), config }
}

// PyTorch's OneCycleLR, written out: rises to 0.1 over three tenths of T updates, and falls to a ten-thousandth of
// where it began.
const cosineFrom = (from: number, to: number, part: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2
const oneCycle = (t: number, T: number, [start, top, end]: readonly [number, number, number]): number =>
  t <= 0.3 * T - 1 ? cosineFrom(start, top, t / (0.3 * T - 1)) : cosineFrom(top, end, (t - 0.3 * T + 1) / (0.7 * T))

describe('an extended run', () => {
  const config = configOf({
    learningRate: { base: 0.1, schedule: { type: 'oneCycle', inverseMomentum: true } },
    regularisation: { average: { type: 'ema', decay: 0.9 } },
  })
  const [first, whole] = [15, 30]
  const references: Readonly<Record<ScheduleChoice, (t: number, values: readonly [number, number, number]) => number>> =
    {
      replan: (t, values) => (t < first ? oneCycle(t, first, values) : oneCycle(t, whole, values)),
      hold: (t, values) => oneCycle(Math.min(t, first - 1), first, values),
      restart: (t, values) => oneCycle(t % first, first, values),
    }

  it.each(Object.entries(references) as [ScheduleChoice, (typeof references)['hold']][])(
    'by %s uses the rates and momenta of a plain reference, and a pause in it changes no bit',
    async (choice, reference) => {
      const short = await train(config)
      const extended = await extend(short, 6, choice)
      const { run, trace } = extended.traced
      expect(run).toMatchObject({
        status: 'finished',
        moment: { update: whole, epoch: 6 },
        updates: whole,
        config: { epochs: 6 },
      })
      expect(trace.learningRate).toHaveLength(whole)
      trace.learningRate.forEach((rate, t) =>
        expect(rate, `update ${t}`).toBeCloseTo(reference(t, [0.004, 0.1, 4e-7]), 12),
      )
      trace.momentum.forEach((momentum, t) =>
        expect(momentum, `update ${t}`).toBeCloseTo(reference(t, [0.95, 0.85, 0.95]), 12),
      )

      const paused = await extend(await train(config), 6, choice, { after: 4 })
      expect(paused.traced.run).toMatchObject({ status: 'paused', moment: { update: first + 4 } })
      const again = await train(paused.config, { into: paused.folder, beginning: resumed(paused.folder) })
      expect(withoutTime(again.traced.trace)).toEqual(withoutTime(trace))
      expect(await digestOf(again.folder)).toEqual(await digestOf(extended.folder))
      expect((await loadCheckpoint(fileOf(again.folder, 'last'))).metadata.config).toEqual(extended.config)
    },
  )

  it('twice is trained as one with the joined schedule from the start', async () => {
    const twice = await extend(await extend(await train(config), 6, 'hold'), 8, 'restart')
    expect(twice.traced.run.extensions?.map(({ from, epochs, schedule }) => [from, epochs, schedule])).toEqual([
      [3, 6, 'hold'],
      [6, 8, 'restart'],
    ])
    const straight = await train(twice.config)
    expect(withoutTime(twice.traced.trace)).toEqual(withoutTime(straight.traced.trace))
    expect(await digestOf(twice.folder)).toEqual(await digestOf(straight.folder))
  })

  it('that is killed before its first checkpoint goes on from the old one as if nothing had been', async () => {
    const extended = await extend(await train(config), 6, 'restart')
    const killed = await train(config)
    const kept = fileOf(killed.folder, 'kept')
    copyFileSync(fileOf(killed.folder, 'last'), kept)
    const { config: longer } = await extend(killed, 6, 'restart', { after: 3 })
    // Nothing of that attempt reached the disk but its log.
    copyFileSync(kept, fileOf(killed.folder, 'last'))
    const again = await train(longer, { into: killed.folder, beginning: resumed(killed.folder) })
    expect(withoutTime(again.traced.trace)).toEqual(withoutTime(extended.traced.trace))
    expect(await digestOf(again.folder)).toEqual(await digestOf(extended.folder))
  })

  it('can be forked, and the fork has its schedule', async () => {
    const extended = await extend(await train(config), 6, 'restart', { after: 5 })
    const fork = await train(extended.config, { beginning: forked(extended.folder) })
    const went = await train(extended.config, { into: extended.folder, beginning: resumed(extended.folder) })
    expect(fork.traced.trace.learningRate).toEqual(went.traced.trace.learningRate.slice(first + 5))
    expect(await digestOf(fork.folder)).toEqual(await digestOf(went.folder))
  })

  it('that was forked after its own end, as older programs allowed, is whole and goes on', async () => {
    const parent = await train(config)
    const short = configOf({ epochs: 1 })
    const fork = await train(short, { beginning: forked(parent.folder) })
    expect(fork.traced.run).toMatchObject({ status: 'finished', moment: { epoch: 3 } })
    const origin = { type: 'fork', run: '000parent', checkpoint: 'last', update: 15 } as const
    for (const checkpoint of fork.traced.run.checkpoints) {
      expect(
        await checkCheckpoint(fileOf(fork.folder, checkpoint.name), { ...fork.traced.run, origin }, checkpoint),
      ).toEqual({ problem: '', note: '' })
    }
    const beginning: Beginning = { type: 'resume', path: fileOf(fork.folder, 'final'), acceptChangedData: false }
    const extended = await extend(fork, 5, 'replan', { beginning })
    expect(extended.traced.run).toMatchObject({ status: 'finished', moment: { epoch: 5, update: 25 } })
  })

  it('corrects a buffer that holds the rate by the rate that was used', async () => {
    const inside = configOf({
      learningRate: { base: 0.1, schedule: { type: 'polynomial', power: 1 } },
      optimizer: { type: 'sgd', momentum: 0.9, rate: 'inside', momentumCorrection: true },
    })
    // Written out, the buffer that holds the rate is η times the one outside, whatever the rate does between two
    // updates.
    const outside = configOf({
      learningRate: { base: 0.1, schedule: { type: 'polynomial', power: 1 } },
      optimizer: { type: 'sgd', momentum: 0.9 },
    })
    const [a, b] = [await extend(await train(inside), 6, 'replan'), await extend(await train(outside), 6, 'replan')]
    a.traced.trace.loss.forEach((loss, t) => expect(loss).toBeCloseTo(b.traced.trace.loss[t]!, 4))
    const paused = await extend(await train(inside), 6, 'replan', { after: 0 })
    const again = await train(paused.config, { into: paused.folder, beginning: resumed(paused.folder) })
    expect(withoutTime(again.traced.trace)).toEqual(withoutTime(a.traced.trace))
  })
})

describe('waiting for an improvement', () => {
  // Nothing improves by so much: the first epoch stays the best.
  const config = configOf({ epochs: 20, earlyStopping: { enabled: true, patience: 2, minimumDelta: 10 } })

  it('starts anew when an early-stopped run is extended, once and again, and the best stays known', async () => {
    const stopped = await train(config)
    expect(stopped.traced.run).toMatchObject({ status: 'earlyStopped', moment: { epoch: 3 } })
    const extended = await extend(stopped, 30, 'replan')
    expect(extended.traced.run).toMatchObject({ status: 'earlyStopped', moment: { epoch: 5 } })
    expect((await loadCheckpoint(fileOf(extended.folder, 'last'))).metadata.stopping).toMatchObject({
      bestEpoch: 1,
      waited: 2,
    })
    const again = await extend(extended, 40, 'replan')
    expect(again.traced.run).toMatchObject({ status: 'earlyStopped', moment: { epoch: 7 } })
  })

  it('does not start anew when the extended run is paused', async () => {
    const stopped = await train(config)
    const paused = await extend(stopped, 30, 'replan', { after: 7 })
    expect(paused.traced.run).toMatchObject({ status: 'paused', moment: { epoch: 4 } })
    const again = await train(paused.config, { into: paused.folder, beginning: resumed(paused.folder) })
    expect(again.traced.run).toMatchObject({ status: 'earlyStopped', moment: { epoch: 5 } })
  })

  it('starts anew in a fork', async () => {
    const stopped = await train(config)
    const fork = await train(config, { beginning: forked(stopped.folder) })
    expect(fork.traced.run).toMatchObject({ status: 'earlyStopped', moment: { epoch: 5 } })
  })
})

describe('what a fork takes for the best so far', () => {
  const parent = configOf({ epochs: 1, earlyStopping: { enabled: true, monitor: 'validationLoss', patience: 3 } })
  const bestAfter = async (changes: RunConfigInput): Promise<number | null> => {
    const config = configOf({
      epochs: 2,
      earlyStopping: { enabled: true, monitor: 'validationLoss', patience: 3, minimumDelta: 100 },
      ...changes,
    })
    const { folder: into } = await train(parent)
    const fork = await train(config, { beginning: forked(into) })
    const { stopping } = (await loadCheckpoint(fileOf(fork.folder, 'last'))).metadata
    return stopping.bestEpoch
  }

  it('is the parent’s where metric, data and judged weights are the same', async () =>
    expect(await bestAfter({})).toBe(1))
  it.each<[string, RunConfigInput]>([
    ['metric', { earlyStopping: { enabled: true, monitor: 'validationAccuracy', patience: 3, minimumDelta: 100 } }],
    ['data', { data: { trainingImages: 160, validationImages: 50, testImages: 60 } }],
    ['judged weights', { regularisation: { average: { type: 'ema' } } }],
  ])('is its own where the %s is another', async (_, changes) => expect(await bestAfter(changes)).toBe(2))
})

describe('a checkpoint that cannot be read', () => {
  const config = configOf({ epochs: 4, checkpoints: { keepBest: 3 }, earlyStopping: { monitor: 'validationLoss' } })
  const notes = ({ traced: { run } }: Trained): readonly string[] => run.log.map(({ message }) => message)

  it.each<[string, (path: string) => void]>([
    ['missing', unlinkSync],
    ['cut off', (path) => truncateSync(path, 1000)],
    ['damaged', damage],
  ])('is replaced by the next best at the end where it is %s', async (_, spoil) => {
    // Two epochs learn, and then the rate ruins everything: the last epochs are not the best ones.
    const ruined = configOf({
      epochs: 5,
      checkpoints: { keepBest: 3 },
      learningRate: {
        base: 0.05,
        schedule: {
          type: 'points',
          relative: true,
          points: [
            { at: 0, value: 1 },
            { at: 9, value: 1 },
            { at: 11, value: 40 },
          ],
        },
      },
      earlyStopping: { monitor: 'validationLoss' },
    })
    const paused = await train(ruined, { after: 17 })
    const best = bestCheckpoint(paused.traced.run)!
    expect(best.name).toBe('best-00002')
    spoil(fileOf(paused.folder, best.name))
    const went = await train(ruined, { into: paused.folder, beginning: resumed(paused.folder) })
    expect(went.traced.run).toMatchObject({ status: 'finished', test: { best: { epoch: 1 } } })
    expect(notes(went).find((message) => message.includes('In its place'))).toMatch(
      /best-00002\.safetensors.*best-00001 of epoch 1/,
    )
  })

  it('and was the only best one leaves the run finished, with the last weights as the best', async () => {
    // The first epoch stays the best: later ones learn at a rate that ruins everything.
    const ruined = configOf({
      epochs: 3,
      learningRate: {
        base: 0.05,
        schedule: {
          type: 'points',
          relative: true,
          points: [
            { at: 0, value: 1 },
            { at: 6, value: 40 },
          ],
        },
      },
      earlyStopping: { monitor: 'validationLoss' },
    })
    const paused = await train(ruined, { after: 12 })
    const best = bestCheckpoint(paused.traced.run)!
    expect(best.moment.epoch).toBe(1)
    damage(fileOf(paused.folder, best.name))
    const went = await train(ruined, { into: paused.folder, beginning: resumed(paused.folder) })
    expect(went.traced.run).toMatchObject({ status: 'finished', test: { best: { epoch: 3 } } })
    expect(notes(went).find((message) => message.includes(best.name))).toMatch(
      /checksum does not match.* In its place last of epoch 3 is tested as the best/,
    )
  })

  it('is passed over for the one before it when a run goes on, to the same end', async () => {
    const straight = await train(config)
    const paused = await train(config, { after: 17 })
    damage(fileOf(paused.folder, 'last'))
    const older = paused.traced.run.checkpoints
      .filter(({ kinds }) => kinds.includes('best'))
      .sort((a, b) => b.moment.update - a.moment.update)
      .map(({ name }) => name)
    const went = await train(config, { into: paused.folder, beginning: resumed(paused.folder, older) })
    expect(went.traced.run.status).toBe('finished')
    expect(notes(went).find((message) => message.includes('last.safetensors'))).toMatch(
      /Training goes on from update 15 instead/,
    )
    expect(withoutTime(went.traced.trace)).toEqual(withoutTime(straight.traced.trace))
    expect(await digestOf(went.folder)).toEqual(await digestOf(straight.folder))
  })

  it('fails the beginning by name where no other can be read', async () => {
    const paused = await train(config, { after: 3 })
    damage(fileOf(paused.folder, 'last'))
    await expect(train(config, { into: paused.folder, beginning: resumed(paused.folder) })).rejects.toThrow(
      /last\.safetensors.*checksum/,
    )
  })
})
