import { parallelPartsOf } from '../../main/trainer/learner/parallelParts'
import { openEngine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { benchConfig, benchCifarInfo } from '../cases'
import type { CaptureFigures, MeasurementJob } from '../job'
import { median } from '../../core/measure'
import { updatesOf } from './learner'

const one = { network: 'resnet20', batchSize: 128 } as const
// CIFAR-10 with 5,000 images held out: updates of 128 and of what is left over, evaluations of two splits.
const info = benchCifarInfo({ train: 45_000, validation: 5000, test: 10_000 })
const passes = 5

/**
 * Times what stands between an open engine and the first update of a run, with all of the passes that the run will
 * need.
 */
export async function measureCapture({ engine: name, threads, rounds }: MeasurementJob): Promise<CaptureFigures> {
  if (name !== 'tensorflow') throw new Error(`The engine ${name} has no captured step`)
  const config = benchConfig(one, { backend: name, threads })
  const engine = await openEngine(name, { threads, work: parallelPartsOf(config, info) })
  const eager = { ...config, engine: { ...config.engine, capture: 'off' as const } }
  const [eagerSeconds, captureSeconds, firstMs, laterMs]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let round = 0; round < rounds; round++) {
    const [began, plain] = [performance.now(), createLearner(engine, eager, info)]
    eagerSeconds.push((performance.now() - began) / 1000)
    plain.dispose()
    const [start, learner] = [performance.now(), createLearner(engine, config, info)]
    captureSeconds.push((performance.now() - start) / 1000)
    if (!learner.engine.captured) throw new Error(learner.engine.note)
    const run = updatesOf(learner, one.batchSize)
    firstMs.push(1000 * run(1))
    laterMs.push(1000 * run(1))
    learner.dispose()
  }
  return {
    ...one,
    passes,
    captureSeconds: median(captureSeconds),
    eagerSeconds: median(eagerSeconds),
    firstUpdateMs: median(firstMs),
    updateMs: median(laterMs),
  }
}
