import type { BenchCase, BenchEngine, BenchMode } from './cases'

/** The learner of one case, who does updates when asked. */
export interface LearnerJob extends BenchCase {
  readonly type: 'learner'
  readonly engine: BenchEngine
  readonly mode: BenchMode
  readonly threads: number
}

/** What a learner says of itself before its first update. */
export interface LearnerReady {
  readonly device: string
  readonly versions: Readonly<Record<string, string>>
}

/** Something that one process measures by itself. */
export interface MeasurementJob {
  readonly type: MeasurementName
  readonly engine: BenchEngine
  readonly threads: number
  readonly rounds: number
  readonly seconds: number
  /** The app's resources folder. */
  readonly resources: string
}

/** What a process of the benchmark does; it gets the job as its last argument. */
export type BenchJob = LearnerJob | MeasurementJob

/** Filling a batch beside the update that it is for. */
export interface InputFigures {
  readonly network: string
  readonly batchSize: number
  readonly updateMs: number
  readonly augmentations: readonly {
    readonly name: string
    readonly batchMs: number
    readonly imageUs: number
    /** Filling over updating, medians within a round. */ readonly share: number
  }[]
}

/** Telling of an update: the point, the event, its line in the log and its message, beside the update itself. */
export interface EventFigures {
  readonly network: string
  readonly batchSize: number
  readonly updateMs: number
  /** Updates that one event tells of. */
  readonly updatesPerEvent: number
  /** What the training thread spends on it, per update. */
  readonly trainerUs: number
  readonly trainerShare: number
  /** What the process that keeps the record spends on it, per update: not the trainer's time, but the machine's. */
  readonly mainUs: number
  readonly lineBytes: number
}

/** What writing costs. */
export interface StoreFigures {
  readonly appendUs: number
  readonly syncMs: number
  readonly libraryChangeMs: number
  readonly runs: number
  readonly checkpoint: {
    readonly network: string
    readonly bytes: number
    readonly parameters: number
    /** Copying weights and slots to the host. */
    readonly readMs: number
    /** How long the training loop stands still for a checkpoint, all in all. */
    readonly stoppedMs: number
    /** Until it is safe on the disk. */
    readonly writtenMs: number
  }
}

/** Memory of a whole training, log and checkpoints included, after so many updates. */
export interface MemoryFigures {
  readonly network: string
  readonly samples: readonly {
    readonly updates: number
    readonly rssBytes: number
    readonly heapBytes: number
    readonly externalBytes: number
  }[]
  /** Resident memory at about 10,000 updates over that at about 1,000, minus 1: what warming up still adds. */
  readonly growthTo10000: number
  /** The same from 10,000 to 20,000: what a leak would add. */
  readonly growthTo20000: number
}

/** What capturing takes before the first update. */
export interface CaptureFigures {
  readonly network: string
  readonly batchSize: number
  readonly passes: number
  /** From an open engine to a learner with all passes of a run captured. */
  readonly captureSeconds: number
  /** The same without capturing. */
  readonly eagerSeconds: number
  /** The first update, in which TensorFlow optimises the graph, and one after it. */
  readonly firstUpdateMs: number
  readonly updateMs: number
}

export interface MeasurementResults {
  readonly input: InputFigures
  readonly events: EventFigures
  readonly store: StoreFigures
  readonly memory: MemoryFigures
  readonly capture: CaptureFigures
}
export type MeasurementName = keyof MeasurementResults
export const measurementNames = [
  'input',
  'events',
  'store',
  'memory',
  'capture',
] as const satisfies readonly MeasurementName[]
