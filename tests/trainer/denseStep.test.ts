import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import type { Dataset } from '../../main/data/dataset'
import { openEngine, type Engine } from '../../main/trainer/engine'
import type { Batch } from '../../main/trainer/learner/learner'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { digits, digitsBatch, digitsConfig, useFolder } from '../support/digits'
import { krizhevskyUpdate, lenetIn, lenetNames } from './plainLenet'
import { distance } from './reference'
import { updater } from '../reference/updater'

const folder = useFolder()
describe('a smaller batch of the dense layers, on real digits', () => {
  let engine: Engine
  let dataset: Dataset
  const base: RunConfigInput = {
    network: { type: 'lenet' },
    learningRate: { base: 0.02, referenceBatch: 24, scaling: { type: 'linear' } },
  }
  beforeAll(async () => {
    engine = await openEngine('cpu', {})
    dataset = await digits(digitsConfig(base), folder())
  })

  const batches = (count: number): Batch[] =>
    Array.from({ length: count }, (_, update) =>
      digitsBatch(
        digitsConfig(base),
        dataset,
        dataset.train,
        Array.from({ length: 24 }, (_, i) => 24 * update + i),
        update,
      ),
    )

  it("trains as Krizhevsky's scheme done by hand does", () => {
    const learner = createLearner(engine, digitsConfig({ ...base, batch: { denseBatch: 6 } }), dataset.info)
    const state = learner.read()
    const update = updater({ momentum: 0.9 }, 'fc3')
    let parameters = lenetIn(state)
    for (const batch of batches(3)) {
      learner.update(batch, { learningRate: 0.02, momentum: 0.9 })
      // The linear rule: a quarter of the batch, a quarter of the rate.
      parameters = krizhevskyUpdate(parameters, state, batch, 6, (all, gradients, part) =>
        update(all, gradients, part === 'body' ? 0.02 : 0.005, 1),
      )
    }
    const found = learner.read()
    for (const name of lenetNames) {
      expect(distance(found.get(name)!.data, parameters[name]!), name).toBeLessThan(2e-6)
      expect(distance(found.get(name)!.data, state.get(name)!.data), `${name} moves`).toBeGreaterThan(1e-5)
    }
    learner.dispose()
  })

  it('is the plain update where both batches are the same', () => {
    const trained = [null, 24].map((denseBatch) => {
      const learner = createLearner(engine, digitsConfig({ ...base, batch: { denseBatch } }), dataset.info)
      const results = batches(3).map((batch) => learner.update(batch, { learningRate: 0.02, momentum: 0.9 }))
      const state = learner.read()
      learner.dispose()
      return { results, state }
    })
    const [whole, pieces] = trained
    for (const [name, { data }] of whole!.state)
      expect(distance(pieces!.state.get(name)!.data, data), name).toBeLessThan(1e-6)
    pieces!.results.forEach((result, i) => {
      expect(distance(Object.values(result), Object.values(whole!.results[i]!))).toBeLessThan(1e-6)
    })
  })
})
