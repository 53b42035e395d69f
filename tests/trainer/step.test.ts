import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Learner, LearnerState, UpdateResult } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { normedPerceptron } from '../reference/normedPerceptron'
import { oneHot, type Parameters } from '../reference/perceptron'
import { updater } from '../reference/updater'
import { distance } from './reference'
import { batchOf, configOf, info, stripes } from './setups'
import { testedEngines } from './tensorflow'

const rates = { learningRate: 0.05, momentum: 0.9 }
const images = stripes(48, 1)

/** Trains a fresh learner on the same few batches over and over. */
function train(
  engine: Engine,
  input: RunConfigInput,
  updates: number,
  count = 12,
): { readonly results: UpdateResult[]; readonly state: LearnerState } {
  const learner = createLearner(engine, configOf(input), info)
  const results = Array.from({ length: updates }, (_, update) =>
    learner.update(batchOf(shifted(update, count), count, update), rates),
  )
  const state = learner.read()
  learner.dispose()
  return { results, state }
}

/** The images from the update's place on, around the end. */
function shifted(update: number, count: number): typeof images {
  const order = Array.from({ length: count }, (_, i) => (update * 12 + i) % 48)
  return {
    images: Uint8Array.from(order.flatMap((n) => [...images.images.subarray(36 * n, 36 * n + 36)])),
    labels: Uint16Array.from(order, (n) => images.labels[n]!),
  }
}

function furthest(a: LearnerState, b: LearnerState): number {
  expect([...a.keys()]).toEqual([...b.keys()])
  return Math.max(...[...a].map(([name, { data }]) => distance(data, b.get(name)!.data)))
}

const bits = (state: LearnerState): string =>
  [...state]
    .map(
      ([name, { data }]) => `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`,
    )
    .join('\n')

const networks: readonly RunConfigInput['network'][] = [
  { type: 'mlp', hidden: [7, 5], batchNorm: true },
  { type: 'lenet' },
  { type: 'conv4', batchNorm: true },
  { type: 'tinyCnn' },
  { type: 'resnet' },
  { type: 'resnet', shortcut: 'projection' },
  { type: 'wideResnet', depth: 10, width: 1 },
]

