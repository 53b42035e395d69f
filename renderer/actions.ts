import type { Input, MenuAction } from '../core/protocol'
import type { Run } from '../core/run'
import { isLive } from '../core/run'
import { editNew, openConfig, redoDraft, saveConfig, select, showView, startRun, undoDraft } from './commands'
import { previewOf } from './editor/preview'
import { selectedRuns } from './history/selection'
import type { RunAction } from './runActions'
import { runActions } from './runActions'
import { showCheck } from './settings/checkLibrary'
import type { State, ViewName } from './store'
import { useStore } from './store'

/** Something a person can do, wherever it is offered: in the palette, by a key, in the native menu. */
export interface Action {
  readonly id: string
  /** What it is called now: with several runs selected, it says how many it is about. */
  readonly label: (state: State) => string
  readonly group: 'Go to' | 'Run' | 'Config' | 'Selection' | 'Library'
  /** As Mantine's hotkeys write it; empty when there is none. */
  readonly keys: string
  /** The only view in which its keys work; there they are left to a box that undoes its own text. */
  readonly only?: ViewName
  /** Why it cannot be done now; empty when it can. */
  readonly blocked: (state: State) => string
  readonly act: () => void
}

const always = (): string => ''
const named = (label: string) => (): string => label

/**
 * The runs that a key, a menu item or the palette means: the open one in its own view, the selected ones where they are
 * in sight, and elsewhere the one that trains, or else what was selected last, or else the run that was begun last.
 */
export function runsInFocus(state: State): readonly Run[] {
  const open = state.openRun === null ? undefined : state.runs[state.openRun]
  if (state.view === 'run' && open !== undefined) return [open]
  const selected = selectedRuns(state)
  if (state.view === 'runs' && selected.length > 0) return selected
  const live = Object.values(state.runs).find((run) => isLive(run.status))
  return live !== undefined ? [live] : selected.length > 0 ? selected : latestRun(state)
}

const begunAt = (run: Run): string => run.startedAt ?? run.createdAt

function latestRun({ runs }: State): readonly Run[] {
  let latest: Run | undefined
  for (const run of Object.values(runs))
    if (run.removedAt === null && (latest === undefined || begunAt(run) > begunAt(latest))) latest = run
  return latest === undefined ? [] : [latest]
}

const shown = (label: string): string => `${label.charAt(0).toUpperCase()}${label.slice(1)}`

/** An action on runs, for those in focus. */
const onFocus = ({ label, blocked, act }: RunAction): Pick<Action, 'label' | 'blocked' | 'act'> => ({
  label: (state) => shown(label(runsInFocus(state))),
  blocked: (state) => blocked(runsInFocus(state)),
  act: () => act(runsInFocus(useStore.getState())),
})

/** An action on what is selected, wherever that is. */
const onSelection = ({ label, blocked, act }: RunAction): Pick<Action, 'label' | 'blocked' | 'act'> => ({
  label: (state) => label(selectedRuns(state)),
  blocked: (state) => blocked(selectedRuns(state)),
  act: () => act(selectedRuns(useStore.getState())),
})

const where =
  (isThere: (state: State) => boolean, reason: string) =>
  (action: Pick<Action, 'label' | 'blocked' | 'act'>): Pick<Action, 'label' | 'blocked' | 'act'> => ({
    ...action,
    blocked: (state) => (isThere(state) ? action.blocked(state) : reason),
  })
const inTrash = where((state) => state.look.filter.trash, 'Only in the trash')
const outsideTrash = where((state) => !state.look.filter.trash, 'They are in the trash')

function startDraft(): void {
  const { draft } = useStore.getState()
  const preview = previewOf(draft)
  if (preview.blocked === '' && preview.config !== null) void startRun(preview.config, draft)
  else showView('editor')
}

function saveDraft(): void {
  const { config } = previewOf(useStore.getState().draft)
  if (config !== null) void saveConfig(config)
}

