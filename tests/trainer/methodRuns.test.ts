import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { simpleNoiseScale } from '../../core/noise'
import { planRun } from '../../core/plan/plan'
import { epochOrder } from '../../core/random'
import type { Dataset } from '../../main/data/dataset'
import { restore } from '../../main/trainer/restore'
import { openEngine } from '../../main/trainer/engine'
import { evaluateChosen } from '../../main/trainer/epochEnd'
import type { LearnerState } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { averageWeights } from '../reference/layers'
import { mapParameters, meanOf, oneHot, perceptron, type Parameters } from '../reference/perceptron'
import { sgd, type SgdState } from '../reference/sgd'
import { digits, digitsBatch, digitsConfig, parametersIn, trainOnDigits, useFolder } from '../support/digits'
import { examplesOf, initialOf, plainLoss, plainRun } from './plainRun'
import { distance } from './reference'

/*
 * Whole runs on real digits, as the app trains them, beside a plain training that is told only batch sizes and rates.
 */

const folder = useFolder()

let dataset: Dataset
let images = 0
beforeAll(async () => {
  dataset = await digits(digitsConfig({}), folder())
  images = dataset.info.counts.train
})

function expectSame(final: LearnerState, parameters: Parameters, prefix = ''): void {
  const found = parametersIn(final, prefix)
  for (const name of Object.keys(parameters))
    expect(distance(found[name]!, parameters[name]!), prefix + name).toBeLessThan(1e-4)
}

const epochsOf = (sizes: readonly (readonly [epochs: number, batch: number, rate: number])[]) =>
  sizes
    .flatMap(([epochs, batch, rate], phase) =>
      Array.from({ length: epochs }, (_, i) => ({
        epoch: sizes.slice(0, phase).reduce((sum, [before]) => sum + before, 0) + i,
        batch,
        rate,
      })),
    )
    .flatMap((one) => Array.from({ length: Math.floor(images / one.batch) }, () => one))

