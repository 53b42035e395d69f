import { beforeAll, describe, expect, it } from 'vitest'
import { OptimizerConfig } from '../../core/config/optimizer'
import { openEngine } from '../../main/trainer/engine'
import type { Ops } from '../../main/trainer/ops/ops'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { adamStep, adamwStep, clipAdaptively, lambStep, larsStep, startAdam, type AdamState } from '../reference/layers'
import { expectClose } from '../support/close'
import { distance, numbers } from './reference'
import { testedEngines } from './tensorflow'
import { run, spec } from './updates'

const parse = (config: object): OptimizerConfig => OptimizerConfig.parse(config)
const pair = [{ weight: spec('w', 'weight', [2]), data: [3, 4] }]
const published = [{ gradients: [[0.6, 0.8]], rate: 1 }]
const gradients = [0, 1, 2, 3, 4].map((i) => numbers([6], 30 + i).data)
const start = numbers([6], 3).data
const rates = [0.01, 0.01, 0.05, 0.05, 0.002]

describe.each(testedEngines)('the rules of layers on %s', (engineName) => {
  let ops: Ops
  beforeAll(async () => {
    ops = opsFor(await openEngine(engineName, {}))
  })

  const weightsOf = (config: object, role: 'weight' | 'bias' = 'weight'): number[][] =>
    run(
      ops,
      parse(config),
      [{ weight: spec('w', role, [2, 3]), data: start }],
      gradients.map((gradient, i) => ({ gradients: [gradient], rate: rates[i]! })),
    ).history.map(({ weights }) => weights[0]!)

  it('LARS takes the published step', () => {
    for (const rate of ['inside', 'outside']) {
      expect(
        distance(run(ops, parse({ type: 'lars', rate }), pair, published).history[0]!.weights[0]!, [2.997, 3.996]),
      ).toBeLessThan(2e-7)
    }
  })

  it('LARS puts the published ratio into its buffer', () => {
    const { state } = run(ops, parse({ type: 'lars' }), pair, published)
    const buffer = [...state.get('optimizer.momentum_buffer.w')!.data]
    // The gradient with its decay, (0.6015, 0.802), times 0.004987531172.
    buffer.forEach((step, i) => {
      expectClose(step, [0.003, 0.004][i]!, 1e-6)
      expectClose(step / [0.6015, 0.802][i]!, 0.004987531172, 1e-6)
    })
  })

  it('LARS follows its plain version while the rate changes', () => {
    let state = { weights: start, buffer: [] as readonly number[] }
    const expected = gradients.map(
      (gradient, i) =>
        (state = larsStep(state, gradient, {
          learningRate: 100 * rates[i]!,
          momentum: 0.9,
          weightDecay: 5e-4,
          trust: 0.001,
        })).weights,
    )
    const found = run(
      ops,
      parse({ type: 'lars' }),
      [{ weight: spec('w', 'weight', [2, 3]), data: start }],
      gradients.map((gradient, i) => ({ gradients: [gradient], rate: 100 * rates[i]! })),
    )
    expect(
      distance(
        found.history.flatMap(({ weights }) => weights[0]!),
        expected.flat(),
      ),
    ).toBeLessThan(1e-6)
  })

  it('LARC is LARS that is never faster than the rate', () => {
    const sgd = weightsOf({ type: 'sgd', momentum: 0 }).flat()
    expect(
      distance(weightsOf({ type: 'lars', momentum: 0, weightDecay: 0, trust: 10, limitToRate: true }).flat(), sgd),
    ).toBeLessThan(1e-6)
    expect(distance(weightsOf({ type: 'lars', momentum: 0, weightDecay: 0, trust: 10 }).flat(), sgd)).toBeGreaterThan(
      1e-2,
    )
  })

  it('LAMB takes the published first step', () => {
    const found = run(ops, parse({ type: 'lamb', clip: { type: 'none' } }), pair, [{ ...published[0]!, rate: 1e-3 }])
      .history[0]!.weights[0]!
    expect(distance(found, [2.9964815878, 3.9964474269])).toBeLessThan(2e-7)
  })

  it('LAMB has the published direction and ratio', () => {
    // At rate 1 a bias moves by the direction itself, a weight by the ratio of norms times it.
    const step = (role: 'weight' | 'bias'): number[] =>
      run(
        ops,
        parse({ type: 'lamb', clip: { type: 'none' }, decayNormAndBias: true }),
        [{ ...pair[0]!, weight: spec('w', role, [2]) }],
        published,
      ).history[0]!.weights[0]!.map((after, i) => pair[0]!.data[i]! - after)
    const [direction, moved] = [step('bias'), step('weight')]
    direction.forEach((value, i) => {
      expectClose(value, [1.0299983333, 1.03999875][i]!, 1e-6)
      expectClose(moved[i]! / value, 3.415939738, 1e-6)
    })
  })

  it.each<[string, object, (state: AdamState, gradient: readonly number[], learningRate: number) => AdamState]>([
    [
      'LAMB',
      { type: 'lamb', clip: { type: 'none' } },
      (state, gradient, learningRate) => lambStep(state, gradient, { learningRate, weightDecay: 0.01 }).state,
    ],
    [
      'Adam',
      { type: 'adam', weightDecay: 0.02 },
      (state, gradient, learningRate) => adamStep(state, gradient, { learningRate, weightDecay: 0.02 }),
    ],
    [
      'AdamW',
      { type: 'adamw' },
      (state, gradient, learningRate) => adamwStep(state, gradient, { learningRate, weightDecay: 0.01 }),
    ],
  ])('%s follows its plain version', (_, config, step) => {
    let state = startAdam(start)
    const expected = gradients.map((gradient, i) => (state = step(state, gradient, rates[i]!)).weights)
    expect(distance(weightsOf(config).flat(), expected.flat())).toBeLessThan(1e-6)
  })

  it('AdamW shrinks weights and then steps by the rate times the sign at first', () => {
    const found = run(ops, parse({ type: 'adamw' }), pair, [{ ...published[0]!, rate: 1e-3 }]).history[0]!.weights[0]!
    expect(distance(found, [3 * (1 - 1e-5) - 1e-3, 4 * (1 - 1e-5) - 1e-3])).toBeLessThan(2e-7)
  })

  it.each(['lars', 'lamb', 'adam', 'adamw'])('%s decays and adapts biases and batch norm only when told to', (type) => {
    const bias = (config: object): number =>
      distance(
        weightsOf({ type, weightDecay: 0.3, clip: { type: 'none' }, ...config }, 'bias').flat(),
        weightsOf({ type, weightDecay: 0, clip: { type: 'none' } }, 'bias').flat(),
      )
    expect(bias({})).toBe(0)
    expect(bias({ decayNormAndBias: true })).toBeGreaterThan(1e-4)
    if (type === 'lars' || type === 'lamb') expect(bias({ trustNormAndBias: true })).toBeGreaterThan(1e-4)
  })

  it.each(['lars', 'lamb'])('%s lets a layer of zeros leave zero', (type) => {
    const found = run(
      ops,
      parse({ type, clip: { type: 'none' } }),
      [{ weight: spec('w', 'weight', [2]), data: [0, 0] }],
      [
        { gradients: [[0, 0]], rate: 0.1 },
        { gradients: [[1, -1]], rate: 0.1 },
      ],
    )
    expect(found.history[0]!.weights[0]).toEqual([0, 0])
    expect(found.history[1]!.weights[0]![0]!).toBeLessThan(0)
    expect(found.history[1]!.weights[0]!.every(Number.isFinite)).toBe(true)
  })

  it("has the slots of PyTorch's optimizers", () => {
    const names = (config: object): string[] => run(ops, parse(config), pair, published).names.slice(1)
    expect(names({ type: 'lars' })).toEqual(['optimizer.momentum_buffer.w'])
    expect(names({ type: 'adam' })).toEqual([
      'optimizer.exp_avg.w',
      'optimizer.exp_avg_sq.w',
      'optimizer.exp_avg_weight',
      'optimizer.exp_avg_sq_weight',
    ])
  })

  it('clips each output unit by its own weights, and leaves the classifier alone', () => {
    // Weights are [in, out] here, so a published row is a column.
    const hidden = { weight: spec('fc1.weight', 'weight', [2, 2]), data: [3, 0, 4, 0.0005] }
    const classifier = { weight: spec('fc2.weight', 'weight', [2, 2]), data: [3, 0, 4, 0.0005] }
    const gradient = [0.6, 0.3, 0.8, 0.4]
    const [rows = []] = [
      clipAdaptively(
        [
          [3, 4],
          [0, 0.0005],
        ],
        [
          [0.6, 0.8],
          [0.3, 0.4],
        ],
        0.01,
      ),
    ]
    expect(distance(rows.flat(), [0.03, 0.04, 6e-6, 8e-6])).toBeLessThan(1e-9)
    const moved = (which: (typeof hidden)[]): number[][] =>
      run(
        ops,
        parse({ type: 'sgd', momentum: 0, clip: { type: 'adaptive' } }),
        which.map((one) => ({ ...one, data: one.data })),
        [{ gradients: which.map(() => gradient), rate: 1 }],
      ).history[0]!.weights.map((after, k) => after.map((value, i) => which[k]!.data[i]! - value))
    const [first = [], last = []] = moved([hidden, classifier])
    expect(distance(first, [0.03, 6e-6, 0.04, 8e-6])).toBeLessThan(1e-6)
    expect(distance(last, gradient)).toBeLessThan(1e-6)
    // The buffer has what was clipped, free of the rounding of the weights.
    const { state } = run(
      ops,
      parse({ type: 'sgd', clip: { type: 'adaptive' } }),
      [hidden, classifier],
      [{ gradients: [gradient, gradient], rate: 1 }],
    )
    ;[0.03, 6e-6, 0.04, 8e-6].forEach((expected, i) =>
      expectClose(state.get('optimizer.momentum_buffer.fc1.weight')!.data[i]!, expected, 1e-6),
    )
  })
})
