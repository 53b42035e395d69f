import { beforeAll, describe, expect, it } from 'vitest'
import { OptimizerConfig, type SgdConfig } from '../../core/config/optimizer'
import { openEngine } from '../../main/trainer/engine'
import type { Ops } from '../../main/trainer/ops/ops'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { momentumSlot } from '../../core/tensors'
import { distance, numbers } from './reference'
import { testedEngines } from './tensorflow'
import { run, spec, type Start } from './updates'

const scalarWeight = spec('w', 'weight', [1])
const parse = (config: object): SgdConfig => OptimizerConfig.parse({ type: 'sgd', momentum: 0, ...config }) as SgdConfig

/** The same rules on plain numbers. */
function plainRun(config: SgdConfig, starts: readonly Start[], updates: Parameters<typeof run>[3]): number[][] {
  const weights = starts.map(({ data }) => [...data])
  const buffers = weights.map((values) => values.map(() => 0))
  for (const { gradients, rate } of updates) {
    const norm = Math.sqrt(gradients.flat().reduce((sum, g) => sum + g * g, 0))
    weights.forEach((values, k) =>
      values.forEach((w, i) => {
        let g = gradients[k]![i]!
        if (config.clip.type === 'norm') g *= Math.min(1, config.clip.limit / (norm + 1e-6))
        if (config.clip.type === 'value') g = Math.max(-config.clip.limit, Math.min(config.clip.limit, g))
        const decay = starts[k]!.weight.role === 'weight' || config.decayNormAndBias ? config.weightDecay : 0
        if (config.decay === 'coupled') g += decay * w
        const push = config.rate === 'inside' ? rate * g : g
        buffers[k]![i] = config.momentum * buffers[k]![i]! + push
        const direction =
          config.momentum === 0 ? push : config.nesterov ? push + config.momentum * buffers[k]![i]! : buffers[k]![i]!
        values[i] =
          (config.decay === 'decoupled' ? 1 - rate * decay : 1) * w -
          (config.rate === 'inside' ? direction : rate * direction)
      }),
    )
  }
  return weights
}