describe.each(testedEngines)('the update on %s', (engineName) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(engineName, {})
  })

  it.each([1, 2])('learns the stripes from seed %d', (seed) => {
    const { results } = train(engine, { seed, network: { type: 'tinyCnn' } }, 16)
    const mean = (part: UpdateResult[]): number => part.reduce((sum, { loss }) => sum + loss, 0) / part.length
    expect(mean(results.slice(-4))).toBeLessThan(0.25 * mean(results.slice(0, 2)))
    expect(results.at(-1)!.correct).toBe(12)
  })

  it('gives the same bits when it is done again', () => {
    const input: RunConfigInput = {
      network: { type: 'resnet' },
      batch: { ghostSize: 4 },
      networkOptions: { dropout: 0.3 },
      optimizer: { type: 'sgd', weightDecay: 1e-3, clip: { type: 'norm', limit: 1 } },
    }
    const [first, second] = [train(engine, input, 3), train(engine, input, 3)]
    expect(second.results).toEqual(first.results)
    expect(bits(second.state)).toBe(bits(first.state))
  })

  it('goes on with the same bits from a state that was read', () => {
    const config = configOf({ network: { type: 'tinyCnn' }, networkOptions: { dropout: 0.2 } })
    const straight = train(engine, config, 4)
    const before = createLearner(engine, config, info)
    for (const update of [0, 1]) before.update(batchOf(shifted(update, 12), 12, update), rates)
    const after = createLearner(engine, { ...config, seed: 99 }, info)
    after.write(before.read())
    const resumed = createLearner(engine, config, info)
    resumed.write(after.read())
    for (const update of [2, 3]) resumed.update(batchOf(shifted(update, 12), 12, update), rates)
    expect(bits(resumed.read())).toBe(bits(straight.state))
    for (const learner of [before, after, resumed]) learner.dispose()
  })

  it('keeps the number of tensors level, and leaves none behind', () => {
    const outside = tf.memory().numTensors
    const learner = createLearner(
      engine,
      configOf({
        network: { type: 'resnet' },
        batch: { ghostSize: 4, microBatch: 8 },
        networkOptions: { dropout: 0.5 },
      }),
      info,
    )
    const work = (update: number): void => {
      learner.update(batchOf(images, 12, update), rates)
      learner.evaluate(images)
      learner.write(learner.read())
    }
    work(0)
    const level = tf.memory().numTensors
    for (let update = 1; update < 4; update++) work(update)
    expect(tf.memory().numTensors).toBe(level)
    learner.dispose()
    expect(tf.memory().numTensors).toBe(outside)
  })

  it('adds up micro-batches to the gradient of the whole batch', () => {
    const network = { type: 'lenet' } as const
    for (const reduction of ['mean', 'sum'] as const) {
      const optimizer = { type: 'sgd', reduction, clip: { type: 'norm', limit: 0.5 } } as const
      const whole = train(engine, { network, optimizer }, 3)
      for (const microBatch of [4, 5, 11]) {
        const pieces = train(engine, { network, optimizer, batch: { microBatch } }, 3)
        expect(furthest(pieces.state, whole.state)).toBeLessThan(2e-6)
        pieces.results.forEach((result, i) => {
          expect(distance(Object.values(result), Object.values(whole.results[i]!))).toBeLessThan(2e-6)
        })
      }
    }
  })

  it.each(['divided', 'sequential'] as const)(
    'sees micro-batches as ghosts of the same size, running statistics included (%s)',
    (ghostStatistics) => {
      const input: RunConfigInput = {
        network: { type: 'mlp', hidden: [9], batchNorm: true },
        networkOptions: { batchNorm: { ghostStatistics } },
      }
      const ghosts = train(engine, { ...input, batch: { ghostSize: 4 } }, 3)
      const pieces = train(engine, { ...input, batch: { microBatch: 4 } }, 3)
      expect(furthest(pieces.state, ghosts.state)).toBeLessThan(1e-5)
      expect(furthest(train(engine, input, 3).state, ghosts.state)).toBeGreaterThan(1e-3)
    },
  )

  it.each([null, 12])('is plain batch norm of the whole batch where ghosts are %s', (ghostSize) => {
    const learner = createLearner(
      engine,
      configOf({ network: { type: 'mlp', hidden: [9], batchNorm: true }, batch: { ghostSize } }),
      info,
    )
    let parameters: Parameters = Object.fromEntries(
      [...learner.read()]
        .filter(([name]) => /^(fc|bn)\d\.(weight|bias)$/.test(name))
        .map(([name, { data }]) => [name, [...data]]),
    )
    const momentum = updater({ momentum: 0.9 }, 'fc2')
    for (let update = 0; update < 3; update++) {
      const batch = batchOf(shifted(update, 12), 12, update)
      const examples = Array.from(batch.labels, (label, n) => ({
        pixels: batch.images.subarray(36 * n, 36 * n + 36),
        target: oneHot(label, 3),
        weight: 1,
      }))
      learner.update(batch, rates)
      parameters = momentum(parameters, normedPerceptron(parameters, examples, [12]).gradients, rates.learningRate, 1)
    }
    const state = learner.read()
    for (const [name, values] of Object.entries(parameters))
      expect(distance(state.get(name)!.data, values), name).toBeLessThan(1e-5)
    learner.dispose()
  })

  it('moves by the sum of the gradients as by batch size times the mean', () => {
    const at = (learningRate: number, reduction: 'mean' | 'sum'): LearnerState => {
      const learner = createLearner(
        engine,
        configOf({ network: { type: 'lenet' }, optimizer: { type: 'sgd', reduction } }),
        info,
      )
      for (let update = 0; update < 3; update++)
        learner.update(batchOf(images, 12, update), { learningRate, momentum: 0.9 })
      const state = learner.read()
      learner.dispose()
      return new Map([...state].filter(([name]) => !name.startsWith('optimizer.')))
    }
    expect(furthest(at(0.01 / 12, 'sum'), at(0.01, 'mean'))).toBeLessThan(1e-6)
  })

  it('reports the loss and the images right before the update', () => {
    const learner = createLearner(engine, configOf({ network: { type: 'lenet' } }), info)
    const before = learner.evaluate({
      images: images.images.subarray(0, 12 * 36),
      labels: images.labels.subarray(0, 12),
    })
    const result = learner.update(batchOf(images, 12, 0), rates)
    expect(result.loss).toBeCloseTo(before.loss, 5)
    expect(result.correct).toBe(before.correct)
    learner.dispose()
  })

  it('takes a smaller last batch as it is', () => {
    const learner = createLearner(engine, configOf({ network: { type: 'lenet' }, batch: { ghostSize: 4 } }), info)
    const full = batchOf(images, 12, 0)
    expect(learner.update({ ...full, count: 5 }, rates).correct).toBeLessThanOrEqual(5)
    const small = learner.read()
    learner.dispose()
    const alone = createLearner(engine, configOf({ network: { type: 'lenet' }, batch: { ghostSize: 4 } }), info)
    alone.update(batchOf(images, 5, 0), rates)
    expect(bits(alone.read())).toBe(bits(small))
    alone.dispose()
  })

  it('reports a loss that is no number as what it is', () => {
    const { results } = train(engine, { network: { type: 'mlp', hidden: [8] } }, 1)
    expect(Number.isFinite(results[0]!.loss)).toBe(true)
    const learner: Learner = createLearner(engine, configOf({ network: { type: 'mlp', hidden: [8] } }), info)
    let loss = 0
    for (let update = 0; update < 12 && Number.isFinite(loss); update++)
      loss = learner.update(batchOf(images, 12, update), { learningRate: 1e30, momentum: 0 }).loss
    expect(Number.isFinite(loss)).toBe(false)
    learner.dispose()
  })
})

describe('the engines', () => {
  it.each(networks.map((network) => [JSON.stringify(network), network] as const))(
    'agree on three updates and an evaluation of %s',
    async (_, network) => {
      const input: RunConfigInput = {
        network: network!,
        batch: { ghostSize: 6 },
        optimizer: { type: 'sgd', nesterov: true, weightDecay: 1e-3 },
      }
      const found: { name: string; state: LearnerState; results: UpdateResult[]; loss: number }[] = []
      for (const name of testedEngines) {
        const engine = await openEngine(name, {})
        const learner = createLearner(engine, configOf(input), info)
        const results = [0, 1, 2].map((update) => learner.update(batchOf(shifted(update, 12), 12, update), rates))
        found.push({ name, state: learner.read(), results, loss: learner.evaluate(images).loss })
        learner.dispose()
      }
      const [first, ...others] = found
      for (const other of others) {
        expect(furthest(other.state, first!.state), `${other.name} and ${first!.name}`).toBeLessThan(1e-4)
        expect(Math.abs(other.loss - first!.loss)).toBeLessThan(1e-4)
        other.results.forEach((result, i) => {
          expect(result.loss).toBeCloseTo(first!.results[i]!.loss, 4)
        })
      }
    },
  )
})
