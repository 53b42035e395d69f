import type { TrainerHost } from '../../core/host'

/**
 * Trains on a worker thread of this process: the command line's host, and what the app's utility process uses inside itself.
 * The thread gets `workerData: { job }`, posts every HostMessage but the heartbeat, and is posted TrainCommands.
 */
export function nodeHost(trainerThread: string): TrainerHost {
  throw new Error(`The host of ${trainerThread} is not written yet`)
}
