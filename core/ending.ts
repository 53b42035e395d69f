import type { Run, RunStatus } from './run'

const endings: Readonly<Partial<Record<RunStatus, string>>> = {
  finished: 'finished', stopped: 'was stopped', earlyStopped: 'was stopped early', diverged: 'diverged', failed: 'failed', paused: 'is paused', interrupted: 'was interrupted',
}

/** How a run ended or stands, to go on from its name, and why; the reason is empty where it would say the same again. */
export function endingOf({ status, message }: Pick<Run, 'status' | 'message'>): { readonly what: string; readonly why: string } {
  if (status === 'stopped' && /^stopped by hand\.?$/i.test(message)) return { what: 'was stopped by hand', why: '' }
  return { what: endings[status] ?? status, why: message }
}

/** What it means that a run diverged, and what helps. */
export const divergedMeans = 'Its weights are no use any more: most often the rate is too high for this batch size. A lower rate, a warm-up or clipped gradients help.'
