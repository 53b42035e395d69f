/**
 * Runs one job at a time and skips those that a newer one replaced while waiting. The promise returned settles with the
 * job that did the work: the item given, or a newer item in its place.
 */
export const latestQueue = <T>(perform: (item: T) => Promise<void>): ((item: T) => Promise<void>) => {
  let running = Promise.resolve()
  let waiting: { item: T; readonly done: Promise<void> } | undefined
  return (item) => {
    if (waiting !== undefined) {
      waiting.item = item
      return waiting.done
    }
    const turn: { item: T; readonly done: Promise<void> } = {
      item,
      done: running.then(() => {
        waiting = undefined
        return perform(turn.item)
      }),
    }
    waiting = turn
    running = turn.done.catch(() => undefined)
    return turn.done
  }
}
