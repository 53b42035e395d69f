import { create } from 'zustand'
import type { EngineReport } from '../core/job'
import type { AppState, CheckpointRef, Notice, Settings } from '../core/protocol'
import type { RunId } from '../core/run'
import { Settings as SettingsSchema } from '../core/protocol'
import type { Draft } from './editor/draft'
import { freshDraft } from './editor/draft'
import type { DraftHistory } from './editor/draftHistory'
import { noHistory } from './editor/draftHistory'
import type { Look } from './history/look'
import { firstLook } from './history/look'
import type { MirroredRecords } from './records'
import { noRecords } from './records'
import type { LibraryCheckState } from './settings/libraryCheckState'

export type ViewName = 'runs' | 'editor' | 'run' | 'compare' | 'papers' | 'compute' | 'settings'

/** Something to read in the Papers view. */
export type PaperPage = { readonly type: 'preset' | 'method'; readonly id: string } | { readonly type: 'notes' }

/** What a long piece of work outside any run says of itself. */
export interface WorkProgress {
  readonly message: string
  readonly fraction: number | null
}

export interface State extends MirroredRecords {
  /** How far the window is: it shows nothing that it has not been told. */
  readonly phase: 'opening' | 'open' | 'failed'
  readonly failure: string
  readonly app: AppState | null
  readonly settings: Settings
  readonly notices: readonly Notice[]
  /**
   * What long pieces of work say, by the run they are for; those for no run under an empty name, the check of the
   * library under `checkProgress`.
   */
  readonly progress: Readonly<Record<string, WorkProgress>>
  readonly view: ViewName
  /** The run that the Run view shows. */
  readonly openRun: RunId | null
  /** Runs whose curves are drawn, in the order they were chosen; ask `selectedRuns` for those that are meant. */
  readonly selected: readonly RunId[]
  /** Which runs the history shows, and in which order. */
  readonly look: Look
  /** The run whose name is about to be written. */
  readonly renaming: RunId | null
  /** Runs that shall be deleted for good, once that was said again. */
  readonly purging: readonly RunId[]
  readonly traceFailures: Readonly<Record<RunId, string>>
  readonly draft: Draft
  readonly draftHistory: DraftHistory
  readonly compare: {
    readonly a: CheckpointRef | null
    readonly b: CheckpointRef | null
    readonly split: 'validation' | 'test'
    /** Leave out images that one of the two was trained on. */ readonly unseen: boolean
  }
  /** What the Papers view shows: a preset, a method, or the notes' own results; and at which size its configs are. */
  readonly papers: { readonly open: PaperPage; readonly small: boolean }
  /** The method that the editor explains beside the form, by its page's id. */
  readonly explained: string | null
  readonly engines: readonly EngineReport[] | null
  readonly libraryCheck: LibraryCheckState
  /** Whether the dialog of that check is open. */
  readonly isCheckShown: boolean
}

export const initialWindowState = (): State => ({
  ...noRecords,
  phase: 'opening',
  failure: '',
  app: null,
  settings: SettingsSchema.parse({}),
  notices: [],
  progress: {},
  view: 'runs',
  openRun: null,
  selected: [],
  look: firstLook,
  renaming: null,
  purging: [],
  traceFailures: {},
  draft: freshDraft(),
  draftHistory: noHistory,
  compare: { a: null, b: null, split: 'validation', unseen: false },
  papers: { open: { type: 'notes' }, small: false },
  explained: null,
  engines: null,
  libraryCheck: { type: 'none' },
  isCheckShown: false,
})

/** Everything the window knows. */
export const useStore = create<State>()(initialWindowState)
