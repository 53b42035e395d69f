import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { fillLossWeights, mixtureOf } from '../../core/mixing'
import type { Dataset } from '../../main/data/dataset'
import { fillDropoutMasks } from '../../main/trainer/learner/dropout'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Batch } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import {
  adamStep,
  adamwStep,
  clipAdaptively,
  clipNorm,
  clipValue,
  lambStep,
  larsRatio,
  larsStep,
  startAdam,
  type AdamState,
} from '../reference/layers'
import { mapParameters, meanOf, oneHot, perceptron, type Example, type Parameters } from '../reference/perceptron'
import { sgd, type SgdState } from '../reference/sgd'
import { digits, digitsBatch, digitsConfig, parametersIn, useFolder } from '../support/digits'
import { examplesOf as plainExamples } from './plainRun'
import { distance } from './reference'

/*
 * Each method trains a perceptron on real digits for some updates, beside a plain version of perceptron and method:
 * losses and weights must agree.
 */

const folder = useFolder()
const updates = 8
const rateAt = (update: number): number => 0.1 / (1 + 0.2 * update)

/** A plain training: state of one parameter from its gradient and its values, and how examples are made of a batch. */
interface Plain {
  readonly step: (
    name: string,
    values: readonly number[],
    gradient: readonly number[],
    rate: number,
    rateBefore: number,
  ) => readonly number[]
  readonly clip?: (gradients: Parameters, parameters: Parameters) => Parameters
  readonly examples?: (batch: Batch) => readonly Example[]
  /** What curves show of a batch; the examples without smoothing and weights if not given. */
  readonly shown?: (batch: Batch) => readonly Example[]
}

const pixelsOf = ({ images }: Batch, n: number): Float32Array => images.subarray(64 * n, 64 * n + 64)
const isWeight = (name: string): boolean => name.endsWith('.weight')

const plainSgd = ({
  biases = false,
  ...settings
}: {
  momentum: number
  nesterov?: boolean
  weightDecay?: number
  decay?: 'coupled' | 'decoupled'
  biases?: boolean
}): Plain => {
  const states = new Map<string, SgdState>()
  return {
    step: (name, values, gradient, learningRate) => {
      const state = { weights: values, buffer: states.get(name)?.buffer ?? [] }
      const next = sgd.step(state, gradient, {
        learningRate,
        nesterov: false,
        decay: 'coupled',
        ...settings,
        weightDecay: biases || isWeight(name) ? (settings.weightDecay ?? 0) : 0,
      })
      states.set(name, next)
      return next.weights
    },
  }
}

const plainAdam = (
  next: (name: string, state: AdamState, gradient: readonly number[], rate: number) => AdamState,
): Plain => {
  const states = new Map<string, AdamState>()
  return {
    step: (name, values, gradient, rate) => {
      const state = next(name, { ...(states.get(name) ?? startAdam(values)), weights: values }, gradient, rate)
      states.set(name, state)
      return state.weights
    },
  }
}

const insideBuffer = (corrected: boolean): Plain => {
  const buffers = new Map<string, readonly number[]>()
  return {
    step: (name, values, gradient, rate, before) => {
      const buffer = gradient.map(
        (g, i) => 0.9 * (corrected ? rate / before : 1) * (buffers.get(name)?.[i] ?? 0) + rate * g,
      )
      buffers.set(name, buffer)
      return values.map((w, i) => w - buffer[i]!)
    },
  }
}

const plainLars = (): Plain => {
  const states = new Map<string, SgdState>()
  return {
    step: (name, values, gradient, learningRate) => {
      const state = { weights: values, buffer: states.get(name)?.buffer ?? [] }
      const settings = { learningRate, momentum: 0.9, weightDecay: 5e-4, trust: 0.02 }
      // Biases move at the plain rate: divided out, the ratio is 1.
      const next = isWeight(name)
        ? larsStep(state, gradient, settings)
        : larsStep(state, gradient, {
            ...settings,
            weightDecay: 0,
            learningRate: learningRate / larsRatio(values, gradient, 0.02, 0),
          })
      states.set(name, next)
      return next.weights
    },
  }
}

// LARS that is never faster than the rate: the ratio over the rate, at most 1; biases move at the rate.
const plainLarc = (): Plain => {
  const buffers = new Map<string, readonly number[]>()
  return {
    step: (name, values, gradient, rate) => {
      const [decay, share] = isWeight(name)
        ? [5e-4, Math.min(1, larsRatio(values, gradient, 0.05, 5e-4) / rate)]
        : [0, 1]
      const buffer = gradient.map(
        (g, i) => 0.9 * (buffers.get(name)?.[i] ?? 0) + rate * share * (g + decay * values[i]!),
      )
      buffers.set(name, buffer)
      return values.map((w, i) => w - buffer[i]!)
    },
  }
}

