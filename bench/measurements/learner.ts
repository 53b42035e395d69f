import { createInterface } from 'node:readline'
import { openLearner } from '../../main/trainer/learner/openLearner'
import type { Learner } from '../../main/trainer/learner/learner'
import { randomFor } from '../../core/random'
import { benchConfig, benchCifarInfo } from '../cases'
import type { LearnerJob, LearnerReady } from '../job'

/**
 * Does the updates of one case when asked, on one batch of CIFAR's shape: forward, backward, momentum update, loss
 * read.
 */
export async function serveLearner(job: LearnerJob, post: (answer: object) => Promise<void>): Promise<void> {
  const { engine, mode, threads, batchSize } = job
  const learner = await openLearner(
    benchConfig(job, {
      backend: engine,
      threads,
      capture: mode === 'eager' ? 'off' : 'auto',
      precision: mode === 'bfloat16' ? mode : 'float32',
    }),
    benchCifarInfo({ train: batchSize, validation: 0, test: 0 }),
  )
  if (mode !== 'eager' && !learner.engine.captured) throw new Error(learner.engine.note)
  const run = updatesOf(learner, batchSize)
  await post({ device: learner.engine.device, versions: learner.engine.versions } satisfies LearnerReady)
  for await (const line of createInterface(process.stdin)) {
    const { updates } = JSON.parse(line) as { readonly updates: number }
    await post({ seconds: run(updates) })
  }
  learner.dispose()
}

/** Makes the function that does so many updates on one batch of noise and says how many seconds they took. */
export function updatesOf(learner: Learner, batchSize: number): (updates: number) => number {
  const random = randomFor(1, 'synthetic')
  const images = Float32Array.from({ length: batchSize * 32 * 32 * 3 }, () => 2 * random.uniform() - 1)
  const labels = Int32Array.from({ length: batchSize }, (_, i) => i % 10)
  let update = 0
  return (updates) => {
    const began = performance.now()
    for (let i = 0; i < updates; i++)
      learner.update({ images, labels, count: batchSize, update: update++ }, { learningRate: 0.01, momentum: 0.9 })
    return (performance.now() - began) / 1000
  }
}