describe('a run on real digits', () => {
  it('grows its batch as a plain run with those sizes does, then lets the rate fall', async () => {
    const config = digitsConfig({
      batch: { growth: { type: 'milestones', factor: 2, milestones: [1, 2], unit: 'epochs', cap: 60 } },
    })
    const {
      traced: { run, trace },
      final,
    } = await trainOnDigits(config, folder())
    const plain = plainRun(
      config,
      dataset,
      await initialOf(config, dataset),
      epochsOf([
        [1, 24, 0.1],
        [1, 48, 0.1],
        [1, 60, (0.1 * 60) / 96],
      ]),
    )
    expect(run.status).toBe('finished')
    expect(distance(trace.loss as number[], plain.losses)).toBeLessThan(1e-4)
    expectSame(final, plain.parameters)
  })

  it.each<['epochs' | 'updates', number]>([
    ['epochs', 6],
    ['updates', 6],
  ])('adapts its regime by %s as a plain run of that length does', async (regimeAdaptation, epochs) => {
    const config = digitsConfig({
      batchSize: 48,
      batch: { regimeAdaptation },
      learningRate: {
        base: 0.1,
        referenceBatch: 24,
        scaling: { type: 'squareRoot' },
        schedule: { type: 'multiStep', milestones: [2], unit: 'epochs' },
      },
    })
    const {
      traced: { run, trace },
      final,
    } = await trainOnDigits(config, folder())
    const rate = 0.1 * Math.SQRT2
    const perEpoch = Math.floor(images / 48)
    // The drop comes with the third of the reference run's epochs: by epochs at twice the epoch, by updates after as
    // many updates.
    const drop = regimeAdaptation === 'epochs' ? 4 * perEpoch : 2 * Math.floor(images / 24)
    const plain = plainRun(
      config,
      dataset,
      await initialOf(config, dataset),
      epochsOf([[epochs, 48, rate]]).map((one, update) => ({ ...one, rate: update < drop ? rate : rate / 10 })),
    )
    expect(run.epochs).toHaveLength(epochs)
    expect(distance(trace.loss as number[], plain.losses)).toBeLessThan(1e-4)
    expectSame(final, plain.parameters)
  })

  it('lets simulated workers go their own ways after the switch as plain post-local SGD does', async () => {
    const config = digitsConfig({
      batch: { workers: { type: 'postLocal', workers: 3, averageEvery: 4, switchAt: 0.5 } },
    })
    const {
      traced: { trace },
      final,
    } = await trainOnDigits(config, folder())
    let mean = await initialOf(config, dataset)
    const workers = [0, 1, 2].map(() => ({ parameters: mean, states: new Map<string, SgdState>() }))
    const losses = epochsOf([[3, 24, 0.1]]).map(({ epoch, rate }, update) => {
      const order = epochOrder(config.seed, epoch, images)
      const examples = examplesOf(
        digitsBatch(
          config,
          dataset,
          dataset.train,
          order.subarray(24 * (update % 10), 24 * (update % 10) + 24),
          update,
        ),
      )
      const passes = workers.map((worker, k) => {
        const pass = perceptron(worker.parameters, examples.slice(8 * k, 8 * k + 8))
        worker.parameters = mapParameters(worker.parameters, (weights, name) => {
          const state = sgd.step({ weights, buffer: worker.states.get(name)?.buffer ?? [] }, pass.gradients[name]!, {
            learningRate: rate,
            momentum: 0.9,
            weightDecay: 0,
            nesterov: false,
            decay: 'coupled',
          })
          worker.states.set(name, state)
          return state.weights
        })
        return pass
      })
      mean = mapParameters(mean, (values, name) =>
        values.map((_, i) => meanOf(workers.map(({ parameters }) => parameters[name]![i]!))),
      )
      // Half of three epochs, rounded up to two; then after every fourth update of the run.
      if (epoch < 2 || (update + 1) % 4 === 0) for (const worker of workers) worker.parameters = mean
      return meanOf(passes.flatMap((pass) => pass.losses))
    })
    expect(distance(trace.loss as number[], losses)).toBeLessThan(1e-4)
    expectSame(final, mean)
    workers.forEach(({ parameters }, k) => expectSame(final, parameters, `optimizer.worker${k}.`))
    expect(workers[0]!.parameters).not.toEqual(mean)
  })

  it('averages the ends of its last epochs (SWA), evaluates the average, and keeps both', async () => {
    const config = digitsConfig({ epochs: 4, regularisation: { average: { type: 'swa', start: 0.5 } } })
    const {
      traced: { run },
      final,
    } = await trainOnDigits(config, folder())
    const { parameters, ends } = plainRun(config, dataset, await initialOf(config, dataset), epochsOf([[4, 24, 0.1]]))
    expectSame(final, parameters)
    const average = mapParameters(parameters, (values, name) =>
      values.map((_, i) => averageWeights([ends[2]![name]![i]!, ends[3]![name]![i]!])),
    )
    expectSame(final, average, 'optimizer.average.')
    expect(final.get('optimizer.average.count')!.data[0]).toBe(2)
    const score = (of: Parameters): number => plainLoss(config, dataset, dataset.validation, of)
    expect(run.epochs[1]!.validation!.loss).toBeCloseTo(score(ends[1]!), 4)
    expect(run.epochs[3]!.validation!.loss).toBeCloseTo(score(average), 4)
    expect(Math.abs(score(average) - score(parameters))).toBeGreaterThan(1e-3)
  })

  it.each<[string, RunConfigInput]>([
    ['a moving average', { regularisation: { average: { type: 'ema', decay: 0.8 }, labelSmoothing: 0.1 } }],
    [
      'a moving average with statistics estimated anew',
      {
        network: { type: 'mlp', hidden: [12], batchNorm: true },
        regularisation: { average: { type: 'ema', decay: 0.8, statistics: 'reestimated' } },
      },
    ],
    [
      'SWA with batch norm',
      {
        network: { type: 'mlp', hidden: [12], batchNorm: true },
        regularisation: { average: { type: 'swa', start: 0.3 } },
      },
    ],
    [
      'simulated workers',
      {
        batch: {
          workers: { type: 'postLocal', workers: 4, averageEvery: 4, switchAt: 0.3, statistics: 'reestimated' },
        },
        network: { type: 'mlp', hidden: [12], batchNorm: true },
      },
    ],
    [
      'mixup, noise and Adam',
      {
        optimizer: { type: 'adam' },
        learningRate: { base: 0.01, referenceBatch: 12 },
        regularisation: { mixup: 0.3 },
        batch: { gradientNoise: { type: 'multiplicative' } },
      },
    ],
  ])('goes on to the bit after a pause: %s', async (_, input) => {
    const config = digitsConfig({ ...input, diagnostics: { every: 3 } })
    const straight = await trainOnDigits(config, folder())
    const paused = await trainOnDigits(config, folder(), { pauseAfter: 13 })
    const { traced, final } = await trainOnDigits(config, folder(), { resume: paused.folder })
    expect(paused.traced.run.status).toBe('paused')
    expect(traced.run.status).toBe('finished')
    expect(traced.trace.loss).toEqual(straight.traced.trace.loss)
    expect(traced.diagnoses).toEqual(straight.traced.diagnoses)
    expect(traced.run.epochs.map(({ validation }) => validation)).toEqual(
      straight.traced.run.epochs.map(({ validation }) => validation),
    )
    expect([...final.keys()]).toEqual([...straight.final.keys()])
    for (const [name, { data }] of straight.final)
      expect(Buffer.from(final.get(name)!.data.buffer).equals(Buffer.from(data.buffer)), name).toBe(true)
  })

  it('starts averages and workers where the weights of a file start', async () => {
    const { folder: from, final } = await trainOnDigits(digitsConfig({ epochs: 1 }), folder())
    const config = digitsConfig({
      seed: 9,
      regularisation: { average: { type: 'ema' } },
      batch: { workers: { type: 'postLocal', workers: 2 } },
    })
    for (const type of ['weights', 'fork'] as const) {
      const learner = createLearner(await openEngine('cpu', {}), config, dataset.info)
      await restore(
        { type, path: join(from, 'checkpoints', 'final.safetensors') },
        learner,
        planRun(config, dataset.info),
        { run: undefined, config, info: dataset.info, hasOrigin: true },
      )
      const state = learner.read()
      for (const prefix of ['', 'optimizer.average.', 'optimizer.worker0.', 'optimizer.worker1.'])
        expect(parametersIn(state, prefix), prefix).toEqual(parametersIn(final))
      learner.dispose()
    }
  })

  it('estimates the statistics of an average anew: without it the average is much worse', async () => {
    const config = digitsConfig({
      epochs: 5,
      network: { type: 'mlp', hidden: [12], batchNorm: true },
      learningRate: { base: 0.5, referenceBatch: 24 },
      regularisation: { average: { type: 'swa', start: 0.3 } },
    })
    const { final } = await trainOnDigits(config, folder())
    const learner = createLearner(await openEngine('cpu', {}), config, dataset.info)
    learner.write(final)
    const good = evaluateChosen(learner, config, dataset.train)
    learner.write(
      new Map([
        ['optimizer.average.bn1.running_mean', final.get('bn1.running_mean')!],
        ['optimizer.average.bn1.running_var', final.get('bn1.running_var')!],
      ]),
    )
    const stale = evaluateChosen(learner, config, dataset.train)
    learner.dispose()
    expect(good.loss).toBeLessThan(stale.loss)
  })
})

