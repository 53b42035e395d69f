import { endingOf } from '../../core/ending'
import { titleOf } from '../../core/names'
import { plainLine } from '../../core/plain'
import type { Run, RunStatus } from '../../core/run'
import { sentence } from '../../core/sentence'

const told: ReadonlySet<RunStatus> = new Set([
  'finished',
  'stopped',
  'earlyStopped',
  'diverged',
  'failed',
  'interrupted',
])

/** What to tell somebody who is not looking at the window; null when there is nothing to tell. */
export function notificationOf(run: Run): { readonly title: string; readonly body: string } | null {
  const { what, why } = endingOf(run)
  // A pause that nobody asked for has a reason.
  if (!told.has(run.status) && (run.status !== 'paused' || why === '')) return null
  // Some desktops take a notification's text for markup.
  return { title: `${titleOf(run)} ${what}`, body: plainLine(sentence(why)).replaceAll('<', '‹').replaceAll('>', '›') }
}