/** Every action of the window; the palette lists them all. */
export const actions: readonly Action[] = [
  { id: 'showRuns', label: named('Runs'), group: 'Go to', keys: 'mod+1', blocked: always, act: () => showView('runs') },
  {
    id: 'showEditor',
    label: named('Editor'),
    group: 'Go to',
    keys: 'mod+2',
    blocked: always,
    act: () => showView('editor'),
  },
  {
    id: 'showRun',
    label: named('Open the run'),
    group: 'Go to',
    keys: 'mod+3',
    blocked: (state) => (runsInFocus(state).length === 0 && state.openRun === null ? 'No run is selected' : ''),
    act: () =>
      useStore.setState((state) => ({
        view: 'run',
        openRun:
          (state.view === 'runs' ? runsInFocus(state)[0]?.id : undefined) ??
          state.openRun ??
          runsInFocus(state)[0]?.id ??
          null,
      })),
  },
  {
    id: 'showCompare',
    label: named('Compare'),
    group: 'Go to',
    keys: 'mod+4',
    blocked: always,
    act: () => showView('compare'),
  },
  {
    id: 'showPapers',
    label: named('Papers'),
    group: 'Go to',
    keys: 'mod+6',
    blocked: always,
    act: () => showView('papers'),
  },
  {
    id: 'showCompute',
    label: named('Compute'),
    group: 'Go to',
    keys: 'mod+5',
    blocked: always,
    act: () => showView('compute'),
  },
  {
    id: 'showSettings',
    label: named('Settings'),
    group: 'Go to',
    keys: 'mod+,',
    blocked: always,
    act: () => showView('settings'),
  },
  { id: 'checkLibrary', label: named('Check library…'), group: 'Library', keys: '', blocked: always, act: showCheck },
  { id: 'newRun', label: named('New run'), group: 'Config', keys: 'mod+N', blocked: always, act: editNew },
  {
    id: 'openConfig',
    label: named('Open a config file…'),
    group: 'Config',
    keys: 'mod+O',
    blocked: always,
    act: () => void openConfig(),
  },
  {
    id: 'saveConfig',
    label: named('Save the config as…'),
    group: 'Config',
    keys: 'mod+S',
    blocked: (state) => (previewOf(state.draft).config === null ? 'The config has mistakes' : ''),
    act: saveDraft,
  },
  {
    id: 'undoDraft',
    label: named('Undo the last change in the editor'),
    group: 'Config',
    keys: 'mod+Z',
    only: 'editor',
    blocked: ({ draftHistory }) => (draftHistory.past.length > 0 ? '' : 'Nothing was changed'),
    act: undoDraft,
  },
  {
    id: 'redoDraft',
    label: named('Do it again'),
    group: 'Config',
    keys: 'mod+shift+Z',
    only: 'editor',
    blocked: ({ draftHistory }) => (draftHistory.future.length > 0 ? '' : 'Nothing was undone'),
    act: redoDraft,
  },
  {
    id: 'startRun',
    label: named('Start the run in the editor'),
    group: 'Run',
    keys: 'F5',
    blocked: (state) => previewOf(state.draft).blocked,
    act: startDraft,
  },
  { id: 'pauseRun', group: 'Run', keys: 'F6', ...onFocus(runActions.pause) },
  { id: 'resumeRun', group: 'Run', keys: 'shift+F6', ...onFocus(runActions.resume) },
  { id: 'stopRun', group: 'Run', keys: 'shift+F5', ...onFocus(runActions.stop) },
  { id: 'saveCheckpoint', group: 'Run', keys: '', ...onFocus(runActions.saveCheckpoint) },
  { id: 'compareSelected', group: 'Selection', keys: 'mod+shift+C', ...onSelection(runActions.compare) },
  { id: 'starSelected', group: 'Selection', keys: '', ...onSelection(runActions.star) },
  { id: 'renameSelected', group: 'Selection', keys: '', ...onSelection(runActions.rename) },
  { id: 'removeSelected', group: 'Selection', keys: '', ...outsideTrash(onSelection(runActions.trash)) },
  { id: 'restoreSelected', group: 'Selection', keys: '', ...inTrash(onSelection(runActions.restore)) },
  { id: 'purgeSelected', group: 'Selection', keys: '', ...inTrash(onSelection(runActions.purge)) },
  {
    id: 'clearSelection',
    label: named('Clear the selection'),
    group: 'Selection',
    keys: '',
    blocked: ({ selected }) => (selected.length > 0 ? '' : 'No run is selected'),
    act: () => select([]),
  },
]

const actionCalled = (id: string): Action | undefined => actions.find((one) => one.id === id)

/** Does what a menu item or a key asks for, where it is possible. */
export function perform(id: string): void {
  const action = actionCalled(id)
  if (action !== undefined && action.blocked(useStore.getState()) === '') action.act()
}

/** What of the native menu is possible: its items and the keys mean the same runs. */
export function menuStateOf(state: State): Input<'menu.enable'> {
  const can = (id: keyof Input<'menu.enable'>): boolean => actionCalled(id)?.blocked(state) === ''
  return { pauseRun: can('pauseRun'), resumeRun: can('resumeRun'), stopRun: can('stopRun') }
}

/** The native menu's actions that are not in the list above, because they belong to the window itself. */
export const performMenu = (action: MenuAction, openPalette: () => void): void =>
  action === 'palette' ? openPalette() : perform(action)

/** Keys as they are printed on them. */
export function shownKeys(keys: string, platform: string): readonly string[] {
  const mac = platform === 'darwin'
  return keys === ''
    ? []
    : keys
        .split('+')
        .map((key) =>
          key === 'mod' ? (mac ? '⌘' : 'Ctrl') : key === 'shift' ? (mac ? '⇧' : 'Shift') : key.toUpperCase(),
        )
}
