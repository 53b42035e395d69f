// The trainer's own process: a worker thread trains, while this thread stays free to tell main that it lives and to end
// it. TensorFlow is loaded in the thread and nowhere else; when the job is over the process goes, and all native memory
// with it.
import { writeFileSync } from 'node:fs'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { DataRequest, HostMessage, Job, TrainCommand } from '../../core/job'
import { beatEveryMs } from '../../core/sleep'
import { startHeartbeats } from './heartbeats'
import { hostFailure } from './hostFailure'
import { loadSampler } from './load'
import { trainerLimits } from './threadLimits'

/** What main says to this process. It leaves only when told to: a message posted just before an exit can get lost. */
export type ToHost =
  | { readonly type: 'job'; readonly job: Job; readonly thread: string; readonly mainPid: number }
  | { readonly type: 'command'; readonly command: TrainCommand | DataRequest }
  | { readonly type: 'leave' }

const post = (message: HostMessage): void => process.parentPort.postMessage(message)

/** A thread may be deep in a native call, for which an orderly exit would wait. */
const exitNow = (): void => {
  process.kill(process.pid, 'SIGKILL')
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/** Linux kills the process with the highest score when memory runs out: it should be the trainer, never the window. */
function volunteerForOutOfMemory(): void {
  if (process.platform !== 'linux') return
  try {
    writeFileSync('/proc/self/oom_score_adj', '800')
  } catch {
    /* a container may forbid it */
  }
}

function beat(mainPid: number): void {
  const sample = loadSampler()
  const parentPid = process.ppid
  const noteBeat = startHeartbeats()
  post(sample())
  setInterval(() => {
    noteBeat()
    if (isGone(mainPid) || process.ppid !== parentPid) exitNow()
    else post(sample())
  }, beatEveryMs)
}

function startThread(job: Job, thread: string): Worker {
  // The thread says in the environment how many threads TensorFlow may use; native code would not see the copy that
  // threads have otherwise.
  const worker = new Worker(thread, { workerData: job, env: SHARE_ENV, resourceLimits: trainerLimits })
  let isOver = false
  const endWith = (message: HostMessage): void => {
    if (isOver) return
    isOver = message.type === 'done' || message.type === 'failed'
    post(message)
  }
  worker.on('message', endWith)
  worker.on('error', (error) => endWith(hostFailure(error, job)))
  worker.on('exit', (code) =>
    endWith({ type: 'failed', message: `the training thread ended with code ${String(code)} before it was done` }),
  )
  return worker
}

volunteerForOutOfMemory()

// Ctrl-C in a terminal, systemd and Docker signal the whole group. Main hears it too and asks for a pause; a trainer
// that died of it could not.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

// Electron before 37 ends a utility process on an unhandled rejection, later ones go on half-broken: always end it, and
// say why.
process.on('unhandledRejection', (error) => {
  console.error(error)
  process.exit(1)
})

let worker: Worker | null = null

process.parentPort.on('message', ({ data }: { readonly data: ToHost }) => {
  switch (data.type) {
    case 'job':
      beat(data.mainPid)
      worker = startThread(data.job, data.thread)
      break
    case 'command':
      worker?.postMessage(data.command)
      break
    case 'leave':
      setTimeout(exitNow, 2000).unref()
      process.exit(0)
  }
})
