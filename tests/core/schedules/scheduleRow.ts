import type { z } from 'zod'
import type { ScheduleConfig } from '../../../core/schedules/all'
import { evenClock } from '../../../core/schedules/schedule'

type Input = z.input<typeof ScheduleConfig>

/** One update per epoch: positions in epochs, updates and rows of the table are the same number. */
export const byEpoch = (epochs: number) => evenClock(epochs, 1)

/** 100 updates per epoch, so that half epochs are updates too. */
export const fine = (epochs: number) => evenClock(epochs, 100)

export interface Row {
  readonly name: string
  readonly config: Input
  readonly clock: ReturnType<typeof evenClock>
  readonly base: number
  /** [update, rate] pairs. */
  readonly rates: readonly (readonly [number, number])[]
}