const clippedTo =
  (limit: number) =>
  (gradients: Parameters): Parameters => {
    const clipped = clipNorm(Object.values(gradients), limit)
    return Object.fromEntries(Object.keys(gradients).map((name, k) => [name, clipped[k]!]))
  }

const plainLamb = (): Plain =>
  plainAdam((name, state, gradient, learningRate) =>
    isWeight(name)
      ? lambStep(state, gradient, { learningRate, weightDecay: 0.01 }).state
      : // Biases take the direction itself: the ratio is divided out.
        lambStep(state, gradient, {
          learningRate: learningRate / lambStep(state, gradient, { learningRate, weightDecay: 0 }).ratio,
          weightDecay: 0,
        }).state,
  )

const droppedExamples = (batch: Batch): Example[] => {
  const mask = new Float32Array(12 * batch.count)
  fillDropoutMasks(mask, [{ width: 12, fraction: 0.4 }], 1, batch.update)
  return plainExamples(batch).map((example, n) => ({ ...example, mask: mask.subarray(12 * n, 12 * n + 12) }))
}

/** Columns of a [in, out] matrix: the weights of each output unit. */
const units = (values: readonly number[], outputs: number): number[][] =>
  Array.from({ length: outputs }, (_, o) => values.filter((_, i) => i % outputs === o))
const matrix = (columns: readonly (readonly number[])[]): number[] =>
  columns[0]!.flatMap((_, i) => columns.map((column) => column[i]!))

const clipUnits = (gradients: Parameters, parameters: Parameters): Parameters =>
  mapParameters(gradients, (gradient, name) => {
    if (name.startsWith('fc2')) return gradient
    if (name === 'fc1.bias') return clipAdaptively([parameters[name]!], [gradient], 0.01)[0]!
    return matrix(clipAdaptively(units(parameters[name]!, 12), units(gradient, 12), 0.01))
  })

const smoothed = (target: readonly number[], epsilon: number): number[] =>
  target.map((share) => (1 - epsilon) * share + epsilon / target.length)

const mixedExamples = (batch: Batch, epsilon: number): Example[] => {
  const { share, partners } = mixtureOf(0.4, 1, batch.update, batch.count)
  return Array.from(partners, (partner, n) => ({
    pixels: Array.from(pixelsOf(batch, n), (pixel, i) => share * pixel + (1 - share) * pixelsOf(batch, partner)[i]!),
    target: smoothed(
      oneHot(batch.labels[n]!, 10).map((own, c) => share * own + (1 - share) * (c === batch.labels[partner] ? 1 : 0)),
      epsilon,
    ),
    weight: 1,
  }))
}

const noisyExamples = (batch: Batch): Example[] => {
  const weights = new Float32Array(batch.count)
  fillLossWeights(weights, batch.count / 6 - 1, 1, batch.update)
  return plainExamples(batch).map((example, n) => ({ ...example, weight: weights[n]! }))
}

const noDecay = (name: string, decay: number): number => (isWeight(name) ? decay : 0)

