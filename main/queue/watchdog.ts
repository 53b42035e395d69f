import type { HostMessage } from '../../core/job'
import type { AppEvent } from '../../core/protocol'
import type { RunId } from '../../core/run'
import type { QueueClock } from './clock'

type Heartbeat = Extract<HostMessage, { type: 'heartbeat' }>

const checkEveryMs = 5000
const stalledAfterMs = 30_000
/** Of all cores together: a trainer that computes anything is far above it. */
const idleBelow = 0.003

/** Whether a heartbeat shows that the trainer computes. */
export const showsWork = ({ cpuFraction, gpu }: Heartbeat): boolean =>
  cpuFraction >= idleBelow || (gpu?.utilisation ?? 0) > 0.05

export interface Watchdog {
  readonly beat: (heartbeat: Heartbeat) => void
  /** Any other sign of life. */
  readonly sign: () => void
  readonly end: () => void
}

/**
 * Watches a trainer: says its load with every heartbeat, and that it is stalled when for 30 s it neither spoke nor
 * computed.
 */
export function startWatchdog(id: RunId, clock: QueueClock, post: (event: AppEvent) => void): Watchdog {
  let load: Heartbeat = { type: 'heartbeat', rssBytes: 0, cpuFraction: 0, gpu: null }
  let beatAt = clock.now()
  let workedAt = beatAt
  let seenAt = beatAt
  let isStalled = false
  let cancel = (): void => undefined

  const tell = (): void => {
    const { rssBytes, cpuFraction, gpu } = load
    post({ type: 'load', id, rssBytes, cpuFraction, gpu, stalled: isStalled })
  }

  /**
   * Whether a beat comes first or a check after the machine was suspended: this process slept too, and nobody could
   * have spoken or computed.
   */
  function forgiveSleep(): number {
    const now = clock.now()
    if (now - seenAt > 3 * checkEveryMs) beatAt = workedAt = now
    seenAt = now
    return now
  }

  function check(): void {
    const now = forgiveSleep()
    const was = isStalled
    isStalled = now - beatAt >= stalledAfterMs || now - workedAt >= stalledAfterMs
    if (isStalled !== was) tell()
    cancel = clock.after(checkEveryMs, check)
  }
  cancel = clock.after(checkEveryMs, check)

  return {
    beat: (heartbeat) => {
      load = heartbeat
      beatAt = forgiveSleep()
      if (showsWork(heartbeat)) workedAt = beatAt
      isStalled = beatAt - workedAt >= stalledAfterMs
      tell()
    },
    sign: () => {
      beatAt = workedAt = clock.now()
    },
    end: () => cancel(),
  }
}
