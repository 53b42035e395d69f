import { bestCheckpoint } from '../core/best'
import type { RunConfig } from '../core/config/config'
import type { ScheduleChoice } from '../core/extension'
import type { CheckpointRef, Settings } from '../core/protocol'
import { changedSettings } from '../core/protocol'
import type { Run, RunId } from '../core/run'
import { ask, call, sentenceOf } from './api'
import type { Draft } from './editor/draft'
import { changed, freshDraft } from './editor/draft'
import type { DraftHistory } from './editor/draftHistory'
import { redone, replacedDrafts, undone, withStep } from './editor/draftHistory'
import { labelOf } from './differences'
import { cutMiddle, compactCounted } from './format'
import type { RunFilter } from './history/filter'
import { runName } from './names'
import { goOn } from './run/lostData'
import type { PaperPage, ViewName } from './store'
import { useStore } from './store'
import { notifyFailure, notifyWithUndo } from './notify'

const { getState, setState } = useStore

export const showView = (view: ViewName): void => setState({ view, explained: null })
export const openRun = (id: RunId): void => setState({ view: 'run', openRun: id, explained: null })
export const read = (open: PaperPage): void =>
  setState((state) => ({ view: 'papers', explained: null, papers: { ...state.papers, open } }))
export const explain = (explained: string | null): void => setState({ explained })
export const select = (selected: readonly RunId[]): void => setState({ selected })

/** Shows other runs. The trash is another place: what was selected here means nothing there. */
export const filterRuns = (filter: RunFilter): void =>
  setState(({ look, selected }) => ({
    look: { ...look, filter },
    selected: filter.trash === look.filter.trash ? selected : [],
  }))

/** Sorts by a column, or turns its order around. */
export const sortRuns = (column: string, descendingFirst: boolean): void =>
  setState(({ look }) => ({
    look: {
      ...look,
      sorting: { column, descending: look.sorting.column === column ? !look.sorting.descending : descendingFirst },
    },
  }))

export const keepTop = (top: RunId | null): void =>
  setState(({ look }) => (look.top === top ? {} : { look: { ...look, top } }))

/** Selects a run and puts the cursor into the box of its name. */
export const renameRun = (id: RunId): void =>
  setState(({ view, openRun: open }) =>
    view === 'run' && open === id ? { renaming: id } : { view: 'runs', selected: [id], renaming: id },
  )
export const renamed = (): void => setState({ renaming: null })

/** Asks whether runs shall be deleted for good; of none, puts the question away. */
export const askPurge = (purging: readonly RunId[]): void => setState({ purging })

/**
 * Changes settings at once and has main keep them; what main refuses is taken back. A library that cannot be written
 * still has a window: there they hold until it is closed.
 */
export async function changeSettings(change: Partial<Settings>): Promise<void> {
  const { settings: before, app } = getState()
  setState({ settings: changedSettings(before, change) })
  if (app !== null && app.readOnly !== '') return
  const reply = await call('settings.change', change)
  if (reply.ok) return
  // Only what was refused: something else may have been chosen meanwhile.
  setState(({ settings }) => ({
    settings: { ...settings, ...Object.fromEntries(Object.entries(before).filter(([name]) => name in change)) },
  }))
  notifyFailure('The setting could not be saved', sentenceOf(reply))
}

let draftTimer: ReturnType<typeof setTimeout> | undefined

function keepDraft(draft: Draft, draftHistory: DraftHistory): void {
  setState({ draft, draftHistory })
  clearTimeout(draftTimer)
  // A draft is kept for the next session, but no keystroke waits for the disk. A library that cannot be written still
  // has an editor.
  draftTimer = setTimeout(flushDraft, 600)
}

/** Keeps the draft now, with those that it replaced: the window is about to go. */
export function flushDraft(): void {
  if (draftTimer === undefined) return
  clearTimeout(draftTimer)
  draftTimer = undefined
  const { draft, draftHistory } = getState()
  void call('settings.change', { draft: { ...draft, replaced: replacedDrafts(draftHistory, draft) } })
}

function editDraft(draft: Draft, path: string, what: string): void {
  const before = getState()
  keepDraft(draft, withStep(before.draftHistory, { draft: before.draft, what, path }))
}

/**
 * Puts another config into the editor. What was written there and is nowhere else can be brought back, at once or
 * later.
 */
function replaceDraft(draft: Draft, by: string): void {
  const before = getState()
  showView('editor')
  if (JSON.stringify(before.draft) === JSON.stringify(draft)) return
  keepDraft(
    draft,
    withStep(before.draftHistory, { draft: before.draft, what: `Replacing the config by ${by}`, path: null }),
  )
  if (before.draftHistory.isEdited)
    notifyWithUndo(`The config in the editor was replaced by ${by}.`, () =>
      replaceDraft(before.draft, 'the one before'),
    )
}

const stepDraft = (step: ReturnType<typeof undone>): void => {
  if (step === null) return
  keepDraft(step.draft, step.history)
  showView('editor')
}
export const undoDraft = (): void => stepDraft(undone(getState().draftHistory, getState().draft))
export const redoDraft = (): void => stepDraft(redone(getState().draftHistory, getState().draft))

export const changeDraft = (path: string, value: unknown): void =>
  editDraft(
    changed(getState().draft, path, value),
    path,
    path === 'name' ? 'Name' : labelOf(path, getState().draft.input),
  )
export const setWeights = (weights: string | null): void =>
  editDraft({ ...getState().draft, weights }, ' weights', 'Weights')

export const editNew = (): void => replaceDraft(freshDraft(), 'the defaults')

/** Opens a config in the editor as a new run; `by` says what it is. */
export const editConfig = (config: RunConfig, by: string): void =>
  replaceDraft({ input: config, weights: null, parent: null }, by)

