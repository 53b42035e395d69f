import type { TrainEvent } from '../../core/events'
import type { HostMessage } from '../../core/job'
import type { EventLog } from '../files/eventLog'

/** Where a training says what happened: the run's log first, and then whoever listens. */
export interface Journal {
  /** What a power cut may take: the run then goes on from before it. */
  readonly tell: (event: TrainEvent) => void
  /** What nobody may hear before it is on the disk: checkpoints, and how an attempt ended. */
  readonly record: (events: readonly TrainEvent[]) => Promise<void>
  /** Makes everything that was told survive a power cut. */
  readonly sync: () => Promise<void>
}

export function createJournal(log: EventLog, post: (message: HostMessage) => void): Journal {
  const onEvent = (event: TrainEvent): void => post({ type: 'event', event })
  return {
    sync: log.sync,
    tell: (event) => {
      log.append(event)
      onEvent(event)
    },
    record: async (events) => {
      for (const event of events) log.append(event)
      await log.sync()
      events.forEach(onEvent)
    },
  }
}
