// A training thread without training: says what it is told to say by its job, so that the process around it can be
// tested.
import { writeSync } from 'node:fs'
import { Worker, parentPort, workerData } from 'node:worker_threads'
import type { HostMessage, Job, TrainCommand } from '../../core/job'

const say = (message: HostMessage): void => parentPort?.postMessage(message)
const job = workerData as Job
/** The script of this thread travels in a field that every job has. */
const script = job.folders.resources

parentPort?.on('message', (command: TrainCommand) => {
  if (command.type === 'stop') say({ type: 'done', result: null })
  else say({ type: 'progress', message: command.type, fraction: null })
})

switch (script) {
  case 'answer':
    say({ type: 'done', result: [] })
    break
  case 'flood': {
    for (let i = 0; i < 5000; i++) say({ type: 'progress', message: String(i), fraction: i / 5000 })
    say({ type: 'done', result: null })
    break
  }
  case 'throw':
    throw new Error('the first convolution needs 3 channels, found 1')
  case 'reject':
    void Promise.reject(new Error('nobody waited for this'))
    break
  case 'return':
    parentPort?.close()
    break
  case 'exit':
    process.exit(3)
    break
  case 'block':
    say({ type: 'progress', message: 'blocked', fraction: null })
    for (;;) {
      /* a long native call */
    }
  case 'heap': {
    // A thread of its own with little to spend, so that it takes a moment and not all memory of the machine; its error
    // is passed on as it is.
    const greedy = new Worker('const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length))', {
      eval: true,
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    })
    greedy.on('error', (error) => {
      throw error
    })
    break
  }
  case 'print': {
    // As native code does: straight to stderr, however slowly somebody reads there.
    const line = Buffer.alloc(2 ** 16, 'a warning of some library\n')
    for (let left = 2 ** 28; left > 0;) {
      try {
        left -= writeSync(2, line)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
    }
    say({ type: 'done', result: null })
    break
  }
  case 'abort':
    process.abort()
    break
  default:
    setInterval(() => undefined, 1000)
}
