import type { RunConfig } from '../../core/config/config'
import type { DataConfig } from '../../core/config/data'
import type { TrainerHost } from '../../core/host'
import type { EngineReport, Folders, Images, Job, JobResults } from '../../core/job'
import type { AppEvent, CheckpointRef, Comparison } from '../../core/protocol'
import type { Run, RunId } from '../../core/run'
import type { Library } from '../library/library'

/** Time as the desk sees it: monotonic milliseconds and timers, so that tests need not wait. */
export interface DeskClock {
  readonly now: () => number
  /** Calls back once after so many milliseconds; returns what cancels it. */
  readonly after: (ms: number, on: () => void) => () => void
}

export interface DeskOptions {
  readonly library: Library
  readonly host: TrainerHost
  readonly folders: Folders
  readonly clock?: DeskClock
}

/** Owns the trainers: the queue of runs, what may be asked of each, and everything they say. Refusals are thrown as `Refusal`. */
export interface Desk {
  readonly start: (config: RunConfig, weights: string | null) => Promise<RunId>
  readonly pause: (id: RunId) => Promise<void>
  readonly resume: (id: RunId, options?: { readonly acceptChangedData?: boolean }) => Promise<void>
  readonly stop: (id: RunId) => Promise<void>
  readonly kill: (id: RunId) => Promise<void>
  readonly save: (id: RunId) => Promise<void>
  readonly extend: (id: RunId, epochs: number) => Promise<void>
  readonly fork: (id: RunId, checkpoint: string, config: RunConfig) => Promise<RunId>
  readonly remove: (ids: readonly RunId[]) => Promise<void>

  readonly inspect: (data: DataConfig) => Promise<JobResults['inspect']>
  readonly preview: (job: Omit<Extract<Job, { type: 'preview' }>, 'type' | 'folders'>) => Promise<Images>
  readonly evaluate: (job: Omit<Extract<Job, { type: 'evaluate' }>, 'type' | 'folders'>) => Promise<JobResults['evaluate']>
  readonly compare: (a: CheckpointRef, b: CheckpointRef, split: 'validation' | 'test') => Promise<Comparison>
  readonly probe: () => Promise<readonly EngineReport[]>

  /** Hears everything of core/protocol's AppEvent but the menu's, at most ten training messages a second. Also relays the library's. */
  readonly listen: (on: (event: AppEvent) => void) => () => void
  /** Settles with the record when nothing more will happen to the run by itself: paused, ended or interrupted. */
  readonly settled: (id: RunId) => Promise<Run>
  /** Runs that a trainer works on now, for the tray, the quit question and the power-save blocker. */
  readonly live: () => readonly RunId[]
  /** Takes no more work, pauses what trains (or ends it), and settles when no trainer is left: at most 10 s later. */
  readonly shutDown: (options: { readonly pause: boolean }) => Promise<void>
}

export function createDesk(options: DeskOptions): Desk {
  throw new Error(`The desk of ${options.library.folder} is not written yet`)
}
