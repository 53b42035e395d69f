import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import type { Dataset } from '../../main/data/dataset'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Batch } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { mapParameters, meanOf, perceptron, type Parameters } from '../reference/perceptron'
import { updater, type UpdaterOptions } from '../reference/updater'
import { digits, digitsBatch, digitsConfig, parametersIn, useFolder } from '../support/digits'
import { krizhevskyUpdate, lenetIn } from './plainLenet'
import { examplesOf } from './plainRun'
import { distance } from './reference'

/*
 * Options of the optimizer together, with a batch of the dense layers and with simulated workers, beside plain versions
 * of all three, while the rate changes.
 */

const folder = useFolder()
const rates = [0.02, 0.02, 0.1, 0.1, 0.05]
const correction = (update: number): number => rates[update]! / rates[Math.max(0, update - 1)]!

const lars = { trust: 0.02, momentum: 0.9, weightDecay: 5e-3 } as const
const agc = { clip: 'adaptive', limit: 0.01 } as const
const byNorm = { clip: 'norm', limit: 0.5 } as const
const combinations: readonly UpdaterOptions[] = [
  { ...lars, rate: 'outside' },
  { ...lars, rate: 'outside', nesterov: true, ...byNorm },
  { ...lars, rate: 'inside', nesterov: true },
  { ...lars, rate: 'inside', corrected: true, ...agc },
  { momentum: 0.9, nesterov: true, weightDecay: 0.05, decay: 'decoupled' },
  { momentum: 0.9, rate: 'inside', corrected: true, nesterov: true, weightDecay: 0.05 },
  { momentum: 0.9, rate: 'inside', corrected: true, weightDecay: 0.05, decay: 'decoupled', ...byNorm },
  { momentum: 0.9, nesterov: true, weightDecay: 0.05, decay: 'decoupled', ...agc },
  { momentum: 0, weightDecay: 0.05, ...agc },
  { momentum: 0, weightDecay: 0.05, decay: 'decoupled', ...byNorm },
]

/** The same options in the app's words. */
function optimizerOf({
  trust,
  clip,
  limit,
  corrected = false,
  ...options
}: UpdaterOptions): NonNullable<RunConfigInput['optimizer']> {
  const limited = {
    ...options,
    momentumCorrection: corrected,
    ...(clip === undefined ? {} : { clip: { type: clip, limit } }),
  }
  if (trust === undefined) return { type: 'sgd', ...limited }
  const { decay: _decay, ...rest } = limited
  return { type: 'lars', trust, ...rest }
}

/**
 * The largest difference as a share of the longest way: adaptive clipping lets biases, which begin at 0, move only by
 * 1e-6.
 */
const strayed = (found: readonly number[], expected: readonly number[], start: readonly number[]): number =>
  Math.max(...found.map((value, i) => Math.abs(value - expected[i]!))) /
  Math.max(...expected.map((value, i) => Math.abs(value - start[i]!)))

describe('options of the optimizer together, on real digits', () => {
  let engine: Engine
  let dataset: Dataset
  beforeAll(async () => {
    engine = await openEngine('cpu', {})
    dataset = await digits(digitsConfig({}), folder())
  })

  const batchAt = (update: number): Batch =>
    digitsBatch(
      digitsConfig({}),
      dataset,
      dataset.train,
      Array.from({ length: 24 }, (_, i) => 24 * update + i),
      update,
    )
  const titled = combinations.map((options) => [JSON.stringify(options), options] as const)

  /** Trains LeNet whose dense layers have batches of 6. */
  function denseRun(
    options: UpdaterOptions,
    changing: readonly number[],
  ): { readonly before: Parameters; readonly after: Parameters; readonly plain: Parameters } {
    const input: RunConfigInput = {
      network: { type: 'lenet' },
      learningRate: { base: 0.02, referenceBatch: 24, scaling: { type: 'linear' } },
      batch: { denseBatch: 6 },
      optimizer: optimizerOf(options),
    }
    const learner = createLearner(engine, digitsConfig(input), dataset.info)
    const state = learner.read()
    const update = updater(options, 'fc3')
    let plain = lenetIn(state)
    changing.forEach((rate, i) => {
      const change = rate / changing[Math.max(0, i - 1)]!
      learner.update(batchAt(i), { learningRate: rate, momentum: options.momentum, momentumCorrection: change })
      // The rate changes before the first piece of a batch only.
      plain = krizhevskyUpdate(plain, state, batchAt(i), 6, (all, gradients, part, piece) =>
        update(all, gradients, part === 'body' ? rate : rate / 4, piece === 0 ? change : 1),
      )
    })
    const after = lenetIn(learner.read())
    learner.dispose()
    return { before: lenetIn(state), after, plain }
  }

  it.each(titled)(
    'train dense layers with a batch of their own as the plain version does: %s',
    { timeout: 60_000 },
    (_, options) => {
      const { before, after, plain } = denseRun(options, rates)
      for (const name of Object.keys(plain)) {
        expect(strayed(after[name]!, plain[name]!, before[name]!), name).toBeLessThan(1e-4)
      }
    },
  )

  it('make a corrected rate inside the buffer of dense layers what it is outside', { timeout: 60_000 }, () => {
    const changing = [0.02, 0.02, 0.2, 0.2]
    const of = (options: Partial<UpdaterOptions>): Parameters => denseRun({ momentum: 0.9, ...options }, changing).after
    const [outside, corrected, uncorrected] = [
      of({ rate: 'outside' }),
      of({ rate: 'inside', corrected: true }),
      of({ rate: 'inside' }),
    ]
    for (const name of Object.keys(outside)) expect(distance(corrected[name]!, outside[name]!), name).toBeLessThan(2e-5)
    expect(distance(uncorrected['fc1.weight']!, outside['fc1.weight']!)).toBeGreaterThan(1e-3)
  })

  it.each(titled)('train simulated workers as the plain version does: %s', (_, options) => {
    const learner = createLearner(
      engine,
      digitsConfig({ batch: { workers: { type: 'postLocal', workers: 3 } }, optimizer: optimizerOf(options) }),
      dataset.info,
    )
    const start = parametersIn(learner.read())
    const workers = [0, 1, 2].map(() => ({ parameters: start, update: updater(options, 'fc2') }))
    let mean = start
    rates.forEach((rate, update) => {
      const batch = batchAt(update)
      const averageWorkers = update % 2 === 1
      learner.update(batch, {
        learningRate: rate,
        momentum: options.momentum,
        momentumCorrection: correction(update),
        averageWorkers,
      })
      workers.forEach((worker, k) => {
        worker.parameters = worker.update(
          worker.parameters,
          perceptron(worker.parameters, examplesOf(batch).slice(8 * k, 8 * k + 8)).gradients,
          rate,
          correction(update),
        )
      })
      mean = mapParameters(start, (values, name) =>
        values.map((_value, i) => meanOf(workers.map(({ parameters }) => parameters[name]![i]!))),
      )
      if (averageWorkers) for (const worker of workers) worker.parameters = mean
    })
    const state = learner.read()
    for (const name of Object.keys(mean)) {
      expect(strayed(parametersIn(state)[name]!, mean[name]!, start[name]!), name).toBeLessThan(1e-4)
      workers.forEach(({ parameters }, k) => {
        expect(
          strayed(parametersIn(state, `optimizer.worker${k}.`)[name]!, parameters[name]!, start[name]!),
          `${name} of worker ${k}`,
        ).toBeLessThan(1e-4)
      })
    }
    learner.dispose()
  })
})
