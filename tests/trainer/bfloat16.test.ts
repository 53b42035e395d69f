import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { contradictions } from '../../core/plan/plan'
import { withBfloat16 } from '../../main/trainer/capture/bfloat16'
import type { Binding } from '../../main/trainer/capture/binding'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import type { Learner } from '../../main/trainer/learner/learner'
import { batchOf, configOf, info, stripes } from './setups'
import { describeTensorflow } from './tensorflow'

describe('withBfloat16', () => {
  const binding = { TF_FLOAT: 1 } as unknown as Binding
  const float = { T: { type: 1 } }

  it('rounds the factors of a convolution once each, and gives its result in float32 under its own name', () => {
    const nodes = [
      { op: 'Conv2D', name: 'p/conv', input: ['p/x:1', 'p/w'], attr: { ...float, padding: {} } },
      { op: 'Conv2DBackpropFilter', name: 'p/filter', input: ['p/x:1', 'p/shape', 'p/dy', '^p/fence'], attr: float },
      { op: 'Relu', name: 'p/relu', input: ['p/conv'], attr: float },
    ]
    const found = new Map(withBfloat16(binding, nodes).map((node) => [node.name, node]))
    expect([...found.keys()].sort()).toEqual([
      'p/conv',
      'p/conv/bfloat16',
      'p/dy/rounded',
      'p/filter',
      'p/filter/bfloat16',
      'p/relu',
      'p/w/rounded',
      'p/x_1/rounded',
    ])
    expect(found.get('p/conv/bfloat16')).toEqual({
      op: 'Conv2D',
      name: 'p/conv/bfloat16',
      input: ['p/x_1/rounded', 'p/w/rounded'],
      attr: { T: { type: 14 }, padding: {} },
    })
    expect(found.get('p/filter/bfloat16')?.input).toEqual(['p/x_1/rounded', 'p/shape', 'p/dy/rounded', '^p/fence'])
    expect(found.get('p/x_1/rounded')).toEqual({
      op: 'Cast',
      name: 'p/x_1/rounded',
      input: ['p/x:1'],
      attr: { SrcT: { type: 1 }, DstT: { type: 14 } },
    })
    expect(found.get('p/conv')).toEqual({
      op: 'Cast',
      name: 'p/conv',
      input: ['p/conv/bfloat16'],
      attr: { SrcT: { type: 14 }, DstT: { type: 1 } },
    })
    expect(found.get('p/relu')).toEqual(nodes[2])
  })
})

describe('a config with bfloat16', () => {
  it.each([{ backend: 'wasm' }, { backend: 'cpu' }, { capture: 'off' }] as const)(
    'is refused where no step is captured: %o',
    (engine) => {
      expect(
        contradictions(configOf({ engine: { precision: 'bfloat16', ...engine } }), info).map(({ path }) => path),
      ).toEqual(['engine.precision'])
      expect(contradictions(configOf({ engine }), info)).toEqual([])
    },
  )
})

describeTensorflow('training in bfloat16', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine('tensorflow', { threads: 2, work: { operation: 0, possible: 2 } })
  })

  const learnerOf = (input: RunConfigInput, precision: 'float32' | 'bfloat16'): Learner =>
    createLearner(engine, configOf({ ...input, engine: { backend: 'tensorflow', precision } }), {
      ...info,
      counts: { train: 48, validation: 0, test: 0 },
    })
  const train = (learner: Learner, updates: number): number[] =>
    Array.from(
      { length: updates },
      (_, update) =>
        learner.update(batchOf(stripes(48, update), 12, update), { learningRate: 0.02, momentum: 0.9 }).loss,
    )

  const cases: readonly (readonly [string, RunConfigInput])[] = [
    ['an MLP', { network: { type: 'mlp', hidden: [16] } }],
    ['a tiny CNN with ghosts', { network: { type: 'tinyCnn' }, batch: { ghostSize: 4 } }],
    ['ResNet-8 with strided convolutions', { network: { type: 'resnet', depth: 8 } }],
    ['conv4 in micro-batches', { network: { type: 'conv4' }, batch: { microBatch: 4 } }],
  ]
  // A product of two rounded factors is off by at most 2 · 2⁻⁹; errors of a sum partly cancel, but layers and updates
  // add them up.
  it.each(cases)(
    'differs from float32 by about its rounding, and from itself by nothing: %s',
    { timeout: 60_000 },
    (_, input) => {
      const learners = (['float32', 'bfloat16', 'bfloat16'] as const).map((precision) => learnerOf(input, precision))
      expect(learners.map(({ engine: { captured, note } }) => [captured, note])).toEqual([
        [true, ''],
        [true, ''],
        [true, ''],
      ])
      // From equal weights an evaluation computes the same bits: it is never rounded.
      const [expected, ...rounded] = learners.map((learner) => learner.evaluate(stripes(10, 99)))
      expect(rounded).toEqual([expected, expected])
      const [exact = [], found = [], again] = learners.map((learner) => train(learner, 6))
      expect(found).toEqual(again)
      expect(found).not.toEqual(exact)
      found.forEach((loss, update) =>
        expect(Math.abs(loss - (exact[update] ?? NaN)) / Math.max(0.5, loss)).toBeLessThan(update === 0 ? 0.01 : 0.1),
      )
      const [weights, roundedWeights] = learners.map((learner) => learner.read())
      expect(
        [...(roundedWeights ?? [])].map(([name, { data }]) => [name, data.length, data instanceof Float32Array]),
      ).toEqual([...(weights ?? [])].map(([name, { data }]) => [name, data.length, true]))
      for (const learner of learners) learner.dispose()
    },
  )

  it('says so where it has to compute in float32', () => {
    const learner = createLearner(
      engine,
      configOf({ network: { type: 'mlp' }, engine: { backend: 'tensorflow', precision: 'bfloat16', capture: 'off' } }),
      info,
    )
    expect(learner.engine).toMatchObject({
      captured: false,
      note: 'Computed in float32: bfloat16 needs the captured step of the tensorflow engine.',
    })
    learner.dispose()
  })
})
