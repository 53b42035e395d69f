import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import type { Dataset } from '../../main/data/dataset'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Batch, LearnerState } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { followed, normedPerceptron, normedScores, type GhostStatistics } from '../reference/normedPerceptron'
import { mapParameters, meanOf, type Parameters } from '../reference/perceptron'
import { sgd, type SgdState } from '../reference/sgd'
import { digits, digitsBatch, digitsConfig, trainOnDigits, useFolder } from '../support/digits'
import { examplesOf } from './plainRun'
import { distance } from './reference'
import { itTensorflow } from './tensorflow'

/*
 * Ghost batch norm trains a perceptron on real digits beside a plain version of network, ghosts and running statistics.
 */

const folder = useFolder()
const updates = 5
const rate = 0.1
const normed: RunConfigInput = { network: { type: 'mlp', hidden: [12], batchNorm: true } }
const trained = ['fc1.weight', 'fc1.bias', 'bn1.weight', 'bn1.bias', 'fc2.weight', 'fc2.bias']
const valuesIn = (state: LearnerState, prefix = ''): Parameters =>
  Object.fromEntries(trained.map((name) => [name, [...state.get(prefix + name)!.data]]))
const runningIn = (state: LearnerState, prefix = ''): GhostStatistics => ({
  mean: [...state.get(`${prefix}bn1.running_mean`)!.data],
  variance: [...state.get(`${prefix}bn1.running_var`)!.data],
})

/** One network that is trained by hand. */
function plainTrainee(start: Parameters) {
  const states = new Map<string, SgdState>()
  const trainee = {
    parameters: start,
    running: { mean: start['bn1.bias']!.map(() => 0), variance: start['bn1.bias']!.map(() => 1) } as GhostStatistics,
    update(examples: ReturnType<typeof examplesOf>, ghosts: readonly number[], newValueWeight: number): number {
      const pass = normedPerceptron(trainee.parameters, examples, ghosts)
      trainee.running = followed(trainee.running, pass.ghosts, newValueWeight)
      trainee.parameters = mapParameters(trainee.parameters, (weights, name) => {
        const state = sgd.step({ weights, buffer: states.get(name)?.buffer ?? [] }, pass.gradients[name]!, {
          learningRate: rate,
          momentum: 0.9,
          weightDecay: 0,
          nesterov: false,
          decay: 'coupled',
        })
        states.set(name, state)
        return state.weights
      })
      return meanOf(pass.losses)
    },
  }
  return trainee
}

