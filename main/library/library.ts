import type { Points, TrainEvent } from '../../core/events'
import type { RunConfig } from '../../core/config/config'
import type { AppEvent, Notice, Settings } from '../../core/protocol'
import type { Origin, Run, RunId, RunStatus } from '../../core/run'
import type { FileSystem } from '../files/fs'

export interface LibraryOptions {
  readonly fs?: FileSystem
  readonly now?: () => Date
  /** 0…1; tests make ids repeatable with it. */
  readonly random?: () => number
}

export interface Annotations { readonly name?: string; readonly notes?: string; readonly tags?: readonly string[]; readonly starred?: boolean }

/** All runs of one folder. One process writes; every promise settles when its change is safe on disk. */
export interface Library {
  readonly folder: string
  /** Why nothing can be written, in a sentence; empty when it can. */
  readonly readOnly: string
  readonly notices: () => readonly Notice[]
  readonly settings: () => Settings
  readonly changeSettings: (changes: Partial<Settings>) => Promise<Settings>

  /** All runs, the trash included, oldest first. A run that no trainer works on holds only its best and last epochs and no log. */
  readonly runs: () => readonly Run[]
  /** The same of one run; refuses an unknown id. */
  readonly run: (id: RunId) => Run
  /** A run with every epoch and its log. */
  readonly readRun: (id: RunId) => Promise<Run>
  /** A run's trace at full resolution, read from its log in pieces. */
  readonly readTrace: (id: RunId) => Promise<Points>

  readonly runFolder: (id: RunId) => string
  readonly checkpointPath: (id: RunId, name: string) => string

  readonly addRun: (config: RunConfig, origin: Origin, originFile: string | null) => Promise<Run>
  /** The copy of the checkpoint or weights file that a run began from; null for a new run. */
  readonly originPath: (id: RunId) => string | null
  /** Folds an event that the trainer has logged already. Settles at once, except for a last event: then when it is safe on disk. */
  readonly record: (id: RunId, event: TrainEvent) => Promise<Run>
  /** Logs an event itself and folds it: only while no trainer works on the run. */
  readonly append: (id: RunId, event: TrainEvent) => Promise<Run>
  /** Folds a run anew from its log, which knows what a dead trainer could not say. */
  readonly refold: (id: RunId) => Promise<Run>
  readonly setStatus: (id: RunId, status: RunStatus, message: string) => Promise<Run>

  readonly annotate: (id: RunId, annotations: Annotations) => Promise<Run>
  readonly remove: (ids: readonly RunId[]) => Promise<void>
  readonly restore: (ids: readonly RunId[]) => Promise<void>
  readonly purge: (ids: readonly RunId[]) => Promise<void>

  /** Asks whatever process trains this run to pause; works on a library that is open for reading only. */
  readonly requestPause: (id: RunId) => Promise<void>
  readonly clearPauseRequest: (id: RunId) => Promise<void>

  /** Hears runChanged, runPurged and notice. */
  readonly listen: (on: (event: AppEvent) => void) => () => void
  /** Settles when everything known is on disk. */
  readonly flush: () => Promise<void>
  /** Flushes and gives the lock back. */
  readonly close: () => Promise<void>
}

/** Opens the library in a folder, and makes it where there is none. Never throws for what the files hold. */
export async function openLibrary(folder: string, options: LibraryOptions = {}): Promise<Library> {
  void options
  return Promise.reject(new Error(`Cannot open ${folder}: the library is not written yet`))
}
