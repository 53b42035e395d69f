/** A value at each update t = 0, 1, …, evaluated before the update; a pure function, so there is no state to save. */
export type Schedule = (update: number) => number

/** The run's time line. Updates per epoch may differ between epochs when the batch grows, so both directions are functions. */
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
