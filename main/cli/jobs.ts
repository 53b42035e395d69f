import type { Job, JobResults } from '../../core/job'
import { nodeHost } from '../hosts/nodeHost'
import { requestError } from '../requests/requestError'
import { failed } from './failure'
import { trainerThreadFile } from './paths'
import type { Terminal } from './terminal'
import { progressed } from './format'

/**
 * Does one job on a thread of this process, which loads TensorFlow there and nowhere else; settles when the thread is
 * gone.
 */
export async function runJobHere<J extends Exclude<Job, { type: 'train' | 'serve' }>>(
  job: J,
  terminal: Terminal,
): Promise<JobResults[J['type']]> {
  const said: { result?: JobResults[J['type']]; failure?: Error } = {}
  const { closed } = nodeHost(trainerThreadFile).start(job, (message) => {
    switch (message.type) {
      // The result belongs to the job's type: both come from the same table, and the trainer is ours.
      case 'done':
        said.result = message.result as JobResults[J['type']]
        break
      // That there is no memory is nobody's bad input.
      case 'failed':
        said.failure = message.shortage === undefined ? requestError(message.message) : failed(message.message)
        break
      case 'progress':
        terminal.status(progressed(message.message, message.fraction))
        break
      case 'heartbeat':
      case 'event':
      case 'answer':
        break
    }
  })
  // To end this process beside a thread that is still in native code would crash it.
  const { description } = await closed
  terminal.status('')
  if (said.failure !== undefined) throw said.failure
  if (said.result === undefined) throw failed(`There is no answer: ${description}`)
  return said.result
}
