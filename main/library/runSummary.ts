import { bestEpoch } from '../../core/best'
import type { Run } from '../../core/run'

/**
 * A run as `library.json` keeps it: of the epochs only the last and the best by validation accuracy and by validation
 * loss, and no log. That is what the history table shows; 300 epochs of each of 2,000 runs would be 200 MB to read
 * before the window can open.
 */
export function runSummary(run: Run): Run {
  const known = summaries.get(run)
  if (known !== undefined) return known
  const { epochs } = run
  const kept = new Set([bestEpoch(run), bestEpoch(run, 'validationLoss'), epochs.at(-1)])
  const short = epochs.filter((epoch) => kept.has(epoch))
  const summary = run.log.length === 0 && short.length === epochs.length ? run : { ...run, epochs: short, log: [] }
  summaries.set(run, summary)
  return summary
}

// A run is replaced when it changes, so its summary is the same one for as long as it lives: what is known of that need
// not be found out again.
const summaries = new WeakMap<Run, Run>()
