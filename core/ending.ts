import { formatCount } from './numbers'
import type { Run, RunStatus } from './run'
import { sentence } from './sentence'

const endings: Readonly<Partial<Record<RunStatus, string>>> = {
  finished: 'finished',
  stopped: 'was stopped',
  earlyStopped: 'was stopped early',
  diverged: 'diverged',
  failed: 'failed',
  paused: 'is paused',
  interrupted: 'was interrupted',
}

/**
 * How a run ended or stands, to go on from its name, and why; the reason is empty where it would say the same again.
 */
export function endingOf({ status, message }: Pick<Run, 'status' | 'message'>): {
  readonly what: string
  readonly why: string
} {
  if (status === 'stopped' && /^stopped by hand\.?$/i.test(message)) return { what: 'was stopped by hand', why: '' }
  return { what: endings[status] ?? status, why: message }
}

/** What it means that a run diverged, and what helps. */
export const divergedMeans =
  'Its weights are no use any more: most often the rate is too high for this batch size. A lower rate, a ' +
  'warm-up or clipped gradients help.'

const saysWhatIsKept = new RegExp(
  [
    'can go on from update',
    'no checkpoint had been saved',
    'last checkpoint with finite weights is kept',
    'last finite checkpoint',
    'stands at its last checkpoint',
  ].join('|'),
  'i',
)

/** What happened to a run, what is left of it and what can be done, once each; empty where its state says it all. */
export function explained(run: Pick<Run, 'status' | 'message' | 'checkpoints'>): string {
  const { status, checkpoints } = run
  const { why } = endingOf(run)
  const wentWrong = status === 'failed' || status === 'diverged' || status === 'interrupted'
  if (why === '' && !wentWrong) return ''
  const last = checkpoints.reduce((latest, { moment }) => Math.max(latest, moment.update), -1)
  const kept =
    !wentWrong || saysWhatIsKept.test(why)
      ? ''
      : last < 0
        ? 'No checkpoint had been written yet.'
        : `The checkpoint at update ${formatCount(last)} is safe.`
  const next =
    last < 0
      ? ''
      : status === 'interrupted'
        ? 'Resume goes on from there.'
        : status === 'failed' || status === 'diverged'
          ? 'Fork goes on from it with changed settings.'
          : ''
  return [sentence(why), status === 'diverged' ? divergedMeans : '', kept, next].filter((part) => part !== '').join(' ')
}
