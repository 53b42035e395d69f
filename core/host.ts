import type { DataRequest, HostMessage, Job, TrainCommand } from './job'
import type { Shortage } from './shortage'

/** How a trainer process came to its end; `code` alone proves nothing (Electron 25 reports 0 after SIGKILL). */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
  readonly description: string
  /** What there was not enough of, as far as the system tells. */ readonly shortage?: Shortage
}

/** A trainer at work on one job. */
export interface TrainerHandle {
  readonly pid: number | undefined
  readonly post: (command: TrainCommand | DataRequest) => void
  /** Ends the process at once. */
  readonly kill: () => void
  /** Settles when the process is gone. */
  readonly closed: Promise<Exit>
}

/**
 * Starts trainers; three implementations (utility process, plain Node worker thread, fake) answer to one contract
 * suite.
 */
export interface TrainerHost {
  readonly start: (job: Job, on: (message: HostMessage) => void) => TrainerHandle
}
