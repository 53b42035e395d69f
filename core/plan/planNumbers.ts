import type { LayerSummary } from '../network'
import type { Clock, Schedule } from '../schedules/schedule'
import type { Phase } from './phases'

/** What follows from a config on a data set, in numbers and functions of the update. */
export interface PlanNumbers {
  readonly epochs: number
  readonly updates: number
  /** Updates in the first epoch; more than one phase means that later ones have fewer. */
  readonly updatesPerEpoch: number
  /** Epochs by how they are cut into batches: one phase unless the batch grows. */
  readonly phases: readonly Phase[]
  /** The base rate after the scaling rule: what the schedule starts from. */
  readonly scaledRate: number
  readonly clock: Clock
  readonly learningRate: Schedule
  readonly momentum: Schedule
  /**
   * What a momentum buffer that holds the rate is multiplied by when the rate changes (Goyal et al. 2017, §3); 1 unless
   * the config asks for it.
   */
  readonly momentumCorrection: Schedule
  /** What the rate of the dense layers is multiplied by (`denseRateFactorOf`). */
  readonly denseRateFactor: number
  /** Whether the weights of simulated workers are averaged after an update. */
  readonly averagesWorkers: (update: number) => boolean
  /** Images in the batch of an update; only the last of an epoch may be smaller. */
  readonly batchSize: Schedule
  /** ηN/(B(1−μ)) at each update, η being the rate on the mean gradient (Smith & Le 2018, eq. 6 with N ≫ B). */
  readonly noiseScale: Schedule
  /**
   * Images in each of the ghost batches that batch norm sees of a full batch, in the first phase: of each micro-batch,
   * or of each simulated worker's part, in turn.
   */
  readonly ghostSizes: readonly number[]
  readonly network: { readonly layers: readonly LayerSummary[]; readonly parameters: number }
}
