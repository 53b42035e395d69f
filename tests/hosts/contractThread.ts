// A training thread that plays the scenes of the host contract.
import { parentPort, workerData } from 'node:worker_threads'
import type { Job, TrainCommand } from '../../core/job'
import { play } from './contractPlay'

const job = workerData as Job
// A trainer at work keeps its thread alive; only `done` and `failed` end it.
const busy = setInterval(() => undefined, 1000)
play(job, {
  say: (message) => {
    parentPort?.postMessage(message)
    if (message.type === 'done' || message.type === 'failed') {
      clearInterval(busy)
      setImmediate(() => parentPort?.close())
    }
  },
  onCommand: (on) => {
    parentPort?.on('message', (command: TrainCommand) => on(command))
  },
  leave: () => process.exit(0),
})
