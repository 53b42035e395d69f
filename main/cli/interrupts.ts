/** What asks a command to end in good order: a signal, or a reader of its output that went away. */
export type Interrupt = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'reader'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Whether a signal is somebody's wish that a process ends, and not a crash or a lack of memory. */
export const isWish = (signal: NodeJS.Signals): boolean => signals.some((one) => one === signal)

// One wish arrives several times: a process group's signal reaches a sweep and its child, and the sweep passes it on.
const sameWithinMs = 1000

const hearers = new Set<(cause: Interrupt) => void>()
let isEnding = false

/**
 * Hears Ctrl-C, what ends a process politely, a terminal that hangs up, and a reader that goes away, until the function
 * that it returns is called. What comes within a second is one wish.
 */
export function onInterrupt(act: (cause: Interrupt) => void): () => void {
  let heardAt = -Infinity
  const onEvent = (cause: Interrupt): void => {
    const now = performance.now()
    if (now - heardAt < sameWithinMs) return
    heardAt = now
    isEnding = true
    act(cause)
  }
  for (const signal of signals) process.on(signal, onEvent)
  hearers.add(onEvent)
  return () => {
    hearers.delete(onEvent)
    for (const signal of signals) {
      // The process is about to end with its own exit code: the same wish, said again meanwhile, must not end it
      // sooner.
      if (isEnding) process.on(signal, () => undefined)
      process.off(signal, onEvent)
    }
  }
}

/**
 * Tells whoever listens that nobody reads the output any more; false where nobody has listened, and the process can
 * simply end.
 */
export function readerLeft(): boolean {
  for (const onEvent of [...hearers]) onEvent('reader')
  return isEnding
}

/**
 * Whether a second Ctrl-C may mean “at once”: only a person at a terminal says it twice; everything else that repeats a
 * signal means the same by it.
 */
export const isInsistent = (cause: Interrupt): boolean =>
  cause === 'SIGINT' && (process.stdin.isTTY || process.stderr.isTTY)
