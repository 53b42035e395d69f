import type { RunConfig } from './config/config'
import type { DataConfig, DataSource } from './config/data'
import type { Evaluation } from './evaluation'
import type { TrainEvent } from './events'
import type { DataSplit } from './datasetInfo'
import type { FlatnessReport, FlatnessSettings } from './flatness/report'
import type { DataInspection } from './inspection'
import type { ShortReport } from './libraryReport'
import type { Plan } from './plan/plan'
import type { RunId } from './run'
import type { Shortage } from './shortage'

/** A checkpoint file by its absolute path; only main makes these, from a run id and a name it has checked. */
export interface CheckpointFile {
  readonly path: string
  /** What it is called in sentences; otherwise its path. */
  readonly name?: string | undefined
  /** Where the data of its run lie now, as the run's record has it; otherwise as the checkpoint has it. */
  readonly source?: DataSource | undefined
  /** The engine that it is measured with; otherwise its own. */
  readonly engine?: RunConfig['engine'] | undefined
}

/** Where a training begins: from nothing, going on from a checkpoint, or with only the weights of a file. */
export type Beginning =
  | { readonly type: 'new' }
  /** `others` are older checkpoints, newest first: the first that can be read is gone on from where `path` cannot. */
  | {
      readonly type: 'resume'
      readonly path: string
      readonly others?: readonly string[]
      readonly acceptChangedData: boolean
    }
  /**
   * Goes on from a checkpoint of another run with a changed config: weights, slots, statistics and moment carry over
   * where they still fit.
   */
  | { readonly type: 'fork'; readonly path: string }
  | { readonly type: 'weights'; readonly path: string }

/** Folders that a trainer may use; it writes nothing outside the run folder and the cache. */
export interface Folders {
  readonly cache: string
  readonly resources: string
  /** The library, in which no link is followed; missing where there is none. */
  readonly library?: string
}

/**
 * The lock of the library that a program writes to: where it lies, and what stands in it while it is this program's.
 */
export interface HeldLock {
  readonly path: string
  readonly token: string
}

/** One piece of work for a trainer process; the process ends with it. */
export type Job =
  | {
      readonly type: 'train'
      readonly config: RunConfig
      readonly runFolder: string
      readonly beginning: Beginning
      readonly folders: Folders
      /** Whose checkpoints these are: written into them, and no other run's are gone on from. */
      readonly run?: RunId
      /** The trainer writes nothing more once another program has this lock. */
      readonly lock?: HeldLock | null
    }
  /**
   * All on the images of `data`, otherwise of the first one's run; with `unseen` only on images that none of them was
   * trained on.
   */
  | {
      readonly type: 'evaluate'
      readonly checkpoints: readonly CheckpointFile[]
      readonly split: DataSplit
      readonly data: DataConfig | null
      readonly unseen: boolean
      readonly folders: Folders
    }
  /** On the engine of the first, in float32: differences of gradients are measured, so one engine computes them all. */
  | {
      readonly type: 'flatness'
      readonly checkpoints: readonly CheckpointFile[]
      readonly settings: FlatnessSettings
      readonly data: DataConfig | null
      readonly folders: Folders
    }
  | { readonly type: 'inspect'; readonly data: DataConfig; readonly folders: Folders }
  | {
      readonly type: 'preview'
      readonly data: DataConfig
      readonly seed: number
      readonly split: DataSplit
      readonly indices: readonly number[]
      readonly augment: boolean
      readonly folders: Folders
    }
  | { readonly type: 'probe'; readonly folders: Folders }
  /** Reads every file of a library. */
  | { readonly type: 'check'; readonly library: string; readonly folders: Folders }
  /** Does jobs about data as it is asked, holding what it has read, until it is ended. */
  | { readonly type: 'serve'; readonly folders: Folders }

/** What the trainer's thread does; a library is checked by a thread without TensorFlow. */
export type TrainerJob = Exclude<Job, { type: 'check' | 'serve' }>

/** Jobs that read data and change nothing: a process may do any number of them, one after the other. */
export type DataJob = Extract<Job, { type: 'inspect' | 'preview' | 'evaluate' }>

/** A job for a process that serves; with `alone` it holds nothing besides what this job reads. */
export interface DataRequest {
  readonly type: 'ask'
  readonly id: number
  readonly job: DataJob
  readonly alone: boolean
}

/** What a job answers, by its type; a training answers with events only. */
export interface JobResults {
  readonly train: null
  readonly evaluate: readonly Evaluation[]
  readonly flatness: FlatnessReport
  readonly inspect: DataInspection
  readonly preview: Images
  readonly probe: readonly EngineReport[]
  readonly check: ShortReport
  readonly serve: null
}

/** Images as bytes, NHWC. */
export interface Images {
  readonly shape: readonly [number, number, number, number]
  readonly pixels: Uint8Array
  readonly labels: readonly number[]
}

/** Whether an engine works here, and if not, why and how to get it. */
export interface EngineReport {
  readonly name: 'tensorflow' | 'wasm' | 'cpu'
  readonly works: boolean
  readonly device: string
  readonly versions: Readonly<Record<string, string>>
  /** A sentence: why it does not work and what would help; empty when it works. */
  readonly reason: string
}

/** What may be said to a trainer while it works, besides what a process that serves is asked for. */
export type TrainCommand =
  | { readonly type: 'pause' }
  | { readonly type: 'stop' }
  | { readonly type: 'save' }
  /** Rewrites the recovery checkpoint now, because the machine is about to sleep. */
  | { readonly type: 'saveRecovery' }

/** What a trainer host says: heartbeat once a second, events, and exactly one of done or failed as its last word. */
export type HostMessage =
  | {
      readonly type: 'heartbeat'
      readonly rssBytes: number
      readonly cpuFraction: number
      readonly gpu: { readonly utilisation: number; readonly memoryBytes: number } | null
    }
  | { readonly type: 'event'; readonly event: TrainEvent }
  | JobMessage
  /** Of the job with this id that a process that serves was asked for; `declined` is one that a fresh process does. */
  | { readonly type: 'answer'; readonly id: number; readonly said: JobMessage | { readonly type: 'declined' } }

/** What is said of a job that answers with a value. */
export type JobMessage =
  | { readonly type: 'progress'; readonly message: string; readonly fraction: number | null }
  | { readonly type: 'done'; readonly result: JobResults[Job['type']] }
  /**
   * With the setting that it is about where the data cannot be used: that is no failure of a training, which can wait
   * for it.
   */
  | {
      readonly type: 'failed'
      readonly message: string
      readonly path?: string
      /** What there was not enough of. */ readonly shortage?: Shortage
    }

/** A sketch of a plan that can cross a boundary: the first values of each schedule, thinned to at most `count`. */
export interface PlanSamples {
  readonly update: readonly number[]
  readonly learningRate: readonly number[]
  readonly momentum: readonly number[]
  readonly batchSize: readonly number[]
  readonly noiseScale: readonly number[]
}

/** The schedules of a plan at every `every`-th update. */
export function samplePlan(plan: Plan, every: number): PlanSamples {
  const update = Array.from({ length: Math.ceil(plan.updates / every) }, (_, i) => i * every)
  return {
    update,
    learningRate: update.map(plan.learningRate),
    momentum: update.map(plan.momentum),
    batchSize: update.map(plan.batchSize),
    noiseScale: update.map(plan.noiseScale),
  }
}