const methods: readonly (readonly [string, RunConfigInput, () => Plain])[] = [
  ['no momentum', { optimizer: { type: 'sgd', momentum: 0 } }, () => plainSgd({ momentum: 0 })],
  ['momentum', {}, () => plainSgd({ momentum: 0.9 })],
  [
    'decay of biases too',
    { optimizer: { type: 'sgd', weightDecay: 0.3, decayNormAndBias: true } },
    () => plainSgd({ momentum: 0.9, weightDecay: 0.3, biases: true }),
  ],
  [
    'Nesterov, coupled decay',
    { optimizer: { type: 'sgd', nesterov: true, weightDecay: 0.01 } },
    () => plainSgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  ],
  [
    'decoupled decay',
    { optimizer: { type: 'sgd', weightDecay: 0.01, decay: 'decoupled' } },
    () => plainSgd({ momentum: 0.9, weightDecay: 0.01, decay: 'decoupled' }),
  ],
  ['the rate inside the buffer', { optimizer: { type: 'sgd', rate: 'inside' } }, () => insideBuffer(false)],
  [
    'momentum correction',
    { optimizer: { type: 'sgd', rate: 'inside', momentumCorrection: true } },
    () => insideBuffer(true),
  ],
  ['LARS', { optimizer: { type: 'lars', trust: 0.02 } }, plainLars],
  ['LARS, never faster than the rate', { optimizer: { type: 'lars', trust: 0.05, limitToRate: true } }, plainLarc],
  ['LAMB', { optimizer: { type: 'lamb', clip: { type: 'none' } } }, plainLamb],
  ['LAMB, clipped as by default', { optimizer: { type: 'lamb' } }, () => ({ ...plainLamb(), clip: clippedTo(1) })],
  [
    'Adam',
    { optimizer: { type: 'adam', weightDecay: 0.01 } },
    () =>
      plainAdam((name, state, gradient, learningRate) =>
        adamStep(state, gradient, { learningRate, weightDecay: noDecay(name, 0.01) }),
      ),
  ],
  [
    'AdamW',
    { optimizer: { type: 'adamw', weightDecay: 0.1 } },
    () =>
      plainAdam((name, state, gradient, learningRate) =>
        adamwStep(state, gradient, { learningRate, weightDecay: noDecay(name, 0.1) }),
      ),
  ],
  [
    'clipping by norm',
    { optimizer: { type: 'sgd', clip: { type: 'norm', limit: 0.3 } } },
    () => ({ ...plainSgd({ momentum: 0.9 }), clip: clippedTo(0.3) }),
  ],
  [
    'uneven micro-batches, clipped together',
    { batch: { microBatch: 5 }, optimizer: { type: 'sgd', clip: { type: 'norm', limit: 0.3 } } },
    () => ({ ...plainSgd({ momentum: 0.9 }), clip: clippedTo(0.3) }),
  ],
  [
    'clipping by value',
    { optimizer: { type: 'sgd', clip: { type: 'value', limit: 0.02 } } },
    () => ({
      ...plainSgd({ momentum: 0.9 }),
      clip: (gradients) => mapParameters(gradients, (gradient) => clipValue(gradient, 0.02)),
    }),
  ],
  [
    'adaptive clipping',
    { optimizer: { type: 'sgd', clip: { type: 'adaptive' } } },
    () => ({ ...plainSgd({ momentum: 0.9 }), clip: clipUnits }),
  ],
  [
    'label smoothing',
    { regularisation: { labelSmoothing: 0.1 } },
    () => ({
      ...plainSgd({ momentum: 0.9 }),
      examples: (batch) =>
        plainExamples(batch).map((example) => ({ ...example, target: smoothed(example.target, 0.1) })),
    }),
  ],
  [
    'mixup',
    { regularisation: { mixup: 0.4 } },
    () => ({ ...plainSgd({ momentum: 0.9 }), examples: (batch) => mixedExamples(batch, 0) }),
  ],
  [
    'mixup with label smoothing',
    { regularisation: { mixup: 0.4, labelSmoothing: 0.2 } },
    () => ({ ...plainSgd({ momentum: 0.9 }), examples: (batch) => mixedExamples(batch, 0.2) }),
  ],
  [
    'dropout',
    { networkOptions: { dropout: 0.4 } },
    () => ({ ...plainSgd({ momentum: 0.9 }), examples: droppedExamples, shown: droppedExamples }),
  ],
  [
    'multiplicative noise',
    { learningRate: { base: 0.1, referenceBatch: 6 }, batch: { gradientNoise: { type: 'multiplicative' } } },
    () => ({ ...plainSgd({ momentum: 0.9 }), examples: noisyExamples }),
  ],
]

