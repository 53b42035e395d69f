import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Layer } from '../../core/networks/layer'
import { weightsOf } from '../../core/network'
import { initialAverages, visited } from '../../main/trainer/learner/average'
import { openEngine } from '../../main/trainer/engine'
import type { LearnerState } from '../../main/trainer/learner/learner'
import { lossesOf } from '../../main/trainer/learner/loss'
import type { Ops } from '../../main/trainer/ops/ops'
import { opsFor } from '../../main/trainer/ops/opsFor'
import { applyUpdate } from '../../main/trainer/learner/applyUpdate'
import { reestimated } from '../../main/trainer/learner/reestimate'
import { initialSlots } from '../../main/trainer/learner/optimizers'
import { createVariables, disposeVariables, variable } from '../../main/trainer/learner/variables'
import { averageWorkers, initialWorkers, workerVariables } from '../../main/trainer/learner/localSgd'
import { OptimizerConfig } from '../../core/config/optimizer'
import { smoothedCrossEntropy } from '../reference/layers'
import { localSgd } from '../reference/sgd'
import { expectClose } from '../support/close'
import { testedEngines } from './tensorflow'
import { spec } from './updates'

describe.each(testedEngines)('the parts of methods on %s', (engineName) => {
  let ops: Ops
  beforeAll(async () => {
    ops = opsFor(await openEngine(engineName, {}))
  })

  const losses = (rows: number[][], labels: number[], epsilon: number, mix?: { partners: number[]; share: number }) =>
    tf.tidy(() => {
      const { followed, reported } = lossesOf(
        ops,
        tf.tensor2d(rows),
        {
          labels: tf.tensor1d(labels, 'int32'),
          partners: mix && tf.tensor1d(mix.partners, 'int32'),
          mixShare: mix && tf.scalar(mix.share),
        },
        epsilon,
      )
      return { followed: [...followed.dataSync()], reported: [...reported.dataSync()] }
    })

  it('label smoothing follows the published loss and reports the plain one', () => {
    const { followed, reported } = losses(
      [
        [2, 1, 0.1],
        [-1, 4, 0],
      ],
      [0, 2],
      0.1,
    )
    expect(followed[0]).toBeCloseTo(0.5136966829, 6)
    expect(followed[1]).toBeCloseTo(smoothedCrossEntropy([-1, 4, 0], 2, 0.1), 5)
    expect(reported[0]).toBeCloseTo(0.4170300163, 6)
  })

  it('mixup shares the loss between two classes, and reports it so', () => {
    const rows = [
      [2, 1, 0.1],
      [-1, 4, 0],
    ]
    const mixed = (row: number, own: number, other: number, epsilon: number): number =>
      0.7 * smoothedCrossEntropy(rows[row]!, own, epsilon) + 0.3 * smoothedCrossEntropy(rows[row]!, other, epsilon)
    const { followed, reported } = losses(rows, [0, 2], 0.2, { partners: [2, 0], share: 0.7 })
    expect(followed[0]).toBeCloseTo(mixed(0, 0, 2, 0.2), 5)
    expect(followed[1]).toBeCloseTo(mixed(1, 2, 0, 0.2), 5)
    expect(reported[0]).toBeCloseTo(mixed(0, 0, 2, 0), 5)
  })

  // Losses ½h(w − a)² with h = (1, 3), a = (0, 2), two steps at rate 0.1: with equal h local and synchronous steps
  // would coincide.
  it.each([
    [0, 2, 0.51],
    [0, 1, 0.54],
    [0.9, 2, 0.78],
    [0.9, 1, 0.81],
  ])('workers with momentum %d that are averaged every %d steps end at %d', (momentum, averageEvery, expected) => {
    const workers = [
      { curvature: 1, center: 0 },
      { curvature: 3, center: 2 },
    ]
    const config = OptimizerConfig.parse({ type: 'sgd', momentum })
    const weights = [spec('w', 'weight', [1])]
    const slots = initialSlots(config, weights, 'momentum' in config && config.momentum > 0)
    const variables = createVariables(
      initialWorkers(2, new Map([['w', { shape: [1], data: new Float32Array(1) }]]), slots),
    )
    const views = workers.map((_, worker) => workerVariables(variables, worker, ['w', ...slots.keys()]))
    for (let step = 1; step <= 2; step++) {
      tf.tidy(() => {
        const rates = {
          learningRate: tf.scalar(0.1),
          momentum: tf.scalar(momentum),
          weightDecay: tf.scalar(0),
          momentumCorrection: tf.scalar(1),
        }
        workers.forEach(({ curvature, center }, worker) => {
          const gradient = tf.mul(tf.sub(variable(views[worker]!, 'w'), center), curvature)
          applyUpdate(
            { network: { ops, variables: views[worker]! }, optimizer: config, weights },
            [{ weight: weights[0]!, gradient }],
            rates,
          )
        })
        if (step % averageEvery === 0) averageWorkers(views, weights)
      })
    }
    const found = views.map((view) => variable(view, 'w').dataSync()[0]!)
    expect(found[0]).toBe(found[1])
    expect(found[0]).toBeCloseTo(expected, 6)
    expect(localSgd(workers, { learningRate: 0.1, momentum, steps: 2, averageEvery }).weight).toBeCloseTo(expected, 9)
    disposeVariables(variables)
  })

  it('SWA visits weigh alike: 1, 2 and 6 make 3', () => {
    const weights = [spec('w', 'weight', [1])]
    const initial = new Map([['w', { shape: [1], data: Float32Array.of(7) }]])
    let slots: LearnerState = initialAverages({ type: 'swa', start: 0.75, evaluated: 'average' }, initial)
    for (const value of [1, 2, 6])
      slots = new Map([
        ...slots,
        ...visited(new Map([...slots, ['w', { shape: [1], data: Float32Array.of(value) }]]), weights),
      ])
    expect(slots.get('optimizer.average.w')!.data[0]).toBeCloseTo(3, 6)
    expect(slots.get('optimizer.average.count')!.data[0]).toBe(3)
  })

  it('statistics are estimated anew with each batch weighted by its images', () => {
    const layers: Layer[] = [
      { type: 'flatten' },
      { type: 'batchNorm', name: 'bn', gamma: 1, epsilon: 1e-5, newValueWeight: 0.1, ghostStatistics: 'divided' },
      { type: 'dense', name: 'fc', units: 2, bias: true },
    ]
    const shape = [1, 1, 1] as const
    const state = new Map(
      weightsOf(layers, shape).map((weight) => [
        weight.name,
        { shape: weight.shape, data: new Float32Array(weight.shape.reduce((a, b) => a * b, 1)).fill(7) },
      ]),
    )
    const batch = (...values: number[]) => ({ images: Float32Array.from(values), count: values.length })
    const batches = [batch(1, 3), batch(5, 9, 1), batch(100)]
    const found = reestimated(ops, layers, shape, state, batches, 'images')
    expect([...found.keys()]).toEqual(['bn.running_mean', 'bn.running_var'])
    // Means 2 and 5, unbiased variances 2 and 16, weighted 2 : 3. A batch of one image has no variance and is left out.
    expect(found.get('bn.running_mean')!.data[0]).toBeCloseTo(3.8, 5)
    expect(found.get('bn.running_var')!.data[0]).toBeCloseTo(10.4, 5)
    const equal = reestimated(ops, layers, shape, state, batches, 'batches')
    expect(equal.get('bn.running_mean')!.data[0]).toBeCloseTo(3.5, 5)
    expect(equal.get('bn.running_var')!.data[0]).toBeCloseTo(9, 5)
    // In one batch they are those of the five numbers.
    const whole = reestimated(ops, layers, shape, state, [batch(1, 3, 5, 9, 1)], 'images')
    expectClose(whole.get('bn.running_mean')!.data[0]!, 3.8, 1e-6)
    expectClose(whole.get('bn.running_var')!.data[0]!, 11.2, 1e-6)
  })
})
