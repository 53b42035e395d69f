import { getEnvironmentData } from 'node:worker_threads'
import { sleptUntil } from '../../core/sleep'

/**
 * Milliseconds that this process has been awake for, on a clock of its own. A host that does not beat (tests,
 * measurements) is taken to be awake.
 */
export function awakeNow(): number {
  const now = Number(process.hrtime.bigint()) / 1e6
  const beats = getEnvironmentData('beats')
  return beats instanceof Float64Array ? now - sleptUntil(beats, now) : now
}
