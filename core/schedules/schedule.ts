/** A value at each update t = 0, 1, …, evaluated before the update; a pure function, so there is no state to save. */
export type Schedule = (update: number) => number

/**
 * The run's time line. Updates per epoch may differ between epochs when the batch grows, so both directions are
 * functions.
 */
export interface Clock {
  /** Planned updates in the whole run. */
  readonly updates: number
  /** Planned epochs. */
  readonly epochs: number
  /** Position in epochs (fractional) of an update; epochAt(0) = 0. */
  readonly epochAt: (update: number) => number
  /** First update (fractional) at or after a position in epochs; the inverse of epochAt. */
  readonly updateAt: (epoch: number) => number
}

/** A clock whose every epoch has the same number of updates. */
export const evenClock = (epochs: number, updatesPerEpoch: number): Clock => ({
  updates: epochs * updatesPerEpoch,
  epochs,
  epochAt: (update) => update / updatesPerEpoch,
  updateAt: (epoch) => epoch * updatesPerEpoch,
})

/**
 * A clock whose updates per epoch change from phase to phase, as they do when the batch grows (Smith et al. 2017,
 * 1711.00489); the last phase goes on beyond its end.
 */
export function phasedClock(phases: readonly { readonly epochs: number; readonly updatesPerEpoch: number }[]): Clock {
  const origin = { epoch: 0, update: 0, updatesPerEpoch: phases[0]?.updatesPerEpoch ?? 1 }
  const starts: (typeof origin)[] = []
  let [epoch, update] = [0, 0]
  for (const phase of phases) {
    starts.push({ epoch, update, updatesPerEpoch: phase.updatesPerEpoch })
    epoch += phase.epochs
    update += phase.epochs * phase.updatesPerEpoch
  }
  const phaseOf = (position: number, unit: 'epoch' | 'update') =>
    starts.findLast((start) => start[unit] <= position) ?? origin
  return {
    updates: update,
    epochs: epoch,
    epochAt: (position) => {
      const phase = phaseOf(position, 'update')
      return phase.epoch + (position - phase.update) / phase.updatesPerEpoch
    },
    updateAt: (position) => {
      const phase = phaseOf(position, 'epoch')
      return phase.update + (position - phase.epoch) * phase.updatesPerEpoch
    },
  }
}

/**
 * A clock on which everything said in epochs or fractions happens `factor` times later: regime adaptation (Hoffer 2017,
 * 1705.08741, §5).
 */
export const stretchClock = (clock: Clock, factor: number): Clock => ({
  updates: clock.updates * factor,
  epochs: clock.epochs * factor,
  epochAt: (update) => clock.epochAt(update / factor),
  updateAt: (epoch) => clock.updateAt(epoch) * factor,
})

/** What a schedule's lengths and positions may be stated in. */
export type Unit = 'epochs' | 'fraction' | 'updates'

/** The position of an update in the given unit; a fraction is of all planned updates. */
export function positionOf(update: number, unit: Unit, clock: Clock): number {
  switch (unit) {
    case 'epochs':
      return clock.epochAt(update)
    case 'fraction':
      return update / clock.updates
    case 'updates':
      return update
  }
}

/** The update (fractional) of a position in the given unit; the inverse of positionOf. */
export function updateOf(position: number, unit: Unit, clock: Clock): number {
  switch (unit) {
    case 'epochs':
      return clock.updateAt(position)
    case 'fraction':
      return position * clock.updates
    case 'updates':
      return position
  }
}

// 0.07 × 100 is 7.000000000000001: a boundary that is met up to rounding is met.
const roundingSlack = 1e-9

/** Whether a position has reached a boundary, in the same unit, up to rounding error; boundaries are inclusive. */
export const hasReached = (position: number, boundary: number): boolean =>
  position >= boundary - roundingSlack * Math.max(1, Math.abs(boundary))

/** The first whole number at or after a position, up to rounding error: 0.55 × 100 is 55.00000000000001. */
export const firstFrom = (position: number): number =>
  Math.max(0, Math.ceil(position - roundingSlack * Math.max(1, position)))

/** How many whole periods of a length fit before a position; up to rounding error, so 0.3 holds three times 0.1. */
export function wholePeriods(position: number, length: number): number {
  const nearest = Math.round(position / length)
  return hasReached(position, nearest * length) ? nearest : nearest - 1
}

/** The whole epochs finished before an update: e = ⌊t / updates per epoch⌋. */
export const wholeEpochs = (update: number, clock: Clock): number => wholePeriods(clock.epochAt(update), 1)

/** One value for ever. */
export const hold =
  (value: number): Schedule =>
  () =>
    value

/** One schedule after another; each part counts from its own start, and the last one goes on for ever. */
export function join(parts: readonly { readonly schedule: Schedule; readonly updates: number }[]): Schedule {
  const last = parts.at(-1)
  if (last === undefined) throw new Error('join needs at least one schedule, found none')
  return (update) => {
    let start = 0
    for (const part of parts) {
      if (part === last || update < start + part.updates) return part.schedule(update - start)
      start += part.updates
    }
    return last.schedule(update - start)
  }
}

/** The same curve, every value multiplied: factor · f(t). */
export const scale =
  (schedule: Schedule, factor: number): Schedule =>
  (update) =>
    factor * schedule(update)
