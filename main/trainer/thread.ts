/* The training thread: it gets one job, says what happens, and its last word is `done` or `failed`. */
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { HostMessage, Job, TrainCommand } from '../../core/job'
import { DataRefused } from '../data/refusal'
import { runJob } from './jobs'

const port = parentPort
if (port === null) throw new Error('The training thread has no parent to talk to')
const say = (message: HostMessage): void => port.postMessage(message)
const commands: TrainCommand[] = []
port.on('message', (command: TrainCommand) => commands.push(command))

runJob(workerData as Job, say, () => commands.shift()?.type ?? null, join(__dirname, 'inputThread.js'))
  .then((result) => say({ type: 'done', result }))
  .catch((error: unknown) => say({ type: 'failed', message: error instanceof Error ? error.message : String(error), ...(error instanceof DataRefused && { path: error.path }) }))
  // The port would keep the thread, and with it the process, alive.
  .finally(() => port.close())
