/* The training thread: it gets one job, says what happens, and its last word is `done` or `failed`. As the data
 * service it does one job after the other and has no last word. */
import { join } from 'node:path'
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads'
import type { HostMessage, Job, TrainCommand, TrainerJob } from '../../core/job'
import type { Commands } from './commands'
import { failureOf } from './exhaustion'
import { runTrainerJob } from './jobs'
import { serveData } from './serveData'

const port = parentPort
if (port === null) throw new Error('The training thread has no parent to talk to')
const post = (message: HostMessage): void => port.postMessage(message)
const waiting: TrainCommand[] = []

const next = (from: MessagePort): { readonly message: TrainCommand } | undefined => receiveMessageOnPort(from)

/** In the middle of an evaluation the event loop has no turn, so what lies at the port is fetched. */
function fetched(from: MessagePort): readonly TrainCommand[] {
  for (let found = next(from); found !== undefined; found = next(from)) waiting.push(found.message)
  return waiting
}

const commands: Commands = {
  next: () => {
    fetched(port)
    return waiting.shift()?.type ?? null
  },
  isAskedToEnd: () => fetched(port).some(({ type }) => type === 'pause' || type === 'stop'),
}

const job = workerData as TrainerJob | Extract<Job, { type: 'serve' }>
if (job.type === 'serve') port.on('message', serveData(post))
else {
  port.on('message', (command: TrainCommand) => waiting.push(command))
  runTrainerJob(job, post, commands, { inputThread: join(__dirname, 'inputThread.js') })
    .then((result) => post({ type: 'done', result }))
    .catch((error: unknown) => post(failureOf(error, job)))
    // The port would keep the thread, and with it the process, alive.
    .finally(() => port.close())
}
