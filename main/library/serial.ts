import { setImmediate as nextTurn } from 'node:timers/promises'

/** Runs jobs one after another; a job that fails does not hold up the next. */
export function serialQueue(): <T>(job: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve()
  return (job) => {
    const done = tail.then(job)
    tail = done.catch(() => undefined)
    return done
  }
}

/** Does something for each item, a few at a time. */
export async function forEach<T>(items: Iterable<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items].reverse()
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, worker))
}

// Long enough to get on with it, short enough for nobody to notice.
const turnMs = 6

/** Does something for each item in its order; whatever else the process has to do goes on in between. */
export async function inTurns<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  let began = performance.now()
  for (const item of items) {
    if (performance.now() - began > turnMs) {
      await nextTurn()
      began = performance.now()
    }
    work(item)
  }
}