/** Opens a run's config in the editor as a fork of one of its checkpoints. */
export function editFork(run: Run, checkpoint: string): void {
  const name = run.name === '' ? '' : `${run.name.slice(0, 290)} (fork)`
  replaceDraft(
    { input: { ...run.config, name }, weights: null, parent: { run: run.id, checkpoint } },
    `a fork of “${cutMiddle(runName(run), 40)}”`,
  )
}

export const leaveFork = (): void => editDraft({ ...getState().draft, parent: null }, ' parent', 'Fork')

export async function openConfig(): Promise<void> {
  const opened = await ask('configs.open', null, 'The config could not be opened')
  if (opened) editConfig(opened.config, opened.file.split(/[\\/]/).at(-1) ?? opened.file)
}

export async function saveConfig(config: RunConfig): Promise<void> {
  const file = await ask('configs.save', config, 'The config could not be saved')
  if (typeof file === 'string') draftIsKept(config)
}

/** A config that lies in a file or in a run is not lost when another one takes its place in the editor. */
function draftIsKept(config: RunConfig): void {
  setState(({ draft, draftHistory }) =>
    JSON.stringify(draft.input) === JSON.stringify(config)
      ? { draftHistory: { ...draftHistory, isEdited: false } }
      : {},
  )
}

export async function startRun(
  config: RunConfig,
  { weights, parent }: Pick<Draft, 'weights' | 'parent'>,
): Promise<void> {
  const id =
    parent === null
      ? await ask('runs.start', { config, weights }, 'The run could not be started')
      : await ask(
          'runs.fork',
          { id: parent.run, checkpoint: parent.checkpoint, config },
          'The fork could not be started',
        )
  if (id === undefined) return
  draftIsKept(config)
  setState({ selected: [id] })
  openRun(id)
}

export const pauseRun = (id: RunId): void => void ask('runs.pause', id, 'The run could not be paused')
export const resumeRun = (id: RunId): void => void goOn(id, call('runs.resume', id), 'The run could not be resumed')
export const stopRun = (id: RunId): void => void ask('runs.stop', id, 'The run could not be stopped')
export const killRun = (id: RunId): void => void ask('runs.kill', id, 'The trainer could not be ended')
export const saveCheckpoint = (id: RunId): void => void ask('runs.save', id, 'The checkpoint could not be saved')
export const requestExtension = (id: RunId, epochs: number, schedule: ScheduleChoice | null): void =>
  void goOn(id, call('runs.extend', { id, epochs, schedule }), 'The run could not be extended')

type Annotation = Partial<Pick<Run, 'name' | 'notes' | 'tags' | 'starred'>>

export const annotate = (id: RunId, annotation: Annotation): void =>
  void ask(
    'runs.annotate',
    { id, ...annotation, tags: annotation.tags === undefined ? undefined : [...annotation.tags] },
    'The change could not be saved',
  )

/** Puts runs into the trash, with a way back. */
export async function removeRuns(ids: readonly RunId[]): Promise<void> {
  const runs = ids.flatMap((id) => getState().runs[id] ?? [])
  if (runs.length === 0) return
  if ((await ask('runs.remove', [...ids], 'The runs could not be put into the trash')) === undefined) return
  const gone = new Set(ids)
  setState((state) => ({ selected: state.selected.filter((id) => !gone.has(id)) }))
  const [first] = runs
  const undo = async (): Promise<void> => {
    if (await restoreRuns(ids))
      setState(({ look, selected }) => (look.filter.trash ? {} : { selected: [...new Set([...selected, ...ids])] }))
  }
  const takeBack = notifyWithUndo(
    runs.length === 1 && first !== undefined
      ? `“${runName(first)}” is in the trash`
      : `${compactCounted(runs.length, 'run')} are in the trash`,
    () => void undo(),
  )
  offers.push({ ids, takeBack })
}

// What was said to be in the trash, with a way back, and how to stop offering it.
const offers: { readonly ids: readonly RunId[]; readonly takeBack: () => void }[] = []

// A way back that leads nowhere is worse than none: it is offered for as long as every run is still in the trash.
function withdrawOffers(ids: readonly RunId[]): void {
  const gone = new Set(ids)
  for (const offer of [...offers]) {
    if (!offer.ids.some((id) => gone.has(id))) continue
    offer.takeBack()
    offers.splice(offers.indexOf(offer), 1)
  }
}

/** Takes runs out of the trash; whether that could be done. */
export async function restoreRuns(ids: readonly RunId[]): Promise<boolean> {
  if ((await ask('runs.restore', [...ids], 'The runs could not be restored')) === undefined) return false
  withdrawOffers(ids)
  return true
}

/** Deletes runs of the trash with everything that belongs to them. */
export async function purgeRuns(ids: readonly RunId[]): Promise<void> {
  if ((await ask('runs.purge', [...ids], 'The runs could not be deleted')) !== undefined) withdrawOffers(ids)
}

/** Puts checkpoints side by side; runs alone stand for the checkpoint that validation chose, or their last. */
export function compareCheckpoints(a: CheckpointRef | null, b: CheckpointRef | null): void {
  setState((state) => ({ view: 'compare', compare: { ...state.compare, a, b } }))
}

export function defaultCheckpoint(run: Run | undefined): CheckpointRef | null {
  if (run === undefined) return null
  const chosen = bestCheckpoint(run)
  return chosen === undefined ? null : { run: run.id, checkpoint: chosen.name }
}

export async function requestEngines(): Promise<void> {
  setState({ engines: null })
  const engines = await ask('engines.probe', null, 'The engines could not be looked at')
  setState({ engines: engines ?? [] })
}
