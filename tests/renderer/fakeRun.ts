import type { RunConfigInput } from '../../core/config/config'
import type { TracedRun } from '../../core/run'
import type { Recipe } from '../../renderer/dev/fakeRuns'
import { makeRun } from '../../renderer/dev/fakeRuns'

/** A made-up run of the digits; each index gives another one. */
export const fakeRun = (index: number, config: RunConfigInput = {}, more: Partial<Recipe> = {}): TracedRun =>
  makeRun(
    {
      config: { network: { type: 'lenet' }, learningRate: { base: 0.1 }, epochs: 4, batchSize: 32, ...config },
      status: 'finished',
      done: 1,
      finalAccuracy: 0.97,
      secondsPerEpoch: 2,
      hoursAgo: 10 - index,
      ...more,
    },
    index,
  )
