import { describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { contradictions } from '../../core/plan/plan'
import { plannedEpochs } from '../../core/plan/phases'
import { expectClose } from '../support/close'
import { configOf, infoOf, planOf } from '../support/planInfo'

describe('what batch norm sees', () => {
  it.each<[string, RunConfigInput, readonly number[]]>([
    ['of a whole batch', { batchSize: 100 }, [100]],
    ['of ghosts', { batchSize: 100, batch: { ghostSize: 32 } }, [25, 25, 25, 25]],
    ['of ghosts that are larger than the batch', { batchSize: 100, batch: { ghostSize: 128 } }, [100]],
    ['of micro-batches', { batchSize: 100, batch: { microBatch: 40 } }, [34, 33, 33]],
    [
      'of ghosts in micro-batches',
      { batchSize: 1000, batch: { microBatch: 100, ghostSize: 128 } },
      Array.from({ length: 10 }, () => 100),
    ],
    ['of micro-batches in ghosts', { batchSize: 100, batch: { microBatch: 50, ghostSize: 25 } }, [25, 25, 25, 25]],
    [
      'of workers, each with a part that cannot be cut',
      { batchSize: 4, batch: { workers: { type: 'postLocal', workers: 4 } } },
      [1, 1, 1, 1],
    ],
    [
      'of ghosts of workers',
      { batchSize: 100, batch: { ghostSize: 16, workers: { type: 'postLocal', workers: 2 } } },
      [13, 13, 12, 12, 13, 13, 12, 12],
    ],
  ])('%s', (_, input, sizes) => {
    const plan = planOf(input, 5000)
    expect(plan.ghostSizes).toEqual(sizes)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(plan.batchSize(0))
  })

  it('changes with the phases of a growing batch', () => {
    const plan = planOf(
      {
        batchSize: 64,
        epochs: 10,
        batch: { ghostSize: 64, growth: { type: 'milestones', factor: 2, milestones: [0.5] } },
      },
      5000,
    )
    expect(plan.phases.map(({ ghostSizes }) => ghostSizes)).toEqual([[64], [64, 64]])
  })
})

describe('summed gradients', () => {
  it('have the noise scale of the mean ones that make the same step, at every batch size', () => {
    // Masters & Luschi: η̃ = 2⁻⁸ on 45,000 images without momentum is 2⁻⁸ · 45,000, whatever m is.
    for (const batchSize of [2, 32, 512]) {
      const plan = planOf(
        { batchSize, learningRate: { base: 2 ** -8 }, optimizer: { type: 'sgd', momentum: 0, reduction: 'sum' } },
        45_000,
      )
      expectClose(plan.noiseScale(0), 175.78125, 1e-12)
      expectClose(
        planOf(
          { batchSize, learningRate: { base: batchSize * 2 ** -8 }, optimizer: { type: 'sgd', momentum: 0 } },
          45_000,
        ).noiseScale(0),
        175.78125,
        1e-12,
      )
    }
  })

  it("change nothing for optimizers that divide by the gradient's size", () => {
    for (const type of ['adam', 'lars'] as const) {
      expect(planOf({ optimizer: { type, reduction: 'sum' } }, 40_000).noiseScale(0)).toBe(
        planOf({ optimizer: { type } }, 40_000).noiseScale(0),
      )
    }
  })
})

describe('the momentum rule', () => {
  it('keeps rate and noise scale at every batch size that momentum can make up for', () => {
    for (const [batchSize, momentum] of [
      [128, 0.9],
      [256, 0.95],
      [1280, 0.99],
      [64, 0.8],
    ] as const) {
      const plan = planOf({ batchSize, learningRate: { base: 0.1, scaling: { type: 'momentum' } } }, 40_000)
      expect(plan.learningRate(0)).toBe(0.1)
      expectClose(plan.momentum(0), momentum, 1e-12)
      expectClose(plan.noiseScale(0), 312.5, 1e-9)
    }
  })

  it('turns momentum on for a larger batch, and has none where even that is too much', () => {
    expectClose(
      planOf(
        { batchSize: 512, learningRate: { scaling: { type: 'momentum' } }, optimizer: { type: 'sgd', momentum: 0 } },
        40_000,
      ).momentum(0),
      0.75,
      1e-12,
    )
    expect(
      planOf(
        { batchSize: 8, learningRate: { scaling: { type: 'momentum' } }, optimizer: { type: 'sgd', momentum: 0.5 } },
        40_000,
      ).momentum(0),
    ).toBe(0)
  })
})

describe('the momentum of an imitated run', () => {
  it('is held, like its rate, where epochs are rounded up', () => {
    const plan = planOf(
      {
        batchSize: 260,
        epochs: 3,
        learningRate: { base: 0.1, referenceBatch: 100, schedule: { type: 'cyclic', inverseMomentum: true } },
        batch: { regimeAdaptation: 'updates', lastPartial: 'keep' },
      },
      1000,
    )
    expect([plan.learningRate(31), plan.momentum(31)]).toEqual([plan.learningRate(29), plan.momentum(29)])
  })
})

describe("the dense layers' rate", () => {
  it.each([
    ['linear', 0.125],
    ['squareRoot', Math.sqrt(0.125)],
    ['fixed', 1],
  ] as const)('follows the %s rule to their batch', (type, factor) => {
    expectClose(
      planOf(
        {
          batchSize: 1024,
          network: { type: 'conv4' },
          learningRate: { scaling: { type } },
          batch: { denseBatch: 128 },
        },
        5000,
      ).denseRateFactor,
      factor,
      1e-12,
    )
  })
})

describe('adaptive optimizers', () => {
  it('average gradients instead of adding them up, so their noise scale has no momentum in it', () => {
    expectClose(planOf({ optimizer: { type: 'adam' } }, 40_000).noiseScale(0), 31.25, 1e-9)
    expectClose(planOf({ optimizer: { type: 'lars' } }, 40_000).noiseScale(0), 312.5, 1e-9)
  })
})

describe('contradictions', () => {
  it.each<[RunConfigInput, string]>([
    [
      { batch: { growth: { type: 'milestones', cap: 64 } } },
      'batch.growth.cap must be at least the batch size 128, found 64',
    ],
    [
      { batch: { growth: { type: 'milestones' }, regimeAdaptation: 'epochs' } },
      'batch.regimeAdaptation cannot be combined with a growing batch: both decide how many updates there are',
    ],
    [
      { batch: { growth: { type: 'milestones', milestones: [2] } } },
      'batch.growth.milestones must be between 0 and 1 as fractions, found 2; choose epochs for larger numbers',
    ],
    [
      { batchSize: 64, batch: { gradientNoise: { type: 'multiplicative' } } },
      'batch.gradientNoise.variance must be given where the batch size 64 is below the reference batch 128: ' +
        'noise can only be added',
    ],
    [
      { network: { type: 'mlp' }, batch: { denseBatch: 32 } },
      'batch.denseBatch needs a network with convolutions, found a multilayer perceptron: lower the batch size instead',
    ],
    [
      { optimizer: { type: 'adam' }, batch: { denseBatch: 32 } },
      'batch.denseBatch needs SGD or LARS, found adam, whose averages count every update alike',
    ],
    [
      { batch: { workers: { type: 'postLocal', workers: 3 } } },
      'batch.workers.workers must divide the batch size 128, found 3',
    ],
    [
      { optimizer: { type: 'sgd', momentum: 0, reduction: 'sum' }, batch: { workers: { type: 'postLocal' } } },
      'optimizer.reduction must be mean with simulated workers: the mean of their steps along sums is so many ' +
        'times shorter than the step along the sum of the batch',
    ],
    [
      { optimizer: { type: 'adam' }, learningRate: { scaling: { type: 'momentum' } } },
      'learningRate.scaling needs SGD or LARS for the momentum rule, found adam, whose β₁ averages gradients ' +
        'and adds nothing up',
    ],
    [{ optimizer: { type: 'sgd', momentum: 0, nesterov: true } }, 'optimizer.nesterov needs a momentum above 0'],
    [
      { batch: { workers: { type: 'postLocal' }, lastPartial: 'keep' } },
      'batch.lastPartial must be drop with simulated workers: each needs its whole part of the batch',
    ],
    [
      { network: { type: 'keskarC1' }, networkOptions: { dropout: 0.5 } },
      'networkOptions.dropout must be 0 for a network with its own dropout, found 0.5; switch one of them off',
    ],
  ])('refuse %j', (input, sentence) => {
    expect(contradictions(configOf(input), infoOf(5000)).map(({ path, message }) => `${path} ${message}`)).toEqual([
      sentence,
    ])
  })
})

it('allows Nesterov where a schedule brings the momentum', () => {
  expect(
    contradictions(
      configOf({
        optimizer: { type: 'sgd', momentum: 0, nesterov: true },
        learningRate: { schedule: { type: 'join', parts: [{ schedule: { type: 'cyclic', inverseMomentum: true } }] } },
      }),
      infoOf(5000),
    ),
  ).toEqual([])
})

describe('the planned epochs of a run', () => {
  it('are those of its config, stretched by regime adaptation once the data is known', () => {
    const config = configOf({
      epochs: 10,
      batchSize: 64,
      learningRate: { referenceBatch: 32 },
      batch: { regimeAdaptation: 'epochs' },
    })
    expect(plannedEpochs({ config, facts: null })).toBe(10)
    expect(plannedEpochs({ config, facts: infoOf(50_000) })).toBe(20)
  })
})
