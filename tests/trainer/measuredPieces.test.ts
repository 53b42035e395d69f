import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { NetworkConfig, NetworkOptions } from '../../core/config/network'
import { networkFor } from '../../core/network'
import { gradientMoments } from '../../core/noise'
import type { Dataset } from '../../main/data/dataset'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { measuredIn } from '../../main/trainer/learner/measuredPieces'
import type { Batch, LearnerState } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { normedPerceptron } from '../reference/normedPerceptron'
import { perceptron, type Example, type Parameters } from '../reference/perceptron'
import { digits, digitsBatch, digitsConfig, useFolder } from '../support/digits'
import { examplesOf } from './plainRun'
import { batchOf, configOf, info as stripeFacts, stripes } from './setups'
import { testedEngines } from './tensorflow'

/* Squared norms of gradients in pieces, beside a plain version of network, ghosts and pieces. */

const folder = useFolder()
const rates = { learningRate: 0.1, momentum: 0.9 }
const normed: RunConfigInput['network'] = { type: 'mlp', hidden: [12], batchNorm: true }
const flat = (gradients: Parameters): number[] => Object.values(gradients).flat()
const square = (vector: readonly number[]): number => vector.reduce((sum, g) => sum + g * g, 0)
const parametersOf = (state: LearnerState): Parameters =>
  Object.fromEntries([...state].map(([name, { data }]) => [name, [...data]]))

/**
 * The gradients of some pieces, each of its own ghosts, or of the losses of some images of a batch that goes through as
 * one.
 */
function plainPieces(
  parameters: Parameters,
  examples: readonly Example[],
  sizes: readonly number[],
  tied: boolean,
): number[][] {
  const pass = (some: readonly Example[]): number[] =>
    flat(
      'bn1.weight' in parameters
        ? normedPerceptron(parameters, some, [some.length]).gradients
        : perceptron(parameters, some).gradients,
    )
  let from = 0
  return sizes.map((size) => {
    const [start, end] = [from, (from += size)]
    if (!tied) return pass(examples.slice(start, end))
    return pass(
      examples.map((example, n) => ({ ...example, weight: n >= start && n < end ? examples.length / size : 0 })),
    )
  })
}

describe('the noise of a gradient, on real digits', () => {
  let engine: Engine
  let dataset: Dataset
  beforeAll(async () => {
    engine = await openEngine('cpu', {})
    dataset = await digits(digitsConfig({}), folder())
  })
  const batchOfDigits = (count: number): Batch =>
    digitsBatch(
      digitsConfig({}),
      dataset,
      dataset.train,
      Array.from({ length: count }, (_, i) => i),
      0,
    )

  it.each<[string, RunConfigInput, readonly number[], boolean]>([
    ['quarters', {}, [6, 6, 6, 6], false],
    ['a last batch that does not divide', { batchSize: 23 }, [6, 6, 6, 5], false],
    ['single images', { batchSize: 3 }, [1, 1, 1], false],
    ['two images', { batchSize: 2 }, [1, 1], false],
    ['micro-batches', { batch: { microBatch: 8 } }, [8, 8, 8], false],
    ['one micro-batch', { batch: { microBatch: 24 } }, [6, 6, 6, 6], false],
    ['one ghost without batch norm', { batch: { ghostSize: 24 } }, [6, 6, 6, 6], false],
    ['ghosts', { network: normed, batch: { ghostSize: 6 } }, [6, 6, 6, 6], false],
    ['uneven ghosts', { network: normed, batch: { ghostSize: 5 } }, [5, 5, 5, 5, 4], false],
    ['ghosts of micro-batches', { network: normed, batch: { microBatch: 12, ghostSize: 6 } }, [6, 6, 6, 6], false],
    [
      'the parts of workers',
      { network: normed, batch: { workers: { type: 'postLocal', workers: 3 } } },
      [8, 8, 8],
      false,
    ],
    ['the losses of quarters behind batch norm over the whole batch', { network: normed }, [6, 6, 6, 6], true],
    ['the same in one ghost', { network: normed, batch: { ghostSize: 24 } }, [6, 6, 6, 6], true],
    ['the same in one micro-batch', { network: normed, batch: { microBatch: 24 } }, [6, 6, 6, 6], true],
    [
      'the same with an odd batch in ghosts of two',
      { network: normed, batchSize: 3, batch: { ghostSize: 2 } },
      [1, 1, 1],
      true,
    ],
  ])('is measured in %s', (_, input, sizes, tied) => {
    const config = digitsConfig(input)
    const learner = createLearner(engine, config, dataset.info)
    const batch = batchOfDigits(config.batchSize)
    const pieces = plainPieces(parametersOf(learner.read()), examplesOf(batch), sizes, tied)
    const mean = pieces[0]!.map((_g, i) =>
      pieces.reduce((sum, piece, k) => sum + (piece[i]! * sizes[k]!) / batch.count, 0),
    )
    const found = learner.measure(batch, rates)!
    expect(found.bigBatch).toBe(batch.count)
    expect(found.smallBatch).toBeCloseTo(sizes.length / sizes.reduce((sum, size) => sum + 1 / size, 0), 12)
    expect(found.bigSquaredNorm / square(mean)).toBeCloseTo(1, 4)
    expect(
      found.smallSquaredNorm / (pieces.reduce((sum, piece) => sum + square(piece), 0) / pieces.length),
    ).toBeCloseTo(1, 4)
    if (sizes.every((size) => size === sizes[0])) {
      // The sample variance of the pieces' gradients, for one image.
      const variance =
        pieces.reduce((sum, piece) => sum + square(piece.map((g, i) => g - mean[i]!)), 0) / (pieces.length - 1)
      expect(gradientMoments(found).spread / (variance * sizes[0]!)).toBeCloseTo(1, 3)
    }
    // The mean is the gradient that training follows.
    expect(learner.update(batch, rates).gradientNorm ** 2 / found.bigSquaredNorm).toBeCloseTo(1, 4)
    learner.dispose()
  })

  it('does not have the noise that is put on the losses', () => {
    const measured = [{}, { gradientNoise: { type: 'multiplicative', variance: 20 } } as const].map((batch) => {
      const learner = createLearner(engine, digitsConfig({ batch }), dataset.info)
      const found = [
        learner.measure(batchOfDigits(24), rates),
        learner.update(batchOfDigits(24), rates).gradientNorm,
      ] as const
      learner.dispose()
      return found
    })
    expect(measured[1]![0]).toEqual(measured[0]![0])
    expect(measured[1]![1] / measured[0]![1]).toBeGreaterThan(1.2)
  })

  it('is not known from a single image', () => {
    const learner = createLearner(engine, digitsConfig({}), dataset.info)
    expect(learner.measure(batchOfDigits(1), rates)).toBeNull()
    learner.dispose()
  })
})

