import { titleOf } from '../../core/names'
import type { Run, RunStatus } from '../../core/run'

/** What a person may ask of a run. */
export type RunRequest =
  'pause' | 'resume' | 'stop' | 'kill' | 'save' | 'extend' | 'fork' | 'remove' | 'restore' | 'purge'

/** Do it; it is so already, so that asking twice changes nothing; or why not, in a sentence. */
export type RequestVerdict =
  { readonly type: 'do' } | { readonly type: 'already' } | { readonly type: 'refuse'; readonly message: string }

/** `do`, `already`, or the end of a sentence that begins with the run's name. */
type Rule = string
type Rules = Readonly<Record<RunStatus, Rule>>

const waiting = 'waits in the queue and trains nothing yet'
const notTraining = 'is not training'
const hasEnded = 'has ended'

const pause: Rules = {
  queued: 'do',
  starting: 'do',
  running: 'do',
  pausing: 'already',
  paused: 'already',
  stopping: 'is about to stop, which saves a checkpoint too',
  interrupted: 'was interrupted and is not training',
  finished: hasEnded,
  stopped: hasEnded,
  earlyStopped: hasEnded,
  diverged: hasEnded,
  failed: hasEnded,
}
const resume: Rules = {
  queued: 'already',
  starting: 'already',
  running: 'already',
  paused: 'do',
  interrupted: 'do',
  stopped: 'do',
  failed: 'do',
  pausing: 'is about to pause: resume it when it has',
  stopping: 'is about to stop: resume it when it has',
  finished: 'has trained all its epochs: extend it to train more',
  earlyStopped: 'was stopped early because it no longer improved: extend it to train more',
  diverged: 'diverged: fork it from a checkpoint with other settings',
}
const stop: Rules = {
  queued: 'do',
  starting: 'do',
  running: 'do',
  pausing: 'do',
  paused: 'do',
  interrupted: 'do',
  stopping: 'already',
  stopped: 'already',
  finished: hasEnded,
  earlyStopped: hasEnded,
  diverged: hasEnded,
  failed: hasEnded,
}
const kill: Rules = {
  starting: 'do',
  running: 'do',
  pausing: 'do',
  stopping: 'do',
  interrupted: 'already',
  queued: waiting,
  paused: notTraining,
  finished: hasEnded,
  stopped: hasEnded,
  earlyStopped: hasEnded,
  diverged: hasEnded,
  failed: hasEnded,
}
const save: Rules = {
  running: 'do',
  pausing: 'already',
  stopping: 'already',
  queued: waiting,
  starting: 'has trained nothing yet',
  paused: notTraining,
  interrupted: notTraining,
  finished: hasEnded,
  stopped: hasEnded,
  earlyStopped: hasEnded,
  diverged: hasEnded,
  failed: hasEnded,
}
const busy = 'is training: pause it before you extend it'
const extend: Rules = {
  paused: 'do',
  interrupted: 'do',
  finished: 'do',
  stopped: 'do',
  earlyStopped: 'do',
  failed: 'do',
  queued: 'waits in the queue: pause it before you extend it',
  starting: busy,
  running: busy,
  pausing: busy,
  stopping: busy,
  diverged: 'diverged: fork it from a checkpoint with other settings',
}
const always = (rule: Rule): Rules => ({
  queued: rule,
  starting: rule,
  running: rule,
  pausing: rule,
  paused: rule,
  stopping: rule,
  interrupted: rule,
  finished: rule,
  stopped: rule,
  earlyStopped: rule,
  diverged: rule,
  failed: rule,
})
const inUse = 'is training: pause or stop it before you remove it'
const remove: Rules = { ...always('do'), starting: inUse, running: inUse, pausing: inUse, stopping: inUse }

const rules: Readonly<Record<RunRequest, Rules>> = {
  pause,
  resume,
  stop,
  kill,
  save,
  extend,
  fork: always('do'),
  remove,
  restore: always('do'),
  purge: always('do'),
}

const needsCheckpoint: ReadonlySet<RunRequest> = new Set(['extend', 'fork'])
const worksInTrash: ReadonlySet<RunRequest> = new Set(['remove', 'restore', 'purge'])

/** Whether a request makes sense for a run as it is now. */
export function judge(
  request: RunRequest,
  run: Pick<Run, 'name' | 'config' | 'facts' | 'status' | 'removedAt' | 'checkpoints'>,
): RequestVerdict {
  const refuse = (why: string): RequestVerdict => ({ type: 'refuse', message: `${titleOf(run)} ${why}` })
  const isRemoved = run.removedAt !== null
  if (request === 'remove' && isRemoved) return { type: 'already' }
  if (request === 'restore' && !isRemoved) return { type: 'already' }
  if (request === 'purge' && !isRemoved) return refuse('is not in the trash: remove it first')
  if (isRemoved && !worksInTrash.has(request)) return refuse('is in the trash: restore it first')
  const rule = rules[request][run.status]
  if (rule === 'already') return { type: 'already' }
  if (rule !== 'do') return refuse(rule)
  if (needsCheckpoint.has(request) && run.checkpoints.length === 0) return refuse('has no checkpoint to go on from')
  return { type: 'do' }
}
