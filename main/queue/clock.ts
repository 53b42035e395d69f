/** Time as the queue sees it: monotonic milliseconds and timers, so that tests need not wait. */
export interface QueueClock {
  readonly now: () => number
  /** Calls back once after so many milliseconds; returns what cancels it. */
  readonly after: (ms: number, on: () => void) => () => void
}

export const systemClock: QueueClock = {
  now: () => performance.now(),
  after: (ms, on) => {
    const timer = setTimeout(on, ms)
    return () => clearTimeout(timer)
  },
}
