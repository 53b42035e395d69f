import type { QueueClock } from './clock'

const sameWithinMs = 1000

/** Makes a thing once for a wish that is repeated at once: a double click is one wish. */
export function dedupe<T>(clock: QueueClock): (key: string, make: () => Promise<T>) => Promise<T> {
  const wishes = new Map<string, { readonly doneAt: number; readonly made: Promise<T> }>()
  return (key, make) => {
    for (const [old, { doneAt }] of wishes) if (clock.now() - doneAt > sameWithinMs) wishes.delete(old)
    const known = wishes.get(key)
    if (known !== undefined) return known.made
    const made = make()
    wishes.set(key, { doneAt: Infinity, made })
    made.then(
      () => wishes.set(key, { doneAt: clock.now(), made }),
      () => wishes.delete(key),
    )
    return made
  }
}
