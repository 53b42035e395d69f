import type { RunConfig } from '../../core/config/config'
import { imagesUsed } from '../../core/plan/phases'
import type { Plan } from '../../core/plan/plan'
import type { Run } from '../../core/run'
import { median } from '../../core/measure'

/** How long a planned run may take, and which run of the past says so. */
export interface Estimate {
  readonly seconds: number
  readonly secondsPerEpoch: number
  readonly from: Run
  readonly sameBatch: boolean
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/**
 * The time of a planned run, from the speed of the run of the same network and image size whose batch was nearest; null
 * before there is one.
 */
export function estimateTime(
  config: RunConfig,
  plan: Plan,
  shape: readonly number[],
  runs: readonly Run[],
): Estimate | null {
  const distance = (run: Run): number => Math.abs(Math.log(run.config.batchSize / config.batchSize))
  const from = runs
    .filter((run) => run.epochs.length > 0 && same(run.config.network, config.network) && same(run.facts?.shape, shape))
    .sort((a, b) => distance(a) - distance(b) || b.createdAt.localeCompare(a.createdAt))[0]
  if (from === undefined) return null
  // The first epoch of a session pays for warming up; the median does not.
  const speed = median(from.epochs.map((epoch) => epoch.train.images / epoch.seconds))
  if (!Number.isFinite(speed) || speed <= 0) return null
  const images = plan.phases.reduce((sum, phase) => sum + phase.epochs * imagesUsed(phase), 0)
  return {
    seconds: images / speed,
    secondsPerEpoch: images / speed / plan.epochs,
    from,
    sameBatch: from.config.batchSize === config.batchSize,
  }
}
