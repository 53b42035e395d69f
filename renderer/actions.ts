import type { MenuAction } from '../core/protocol'
import type { Run } from '../core/run'
import { isLive, isResumable } from '../core/run'
import { compareCheckpoints, defaultCheckpoint, editNew, openConfig, pauseRun, redoDraft, removeRuns, resumeRun, saveCheckpoint, saveConfig, select, show, startRun, stopRun, undoDraft } from './commands'
import { previewOf } from './editor/preview'
import type { State, ViewName } from './store'
import { useStore } from './store'

/** Something a person can do, wherever it is offered: in the palette, by a key, in the native menu. */
export interface Action {
  readonly id: string
  readonly label: string
  readonly group: 'Go to' | 'Run' | 'Config' | 'Selection'
  /** As Mantine's hotkeys write it; empty when there is none. */
  readonly keys: string
  /** The only view in which its keys work; there they are left to a box that undoes its own text. */
  readonly only?: ViewName
  /** Why it cannot be done now; empty when it can. */
  readonly blocked: (state: State) => string
  readonly act: () => void
}

const always = (): string => ''

/** The run that a control means when none is named: the open one, the only selected one, or the one that trains. */
function runInFocus(state: State): Run | undefined {
  const ids = state.view === 'run' && state.openRun !== null ? [state.openRun] : state.selected.length === 1 ? state.selected : []
  return ids.map((id) => state.runs[id])[0] ?? Object.values(state.runs).find((run) => isLive(run.status))
}

const onRun = (allowed: (run: Run) => boolean, reason: string, act: (run: Run) => void): Pick<Action, 'blocked' | 'act'> => ({
  blocked: (state) => {
    const run = runInFocus(state)
    return run === undefined ? 'No run is selected' : allowed(run) ? '' : reason
  },
  act: () => {
    const run = runInFocus(useStore.getState())
    if (run !== undefined && allowed(run)) act(run)
  },
})

function startDraft(): void {
  const { draft } = useStore.getState()
  const preview = previewOf(draft)
  if (preview.blocked === '' && preview.config !== null) void startRun(preview.config, draft)
  else show('editor')
}

function saveDraft(): void {
  const { config } = previewOf(useStore.getState().draft)
  if (config !== null) void saveConfig(config)
}

/** Every action of the window; the palette lists them all. */
export const actions: readonly Action[] = [
  { id: 'showRuns', label: 'Runs', group: 'Go to', keys: 'mod+1', blocked: always, act: () => show('runs') },
  { id: 'showEditor', label: 'Editor', group: 'Go to', keys: 'mod+2', blocked: always, act: () => show('editor') },
  { id: 'showRun', label: 'Open the run', group: 'Go to', keys: 'mod+3', blocked: (state) => (runInFocus(state) === undefined && state.openRun === null ? 'No run is selected' : ''), act: () => useStore.setState((state) => ({ view: 'run', openRun: (state.view === 'runs' ? runInFocus(state)?.id : undefined) ?? state.openRun ?? runInFocus(state)?.id ?? null })) },
  { id: 'showCompare', label: 'Compare', group: 'Go to', keys: 'mod+4', blocked: always, act: () => show('compare') },
  { id: 'showPapers', label: 'Papers', group: 'Go to', keys: 'mod+6', blocked: always, act: () => show('papers') },
  { id: 'showCompute', label: 'Compute', group: 'Go to', keys: 'mod+5', blocked: always, act: () => show('compute') },
  { id: 'showSettings', label: 'Settings', group: 'Go to', keys: 'mod+,', blocked: always, act: () => show('settings') },
  { id: 'newRun', label: 'New run', group: 'Config', keys: 'mod+N', blocked: always, act: editNew },
  { id: 'openConfig', label: 'Open a config file…', group: 'Config', keys: 'mod+O', blocked: always, act: () => void openConfig() },
  { id: 'saveConfig', label: 'Save the config as…', group: 'Config', keys: 'mod+S', blocked: (state) => (previewOf(state.draft).config === null ? 'The config has mistakes' : ''), act: saveDraft },
  { id: 'undoDraft', label: 'Undo the last change in the editor', group: 'Config', keys: 'mod+Z', only: 'editor', blocked: ({ draftHistory }) => (draftHistory.past.length > 0 ? '' : 'Nothing was changed'), act: undoDraft },
  { id: 'redoDraft', label: 'Do it again', group: 'Config', keys: 'mod+shift+Z', only: 'editor', blocked: ({ draftHistory }) => (draftHistory.future.length > 0 ? '' : 'Nothing was undone'), act: redoDraft },
  { id: 'startRun', label: 'Start the run in the editor', group: 'Run', keys: 'F5', blocked: (state) => previewOf(state.draft).blocked, act: startDraft },
  { id: 'pauseRun', label: 'Pause', group: 'Run', keys: 'F6', ...onRun(({ status }) => status === 'running' || status === 'starting', 'The run is not training', ({ id }) => pauseRun(id)) },
  { id: 'resumeRun', label: 'Resume', group: 'Run', keys: 'shift+F6', ...onRun(({ status }) => isResumable(status), 'The run is not paused', ({ id }) => resumeRun(id)) },
  { id: 'stopRun', label: 'Stop and keep what was learned', group: 'Run', keys: 'shift+F5', ...onRun(({ status }) => isLive(status) || status === 'paused' || status === 'queued', 'The run is not training', ({ id }) => stopRun(id)) },
  { id: 'saveCheckpoint', label: 'Save a checkpoint', group: 'Run', keys: '', ...onRun(({ status }) => status === 'running', 'The run is not training', ({ id }) => saveCheckpoint(id)) },
  { id: 'compareSelected', label: 'Compare the two selected runs', group: 'Selection', keys: 'mod+shift+C', blocked: ({ selected }) => (selected.length === 2 ? '' : 'Select exactly two runs'), act: compareSelected },
  { id: 'removeSelected', label: 'Put the selected runs into the trash', group: 'Selection', keys: '', blocked: ({ selected }) => (selected.length > 0 ? '' : 'No run is selected'), act: () => void removeRuns(useStore.getState().selected) },
  { id: 'clearSelection', label: 'Clear the selection', group: 'Selection', keys: '', blocked: ({ selected }) => (selected.length > 0 ? '' : 'No run is selected'), act: () => select([]) },
]

function compareSelected(): void {
  const { selected, runs } = useStore.getState()
  const [a, b] = selected.map((id) => defaultCheckpoint(runs[id]))
  compareCheckpoints(a ?? null, b ?? null)
}

/** Does what a menu item or a key asks for, where it is possible. */
export function perform(id: string): void {
  const action = actions.find((one) => one.id === id)
  if (action !== undefined && action.blocked(useStore.getState()) === '') action.act()
}

/** The native menu's actions that are not in the list above, because they belong to the window itself. */
export const performMenu = (action: MenuAction, openPalette: () => void): void => (action === 'palette' ? openPalette() : perform(action))

/** Keys as they are printed on them. */
export function shownKeys(keys: string, platform: string): readonly string[] {
  const mac = platform === 'darwin'
  return keys === '' ? [] : keys.split('+').map((key) => (key === 'mod' ? (mac ? '⌘' : 'Ctrl') : key === 'shift' ? (mac ? '⇧' : 'Shift') : key.toUpperCase()))
}
