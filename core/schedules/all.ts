import { z } from 'zod'
import { cosine, cosineConfig } from './cosine'
import type { Clock, Schedule } from './schedule'

/** Every schedule of the base learning rate, by its `type` in the config. Adding one: its file, an entry here and in `scheduleFor`, a table test. */
export const ScheduleConfig = z.discriminatedUnion('type', [cosineConfig])
export type ScheduleConfig = z.output<typeof ScheduleConfig>

/** The learning rate over updates that a schedule's config asks for, from a base (already scaled) rate. */
export function scheduleFor(config: ScheduleConfig, base: number, clock: Clock): Schedule {
  switch (config.type) {
    case 'cosine': return cosine(config, base, clock)
  }
}
