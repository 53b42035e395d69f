import { mkdtempSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import type { HostMessage } from '../../core/job'
import { plateauConfig } from '../../core/schedules/plateau'
import { plateauFactor } from '../support/plateauFactor'
import { trainJob } from '../../main/trainer/trainJob'
import { digitsConfig, trainOnDigits, useFolder } from '../support/digits'

const folder = useFolder()

// Nothing goes on improving by four tenths, so the rate falls again and again.
const schedule = plateauConfig.parse({ type: 'plateau', factor: 0.5, patience: 1, threshold: 0.4 })
const configWith = (more: RunConfigInput = {}) =>
  digitsConfig({ epochs: 8, learningRate: { base: 0.2, referenceBatch: 24, schedule }, ...more })

describe('a run whose rate is reduced on a plateau', () => {
  it.each(['validationLoss', 'validationAccuracy', 'trainingLoss'] as const)(
    'uses the rates that follow from its own %s, and records them',
    { timeout: 60_000 },
    async (metric) => {
      const own = { ...schedule, metric }
      const {
        traced: { run, trace },
        events,
      } = await trainOnDigits(configWith({ learningRate: { base: 0.2, referenceBatch: 24, schedule: own } }), folder())
      const values = run.epochs.map(({ train, validation }) =>
        metric === 'trainingLoss'
          ? train.loss
          : metric === 'validationLoss'
            ? (validation?.loss ?? null)
            : (validation?.accuracy ?? null),
      )
      const perEpoch = run.updates / 8
      run.epochs.forEach(({ learningRate }, epoch) => {
        const rate = 0.2 * plateauFactor(own, 0.2, values.slice(0, epoch))
        expect(learningRate).toBe(rate)
        expect(trace.learningRate.slice(epoch * perEpoch, (epoch + 1) * perEpoch).every((used) => used === rate)).toBe(
          true,
        )
      })
      const falls = run.epochs.filter(
        ({ learningRate }, epoch) => epoch > 0 && learningRate < (run.epochs[epoch - 1]?.learningRate ?? 0),
      ).length
      expect(falls).toBeGreaterThan(0)
      expect(
        events.filter((event) => event.type === 'noted' && event.message.includes('times the planned one')).length,
      ).toBeGreaterThanOrEqual(falls)
    },
  )

  // Between two epochs, just behind a fall, and in the middle of an epoch.
  it.each([16, 32, 45])(
    'is the same to the bit after a pause at update %d',
    { timeout: 60_000 },
    async (pauseAfter) => {
      const config = configWith({ optimizer: { type: 'sgd', momentum: 0.9, rate: 'inside', momentumCorrection: true } })
      const straight = await trainOnDigits(config, folder())
      const paused = await trainOnDigits(config, folder(), { pauseAfter })
      expect(paused.traced.run.moment.update).toBe(pauseAfter)
      const { traced, final } = await trainOnDigits(config, folder(), { resume: paused.folder })
      expect(new Set(straight.traced.trace.learningRate).size).toBeGreaterThan(2)
      expect(traced.trace.learningRate).toEqual(straight.traced.trace.learningRate)
      expect(traced.trace.loss).toEqual(straight.traced.trace.loss)
      for (const [name, { data }] of straight.final) expect(final.get(name)?.data, name).toEqual(data)
    },
  )

  it(
    'goes on at its rate in a fork, which begins anew where it watches another metric',
    { timeout: 60_000 },
    async () => {
      const first = await trainOnDigits(configWith(), folder())
      const fallen = first.traced.run.epochs.at(-1)?.learningRate ?? NaN
      expect(fallen).toBeLessThan(0.2)
      const firstRate = async (metric: typeof schedule.metric): Promise<number | undefined> => {
        const config = configWith({
          epochs: 9,
          learningRate: { base: 0.2, referenceBatch: 24, schedule: { ...schedule, metric } },
        })
        const rates: number[] = []
        const say = (message: HostMessage): void => {
          if (message.type === 'event' && message.event.type === 'epochEnded')
            rates.push(message.event.epoch.learningRate)
        }
        const beginning = { type: 'fork', path: join(first.folder, 'checkpoints', 'last.safetensors') } as const
        await trainJob(
          {
            type: 'train',
            config,
            runFolder: mkdtempSync(join(folder(), 'fork-')),
            beginning,
            folders: { cache: join(folder(), 'cache'), resources: resolve(import.meta.dirname, '../../resources') },
          },
          say,
          () => null,
        )
        return rates[0]
      }
      // The last epoch can have lowered the rate once more.
      expect([fallen, fallen / 2]).toContain(await firstRate('validationLoss'))
      expect(await firstRate('trainingLoss')).toBe(0.2)
    },
  )
})
