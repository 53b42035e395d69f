import { z } from 'zod'
import { RunConfig } from './config/config'
import { DataConfig } from './config/data'
import { DataSplit } from './datasetInfo'
import type { Diagnosis, TrainEvent } from './events'
import { CheckpointName } from './events'
import { ScheduleChoice } from './extension'
import type { Issue } from './issue'
import type { Evaluation } from './evaluation'
import type { DataInspection } from './inspection'
import type { EngineReport, Images } from './job'
import type { ShortReport } from './libraryReport'
import type { PackedPoints } from './packing'
import type { Run } from './run'
import { RunId, RunStatus } from './run'

const CheckpointRef = z.strictObject({ run: RunId, checkpoint: CheckpointName })
export type CheckpointRef = z.output<typeof CheckpointRef>

/**
 * How the runs were looked at: which are shown, in which order, which of them are selected, and the first row in sight.
 */
const RunsLook = z.strictObject({
  filter: z.strictObject({
    text: z.string().max(1000),
    statuses: z.array(RunStatus).max(50),
    tags: z.array(z.string().max(100)).max(1000),
    starred: z.boolean(),
  }),
  sorting: z.strictObject({ column: z.string().max(40), descending: z.boolean() }),
  selected: z.array(RunId).max(10_000),
  top: RunId.nullable(),
})

const choices = {
  theme: z.enum(['system', 'light', 'dark']),
  panelSizes: z.record(z.string().max(40), z.array(z.number()).max(6)),
  runsLook: RunsLook.nullable(),
  hiddenColumns: z.array(z.string().max(40)).max(50),
  hiddenCharts: z.array(z.string().max(40)).max(50),
  comparedCharts: z.array(z.string().max(40)).max(50),
  smoothing: z.number().min(0).max(0.999),
  xAxis: z.enum(['update', 'epoch', 'examples', 'seconds']),
  draft: z.unknown(),
}
/** What a person chose for the window; kept in the library. */
export const Settings = z.strictObject({
  theme: choices.theme.default('system'),
  panelSizes: choices.panelSizes.default({}),
  hiddenColumns: choices.hiddenColumns.default([]),
  runsLook: choices.runsLook.default(null),
  /** Of one run: all others are drawn. */
  hiddenCharts: choices.hiddenCharts.default([]),
  /** Of runs together: only these are drawn. */
  comparedCharts: choices.comparedCharts.default(['loss', 'accuracy']),
  smoothing: choices.smoothing.default(0.6),
  xAxis: choices.xAxis.default('epoch'),
  draft: choices.draft.default(null),
})
export type Settings = z.output<typeof Settings>

const mostPanels = 100

/**
 * Settings after a change: panels are remembered one by one, so that what keeps one forgets no other, and the last
 * hundred of them.
 */
export const changedSettings = (before: Settings, change: Partial<Settings>): Settings => ({
  ...before,
  ...change,
  panelSizes: Object.fromEntries(Object.entries({ ...before.panelSizes, ...change.panelSizes }).slice(-mostPanels)),
})

/** Every request that the window may make: parsed in main, because the window is not trusted. */
export const inputs = {
  'app.state': z.null(),
  'app.openDocs': z.enum(['readme', 'licences', 'library']),
  /** The address of a paper; main opens those that the app cites, and no others. */
  'papers.open': z.string().max(300),
  /** What went wrong in the page itself, for main's log. */
  'app.fault': z.strictObject({
    where: z.string().max(60),
    message: z.string().max(1000),
    stack: z.string().max(6000),
  }),
  // Not Settings.partial(): zod fills in defaults there too, and changing one setting would reset the others.
  'settings.change': z.strictObject(choices).partial(),
  /** Which items of the native menu can be used, for the runs that the window means. */
  'menu.enable': z.strictObject({ pauseRun: z.boolean(), resumeRun: z.boolean(), stopRun: z.boolean() }),
  'engines.probe': z.null(),
  /** Reads every file of the library that is open; asked again while that is under way, both get one answer. */
  'library.check': z.null(),
  'library.stopCheck': z.null(),
  'data.inspect': DataConfig,
  'data.preview': z.strictObject({
    data: DataConfig,
    seed: z.number().int(),
    split: DataSplit,
    indices: z.array(z.number().int().min(0)).max(256),
    augment: z.boolean(),
  }),
  'data.choose': z.enum(['folder', 'file']),
  'downloads.start': z.strictObject({
    name: z.string().max(100),
    folder: z.string().max(4096).nullable(),
    from: z.string().max(2000).nullable(),
  }),
  'downloads.stop': z.null(),
  'downloads.state': z.string().max(100),
  'configs.open': z.null(),
  'configs.save': RunConfig,
  'runs.list': z.null(),
  'runs.trace': RunId,
  'runs.diagnoses': RunId,
  'runs.start': z.strictObject({ config: RunConfig, weights: z.string().max(4096).nullable() }),
  'weights.choose': z.null(),
  'runs.pause': RunId,
  'runs.resume': RunId,
  /** Asks the person where a run's data is now. */
  'runs.locate': z.strictObject({ id: RunId, what: z.enum(['folder', 'file']) }),
  'runs.stop': RunId,
  'runs.kill': RunId,
  'runs.save': RunId,
  'runs.extend': z.strictObject({
    id: RunId,
    epochs: z.number().int().min(1).max(100000),
    schedule: ScheduleChoice.nullable(),
  }),
  'runs.fork': z.strictObject({ id: RunId, checkpoint: CheckpointName, config: RunConfig }),
  'runs.annotate': z.strictObject({
    id: RunId,
    name: z.string().max(300).optional(),
    notes: z.string().max(100_000).optional(),
    tags: z.array(z.string().max(100)).max(100).optional(),
    starred: z.boolean().optional(),
  }),
  'runs.remove': z.array(RunId).max(10_000),
  'runs.restore': z.array(RunId).max(10_000),
  'runs.purge': z.array(RunId).max(10_000),
  'checkpoints.compare': z.strictObject({
    a: CheckpointRef,
    b: CheckpointRef,
    split: z.enum(['validation', 'test']),
    unseen: z.boolean(),
  }),
  'figures.save': z.strictObject({
    name: z.string().max(300),
    format: z.enum(['svg', 'png', 'csv']),
    bytes: z.instanceof(Uint8Array),
  }),
} as const
export type RequestName = keyof typeof inputs
export type Input<N extends RequestName> = z.output<(typeof inputs)[N]>