describe('batch norm in ghosts, on real digits', () => {
  let engine: Engine
  let dataset: Dataset
  beforeAll(async () => {
    engine = await openEngine('cpu', {})
    dataset = await digits(digitsConfig(normed), folder())
  })

  const batchAt = (config: RunConfig, update: number): Batch =>
    digitsBatch(
      config,
      dataset,
      dataset.train,
      Array.from({ length: 24 }, (_, i) => 24 * update + i),
      update,
    )
  const statistics = (ghostStatistics: 'divided' | 'sequential'): RunConfigInput => ({
    ...normed,
    networkOptions: { batchNorm: { ghostStatistics } },
  })

  it.each<[string, RunConfigInput, readonly number[], number]>([
    ['the whole batch', normed, [24], 0.1],
    ['four ghosts, the weight divided', { ...statistics('divided'), batch: { ghostSize: 6 } }, [6, 6, 6, 6], 0.025],
    ['four ghosts in sequence', { ...statistics('sequential'), batch: { ghostSize: 6 } }, [6, 6, 6, 6], 0.1],
    ['uneven ghosts, the weight divided', { ...statistics('divided'), batch: { ghostSize: 5 } }, [5, 5, 5, 5, 4], 0.02],
    ['uneven ghosts in sequence', { ...statistics('sequential'), batch: { ghostSize: 5 } }, [5, 5, 5, 5, 4], 0.1],
    ['micro-batches, which are ghosts too', { ...statistics('divided'), batch: { microBatch: 8 } }, [8, 8, 8], 0.1 / 3],
  ])('trains as its plain version does: %s', (_, input, ghosts, newValueWeight) => {
    const config = digitsConfig(input)
    const learner = createLearner(engine, config, dataset.info)
    const plain = plainTrainee(valuesIn(learner.read()))
    for (let update = 0; update < updates; update++) {
      const batch = batchAt(config, update)
      const { loss } = learner.update(batch, { learningRate: rate, momentum: 0.9 })
      expect(loss / plain.update(examplesOf(batch), ghosts, newValueWeight)).toBeCloseTo(1, 4)
    }
    const state = learner.read()
    for (const name of trained)
      expect(distance(state.get(name)!.data, plain.parameters[name]!), name).toBeLessThan(2e-5)
    expect(distance(runningIn(state).mean, plain.running.mean)).toBeLessThan(2e-5)
    expect(distance(runningIn(state).variance, plain.running.variance)).toBeLessThan(2e-5)
    // Evaluation takes the running statistics and cuts nothing.
    const unseen = examplesOf(
      digitsBatch(
        config,
        dataset,
        dataset.validation,
        Uint32Array.from(dataset.validation.labels, (_unused, i) => i),
        0,
      ),
    )
    const guessed = unseen.map(({ pixels }) => {
      const scores = normedScores(plain.parameters, plain.running, pixels)
      return scores.indexOf(Math.max(...scores))
    })
    expect(
      [...learner.evaluate(dataset.validation).predictions].filter((found, n) => found !== guessed[n]).length,
    ).toBeLessThanOrEqual(1)
    learner.dispose()
  })

  it('keeps the statistics of simulated workers apart, and evaluates with their mean', () => {
    const config = digitsConfig({ ...normed, batch: { workers: { type: 'postLocal', workers: 3 } } })
    const learner = createLearner(engine, config, dataset.info)
    const workers = [0, 1, 2].map(() => plainTrainee(valuesIn(learner.read())))
    for (let update = 0; update < updates; update++) {
      const batch = batchAt(config, update)
      const averaged = update % 2 === 0
      learner.update(batch, { learningRate: rate, momentum: 0.9, averageWorkers: averaged })
      workers.forEach((worker, k) => worker.update(examplesOf(batch).slice(8 * k, 8 * k + 8), [8], 0.1))
      if (!averaged) continue
      const mean = mapParameters(workers[0]!.parameters, (values, name) =>
        values.map((_, i) => meanOf(workers.map(({ parameters }) => parameters[name]![i]!))),
      )
      for (const worker of workers) worker.parameters = mean
    }
    const state = learner.read()
    workers.forEach(({ running, parameters }, k) => {
      for (const name of trained)
        expect(distance(valuesIn(state, `optimizer.worker${k}.`)[name]!, parameters[name]!), name).toBeLessThan(2e-5)
      expect(distance(runningIn(state, `optimizer.worker${k}.`).variance, running.variance)).toBeLessThan(2e-5)
    })
    for (const which of ['mean', 'variance'] as const) {
      expect(
        distance(
          runningIn(state)[which],
          runningIn(state)[which].map((_, h) => meanOf(workers.map(({ running }) => running[which][h]!))),
        ),
      ).toBeLessThan(2e-5)
    }
    learner.dispose()
  })

  it.each<[string, RunConfigInput, string]>([
    [
      'an average of weights (SWA)',
      { ...normed, regularisation: { average: { type: 'swa', start: 0.3 } } },
      'optimizer.average.',
    ],
    [
      'a moving average of weights (EMA)',
      { ...normed, regularisation: { average: { type: 'ema', decay: 0.9, statistics: 'reestimated' } } },
      'optimizer.average.',
    ],
    [
      'simulated workers',
      { ...normed, batch: { workers: { type: 'postLocal', workers: 2, statistics: 'reestimated' } } },
      '',
    ],
  ])('estimates the statistics anew from all training images: %s', { timeout: 60_000 }, async (_, input, prefix) => {
    const config = digitsConfig(input)
    const { final } = await trainOnDigits(config, folder())
    const all = examplesOf(
      digitsBatch(
        config,
        dataset,
        dataset.train,
        Uint32Array.from(dataset.train.labels, (_unused, i) => i),
        0,
      ),
    )
    // 240 images fit in one batch of an evaluation.
    const [whole] = normedPerceptron(valuesIn(final, prefix), all, [all.length]).ghosts
    expect(distance(runningIn(final, prefix).mean, whole!.mean)).toBeLessThan(2e-5)
    expect(distance(runningIn(final, prefix).variance, whole!.variance)).toBeLessThan(2e-5)
  })

  it(
    'evaluates a moving average with the statistics that the config names, and trains alike',
    { timeout: 60_000 },
    async () => {
      const all = examplesOf(
        digitsBatch(
          digitsConfig(normed),
          dataset,
          dataset.train,
          Uint32Array.from(dataset.train.labels, (_, i) => i),
          0,
        ),
      )
      const unseen = examplesOf(
        digitsBatch(
          digitsConfig(normed),
          dataset,
          dataset.validation,
          Uint32Array.from(dataset.validation.labels, (_, i) => i),
          0,
        ),
      )
      const runOf = async (statistics: 'averaged' | 'reestimated') => {
        const { traced, final } = await trainOnDigits(
          digitsConfig({ ...normed, regularisation: { average: { type: 'ema', decay: 0.9, statistics } } }),
          folder(),
        )
        const weights = valuesIn(final, 'optimizer.average.')
        const running =
          statistics === 'averaged'
            ? runningIn(final, 'optimizer.average.')
            : normedPerceptron(weights, all, [all.length]).ghosts[0]!
        const scores = unseen.map(({ pixels }) => normedScores(weights, running, pixels))
        const losses = scores.map(
          (row, n) =>
            Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[unseen[n]!.target.indexOf(1)]!,
        )
        expect(traced.run.epochs.at(-1)!.validation!.loss).toBeCloseTo(meanOf(losses), 4)
        return { traced, final, loss: meanOf(losses) }
      }
      const [averaged, anew] = [await runOf('averaged'), await runOf('reestimated')]
      expect(Math.abs(anew.loss - averaged.loss)).toBeGreaterThan(1e-3)
      expect(anew.traced.trace.loss).toEqual(averaged.traced.trace.loss)
      for (const name of [...trained, 'bn1.running_mean', ...trained.map((one) => `optimizer.average.${one}`)])
        expect(anew.final.get(name)!.data, name).toEqual(averaged.final.get(name)!.data)
    },
  )

  itTensorflow('estimates the same statistics for a moving average whether the step is captured or eager', async () => {
    const runOf = async (capture: 'auto' | 'off') => {
      const { traced, final } = await trainOnDigits(
        digitsConfig({
          ...normed,
          regularisation: { average: { type: 'ema', statistics: 'reestimated' } },
          engine: { backend: 'tensorflow', capture },
        }),
        folder(),
      )
      expect(traced.run).toMatchObject({ status: 'finished', engine: { captured: capture === 'auto' } })
      return new Map([...final].map(([name, { data }]) => [name, [...data]]))
    }
    expect(await runOf('auto')).toEqual(await runOf('off'))
  })

  itTensorflow(
    'are none to estimate for simulated workers without batch norm, whether the step is captured or eager',
    async () => {
      for (const capture of ['auto', 'off'] as const) {
        const { traced } = await trainOnDigits(
          digitsConfig({
            batch: { workers: { type: 'postLocal', workers: 2, statistics: 'reestimated' } },
            engine: { backend: 'tensorflow', capture },
          }),
          folder(),
        )
        expect(traced.run).toMatchObject({ status: 'finished', message: '', engine: { captured: capture === 'auto' } })
      }
    },
  )
})
