import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../core/config/parse'
import type { Points, TrainEvent } from '../../core/events'
import { noPoints } from '../../core/events'
import { fold, foldTraced, folding } from '../../core/fold'
import { start } from '../../core/moment'
import { newRun, type TracedRun } from '../../core/run'
import { cpuMs } from '../support/cpuTime'

const parsed = parseConfig({})
if (!parsed.ok) throw new Error('the default config is refused')
const fresh = () => newRun('0000abcd', '2026-01-01T00:00:00.000Z', parsed.value, { type: 'new' })
const at = '2026-01-01T00:00:01.000Z'
const info = {
  name: 'x',
  classes: ['a', 'b'],
  shape: [8, 8, 1] as [number, number, number],
  counts: { train: 10, validation: 2, test: 2 },
  mean: [0],
  std: [1],
  fingerprint: 'f',
}
const engine = { name: 'cpu' as const, device: 'CPU', versions: {}, captured: false, note: '' }
const started = (update: number): TrainEvent => ({
  type: 'started',
  at,
  moment: { ...start, update },
  engine,
  facts: info,
  parameters: 5,
  updates: 100,
  epochs: 10,
  from: null,
})
const points = (from: number, to: number): Points => {
  const some = noPoints()
  for (let update = from; update <= to; update++) {
    some.update.push(update)
    some.loss.push(1 / update)
    some.accuracy.push(0.5)
    some.learningRate.push(0.1)
    some.batchSize.push(4)
    some.gradientNorm.push(1)
    some.seconds.push(update)
    some.momentum.push(0.9)
  }
  return some
}

describe('fold', () => {
  it('follows a run from start to end', () => {
    let run = fold(fresh(), started(0))
    expect(run.status).toBe('running')
    run = fold(run, { type: 'advanced', points: points(1, 5) })
    expect(run.moment).toMatchObject({ update: 5, examples: 20, seconds: 5 })
    run = fold(run, {
      type: 'ended',
      at,
      moment: { ...start, update: 5 },
      reason: 'diverged',
      message: 'The loss became NaN at update 6',
    })
    expect(run).toMatchObject({ status: 'diverged', message: 'The loss became NaN at update 6', endedAt: at })
    expect(run.log.at(-1)?.message).toContain('update 6')
  })

  it('ignores points that it already has', () => {
    const once = fold(fold(fresh(), started(0)), { type: 'advanced', points: points(1, 5) })
    expect(fold(once, { type: 'advanced', points: points(1, 5) })).toEqual(once)
    expect(fold(once, { type: 'advanced', points: points(4, 7) }).moment).toMatchObject({ update: 7, examples: 28 })
  })

  it('takes back what came after the checkpoint that an attempt starts from', () => {
    let traced = { run: fresh(), trace: noPoints() }
    traced = foldTraced(traced, started(0))
    traced = foldTraced(traced, { type: 'advanced', points: points(1, 8) })
    traced = foldTraced(traced, { type: 'interrupted', at, cause: 'power cut' })
    expect(traced.run.status).toBe('interrupted')
    traced = foldTraced(traced, started(5))
    expect(traced.trace.update).toEqual([1, 2, 3, 4, 5])
    traced = foldTraced(traced, { type: 'advanced', points: points(6, 9) })
    expect(traced.trace.update).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(Object.values(traced.trace).map((column) => column.length)).toEqual([9, 9, 9, 9, 9, 9, 9, 9])
  })

  it('keeps what was measured beside the trace, and takes it back with it', () => {
    const diagnosed = (update: number): TrainEvent => ({
      type: 'diagnosed',
      diagnosis: { update, rateToBatch: 0.001, ratios: { fc: 0.002 }, gradient: { spread: update, squaredNorm: 1 } },
    })
    let traced: TracedRun = { run: fresh(), trace: noPoints() }
    for (const event of [started(0), diagnosed(2), diagnosed(4), diagnosed(6), started(4), diagnosed(6), diagnosed(6)])
      traced = foldTraced(traced, event)
    expect(traced.diagnoses?.map(({ update }) => update)).toEqual([2, 4, 6])
    expect(fold(traced.run, diagnosed(8))).toBe(traced.run)
  })

  it('keeps one checkpoint per name and forgets the removed ones', () => {
    const checkpoint = (name: string, update: number) => ({
      name,
      kinds: ['best' as const],
      moment: { ...start, update },
      bytes: 1,
      validation: null,
    })
    let run = fold(fresh(), { type: 'saved', checkpoint: checkpoint('best-00001', 1), removed: [] })
    run = fold(run, { type: 'saved', checkpoint: checkpoint('last', 1), removed: [] })
    run = fold(run, { type: 'saved', checkpoint: checkpoint('last', 2), removed: ['best-00001'] })
    expect(run.checkpoints.map(({ name, moment }) => [name, moment.update])).toEqual([['last', 2]])
  })

  it('replaces the record of an epoch that was done again', () => {
    const epoch = (loss: number): TrainEvent => ({
      type: 'epochEnded',
      epoch: {
        epoch: 1,
        moment: { ...start, epoch: 1, update: 2 },
        train: { loss, accuracy: 0.5, images: 8 },
        validation: null,
        learningRate: 0.1,
        batchSize: 4,
        seconds: 1,
        distance: null,
      },
    })
    const run = fold(fold(fresh(), epoch(1)), epoch(2))
    expect(run.epochs.map(({ train }) => train.loss)).toEqual([2])
  })
})

