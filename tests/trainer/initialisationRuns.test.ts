import { beforeAll, describe, expect, it } from 'vitest'
import type { InitialisationConfig } from '../../core/config/network'
import { randomFor } from '../../core/random'
import type { Dataset } from '../../main/data/dataset'
import { openEngine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { mapParameters, meanOf, perceptron, type Parameters } from '../reference/perceptron'
import { digits, digitsBatch, digitsConfig, parametersIn, useFolder } from '../support/digits'
import { examplesOf } from './plainRun'
import { distance } from './reference'

/*
 * Each initialisation starts a training on real digits at weights that are drawn here by its formula, and goes on as a
 * plain one from there does.
 */

const folder = useFolder()
const seed = 1
const sizes: Readonly<Record<string, readonly [inputs: number, outputs: number]>> = {
  'fc1.weight': [64, 12],
  'fc1.bias': [64, 12],
  'fc2.weight': [12, 10],
  'fc2.bias': [12, 10],
}

/** A tensor's own stream of numbers: the seed, and its name by FNV-1a. */
const streamOf = (name: string) =>
  randomFor(
    seed,
    'weights',
    Number(
      [...name].reduce(
        (hash, letter) => ((hash ^ BigInt(letter.charCodeAt(0))) * 0x01000193n) % 2n ** 32n,
        0x811c9dc5n,
      ),
    ),
  )

type Draw = (name: string, inputs: number, outputs: number) => readonly number[]
const normal =
  (variance: (inputs: number, outputs: number) => number): Draw =>
  (name, inputs, outputs) => {
    const random = streamOf(name)
    return Array.from({ length: inputs * outputs }, () => Math.sqrt(variance(inputs, outputs)) * random.normal())
  }
const uniform =
  (bound: (inputs: number, outputs: number) => number): Draw =>
  (name, inputs, outputs) => {
    const random = streamOf(name)
    return Array.from(
      { length: name.endsWith('.bias') ? outputs : inputs * outputs },
      () => bound(inputs, outputs) * (2 * random.uniform() - 1),
    )
  }

/**
 * √2 · L⁻¹G for Gaussian rows G and the Cholesky factor of GGᵀ: orthonormal rows times the gain, one for each output.
 */
const orthogonal: Draw = (name, inputs, outputs) => {
  const random = streamOf(name)
  const rows = Array.from({ length: outputs }, () => Array.from({ length: inputs }, random.normal))
  const factor: number[][] = []
  const solved: number[][] = []
  rows.forEach((row, k) => {
    const product = (other: readonly number[]): number => row.reduce((sum, value, i) => sum + value * other[i]!, 0)
    const own = new Array<number>(k + 1).fill(0)
    for (let j = 0; j <= k; j++) {
      const rest =
        product(rows[j]!) - own.slice(0, j).reduce((sum, value, i) => sum + value * (factor[j]?.[i] ?? value), 0)
      own[j] = j === k ? Math.sqrt(rest) : rest / factor[j]![j]!
    }
    factor.push(own)
    solved.push(
      row.map((value, i) => (value - own.slice(0, k).reduce((sum, one, j) => sum + one * solved[j]![i]!, 0)) / own[k]!),
    )
  })
  return Array.from({ length: inputs * outputs }, (_, i) => Math.SQRT2 * solved[i % outputs]![Math.floor(i / outputs)]!)
}

describe('on real digits', () => {
  let dataset: Dataset
  beforeAll(async () => {
    dataset = await digits(digitsConfig({}), folder())
  })

  it.each<[Partial<InitialisationConfig>, Draw]>([
    [{ method: 'heNormal' }, normal((inputs) => 2 / inputs)],
    [{ method: 'heNormal', fan: 'out' }, normal((_, outputs) => 2 / outputs)],
    [{ method: 'heUniform' }, uniform((inputs) => Math.sqrt(6 / inputs))],
    [{ method: 'glorotNormal' }, normal((inputs, outputs) => 2 / (inputs + outputs))],
    [{ method: 'glorotUniform' }, uniform((inputs, outputs) => Math.sqrt(6 / (inputs + outputs)))],
    [{ method: 'lecunNormal' }, normal((inputs) => 1 / inputs)],
    [{ method: 'orthogonal' }, orthogonal],
    [{ method: 'torch' }, uniform((inputs) => 1 / Math.sqrt(inputs))],
  ])('a training begins and goes on as its plain version does: %j', async (initialisation, draw) => {
    const config = digitsConfig({ seed, networkOptions: { initialisation } })
    const learner = createLearner(await openEngine('cpu', {}), config, dataset.info)
    let parameters: Parameters = Object.fromEntries(
      Object.entries(sizes).map(([name, [inputs, outputs]]) => [
        name,
        name.endsWith('.bias') && initialisation.method !== 'torch'
          ? new Array<number>(outputs).fill(0)
          : draw(name, inputs, outputs),
      ]),
    )
    const check = (tolerance: number): void => {
      for (const [name, values] of Object.entries(parametersIn(learner.read())))
        expect(distance(values, parameters[name]!), name).toBeLessThan(tolerance)
    }
    check(1e-6)
    for (let update = 0; update < 4; update++) {
      const batch = digitsBatch(
        config,
        dataset,
        dataset.train,
        Array.from({ length: 24 }, (_, i) => 24 * update + i),
        update,
      )
      const { loss } = learner.update(batch, { learningRate: 0.1, momentum: 0 })
      const { gradients, losses } = perceptron(parameters, examplesOf(batch))
      expect(loss / meanOf(losses)).toBeCloseTo(1, 4)
      parameters = mapParameters(parameters, (values, name) =>
        values.map((value, i) => value - 0.1 * gradients[name]![i]!),
      )
    }
    check(2e-5)
    learner.dispose()
  })
})
