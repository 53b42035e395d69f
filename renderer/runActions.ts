import type { Run } from '../core/run'
import { actionBlock, allowsAction, type RunActionName } from '../core/runActions'
import {
  annotate,
  askPurge,
  compareCheckpoints,
  defaultCheckpoint,
  editConfig,
  editFork,
  killRun,
  openRun,
  pauseRun,
  removeRuns,
  renameRun,
  restoreRuns,
  resumeRun,
  saveCheckpoint,
  stopRun,
} from './commands'
import { cutMiddle, compactCounted } from './format'
import { runName } from './names'

/**
 * Something to do with some runs. A button, a key, the menu of a row and the palette all ask here what it is called,
 * whether it can be done, and to do it.
 */
export interface RunAction {
  readonly label: (runs: readonly Run[]) => string
  /** Why it cannot be done with them; empty when it can. */
  readonly blocked: (runs: readonly Run[]) => string
  readonly act: (runs: readonly Run[]) => void
}

const none = 'No run is selected'

/** Something done with each of the runs that allow it. */
function withEach(verb: string, name: RunActionName, act: (run: Run) => void): RunAction {
  const allows = (run: Run): boolean => allowsAction(name, run)
  return {
    label: (runs) => {
      const able = runs.filter(allows).length
      return runs.length < 2
        ? verb
        : able === 0 || able === runs.length
          ? `${verb} ${compactCounted(runs.length, 'run')}`
          : `${verb} ${able} of ${compactCounted(runs.length, 'run')}`
    },
    blocked: (runs) => (runs.length === 0 ? none : runs.some(allows) ? '' : firstBlock(name)(runs)),
    act: (runs) => runs.filter(allows).forEach(act),
  }
}

/** Why one of the runs does not allow an action; empty where all do. */
const firstBlock =
  (name: RunActionName) =>
  (runs: readonly Run[]): string =>
    runs.map((run) => actionBlock(name, run)).find((reason) => reason !== '') ?? ''

/** Something done with all of them or not at all. */
function withAll(label: RunAction['label'], blocked: RunAction['blocked'], act: RunAction['act']): RunAction {
  const why = (runs: readonly Run[]): string => (runs.length === 0 ? none : blocked(runs))
  return {
    label,
    blocked: why,
    act: (runs) => {
      if (why(runs) === '') act(runs)
    },
  }
}

/** Something done with a single run. */
const withOne = (label: string, blocked: (run: Run) => string, act: (run: Run) => void): RunAction =>
  withAll(
    () => label,
    ([run, other]) => (run === undefined || other !== undefined ? 'Select exactly one run' : blocked(run)),
    ([run]) => {
      if (run !== undefined) act(run)
    },
  )

const theRuns = (runs: readonly Run[], one: string): string =>
  runs.length < 2 ? one : compactCounted(runs.length, 'run')
const can = (): string => ''

export const runActions = {
  open: withOne('Open', can, (run) => openRun(run.id)),
  rename: withOne(
    'Rename',
    (run) => actionBlock('rename', run),
    (run) => renameRun(run.id),
  ),
  pause: withEach('Pause', 'pause', ({ id }) => pauseRun(id)),
  resume: withEach('Resume', 'resume', ({ id }) => resumeRun(id)),
  stop: withEach('Stop', 'stop', ({ id }) => stopRun(id)),
  kill: withEach('End now', 'kill', ({ id }) => killRun(id)),
  saveCheckpoint: withEach('Save a checkpoint', 'save', ({ id }) => saveCheckpoint(id)),
  star: withAll(
    (runs) =>
      runs.every(({ starred }) => starred)
        ? runs.length < 2
          ? 'Remove the star'
          : `Remove the stars of ${compactCounted(runs.length, 'run')}`
        : `Star ${theRuns(runs, '')}`.trim(),
    firstBlock('star'),
    (runs) => {
      const starred = !runs.every((run) => run.starred)
      for (const run of runs) if (run.starred !== starred) annotate(run.id, { starred })
    },
  ),
  compare: withAll(
    () => 'Compare checkpoints',
    (runs) => (runs.length !== 2 ? 'Select exactly two runs' : firstBlock('compare')(runs)),
    ([a, b]) => compareCheckpoints(defaultCheckpoint(a), defaultCheckpoint(b)),
  ),
  again: withOne('New run with this config', can, (run) =>
    editConfig(run.config, `the one of “${cutMiddle(runName(run), 40)}”`),
  ),
  fork: withOne(
    'Fork from its best checkpoint',
    (run) => actionBlock('fork', run),
    (run) => {
      const checkpoint = defaultCheckpoint(run)
      if (checkpoint !== null) editFork(run, checkpoint.checkpoint)
    },
  ),
  trash: withAll(
    (runs) => (runs.length < 2 ? 'Put into the trash' : `Put ${compactCounted(runs.length, 'run')} into the trash`),
    firstBlock('remove'),
    (runs) => void removeRuns(runs.map(({ id }) => id)),
  ),
  restore: withAll(
    (runs) => `Restore ${theRuns(runs, '')}`.trim(),
    firstBlock('restore'),
    (runs) => void restoreRuns(runs.map(({ id }) => id)),
  ),
  purge: withAll(
    (runs) => `Delete ${theRuns(runs, '')} for good…`.replace('  ', ' '),
    firstBlock('purge'),
    (runs) => askPurge(runs.map(({ id }) => id)),
  ),
} satisfies Readonly<Record<string, RunAction>>