describe.each(testedEngines)('the SGD update on %s', (engineName) => {
  let ops: Ops
  beforeAll(async () => {
    ops = opsFor(await openEngine(engineName, {}))
  })

  const scalarRun = (config: object, rates: readonly number[]): number[] =>
    run(
      ops,
      parse(config),
      [{ weight: scalarWeight, data: [1] }],
      rates.map((rate) => ({ gradients: [[1]], rate })),
    ).history.map(({ weights }) => weights[0]![0]!)

  it.each<[string, object, readonly number[]]>([
    ['heavy ball, coupled decay', { momentum: 0.9, weightDecay: 0.01 }, [0.899, 0.707201, 0.433874699]],
    [
      'Nesterov, coupled decay',
      { momentum: 0.9, nesterov: true, weightDecay: 0.01 },
      [0.8081, 0.53475461, 0.188455015],
    ],
    [
      'heavy ball, decoupled decay',
      { momentum: 0.9, weightDecay: 0.01, decay: 'decoupled' },
      [0.899, 0.708101, 0.436392899],
    ],
    ['no momentum', {}, [0.9, 0.8, 0.7]],
  ])('gives the known sequence: %s', (_, config, expected) => {
    expect(distance(scalarRun(config, [0.1, 0.1, 0.1]), expected)).toBeLessThan(2e-7)
  })

  it.each<[string, object, readonly number[], readonly number[]]>([
    ['outside, falling', { momentum: 0.9 }, [0.1, 0.1, 0.01, 0.01], [-0.1, -0.29, -0.3171, -0.35149]],
    ['inside, falling', { momentum: 0.9, rate: 'inside' }, [0.1, 0.1, 0.01, 0.01], [-0.1, -0.29, -0.471, -0.6439]],
    ['outside, rising', { momentum: 0.9 }, [0.1, 0.1, 1, 1], [-0.1, -0.29, -3, -6.439]],
    ['inside, rising', { momentum: 0.9, rate: 'inside' }, [0.1, 0.1, 1, 1], [-0.1, -0.29, -1.461, -3.5149]],
    [
      'inside and corrected, falling',
      { momentum: 0.9, rate: 'inside', momentumCorrection: true },
      [0.1, 0.1, 0.01, 0.01],
      [-0.1, -0.29, -0.3171, -0.35149],
    ],
    [
      'inside and corrected, rising',
      { momentum: 0.9, rate: 'inside', momentumCorrection: true },
      [0.1, 0.1, 1, 1],
      [-0.1, -0.29, -3, -6.439],
    ],
    [
      'outside, asked for correction',
      { momentum: 0.9, momentumCorrection: true },
      [0.1, 0.1, 1, 1],
      [-0.1, -0.29, -3, -6.439],
    ],
  ])('differs with the place of the rate only where the rate changes: %s', (_, config, rates, expected) => {
    const found = run(
      ops,
      parse(config),
      [{ weight: scalarWeight, data: [0] }],
      rates.map((rate) => ({ gradients: [[1]], rate })),
    )
    expect(
      distance(
        found.history.map(({ weights }) => weights[0]![0]!),
        expected,
      ),
    ).toBeLessThan(2e-7)
  })

  it.each<[string, object, readonly number[]]>([
    ['norm', { clip: { type: 'norm', limit: 1 } }, [-0.59999988, -0.79999984]],
    ['norm, long enough', { clip: { type: 'norm', limit: 5.1 } }, [-3, -4]],
    ['value', { clip: { type: 'value', limit: 3.5 } }, [-3, -3.5]],
  ])('clips by %s and reports the norm before', (_, config, expected) => {
    const found = run(
      ops,
      parse(config),
      [
        { weight: spec('a', 'weight', [1]), data: [0] },
        { weight: spec('b', 'bias', [1]), data: [0] },
      ],
      [{ gradients: [[3], [4]], rate: 1 }],
    )
    expect(distance(found.history[0]!.weights.flat(), expected)).toBeLessThan(2e-7)
    expect(found.history[0]!.norm).toBeCloseTo(5, 5)
  })

  it('decays biases and batch norm only when told to', () => {
    const starts = (['weight', 'bias', 'gamma', 'beta'] as const).map((role) => ({
      weight: spec(role, role, [1]),
      data: [1],
    }))
    for (const decay of ['coupled', 'decoupled']) {
      const after = (decayNormAndBias: boolean): number[] =>
        run(ops, parse({ weightDecay: 0.5, decay, decayNormAndBias }), starts, [
          { gradients: [[0], [0], [0], [0]], rate: 0.1 },
        ])
          .history[0]!.weights.flat()
          .map((w) => Math.round(w * 1e6) / 1e6)
      expect(after(false)).toEqual([0.95, 1, 1, 1])
      expect(after(true)).toEqual([0.95, 0.95, 0.95, 0.95])
    }
  })

  const variants: object[] = [false, true].flatMap((nesterov) =>
    ['outside', 'inside'].flatMap((rate) =>
      ['coupled', 'decoupled'].flatMap((decay) =>
        [{ type: 'none' }, { type: 'norm', limit: 0.7 }, { type: 'value', limit: 0.3 }].map((clip) => ({
          momentum: 0.8,
          nesterov,
          rate,
          decay,
          clip,
          weightDecay: 0.02,
        })),
      ),
    ),
  )

  it.each(variants)('follows the plain rule over six updates with %j', (variant) => {
    const config = parse(variant)
    const starts = [
      { weight: spec('w', 'weight', [2, 3]), data: numbers([6], 1).data },
      { weight: spec('b', 'bias', [3]), data: numbers([3], 2).data },
    ]
    const updates = [0.1, 0.1, 0.2, 0.05, 0.05, 0.3].map((rate, i) => ({
      rate,
      gradients: [numbers([6], 10 + i).data, numbers([3], 20 + i).data],
    }))
    const found = run(ops, config, starts, updates).history.at(-1)!.weights
    expect(distance(found.flat(), plainRun(config, starts, updates).flat())).toBeLessThan(1e-6)
  })

  it('takes the momentum of each update from its feed', () => {
    const found = run(
      ops,
      parse({ momentum: 0.9 }),
      [{ weight: scalarWeight, data: [0] }],
      [
        { gradients: [[1]], rate: 1, momentum: 0.9 },
        { gradients: [[1]], rate: 1, momentum: 0.5 },
      ],
    )
    expect(found.history.map(({ weights }) => weights[0]![0])).toEqual([-1, -2.5])
  })

  it.each([
    [0.9, false, 10],
    [0.9, true, 10],
    [0.85, false, 1 / 0.15],
    [0, false, 1],
  ])('comes to a steady gain of 1/(1 − μ): momentum %d, Nesterov %s', (momentum, nesterov, gain) => {
    const weights = [
      0,
      ...scalarRun(
        { momentum, nesterov },
        Array.from({ length: 200 }, () => 0.01),
      ),
    ]
    expect((weights.at(-2)! - weights.at(-1)!) / 0.01 / gain).toBeCloseTo(1, 3)
  })

  it('has one slot per trainable weight, and none without momentum', () => {
    const starts = [{ weight: scalarWeight, data: [0] }]
    const update = [{ gradients: [[1]], rate: 1 }]
    expect(run(ops, parse({ momentum: 0.9 }), starts, update).names).toEqual(['w', 'optimizer.momentum_buffer.w'])
    expect(momentumSlot('w')).toBe('optimizer.momentum_buffer.w')
    expect(run(ops, parse({}), starts, update).names).toEqual(['w'])
  })
})
