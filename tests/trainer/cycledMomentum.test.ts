import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { planRun } from '../../core/plan/plan'
import type { Dataset } from '../../main/data/dataset'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { mapParameters, perceptron } from '../reference/perceptron'
import { sgd, type SgdState } from '../reference/sgd'
import { digits, digitsBatch, digitsConfig, parametersIn, useFolder } from '../support/digits'
import { examplesOf } from './plainRun'
import { distance } from './reference'

/*
 * A schedule that cycles the momentum, in a run whose optimizer has none: the plan's momentum, beside a plain training
 * told the same numbers.
 */

const folder = useFolder()
const cyclic = { type: 'cyclic', inverseMomentum: true, period: 6, unit: 'updates' } as const
const triangle = [0.9, 0.9 - 0.1 / 3, 0.9 - 0.2 / 3, 0.8, 0.9 - 0.2 / 3, 0.9 - 0.1 / 3]
type Schedule = NonNullable<NonNullable<RunConfigInput['learningRate']>['schedule']>

const rows: readonly (readonly [string, Schedule, readonly number[]])[] = [
  ['cyclic', cyclic, triangle],
  ['one cycle', { type: 'oneCycle', inverseMomentum: true }, []],
  ['a join', { type: 'join', parts: [{ schedule: cyclic }] }, triangle],
  [
    'a join whose second part cycles',
    { type: 'join', parts: [{ length: 3, unit: 'updates', schedule: { type: 'constant' } }, { schedule: cyclic }] },
    [0, 0, 0, ...triangle.slice(0, 3)],
  ],
  ['a scaled cycle', { type: 'scale', schedule: cyclic }, triangle],
  [
    'a join of stretched cycles',
    { type: 'join', parts: [{ schedule: { type: 'stretch', factor: 2, schedule: { ...cyclic, period: 3 } } }] },
    triangle,
  ],
  [
    'a cycle that is not asked for',
    { type: 'join', parts: [{ schedule: { ...cyclic, inverseMomentum: false } }] },
    triangle.map(() => 0),
  ],
]

describe('a momentum that only the schedule has', () => {
  let engine: Engine
  let dataset: Dataset
  beforeAll(async () => {
    engine = await openEngine('cpu', {})
    dataset = await digits(digitsConfig({}), folder())
  })

  it.each(
    rows.flatMap(([name, schedule, momenta]) =>
      [false, true].map((nesterov) => [name, nesterov, schedule, momenta] as const),
    ),
  )('is followed: %s, Nesterov %s', (_, nesterov, schedule, momenta) => {
    const config = digitsConfig({
      optimizer: { type: 'sgd', momentum: 0, nesterov },
      learningRate: { base: 0.03, referenceBatch: 24, schedule },
    })
    const plan = planRun(config, dataset.info)
    momenta.forEach((momentum, update) => {
      expect(plan.momentum(update)).toBeCloseTo(momentum, 12)
    })
    const learner = createLearner(engine, config, dataset.info)
    let parameters = parametersIn(learner.read())
    const states = new Map<string, SgdState>()
    for (let update = 0; update < 6; update++) {
      const batch = digitsBatch(
        config,
        dataset,
        dataset.train,
        Array.from({ length: 24 }, (_unused, i) => 24 * update + i),
        update,
      )
      const [learningRate, momentum] = [plan.learningRate(update), plan.momentum(update)]
      learner.update(batch, { learningRate, momentum })
      const { gradients } = perceptron(parameters, examplesOf(batch))
      parameters = mapParameters(parameters, (weights, name) => {
        const state = sgd.step({ weights, buffer: states.get(name)?.buffer ?? [] }, gradients[name]!, {
          learningRate,
          momentum,
          weightDecay: 0,
          nesterov,
          decay: 'coupled',
        })
        states.set(name, state)
        return state.weights
      })
    }
    const state = learner.read()
    for (const name of Object.keys(parameters))
      expect(distance(parametersIn(state)[name]!, parameters[name]!), name).toBeLessThan(2e-5)
    // Slots only where something fills them.
    expect([...state.keys()].some((name) => name.startsWith('optimizer.'))).toBe(
      momenta.length === 0 || momenta.some((momentum) => momentum > 0),
    )
    learner.dispose()
  })
})
