import type { QueueClock } from './clock'

/** A trainer from which nothing at all is heard is ended after this long. */
const silentForMs = 10_000
/** One that sends heartbeats but computes nothing may be waiting for a disk. */
const idleForMs = 30_000
/** One that has answered with a checkpoint loses nothing but its test. */
const answeredForMs = 120_000
const checkEveryMs = 5000

export interface EndTimeout {
  /** It spoke, or a heartbeat shows that it computed. */
  readonly sign: () => void
  /** It lives, and may be waiting for something. */
  readonly beat: () => void
  /** It has written its checkpoint. */
  readonly answered: () => void
  readonly end: () => void
}

/**
 * Waits for a trainer that was asked to come to an end: as long as it shows signs of work, however long that takes.
 * Calls `lost` once, with the seconds for which it was silent, where it shows none.
 */
export function startEndTimeout(clock: QueueClock, lost: (seconds: number) => void): EndTimeout {
  let workedAt = clock.now()
  let beatAt = -Infinity
  let checkedAt = workedAt
  let hasAnswered = false
  let cancel = (): void => undefined

  const limit = (now: number): number =>
    hasAnswered ? answeredForMs : now - beatAt < silentForMs ? idleForMs : silentForMs

  function check(): void {
    const now = clock.now()
    // This process slept too: the machine was suspended, and nobody could have spoken.
    if (now - checkedAt > 3 * checkEveryMs) workedAt = now
    checkedAt = now
    const left = workedAt + limit(now) - now
    if (left <= 0) lost(limit(now) / 1000)
    else cancel = clock.after(Math.min(left, checkEveryMs), check)
  }
  check()

  return {
    sign: () => {
      workedAt = beatAt = clock.now()
    },
    beat: () => {
      beatAt = clock.now()
    },
    answered: () => {
      hasAnswered = true
    },
    end: () => cancel(),
  }
}
