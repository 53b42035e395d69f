import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../core/config/parse'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import { fold } from '../../core/fold'
import { start } from '../../core/moment'
import { planExtension, jumpOf } from '../../core/plan/extension'
import type { ScheduleChoice } from '../../core/extension'
import { switchEpoch, timelineOf } from '../../core/plan/phases'
import { planRun } from '../../core/plan/plan'
import { newRun, type Run } from '../../core/run'

// 10 updates in each epoch.
const info = {
  name: 'x',
  classes: ['a', 'b'],
  shape: [8, 8, 1] as [number, number, number],
  counts: { train: 320, validation: 2, test: 2 },
  mean: [0],
  std: [1],
  fingerprint: 'f',
}
const configOf = (input: RunConfigInput): RunConfig => {
  const parsed = parseConfig({
    network: { type: 'mlp', hidden: [4] },
    batchSize: 32,
    epochs: 4,
    learningRate: { base: 0.1 },
    ...input,
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
}
const at = '2026-01-01T00:00:00.000Z'
/** A run that has trained so many updates of its plan, all of them where nothing is said. */
const runOf = (config: RunConfig, update = planRun(config, info).updates): Run => ({
  ...newRun('0000abcd', at, config, { type: 'new' }),
  facts: info,
  moment: { ...start, update, epoch: Math.floor(update / 10) },
})
const scheduled = (schedule: NonNullable<RunConfigInput['learningRate']>['schedule']): RunConfig =>
  configOf({ learningRate: { base: 0.1, schedule } })
const ratesOf = (config: RunConfig): readonly number[] => {
  const plan = planRun(config, info)
  return Array.from({ length: plan.updates }, (_, update) => plan.learningRate(update))
}
const momentaOf = (config: RunConfig): readonly number[] => {
  const plan = planRun(config, info)
  return Array.from({ length: plan.updates }, (_, update) => plan.momentum(update))
}
const after = (run: Run, epochs: number, choice: ScheduleChoice): Run => {
  const { config, plan, blocked } = planExtension(run, info, epochs, choice)
  expect(blocked).toBe('')
  const folded = fold(run, { type: 'extended', at, epochs, plan })
  expect(folded.config).toEqual(config)
  const { updates } = planRun(config, info)
  return { ...folded, moment: { ...run.moment, update: updates, epoch: updates / 10 } }
}

// Written out once more, after PyTorch's documentation.
const cosineOf = (from: number, to: number, part: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2
const curves: Readonly<
  Record<string, { readonly config: RunConfig; readonly rate: (t: number, T: number) => number }>
> = {
  cosine: { config: scheduled({ type: 'cosine' }), rate: (t, T) => (0.1 * (1 + Math.cos((Math.PI * t) / T))) / 2 },
  'one cycle': {
    config: scheduled({ type: 'oneCycle' }),
    rate: (t, T) =>
      t <= 0.3 * T - 1
        ? cosineOf(0.004, 0.1, t / (0.3 * T - 1))
        : cosineOf(0.1, 4e-7, (t - 0.3 * T + 1) / (T - 1 - 0.3 * T + 1)),
  },
  'linear decay': { config: scheduled({ type: 'polynomial', power: 1 }), rate: (t, T) => 0.1 * (1 - t / T) },
  'milestones as fractions': {
    config: scheduled({ type: 'multiStep', milestones: [0.5, 0.75], unit: 'fraction', factor: 0.1 }),
    rate: (t, T) => 0.1 * (t >= 0.75 * T ? 0.01 : t >= 0.5 * T ? 0.1 : 1),
  },
}

describe.each(Object.entries(curves))(
  'a schedule that ends with the run, %s, extended from 4 to 8 epochs',
  (_, { config, rate }) => {
    const first = Array.from({ length: 40 }, (_, t) => rate(t, 40))
    it.each<[ScheduleChoice, (t: number) => number]>([
      ['replan', (t) => rate(t, 80)],
      ['hold', (t) => (t < 40 ? rate(t, 40) : rate(39, 40))],
      ['restart', (t) => (t < 40 ? rate(t, 40) : rate(t - 40, 40))],
    ])('%s has the rates of a plain reference', (choice, reference) => {
      ratesOf(config).forEach((value, t) => expect(value).toBeCloseTo(first[t] ?? NaN, 12))
      const extended = after(runOf(config), 8, choice)
      ratesOf(extended.config).forEach((value, t) => expect(value, `update ${t}`).toBeCloseTo(reference(t), 12))
      const { change } = extended.extensions?.[0] ?? {}
      expect(change?.update).toBe(40)
      expect(change?.before).toBeCloseTo(rate(39, 40), 12)
      expect(change?.after).toBeCloseTo(reference(40), 12)
    })

    it('is said to jump when it is planned anew, with both rates, and not when it is held', () => {
      const run = runOf(config)
      const jump = jumpOf(run, info, planExtension(run, info, 8, 'replan'))
      expect(jump?.before).toBeCloseTo(rate(39, 40), 12)
      expect(jump?.after).toBeCloseTo(rate(40, 80), 12)
      expect(jumpOf(run, info, planExtension(run, info, 8, 'hold'))).toBeUndefined()
    })
  },
)

describe('an extension', () => {
  it.each<[string, RunConfig]>([
    ['a constant rate', scheduled({ type: 'constant' })],
    ['milestones in epochs', scheduled({ type: 'multiStep', milestones: [2, 4], unit: 'epochs' })],
    ['a step at the very end', scheduled({ type: 'step', every: 4 })],
    ['an exponential decay', scheduled({ type: 'exponential' })],
    ['a plateau', scheduled({ type: 'plateau' })],
    [
      'a table of updates',
      scheduled({
        type: 'points',
        points: [
          { at: 0, value: 0.1 },
          { at: 60, value: 0.01 },
        ],
      }),
    ],
  ])('of a schedule that does not end with the run, %s, makes no jump and changes no rate', (_, config) => {
    const run = runOf(config)
    const extended = planExtension(run, info, 8, 'replan')
    expect(jumpOf(run, info, extended)).toBeUndefined()
    expect(ratesOf(extended.config).slice(0, 40)).toEqual(ratesOf(config))
  })

  it('makes no jump where a fraction moves but the rate of the moment does not', () => {
    const run = runOf(scheduled({ type: 'multiStep', milestones: [0.25], unit: 'fraction' }))
    expect(jumpOf(run, info, planExtension(run, info, 5, 'replan'))).toBeUndefined()
  })

  it('of a run that was stopped holds or restarts behind what was planned, and jumps at once when planned anew', () => {
    const run = runOf(scheduled({ type: 'cosine' }), 25)
    const rate = curves['cosine']!.rate
    for (const choice of ['hold', 'restart'] as const)
      expect(ratesOf(planExtension(run, info, 8, choice).config).slice(0, 40)).toEqual(ratesOf(run.config))
    const { change } = planExtension(run, info, 8, 'replan').plan
    expect(change.update).toBe(25)
    expect(change.before).toBeCloseTo(rate(24, 40), 12)
    expect(change.after).toBeCloseTo(rate(25, 80), 12)
  })

  it('takes the momentum of one cycle along', () => {
    const config = scheduled({ type: 'oneCycle', inverseMomentum: true })
    const once = momentaOf(config)
    const held = momentaOf(after(runOf(config), 8, 'hold').config)
    const again = momentaOf(after(runOf(config), 8, 'restart').config)
    expect(held).toEqual([...once, ...once.map(() => once[39])])
    expect(again).toEqual([...once, ...once])
  })

  it('a second and a third time repeats, holds or replans the schedule that the run began with', () => {
    const config = scheduled({ type: 'cosine' })
    const once = ratesOf(config)
    const last = once[39]!
    const twice = after(after(runOf(config), 8, 'restart'), 12, 'restart')
    expect(ratesOf(twice.config)).toEqual([...once, ...once, ...once])
    expect(ratesOf(after(twice, 16, 'hold').config)).toEqual([...once, ...once, ...once, ...once.map(() => last)])
    const held = after(runOf(config), 8, 'hold')
    expect(ratesOf(after(held, 12, 'restart').config)).toEqual([...once, ...once.map(() => last), ...once])
    expect(ratesOf(after(held, 12, 'hold').config)).toEqual([...once, ...once.map(() => last), ...once.map(() => last)])
    expect(ratesOf(after(held, 12, 'replan').config)).toEqual(ratesOf({ ...config, epochs: 12 }))
  })

  it('repeats a composed schedule as a whole', () => {
    const config = scheduled({
      type: 'join',
      parts: [
        { length: 0.25, unit: 'fraction', schedule: { type: 'constant' } },
        { length: null, unit: 'epochs', schedule: { type: 'scale', factor: 0.5, schedule: { type: 'cosine' } } },
      ],
    })
    const once = ratesOf(config)
    expect(ratesOf(after(runOf(config), 8, 'hold').config)).toEqual([...once, ...once.map(() => once[39])])
    const short = scheduled({
      type: 'join',
      parts: [
        { length: 1, unit: 'epochs', schedule: { type: 'cosine' } },
        { length: 0.5, unit: 'fraction', schedule: { type: 'cosine' } },
      ],
    })
    expect(ratesOf(after(runOf(short), 8, 'restart').config)).toEqual([...ratesOf(short), ...ratesOf(short)])
  })

  it('says which schedules cannot be held or restarted', () => {
    expect(planExtension(runOf(scheduled({ type: 'plateau' })), info, 8, 'hold').blocked).toContain('choose replan')
    const deep = scheduled({
      type: 'scale',
      factor: 0.5,
      schedule: { type: 'join', parts: [{ length: null, unit: 'epochs', schedule: { type: 'cosine' } }] },
    })
    expect(planExtension(runOf(deep), info, 8, 'restart').blocked).toContain('fork the run')
  })

  it('leaves the warm-up where it was', () => {
    const config = configOf({
      learningRate: {
        base: 0.1,
        schedule: { type: 'cosine' },
        warmup: { type: 'gradual', length: 1, unit: 'epochs', from: 'fraction', start: 0 },
      },
    })
    const again = ratesOf(after(runOf(config), 8, 'restart').config)
    expect(again.slice(0, 40)).toEqual(ratesOf(config))
    expect(again[40]).toBe(0.1)
  })

  it('keeps the epochs at which a batch grew, workers parted and averaging began', () => {
    const config = configOf({
      epochs: 10,
      batch: { growth: { type: 'milestones', factor: 2, milestones: [0.3, 0.6] } },
      regularisation: { average: { type: 'swa', start: 0.75 } },
    })
    const { config: longer, planned } = planExtension(runOf(config), info, 30, 'replan')
    const before = timelineOf(config, 320).phases
    expect(
      planned.phases.map(({ firstEpoch, batchSize, firstUpdate }) => [firstEpoch, batchSize, firstUpdate]),
    ).toEqual(before.map(({ firstEpoch, batchSize, firstUpdate }) => [firstEpoch, batchSize, firstUpdate]))
    expect(longer.regularisation.average).toMatchObject({ start: 0.25 })

    const parted = configOf({
      epochs: 10,
      batch: { workers: { type: 'postLocal', workers: 2, switchAt: 0.5, averageEvery: 4 } },
    })
    const { workers } = planExtension(runOf(parted), info, 30, 'replan').config.batch
    expect(workers.type === 'none' ? null : switchEpoch(workers, 30)).toBe(5)
  })

  it('is on record, in words', () => {
    const run = after(runOf(curves['one cycle']!.config), 8, 'replan')
    expect(run).toMatchObject({
      status: 'paused',
      endedAt: null,
      config: { epochs: 8 },
      extensions: [{ at, from: 4, epochs: 8, update: 40, schedule: 'replan' }],
    })
    expect(run.log.at(-1)).toEqual({
      at,
      update: 40,
      message:
        'Extended from 4 to 8 epochs at update 40: the schedule is planned over all epochs, and the rate goes ' +
        'from 4e-7 to 0.07893',
    })
  })

  it('of a log that says no more than the epochs still opens', () => {
    const run = fold(runOf(configOf({})), { type: 'extended', at, epochs: 6 })
    expect(run).toMatchObject({
      status: 'paused',
      config: { epochs: 6 },
      extensions: [{ epochs: 6, from: null, change: null }],
    })
    expect(run.log.at(-1)?.message).toBe('Extended to 6 epochs at update 40')
  })
})
