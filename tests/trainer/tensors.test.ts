import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { tensorsOf } from '../../core/tensors'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { configOf, info } from './setups'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine('cpu', {})
})

const optimizers: readonly RunConfigInput[] = [
  { optimizer: { type: 'sgd' } },
  { optimizer: { type: 'sgd', momentum: 0 } },
  { optimizer: { type: 'sgd', momentum: 0 }, learningRate: { schedule: { type: 'oneCycle', inverseMomentum: true } } },
  { optimizer: { type: 'lars' } },
  { optimizer: { type: 'adam' } },
  { optimizer: { type: 'adamw' } },
  { optimizer: { type: 'lamb' } },
]
const averages: readonly RunConfigInput['regularisation'][] = [
  {},
  { average: { type: 'ema' } },
  { average: { type: 'swa' } },
]
const batches: readonly RunConfigInput['batch'][] = [{}, { workers: { type: 'postLocal', workers: 2 } }]

describe('the tensors that a checkpoint needs', () => {
  const cases = optimizers.flatMap((optimizer) =>
    averages.flatMap((regularisation) =>
      batches.map((batch): RunConfigInput => ({ ...optimizer, regularisation, batch })),
    ),
  )

  it.each(cases.map((input) => [JSON.stringify(input), input] as const))(
    'are those that training changes, with %s',
    (_, input) => {
      const config = configOf({ batchSize: 4, network: { type: 'mlp', hidden: [5], batchNorm: true }, ...input })
      const learner = createLearner(engine, config, info)
      const named = (name: string, shape: readonly number[]): string => `${name} [${shape.join()}]`
      expect(
        tensorsOf(config, info.shape, info.classes.length)
          .map(({ name, shape }) => named(name, shape))
          .sort(),
      ).toEqual([...learner.read()].map(([name, { shape }]) => named(name, shape)).sort())
      learner.dispose()
    },
  )
})
