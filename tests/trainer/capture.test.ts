import * as tf from '@tensorflow/tfjs-core'
import { readdirSync } from 'node:fs'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Learner, LearnerState, UpdateResult } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { useFolder } from '../support/digits'
import { batchOf, configOf, info, stripes } from './setups'
import { describeTensorflow } from './tensorflow'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('tensorflow', {})
})
afterEach(() => {
  vi.unstubAllEnvs()
})
const folder = useFolder()

type Rates = Parameters<Learner['update']>[1]
const rates = (update: number): Rates => ({ learningRate: 0.05 / (1 + update), momentum: 0.9 - 0.01 * update })

const learnerOf = (input: RunConfigInput, capture: 'auto' | 'off'): Learner =>
  createLearner(engine, configOf({ ...input, engine: { backend: 'tensorflow', capture } }), {
    ...info,
    counts: { train: 52, validation: 10, test: 7 },
  })

/** Updates on shifted batches of the stripes; the last of each five is the partial one. */
function train(learner: Learner, from: number, to: number, partial = 4): UpdateResult[] {
  return Array.from({ length: to - from }, (_, i) => {
    const update = from + i
    return learner.update(batchOf(stripes(48, update), update % 5 === 4 ? partial : 12, update), rates(update))
  })
}

const unseen = stripes(10, 99)
const hasNorm = (learner: Learner): boolean => [...learner.read().keys()].some((name) => name.endsWith('.running_var'))
const demanding: RunConfigInput = {
  network: { type: 'tinyCnn' },
  batch: { ghostSize: 4, microBatch: 8 },
  networkOptions: { dropout: 0.3 },
  optimizer: { type: 'sgd', nesterov: true, weightDecay: 1e-3, clip: { type: 'norm', limit: 1 } },
}

const bits = (state: LearnerState): string[] =>
  [...state].map(
    ([name, { shape, data }]) =>
      `${name} [${shape.join()}] ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`,
  )

/** The largest difference of two states, for messages of tests that fail. */
function differences(a: LearnerState, b: LearnerState): string[] {
  return [...a].flatMap(([name, { data }]) => {
    const other = b.get(name)?.data ?? []
    const largest = data.reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] ?? NaN))), 0)
    return largest === 0 ? [] : [`${name}: ${largest.toExponential(1)}`]
  })
}

const cases: readonly (readonly [string, RunConfigInput, number?])[] = [
  ['an MLP', { network: { type: 'mlp', hidden: [7, 5] } }],
  ['an MLP with batch norm', { network: { type: 'mlp', hidden: [7, 5], batchNorm: true } }],
  ['LeNet with momentum', { network: { type: 'lenet' }, optimizer: { type: 'sgd', momentum: 0.9 } }],
  [
    'conv4 with Nesterov and coupled decay',
    { network: { type: 'conv4' }, optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-3 } },
  ],
  [
    'conv4 with batch norm, clipped by norm',
    { network: { type: 'conv4', batchNorm: true }, optimizer: { type: 'sgd', clip: { type: 'norm', limit: 0.5 } } },
  ],
  [
    'LeNet with decoupled decay, clipped by value',
    {
      network: { type: 'lenet' },
      optimizer: { type: 'sgd', weightDecay: 1e-2, decay: 'decoupled', clip: { type: 'value', limit: 1e-3 } },
    },
  ],
  ['LeNet without momentum', { network: { type: 'lenet' }, optimizer: { type: 'sgd', momentum: 0 } }],
  [
    'a tiny CNN with the rate inside',
    { network: { type: 'tinyCnn' }, optimizer: { type: 'sgd', momentum: 0.9, rate: 'inside', reduction: 'sum' } },
  ],
  [
    'LeNet with momentum correction',
    { network: { type: 'lenet' }, optimizer: { type: 'sgd', rate: 'inside', momentumCorrection: true } },
  ],
  ['LeNet with LARS', { network: { type: 'lenet' }, optimizer: { type: 'lars' } }],
  ['LeNet with LAMB', { network: { type: 'lenet' }, optimizer: { type: 'lamb' } }],
  ['LeNet with Adam', { network: { type: 'lenet' }, optimizer: { type: 'adam', weightDecay: 1e-3 } }],
  [
    'LeNet with AdamW, clipped adaptively',
    { network: { type: 'lenet' }, optimizer: { type: 'adamw', clip: { type: 'adaptive' } } },
  ],
  ['C1 of Keskar with its dropout layers', { network: { type: 'keskarC1' } }],
  ['ResNet-8', { network: { type: 'resnet', depth: 8 } }],
  [
    'ResNet-8 with projections and ghosts',
    { network: { type: 'resnet', depth: 8, shortcut: 'projection' }, batch: { ghostSize: 4 } },
  ],
  [
    'ResNet-8 with ghosts, micro-batches and dropout',
    { network: { type: 'resnet', depth: 8 }, batch: { ghostSize: 2, microBatch: 6 }, networkOptions: { dropout: 0.3 } },
  ],
  ['a wide ResNet', { network: { type: 'wideResnet', depth: 10, width: 1 } }],
  ['ResNet-9', { network: { type: 'resnet9' } }, 3],
]