describe('on real digits', () => {
  let engine: Engine
  let dataset: Dataset
  beforeAll(async () => {
    engine = await openEngine('cpu', {})
    dataset = await digits(digitsConfig({}), folder())
  })

  const batchAt = (config: ReturnType<typeof digitsConfig>, update: number): Batch =>
    digitsBatch(
      config,
      dataset,
      dataset.train,
      Array.from({ length: 24 }, (_, i) => (24 * update + i) % dataset.train.labels.length),
      update,
    )

  it.each(methods)('%s trains as its plain version does', (_, input, make) => {
    const config = digitsConfig(input)
    const learner = createLearner(engine, config, dataset.info)
    const plain = make()
    let parameters = parametersIn(learner.read())
    const before = parameters
    for (let update = 0; update < updates; update++) {
      const batch = batchAt(config, update)
      const [rate, rateBefore] = [rateAt(update), rateAt(Math.max(0, update - 1))]
      const result = learner.update(batch, { learningRate: rate, momentum: 0.9, momentumCorrection: rate / rateBefore })
      const followed = perceptron(parameters, plain.examples?.(batch) ?? plainExamples(batch))
      // What curves show: without smoothing and weights, with mixed labels.
      const shown = perceptron(
        parameters,
        plain.shown?.(batch) ?? (config.regularisation.mixup > 0 ? mixedExamples(batch, 0) : plainExamples(batch)),
      )
      expect(Math.abs(result.loss - meanOf(shown.losses)) / meanOf(shown.losses)).toBeLessThan(1e-5)
      expect(result.correct).toBe(
        shown.scores.filter((scores, n) => scores.indexOf(Math.max(...scores)) === batch.labels[n]).length,
      )
      const gradients = plain.clip?.(followed.gradients, parameters) ?? followed.gradients
      parameters = mapParameters(parameters, (values, name) =>
        plain.step(name, values, gradients[name]!, rate, rateBefore),
      )
    }
    const found = parametersIn(learner.read())
    for (const name of Object.keys(parameters)) {
      expect(distance(found[name]!, parameters[name]!), name).toBeLessThan(2e-5)
      expect(distance(found[name]!, before[name]!), `${name} moves`).toBeGreaterThan(2e-6)
    }
    learner.dispose()
  })

  it.each([
    [false, 0.9],
    [true, 0.9 ** (24 / 8)],
  ])(
    'a moving average of weights is that of its plain version (decay scaled with the batch: %s)',
    (scaleWithBatch, keep) => {
      const config = digitsConfig({
        learningRate: { base: 0.1, referenceBatch: 8 },
        regularisation: { average: { type: 'ema', decay: 0.9, scaleWithBatch } },
      })
      const learner = createLearner(engine, config, dataset.info)
      let average = parametersIn(learner.read())
      // Beside what the learner's own weights average to, what those of a plain training do.
      let [parameters, plainAverage] = [average, average]
      const plain = plainSgd({ momentum: 0.9 })
      const moved = (old: Parameters, now: Parameters): Parameters =>
        mapParameters(old, (values, name) => values.map((value, i) => keep * value + (1 - keep) * now[name]![i]!))
      for (let update = 0; update < updates; update++) {
        const batch = batchAt(config, update)
        learner.update(batch, { learningRate: 0.1, momentum: 0.9 })
        average = moved(average, parametersIn(learner.read()))
        const { gradients } = perceptron(parameters, plainExamples(batch))
        parameters = mapParameters(parameters, (values, name) => plain.step(name, values, gradients[name]!, 0.1, 0.1))
        plainAverage = moved(plainAverage, parameters)
      }
      const found = parametersIn(learner.read(), 'optimizer.average.')
      for (const name of Object.keys(average)) {
        expect(distance(found[name]!, average[name]!), name).toBeLessThan(1e-6)
        expect(distance(found[name]!, plainAverage[name]!), name).toBeLessThan(2e-5)
      }
      learner.dispose()
    },
  )

  it('simulated workers train as plain local SGD does, each with its own buffer', () => {
    const config = digitsConfig({ batch: { workers: { type: 'postLocal', workers: 4 } } })
    const learner = createLearner(engine, config, dataset.info)
    const start = parametersIn(learner.read())
    const workers = Array.from({ length: 4 }, () => ({ parameters: start, plain: plainSgd({ momentum: 0.9 }) }))
    const averages = (update: number): boolean => update < 3 || update % 3 === 2
    let mean = start
    for (let update = 0; update < updates; update++) {
      const batch = batchAt(config, update)
      const result = learner.update(batch, {
        learningRate: rateAt(update),
        momentum: 0.9,
        averageWorkers: averages(update),
      })
      const passes = workers.map((worker, k) => {
        const pass = perceptron(worker.parameters, plainExamples(batch).slice(6 * k, 6 * k + 6))
        worker.parameters = mapParameters(worker.parameters, (values, name) =>
          worker.plain.step(name, values, pass.gradients[name]!, rateAt(update), 0),
        )
        return pass
      })
      mean = mapParameters(start, (values, name) =>
        values.map((_, i) => meanOf(workers.map(({ parameters }) => parameters[name]![i]!))),
      )
      if (averages(update)) for (const worker of workers) worker.parameters = mean
      expect(Math.abs(result.loss - meanOf(passes.flatMap(({ losses }) => losses)))).toBeLessThan(1e-5)
    }
    const state = learner.read()
    for (const name of Object.keys(mean)) {
      expect(distance(parametersIn(state)[name]!, mean[name]!), name).toBeLessThan(1e-5)
      workers.forEach(({ parameters }, k) => {
        expect(
          distance(parametersIn(state, `optimizer.worker${k}.`)[name]!, parameters[name]!),
          `${name} of worker ${k}`,
        ).toBeLessThan(1e-5)
      })
    }
    // The last update did not average: the workers differ.
    expect(
      distance(
        parametersIn(state, 'optimizer.worker0.')['fc1.weight']!,
        parametersIn(state, 'optimizer.worker1.')['fc1.weight']!,
      ),
    ).toBeGreaterThan(1e-3)
    learner.dispose()
  })
})