/** Something that a person should know about their library, once. */
export interface Notice {
  readonly id: string
  readonly level: 'information' | 'warning' | 'error'
  readonly message: string
}

export interface AppState {
  readonly version: string
  readonly versions: Readonly<Record<string, string>>
  readonly library: string
  /** Why nothing can be written, or an empty string. */
  readonly readOnly: string
  readonly notices: readonly Notice[]
  readonly settings: Settings
  readonly platform: string
}

/** Two checkpoints on the same images. */
export interface Comparison {
  readonly a: Evaluation
  readonly b: Evaluation
  readonly data: DataConfig
}

/** A data set on its way to this machine. */
export interface DownloadState {
  readonly name: string
  readonly file: string
  /** Bytes of the whole data set that are here, and that there will be. */
  readonly done: number
  readonly total: number
  /** The last thing that went wrong on the way, such as a connection that broke, or an empty text. */
  readonly note: string
}

/** What each request answers. */
export interface Outputs {
  'app.state': AppState
  'app.openDocs': null
  'papers.open': null
  'app.fault': null
  'settings.change': Settings
  'menu.enable': null
  'engines.probe': readonly EngineReport[]
  'library.check': ShortReport
  'library.stopCheck': null
  'data.inspect': DataInspection
  'data.preview': Images
  'data.choose': string | null
  /** The path to train on, once everything is there and checked. */
  'downloads.start': string
  'downloads.stop': null
  /** What is being downloaded, and where a data set of this name goes if no folder is chosen. */
  'downloads.state': { readonly current: DownloadState | null; readonly folder: string }
  'configs.open': { readonly file: string; readonly config: RunConfig } | null
  'configs.save': string | null
  /**
   * JSON of `readonly Run[]`: the bridge copies a text at once, and the objects of 2,000 runs one by one in most of a
   * second.
   */
  'runs.list': string
  'runs.trace': PackedPoints
  'runs.diagnoses': readonly Diagnosis[]
  'runs.start': RunId
  'weights.choose': string | null
  'runs.pause': null
  'runs.resume': null
  /** Where the data is, put down in the run's record; null where the person chose nothing. */
  'runs.locate': string | null
  'runs.stop': null
  'runs.kill': null
  'runs.save': null
  'runs.extend': null
  'runs.fork': RunId
  'runs.annotate': Run
  'runs.remove': null
  'runs.restore': null
  'runs.purge': null
  'checkpoints.compare': Comparison
  'figures.save': string | null
}

/** One function per request; the compiler names the one that is missing. */
export type Handlers = { readonly [N in RequestName]: (input: Input<N>) => Promise<Outputs[N]> }

/** What comes back over the bridge: never a thrown string. */
export type Reply<N extends RequestName> =
  { readonly ok: true; readonly value: Outputs[N] } | { readonly ok: false; readonly issues: readonly Issue[] }

/** Stands for a run's id where progress is that of the check of the library; no run is called that. */
export const checkProgress = 'check'

/** What main tells the window unasked, at most ten messages a second. */
export type AppEvent =
  | { readonly type: 'run'; readonly id: RunId; readonly events: readonly TrainEvent[] }
  /** A run changed in a way that is no training event: created, annotated, removed, a new status. */
  | { readonly type: 'runChanged'; readonly run: Run }
  | { readonly type: 'runPurged'; readonly id: RunId }
  | {
      readonly type: 'load'
      readonly id: RunId
      readonly rssBytes: number
      readonly cpuFraction: number
      readonly gpu: { readonly utilisation: number; readonly memoryBytes: number } | null
      readonly stalled: boolean
    }
  /**
   * How far a piece of work is: of a run, of the check of the library (`checkProgress`), or of neither; 1 is its end,
   * after which nothing of it is shown.
   */
  | {
      readonly type: 'progress'
      readonly id: string | null
      readonly message: string
      readonly fraction: number | null
    }
  | { readonly type: 'notice'; readonly notice: Notice }
  | { readonly type: 'menu'; readonly action: MenuAction }

/** What the native menu asks of the window; the palette lists the same actions. */
export type MenuAction =
  | 'newRun'
  | 'openConfig'
  | 'saveConfig'
  | 'showRuns'
  | 'showEditor'
  | 'showCompare'
  | 'showPapers'
  | 'showCompute'
  | 'showSettings'
  | 'checkLibrary'
  | 'palette'
  | 'startRun'
  | 'pauseRun'
  | 'resumeRun'
  | 'stopRun'

/** What the preload script puts on `window.batchlab`. */
export interface Api {
  readonly call: <N extends RequestName>(name: N, input: Input<N>) => Promise<Reply<N>>
  readonly listen: (on: (event: AppEvent) => void) => () => void
  /** The path of a file dropped on the window; empty when it has none. */
  readonly pathOf: (file: File) => string
}