describe('pieces with dense layers that have a batch of their own', () => {
  const layersOf = (network: object) =>
    networkFor(NetworkConfig.parse(network), NetworkOptions.parse({}), [8, 8, 1], 10)
  // C1 has batch norm in both halves, conv4 in the first only, LeNet none.
  it.each<[string, object, RunConfigInput['batch'], number[], object[]]>([
    [
      'ends that both have',
      { type: 'keskarC1' },
      { denseBatch: 4, ghostSize: 6 },
      [12, 12],
      [
        { ghostSizes: [6, 6], denseGhostSizes: [4, 4, 4] },
        { ghostSizes: [6, 6], denseGhostSizes: [4, 4, 4] },
      ],
    ],
    [
      'quarters where the convolutions see the whole batch',
      { type: 'keskarC1' },
      { denseBatch: 8 },
      [6, 6, 6, 6],
      [{ ghostSizes: [24], denseGhostSizes: [8, 8, 8] }],
    ],
    [
      'ghosts of the only half with batch norm',
      { type: 'conv4', batchNorm: true },
      { denseBatch: 8, ghostSize: 12 },
      [12, 12],
      [
        { ghostSizes: [12], denseGhostSizes: [8] },
        { ghostSizes: [12], denseGhostSizes: [8, 8] },
      ],
    ],
    [
      'quarters without batch norm',
      { type: 'lenet' },
      { denseBatch: 8 },
      [6, 6, 6, 6],
      [6, 6, 6, 6].map((size) => ({ ghostSizes: [size] })),
    ],
  ])('are %s', (_, network, batch, sizes, parts) => {
    expect(measuredIn(digitsConfig({ network: network as never, batch }), layersOf(network), 24)).toEqual({
      sizes,
      parts,
    })
  })
})

describe.each(testedEngines)('measuring on %s', (engineName) => {
  const networks: readonly RunConfigInput[] = [
    { network: { type: 'resnet', depth: 8 } },
    { network: { type: 'resnet', depth: 8 }, batch: { ghostSize: 5 } },
    { network: { type: 'keskarC1' }, batch: { denseBatch: 12 } },
  ]
  it.each(networks.map((input) => [JSON.stringify(input), input] as const))(
    'finds the gradient that training follows, and assigns nothing: %s',
    async (_, input) => {
      const learner = createLearner(await openEngine(engineName, {}), configOf(input), stripeFacts)
      const batch = batchOf(stripes(48, 1), 12, 0)
      const before = learner.read()
      const found = learner.measure(batch, rates)!
      expect(learner.read()).toEqual(before)
      expect(learner.update(batch, rates).gradientNorm ** 2 / found.bigSquaredNorm).toBeCloseTo(1, 3)
      expect(found.smallSquaredNorm).toBeGreaterThan(found.bigSquaredNorm)
      learner.dispose()
    },
  )
})
