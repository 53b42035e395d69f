import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { Exit, TrainerHost } from '../../core/host'
import type { HostMessage } from '../../core/job'
import { beatEveryMs } from '../../core/sleep'
import { startHeartbeats } from './heartbeats'
import { hostFailure } from './hostFailure'
import { loadSampler } from './load'
import { threadFor } from './threadFor'
import { trainerLimits } from './threadLimits'

/** A thread that has said its last word has this long to end by itself. */
const leaveWithinMs = 2000

/**
 * Trains on a worker thread of this process: the command line's host. The thread gets the job as its `workerData`,
 * posts every HostMessage but the heartbeat, and is posted TrainCommands. A native crash of it ends this process too.
 */
export function nodeHost(trainerThread: string): TrainerHost {
  return {
    start: (job, on) => {
      const noteBeat = startHeartbeats()
      // The thread tells TensorFlow through the environment how many threads it may use; native code would not see a
      // copy of it.
      const worker = new Worker(threadFor(job, trainerThread), {
        workerData: job,
        env: SHARE_ENV,
        resourceLimits: trainerLimits,
      })
      let isOver = false
      let isKilled = false

      const onEvent = (message: HostMessage): void => {
        if (isOver) return
        if (message.type === 'done' || message.type === 'failed') {
          isOver = true
          clearInterval(heart)
          setTimeout(() => void worker.terminate(), leaveWithinMs).unref()
        }
        on(message)
      }
      const sample = loadSampler()
      const heart = setInterval(() => {
        noteBeat()
        onEvent(sample())
      }, beatEveryMs)
      worker.on('message', onEvent)
      worker.on('messageerror', (error) => onEvent({ type: 'failed', message: error.message }))
      worker.on('error', (error: unknown) => {
        if (!isKilled) onEvent(hostFailure(error, job))
      })

      const closed = new Promise<Exit>((resolve) => {
        worker.on('exit', (code) => {
          clearInterval(heart)
          const description = isKilled
            ? 'the trainer was ended by force'
            : isOver
              ? 'the trainer ended'
              : `the trainer ended with code ${String(code)} before it was done`
          isOver = true
          resolve({ code, signal: null, description })
        })
      })

      return {
        pid: process.pid,
        closed,
        post: (command) => worker.postMessage(command),
        kill: () => {
          isKilled ||= !isOver
          isOver = true
          clearInterval(heart)
          void worker.terminate()
        },
      }
    },
  }
}
