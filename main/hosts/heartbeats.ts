import { setEnvironmentData } from 'node:worker_threads'
import { newBeats, noteBeat } from '../../core/sleep'

/** The clock that all threads of a process share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6

/**
 * Beats for the threads that are started from here on, which find out by it how long the process slept. Call it once a
 * second.
 */
export function startHeartbeats(): () => void {
  const beats = newBeats()
  setEnvironmentData('beats', beats)
  noteBeat(beats, now())
  return () => noteBeat(beats, now())
}