const epochEnded = (epoch: number): TrainEvent => ({
  type: 'epochEnded',
  epoch: {
    epoch,
    moment: { ...start, epoch, update: 2 * epoch },
    train: { loss: epoch, accuracy: 0.5, images: 8 },
    validation: null,
    learningRate: 0.1,
    batchSize: 4,
    seconds: 1,
    distance: null,
  },
})
const noted = (update: number): TrainEvent => ({ type: 'noted', at, update, message: 'odd' })
const saved = (update: number, removed: readonly number[]): TrainEvent => ({
  type: 'saved',
  checkpoint: {
    name: `epoch-${update}`,
    kinds: ['periodic'],
    moment: { ...start, update },
    bytes: 1,
    validation: null,
  },
  removed: removed.map((one) => `epoch-${one}`),
})
const all = (events: readonly TrainEvent[]): ReturnType<typeof fresh> => {
  const folded = folding(fresh())
  for (const event of events) folded.add(event)
  return folded.run()
}

describe('folding', () => {
  it('makes of any events what fold makes of them one by one', () => {
    const event = fc.oneof(
      fc.integer({ min: 1, max: 9 }).map(epochEnded),
      fc.integer({ min: 0, max: 18 }).map(started),
      fc.constant<TrainEvent>({ type: 'interrupted', at, cause: 'power cut' }),
      fc.integer({ min: 1, max: 9 }).map((from): TrainEvent => ({ type: 'advanced', points: points(from, from + 3) })),
      fc.integer({ min: 1, max: 5 }).map(noted),
      fc.integer({ min: 1, max: 9 }).map((epochs): TrainEvent => ({ type: 'extended', at, epochs })),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }))
        .map(([update, removed]) => saved(update, removed)),
      fc.constant<TrainEvent>({ type: 'ended', at, moment: start, reason: 'finished', message: '' }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        expect(all(events)).toEqual(events.reduce(fold, fresh()))
      }),
    )
  })

  it.each<['epochs' | 'log' | 'checkpoints' | 'extensions', string, (index: number) => TrainEvent]>([
    ['epochs', 'epoch', (index) => epochEnded(index + 1)],
    ['log', 'remark', noted],
    ['checkpoints', 'checkpoint', (index) => saved(index, [])],
    ['extensions', 'extension', (index) => ({ type: 'extended', at, epochs: index + 1 })],
    ['log', 'attempt', started],
  ])('%s: takes no longer for each %s where there are very many', async (list, _, eventOf) => {
    const events = [
      ...Array.from({ length: 1000 }, (__, index) => epochEnded(index + 1)),
      ...Array.from({ length: 100_000 }, (__, index) => eventOf(index + 2000)),
    ]
    const cost = await cpuMs(() => expect(all(events)[list]?.length).toBeGreaterThanOrEqual(100_000))
    // Copying the list for each of them took half a minute.
    expect(cost).toBeLessThan(5000)
  })
})
