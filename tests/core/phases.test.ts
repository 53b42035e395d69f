import { describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { contradictions } from '../../core/plan/plan'
import { examplesAt, imagesUsed, phaseOfEpoch, plannedEpochs } from '../../core/plan/phases'
import { expectClose } from '../support/close'
import { configOf, infoOf, planOf } from '../support/planInfo'

type Rate = RunConfigInput['learningRate']
const constant: Rate = { base: 0.1, schedule: { type: 'constant' } }
const dropping: Rate = {
  base: 0.1,
  schedule: { type: 'multiStep', factor: 0.2, milestones: [60, 120, 160], unit: 'epochs' },
}
const smith = (input: RunConfigInput, cap: number | null = null): RunConfigInput => ({
  epochs: 200,
  learningRate: constant,
  ...input,
  batch: {
    lastPartial: 'keep',
    growth: { type: 'milestones', factor: 5, milestones: [60, 120, 160], unit: 'epochs', cap },
  },
})

describe('a growing batch', () => {
  // Smith et al. 2017: N = 50 000, B = 128, η = 0.1, μ = 0.9, factor 5 at epochs 60, 120 and 160 of 200.
  it.each<[string, RunConfigInput, number]>([
    [
      'of the same size makes as many updates as ever',
      { epochs: 200, learningRate: dropping, batch: { lastPartial: 'keep' } },
      78_200,
    ],
    ['makes fewer', smith({}), 29_000],
    ['with a cap makes a few more', smith({}, 5120), 29_240],
    ['that starts large makes far fewer', smith({ batchSize: 640 }, 5120), 6_500],
    [
      'that starts larger still, with more momentum, makes the fewest',
      smith({ batchSize: 3200, optimizer: { type: 'sgd', momentum: 0.98 } }, 5120),
      2_360,
    ],
  ])('%s', (_, input, updates) => {
    expect(planOf(input, 50_000).updates).toBe(updates)
  })

  it('has the noise scale of the falling rate in every epoch, capped or not', () => {
    const falling = planOf({ epochs: 200, learningRate: dropping, batch: { lastPartial: 'drop' } }, 50_000)
    for (const cap of [null, 5120, 700]) {
      const config = smith({}, cap)
      const growing = planOf({ ...config, batch: { ...config.batch, lastPartial: 'drop' } }, 50_000)
      const scales = [0, 60, 120, 160].map((epoch) => growing.noiseScale(growing.clock.updateAt(epoch)))
      scales.forEach((scale, i) => expectClose(scale, [390.625, 78.125, 15.625, 3.125][i] ?? NaN, 1e-9))
      for (let epoch = 0; epoch < 200; epoch++) {
        expectClose(
          growing.noiseScale(growing.clock.updateAt(epoch)),
          falling.noiseScale(falling.clock.updateAt(epoch)),
          1e-9,
        )
      }
    }
  })

  it('grows at the milestones, and lets the rate fall where it meets the cap', () => {
    const plan = planOf(smith({}, 5120), 50_000)
    const at = (epoch: number) => plan.clock.updateAt(epoch)
    expect([0, 59, 60, 119, 120, 160, 199].map((epoch) => plan.batchSize(at(epoch)))).toEqual([
      128, 128, 640, 640, 3200, 5120, 5120,
    ])
    expectClose(plan.learningRate(at(159)), 0.1, 1e-12)
    expectClose(plan.learningRate(at(160)), (0.1 * 5120) / 16_000, 1e-12)
    expect(plan.phases.map(({ firstUpdate }) => firstUpdate)).toEqual([0, 23_460, 28_200, 28_840])
  })

  it('uses every image once an epoch when the last batch is kept, whatever the phase', () => {
    const plan = planOf(smith({}), 50_000)
    for (const epoch of [0, 59, 60, 120, 199]) {
      const first = plan.clock.updateAt(epoch)
      const updates = phaseOfEpoch(plan.phases, epoch).updatesPerEpoch
      const images = Array.from({ length: updates }, (_, i) => plan.batchSize(first + i)).reduce(
        (sum, size) => sum + size,
        0,
      )
      expect(images).toBe(50_000)
      expect(imagesUsed(phaseOfEpoch(plan.phases, epoch))).toBe(50_000)
    }
    const dropped = planOf(
      { ...smith({}), batch: { growth: { type: 'milestones', factor: 5, milestones: [60], unit: 'epochs' } } },
      50_000,
    )
    expect(imagesUsed(phaseOfEpoch(dropped.phases, 60))).toBe(78 * 640)
  })

  it('knows how many images were seen before each update', () => {
    const plan = planOf(
      {
        epochs: 4,
        batchSize: 10,
        batch: { lastPartial: 'keep', growth: { type: 'milestones', factor: 3, milestones: [1, 3], unit: 'epochs' } },
      },
      95,
    )
    let seen = 0
    for (let update = 0; update < plan.updates; update++) {
      expect(examplesAt(plan.phases, update)).toBe(seen)
      seen += plan.batchSize(update)
    }
    expect(seen).toBe(4 * 95)
  })

  it('never has more images than there are', () => {
    const plan = planOf(smith({}), 1000)
    expect(plan.phases.map(({ batchSize }) => batchSize)).toEqual([128, 640, 1000, 1000])
    expectClose(plan.phases[3]?.rateFactor ?? NaN, 1000 / 16_000, 1e-12)
  })

  it('reads fractions as whole epochs, and leaves out what lies at or beyond the end', () => {
    const plan = planOf(
      {
        epochs: 10,
        batchSize: 10,
        batch: { growth: { type: 'milestones', factor: 2, milestones: [0.05, 0.5, 1], unit: 'fraction' } },
      },
      1000,
    )
    expect(plan.phases.map(({ firstEpoch, epochs, batchSize }) => [firstEpoch, epochs, batchSize])).toEqual([
      [0, 1, 10],
      [1, 4, 20],
      [5, 5, 40],
    ])
  })
})

describe('regime adaptation', () => {
  const large: RunConfigInput = {
    batchSize: 4096,
    learningRate: {
      base: 0.1,
      referenceBatch: 128,
      schedule: { type: 'multiStep', milestones: [81, 122, 164], unit: 'epochs' },
    },
    epochs: 200,
  }

  it('stretches the epochs and the milestones by the ratio of the batches', () => {
    const plan = planOf({ ...large, batch: { regimeAdaptation: 'epochs', lastPartial: 'keep' } }, 50_000)
    expect(plan.epochs).toBe(6400)
    expect(plan.updatesPerEpoch).toBe(13)
    // Hoffer et al. 2017: 81, 122 and 164 become 2592, 3904 and 5248.
    for (const [epoch, update, rate] of [
      [2592, 33_696, 0.01],
      [3904, 50_752, 1e-3],
      [5248, 68_224, 1e-4],
    ] as const) {
      expect(plan.clock.updateAt(epoch)).toBe(update)
      expectClose(plan.learningRate(update), rate, 1e-9)
      expectClose(plan.learningRate(update - 1), 10 * rate, 1e-9)
    }
  })

  it('keeps the number of updates and the schedule of the reference batch', () => {
    const plan = planOf({ ...large, batch: { regimeAdaptation: 'updates', lastPartial: 'keep' } }, 50_000)
    expect(plan.epochs).toBe(Math.ceil((200 * 391) / 13))
    for (const [update, rate] of [
      [31_671, 0.01],
      [47_702, 1e-3],
      [64_124, 1e-4],
    ] as const) {
      expectClose(plan.learningRate(update), rate, 1e-9)
      expectClose(plan.learningRate(update - 1), 10 * rate, 1e-9)
    }
  })

  it('changes nothing at the reference batch', () => {
    const off = planOf({ ...large, batchSize: 128 }, 50_000)
    for (const regimeAdaptation of ['epochs', 'updates'] as const) {
      const plan = planOf({ ...large, batchSize: 128, batch: { regimeAdaptation } }, 50_000)
      expect([plan.epochs, plan.updates]).toEqual([off.epochs, off.updates])
      for (const update of [0, 31_589, 31_590, 60_000, off.updates - 1])
        expect(plan.learningRate(update)).toBe(off.learningRate(update))
    }
  })

  it('holds the last rate where epochs are rounded up', () => {
    const plan = planOf(
      {
        batchSize: 300,
        epochs: 3,
        learningRate: { base: 0.1, referenceBatch: 100, schedule: { type: 'cosine' } },
        batch: { regimeAdaptation: 'updates' },
      },
      1000,
    )
    expect(plan.updates).toBe(30)
    const odd = planOf(
      {
        batchSize: 350,
        epochs: 3,
        learningRate: { base: 0.1, referenceBatch: 100, schedule: { type: 'cosine' } },
        batch: { regimeAdaptation: 'updates' },
      },
      1000,
    )
    expect(odd.updates).toBe(30)
    const more = planOf(
      {
        batchSize: 260,
        epochs: 3,
        learningRate: { base: 0.1, referenceBatch: 100, schedule: { type: 'cosine' } },
        batch: { regimeAdaptation: 'updates', lastPartial: 'keep' },
      },
      1000,
    )
    expect(more.updates).toBe(32)
    expect(more.learningRate(31)).toBe(more.learningRate(29))
  })
})

describe('momentum correction', () => {
  it('is the ratio of two rates in a row, and 1 unless asked for', () => {
    const learningRate: Rate = { base: 0.1, schedule: { type: 'multiStep', milestones: [5], unit: 'updates' } }
    const plan = planOf({ learningRate, optimizer: { type: 'sgd', rate: 'inside', momentumCorrection: true } }, 5000)
    expect([0, 1, 4, 6].map(plan.momentumCorrection)).toEqual([1, 1, 1, 1])
    expectClose(plan.momentumCorrection(5), 0.1, 1e-12)
    expect(planOf({ learningRate, optimizer: { type: 'sgd', rate: 'inside' } }, 5000).momentumCorrection(5)).toBe(1)
  })

  it('is 1 behind a rate of 0', () => {
    const plan = planOf(
      {
        learningRate: { base: 0.1, warmup: { type: 'gradual', from: 'rate', start: 0 } },
        optimizer: { type: 'sgd', rate: 'inside', momentumCorrection: true },
      },
      5000,
    )
    expect(plan.learningRate(0)).toBe(0)
    expect(plan.momentumCorrection(1)).toBe(1)
    expectClose(plan.momentumCorrection(2), 2, 1e-12)
  })
})

describe('simulated workers', () => {
  it('are averaged after every update before the switch, and after every H-th of the run behind it', () => {
    const plan = planOf(
      {
        batchSize: 100,
        epochs: 4,
        batch: { workers: { type: 'postLocal', workers: 4, averageEvery: 3, switchAt: 0.5 } },
      },
      500,
    )
    expect(Array.from({ length: 20 }, (_, update) => (plan.averagesWorkers(update) ? 1 : 0)).join('')).toBe(
      '11111111110100100100',
    )
    expect(plan.ghostSizes).toEqual([25, 25, 25, 25])
    expect(planOf({}, 500).averagesWorkers(0)).toBe(false)
  })

  it('go their own ways from the epoch that is meant, up to rounding', () => {
    // 0.55 · 100 is 55.00000000000001.
    const plan = planOf(
      {
        batchSize: 100,
        epochs: 100,
        batch: { workers: { type: 'postLocal', workers: 4, averageEvery: 1000, switchAt: 0.55 } },
      },
      500,
    )
    expect([54, 55].map((epoch) => plan.averagesWorkers(plan.clock.updateAt(epoch)))).toEqual([true, false])
  })
})

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
