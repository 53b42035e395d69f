import type { CheckpointMetadata } from '../../core/checkpoint'
import type { RunConfig } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import { alienFault, placeFault } from '../../core/plan/standing'
import type { RunId } from '../../core/run'
import { refuseMisfit, type LoadedCheckpoint } from './checkpoint'

/** A run as its checkpoints must know it. */
export interface Owner {
  readonly run: RunId | undefined
  readonly config: RunConfig
  readonly info: DatasetInfo
  /** Whether it began with another run's checkpoint or with weights. */
  readonly hasOrigin: boolean
}

/**
 * Throws a sentence that names the file where a run cannot go on from a checkpoint: another's, or with a state that its
 * training cannot have had.
 */
export function refuseForeign(
  path: string,
  { state, metadata }: LoadedCheckpoint,
  { run, config, info, hasOrigin }: Owner,
): void {
  const fault = alienFault(metadata, run, config, info)
  if (fault !== '') throw new Error(`${path} ${fault}`)
  refuseMisfit(path, state, metadata, 'training')
  refuseImpossible(path, metadata, info, !hasOrigin)
}

/** Throws a sentence where a checkpoint stands where no training of its settings can stand. */
export function refuseImpossible(
  path: string,
  metadata: CheckpointMetadata,
  info: DatasetInfo,
  isFromStart: boolean,
): void {
  const fault = placeFault(metadata, info, isFromStart)
  if (fault !== '') throw new Error(`${path} ${fault}, which cannot be, so it is damaged or was changed`)
}