describeTensorflow('the captured step', () => {
  it.each(cases.map(([name, input, updates = 20]) => [name, input, updates] as const))(
    'computes the bits of the eager step: %s',
    { timeout: 120_000 },
    (_, input, updates) => {
      const eager = learnerOf(input, 'off')
      const captured = learnerOf(input, 'auto')
      expect(eager.engine.captured).toBe(false)
      expect(captured.engine).toMatchObject({ captured: true, note: '' })
      expect(bits(captured.read())).toEqual(bits(eager.read()))
      const [expected, found] = [train(eager, 0, updates), train(captured, 0, updates)]
      expect(differences(captured.read(), eager.read())).toEqual([])
      expect(found).toEqual(expected)
      // TensorFlow folds the running statistics of batch norm into the convolutions before it, and rounds at other
      // places then.
      const [a, b] = [eager.evaluate(unseen), captured.evaluate(unseen)]
      expect(b.predictions).toEqual(a.predictions)
      expect(Math.abs(b.loss / a.loss - 1)).toBeLessThan(hasNorm(captured) ? 1e-6 : 1e-12)
      eager.dispose()
      captured.dispose()
    },
  )

  it('computes the same bits at every replay', () => {
    const runs = [1, 2].map(() => {
      const learner = learnerOf(demanding, 'auto')
      const results = train(learner, 0, 12)
      const state = bits(learner.read())
      learner.dispose()
      return { results, state }
    })
    expect(runs[1]).toEqual(runs[0])
  })

  it('goes on with the same bits in another learner', () => {
    const straight = learnerOf(demanding, 'auto')
    const expected = train(straight, 0, 14)
    const paused = learnerOf(demanding, 'auto')
    const before = train(paused, 0, 7)
    const resumed = learnerOf({ ...demanding, seed: 5 }, 'auto')
    resumed.write(paused.read())
    paused.dispose()
    // The masks of dropout come from the seed.
    const goneOn = learnerOf(demanding, 'auto')
    goneOn.write(resumed.read())
    expect([...before, ...train(goneOn, 7, 14)]).toEqual(expected)
    expect(bits(goneOn.read())).toEqual(bits(straight.read()))
    for (const learner of [straight, resumed, goneOn]) learner.dispose()
  })

  it('takes the rates of each update, not those that it was captured with', () => {
    const learner = learnerOf(
      { network: { type: 'lenet' }, optimizer: { type: 'sgd', momentum: 0, weightDecay: 0 } },
      'auto',
    )
    const before = learner.read()
    const moved = (learningRate: number): number => {
      learner.write(before)
      learner.update(batchOf(stripes(48, 1), 12, 0), { learningRate, momentum: 0 })
      const [after, start] = [learner.read().get('conv1.weight')!.data, before.get('conv1.weight')!.data]
      return Math.hypot(...after.map((value, i) => value - start[i]!))
    }
    expect(moved(0)).toBe(0)
    const [once, twice] = [moved(0.1), moved(0.2)]
    expect(once).toBeGreaterThan(0)
    expect(twice / once).toBeCloseTo(2, 4)
    learner.dispose()
  })

  it('puts back what was read, all of it or a part, and refuses what does not fit', () => {
    const learner = learnerOf({ network: { type: 'lenet' } }, 'auto')
    train(learner, 0, 2)
    const state = learner.read()
    train(learner, 2, 4)
    learner.write(new Map([...state].filter(([name]) => name === 'conv1.weight')))
    const mixed = learner.read()
    expect(bits(new Map([...mixed].filter(([name]) => name === 'conv1.weight')))).toEqual(
      bits(new Map([...state].filter(([name]) => name === 'conv1.weight'))),
    )
    expect(bits(mixed)).not.toEqual(bits(state))
    learner.write(state)
    expect(bits(learner.read())).toEqual(bits(state))
    expect(() => learner.write(new Map([['conv9.weight', { shape: [1], data: new Float32Array(1) }]]))).toThrow(
      'The network has no tensor conv9.weight',
    )
    expect(() => learner.write(new Map([['conv1.bias', { shape: [7], data: new Float32Array(7) }]]))).toThrow(
      'Tensor conv1.bias has shape [7], the network needs [6]',
    )
    learner.dispose()
  })

  it('keeps its own copy of what is written', () => {
    const learner = learnerOf({ network: { type: 'mlp', hidden: [64] } }, 'auto')
    const state = learner.read()
    const expected = bits(state)
    learner.write(state)
    for (const { data } of state.values()) data.fill(7)
    expect(bits(learner.read())).toEqual(expected)
    learner.dispose()
  })

  it('takes batches of a size that nobody expected', () => {
    const [eager, captured] = [learnerOf(demanding, 'off'), learnerOf(demanding, 'auto')]
    const run = (learner: Learner): unknown => [train(learner, 0, 6, 7), train(learner, 6, 12, 9)]
    expect(run(captured)).toEqual(run(eager))
    expect(bits(captured.read())).toEqual(bits(eager.read()))
    eager.dispose()
    captured.dispose()
  })

  it('leaves nothing behind: no tensors, no files, and the memory stays flat', { timeout: 120_000 }, () => {
    // A folder of its own: other tests capture at the same time.
    vi.stubEnv('TMPDIR', folder())
    const tensors = tf.memory().numTensors
    const learner = learnerOf({ network: { type: 'mlp', hidden: [8] } }, 'auto')
    expect(readdirSync(folder())).toEqual([])
    const batch = batchOf(stripes(48, 1), 12, 0)
    const update = (times: number): void => {
      for (let i = 0; i < times; i++) learner.update(batch, rates(0))
    }
    update(300)
    const [before, held] = [process.memoryUsage().rss, tf.memory().numTensors]
    update(2000)
    expect(tf.memory().numTensors).toBe(held)
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(40)
    learner.dispose()
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('is captured in a moment, also for ResNet-20', { timeout: 60_000 }, () => {
    const began = performance.now()
    const learner = learnerOf({ network: { type: 'resnet', depth: 20 } }, 'auto')
    console.info(
      `ResNet-20 was captured in ${((performance.now() - began) / 1000).toFixed(2)} s: an update of two sizes, ` +
        'an evaluation of two.',
    )
    expect(learner.engine.captured).toBe(true)
    learner.dispose()
  })

  it('falls back to the eager step and says why', () => {
    const native = Object.create(engine.native!, {
      binding: {
        writable: true,
        value: Object.create(engine.native!.binding, {
          loadSavedModel: {
            value: () => {
              throw new Error('no room')
            },
          },
        }),
      },
    })
    const broken: Engine = { ...engine, native }
    const learner = createLearner(
      broken,
      configOf({ network: { type: 'lenet' }, engine: { backend: 'tensorflow' } }),
      info,
    )
    expect(learner.engine).toMatchObject({
      captured: false,
      note: expect.stringMatching(/^The step is not captured: /),
    })
    const eager = learnerOf({ network: { type: 'lenet' } }, 'off')
    expect(train(learner, 0, 2)).toEqual(train(eager, 0, 2))
    eager.dispose()
    learner.dispose()
  })
})
