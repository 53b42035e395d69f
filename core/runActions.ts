import { titleOf } from './names'
import type { Run, RunStatus } from './run'

/** What a person may do with a run, wherever it is offered. */
export const runActionNames = [
  'pause',
  'resume',
  'stop',
  'kill',
  'save',
  'extend',
  'fork',
  'relocate',
  'remove',
  'restore',
  'purge',
  'rename',
  'star',
  'compare',
] as const
export type RunActionName = (typeof runActionNames)[number]

/** Do it; it is so already, so that asking twice changes nothing; or it is refused, with a message that says why. */
export type RunActionVerdict =
  { readonly type: 'do' } | { readonly type: 'already' | 'refuse'; readonly message: string }

/** What decides about an action. */
export type RunStanding = Pick<Run, 'name' | 'config' | 'facts' | 'status' | 'removedAt' | 'checkpoints'>

/** A cell of the table; the reason is the end of a sentence that begins with the run's name. */
type Rule = 'do' | { readonly already: string } | { readonly refused: string }
type Rules = Readonly<Record<RunStatus, Rule>>

const already = (reason: string): Rule => ({ already: reason })
const refused = (reason: string): Rule => ({ refused: reason })

const ended = refused('has ended')
const notTraining = refused('is not training')
const waiting = refused('waits in the queue and trains nothing yet')
const diverged = refused('diverged: fork it from a checkpoint with other settings')

const pause: Rules = {
  queued: 'do',
  starting: 'do',
  running: 'do',
  pausing: already('is about to pause'),
  paused: already('is paused'),
  stopping: refused('is about to stop, which saves a checkpoint too'),
  interrupted: refused('was interrupted and is not training'),
  finished: ended,
  stopped: ended,
  earlyStopped: ended,
  diverged: ended,
  failed: ended,
}
const resume: Rules = {
  queued: already('waits in the queue'),
  starting: already('is training'),
  running: already('is training'),
  pausing: refused('is about to pause: resume it when it has'),
  paused: 'do',
  stopping: refused('is about to stop: resume it when it has'),
  interrupted: 'do',
  finished: refused('has trained all its epochs: extend it to train more'),
  stopped: 'do',
  earlyStopped: refused('was stopped early because it no longer improved: extend it to train more'),
  diverged,
  failed: 'do',
}
const stop: Rules = {
  queued: 'do',
  starting: 'do',
  running: 'do',
  pausing: 'do',
  paused: 'do',
  stopping: already('is about to stop'),
  interrupted: 'do',
  finished: ended,
  stopped: already('is stopped'),
  earlyStopped: ended,
  diverged: ended,
  failed: ended,
}
const kill: Rules = {
  queued: waiting,
  starting: 'do',
  running: 'do',
  pausing: 'do',
  paused: notTraining,
  stopping: 'do',
  interrupted: already('was interrupted and is not training'),
  finished: ended,
  stopped: ended,
  earlyStopped: ended,
  diverged: ended,
  failed: ended,
}
const savesAtEnd = already('saves a checkpoint as it ends')
const save: Rules = {
  queued: waiting,
  starting: refused('has trained nothing yet'),
  running: 'do',
  pausing: savesAtEnd,
  paused: notTraining,
  stopping: savesAtEnd,
  interrupted: notTraining,
  finished: ended,
  stopped: ended,
  earlyStopped: ended,
  diverged: ended,
  failed: ended,
}
const pauseFirst = refused('is training: pause it before you extend it')
const extend: Rules = {
  queued: refused('waits in the queue: pause it before you extend it'),
  starting: pauseFirst,
  running: pauseFirst,
  pausing: pauseFirst,
  paused: 'do',
  stopping: pauseFirst,
  interrupted: 'do',
  finished: 'do',
  stopped: 'do',
  earlyStopped: 'do',
  diverged,
  failed: 'do',
}
const inEveryStatus: Rules = {
  queued: 'do',
  starting: 'do',
  running: 'do',
  pausing: 'do',
  paused: 'do',
  stopping: 'do',
  interrupted: 'do',
  finished: 'do',
  stopped: 'do',
  earlyStopped: 'do',
  diverged: 'do',
  failed: 'do',
}
const whileTraining = (rule: Rule): Rules => ({
  ...inEveryStatus,
  starting: rule,
  running: rule,
  pausing: rule,
  stopping: rule,
})

const table: Readonly<Record<RunActionName, Rules>> = {
  pause,
  resume,
  stop,
  kill,
  save,
  extend,
  fork: inEveryStatus,
  relocate: whileTraining(refused('is training: its data is where it was')),
  remove: whileTraining(refused('is training: pause or stop it before you remove it')),
  restore: inEveryStatus,
  purge: inEveryStatus,
  rename: inEveryStatus,
  star: inEveryStatus,
  compare: inEveryStatus,
}

/** Why a run without a checkpoint refuses what needs one. */
const needsCheckpoint: Readonly<Partial<Record<RunActionName, string>>> = {
  extend: 'has no checkpoint to go on from',
  fork: 'has no checkpoint to go on from',
  compare: 'has no checkpoint to compare',
}
/** What runs in the trash allow; everything else wants them restored first. */
const worksInTrash: ReadonlySet<RunActionName> = new Set([
  'relocate',
  'remove',
  'restore',
  'purge',
  'rename',
  'star',
  'compare',
])

/**
 * Whether an action makes sense for a run as it is now: the only place that says so, for the queue, the window, the
 * menu and the command line. The message is a sentence that names the run, without a full stop.
 */
export function judgeAction(action: RunActionName, run: RunStanding): RunActionVerdict {
  const verdict = (type: 'already' | 'refuse', reason: string): RunActionVerdict => ({
    type,
    message: `${titleOf(run)} ${reason}`,
  })
  const isRemoved = run.removedAt !== null
  if (action === 'remove' && isRemoved) return verdict('already', 'is in the trash')
  if (action === 'restore' && !isRemoved) return verdict('already', 'is not in the trash')
  if (action === 'purge' && !isRemoved) return verdict('refuse', 'is not in the trash: remove it first')
  if (isRemoved && !worksInTrash.has(action)) return verdict('refuse', 'is in the trash: restore it first')
  const rule = table[action][run.status]
  if (rule !== 'do') return 'already' in rule ? verdict('already', rule.already) : verdict('refuse', rule.refused)
  const lacking = needsCheckpoint[action]
  if (lacking !== undefined && run.checkpoints.length === 0) return verdict('refuse', lacking)
  return { type: 'do' }
}

/** Whether an action would change something. */
export const allowsAction = (action: RunActionName, run: RunStanding): boolean => judgeAction(action, run).type === 'do'

/** Why an action would change nothing, in a sentence without a full stop; empty where it can be done. */
export function actionBlock(action: RunActionName, run: RunStanding): string {
  const verdict = judgeAction(action, run)
  return verdict.type === 'do' ? '' : verdict.message
}
