import type { QueueClock } from '../../main/queue/clock'

export interface ManualClock extends QueueClock {
  readonly advance: (ms: number) => void
  /**
   * Lets time pass in which nothing runs: timers that are due come all at once, late, as where a machine wakes whose
   * clock went on.
   */
  readonly sleep: (ms: number) => void
}

/** A clock that stands still until it is told to go on. */
export function manualClock(): ManualClock {
  let time = 0
  let timers: { readonly at: number; readonly on: () => void }[] = []
  return {
    now: () => time,
    after: (ms, on) => {
      const timer = { at: time + ms, on }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    sleep: (ms) => {
      time += ms
      const due = timers.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)
      timers = timers.filter((one) => !due.includes(one))
      for (const { on } of due) on()
    },
    advance: (ms) => {
      const end = time + ms
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers = timers.filter((one) => one !== next)
        time = Math.max(time, next.at)
        next.on()
      }
      time = end
    },
  }
}

/** Settles when a condition holds; fails after five seconds. */
export async function until(holds: () => boolean, what = 'the condition'): Promise<void> {
  const began = performance.now()
  while (!holds()) {
    // Long enough for a busy machine: only what never comes true fails.
    if (performance.now() - began > 25_000) throw new Error(`Waited 25 s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
