/*
 * The thread that checks a library: it gets one job, says how far it is, and its last word is `done` or `failed`. It
 * loads no TensorFlow.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { errorText } from '../../core/errorText'
import type { HostMessage, Job } from '../../core/job'
import { shortReport } from '../../core/libraryReport'
import { verifyLibrary } from './checkLibrary'

const port = parentPort
if (port === null) throw new Error('The thread that checks a library has no parent to talk to')
const post = (message: HostMessage): void => port.postMessage(message)

const everyMs = 250
let said = -Infinity

/** At most four times a second: small runs are read by the hundred in that time. */
function tell(what: string, fraction: number): void {
  const now = performance.now()
  if (now - said < everyMs) return
  said = now
  post({ type: 'progress', message: what, fraction })
}

const { library } = workerData as Extract<Job, { type: 'check' }>
verifyLibrary(library, tell)
  .then((report) => post({ type: 'done', result: shortReport(report) }))
  .catch((error: unknown) => post({ type: 'failed', message: errorText(error) }))