describe('diagnostics', () => {
  it('tell the rate per image of summed gradients as it is', async () => {
    const summed = digitsConfig({
      epochs: 1,
      learningRate: { base: 2 ** -8, referenceBatch: 24 },
      optimizer: { type: 'sgd', momentum: 0, reduction: 'sum' },
      diagnostics: { every: 4, updateRatio: false, gradientNoise: false },
    })
    const {
      traced: { diagnoses = [] },
    } = await trainOnDigits(summed, folder())
    expect(new Set(diagnoses.map(({ rateToBatch }) => rateToBatch))).toEqual(new Set([2 ** -8]))
  })

  it('report what a plain version measures, every n updates', async () => {
    const config = digitsConfig({ epochs: 1, diagnostics: { every: 4 } })
    const {
      traced: { diagnoses = [], trace },
      events,
    } = await trainOnDigits(config, folder())
    expect(diagnoses.map(({ update }) => update)).toEqual(trace.update.filter((update) => update % 4 === 0))
    expect(events.filter(({ type }) => type === 'diagnosed')).toHaveLength(diagnoses.length)
    const sizes = epochsOf([[1, 24, 0.1]])
    const start = await initialOf(config, dataset)
    diagnoses.forEach(({ update, ratios, gradient, rateToBatch }) => {
      const before = plainRun(config, dataset, start, sizes.slice(0, update - 1)).parameters
      const after = plainRun(config, dataset, start, sizes.slice(0, update)).parameters
      for (const layer of ['fc1', 'fc2']) {
        const [from, to] = [before[`${layer}.weight`]!, after[`${layer}.weight`]!]
        expect(ratios![layer]! / (Math.hypot(...from.map((w, i) => to[i]! - w)) / Math.hypot(...from))).toBeCloseTo(
          1,
          3,
        )
      }
      expect(rateToBatch).toBeCloseTo(0.1 / 24, 12)
      // Four pieces of six images: norms of their mean gradients and of the mean of those.
      const order = epochOrder(config.seed, 0, images).subarray(24 * (update - 1), 24 * update)
      const batch = digitsBatch(config, dataset, dataset.train, order, 0)
      const examples = Array.from(batch.labels, (label, n) => ({
        pixels: batch.images.subarray(64 * n, 64 * n + 64),
        target: oneHot(label, 10),
        weight: 1,
      }))
      const square = (some: typeof examples): number =>
        Object.values(perceptron(before, some).gradients)
          .flat()
          .reduce((sum, g) => sum + g * g, 0)
      const small = meanOf([0, 1, 2, 3].map((k) => square(examples.slice(6 * k, 6 * k + 6))))
      const big = square(examples)
      expect(gradient!.squaredNorm! / ((24 * big - 6 * small) / 18)).toBeCloseTo(1, 2)
      expect(gradient!.spread! / ((small - big) / (1 / 6 - 1 / 24))).toBeCloseTo(1, 3)
      expect(simpleNoiseScale({ spread: 170.6666667, squaredNorm: 1.3333333 })).toBeCloseTo(128, 4)
    })
  })

  it('change nothing in the training, running statistics included', async () => {
    const input: RunConfigInput = {
      epochs: 2,
      network: { type: 'mlp', hidden: [12], batchNorm: true },
      networkOptions: { dropout: 0.2 },
    }
    const plain = await trainOnDigits(digitsConfig(input), folder())
    const measured = await trainOnDigits(digitsConfig({ ...input, diagnostics: { every: 1 } }), folder())
    expect(measured.traced.trace.loss).toEqual(plain.traced.trace.loss)
    for (const [name, { data }] of plain.final) expect(measured.final.get(name)!.data, name).toEqual(data)
    expect(measured.traced.diagnoses).toHaveLength(plain.traced.trace.update.length)
  })
})

describe('a plan', () => {
  it('has the updates that the run makes', async () => {
    for (const input of [
      { batchSize: 50, batch: { regimeAdaptation: 'updates', lastPartial: 'keep' } },
      { batch: { growth: { type: 'milestones', factor: 3 } } },
    ] as RunConfigInput[]) {
      const config = digitsConfig(input)
      const plan = planRun(config, dataset.info)
      const {
        traced: { trace },
      } = await trainOnDigits(config, folder())
      expect(trace.update).toHaveLength(plan.updates)
      trace.learningRate.forEach((rate, update) => expect(rate).toBe(plan.learningRate(update)))
      trace.batchSize.forEach((size, update) => expect(size).toBe(plan.batchSize(update)))
    }
  })
})
