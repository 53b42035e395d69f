import type { Job, JobResults } from '../../core/job'
import { systemClock } from '../desk/clock'
import { createJobs } from '../desk/jobs'
import { nodeHost } from '../host/nodeHost'
import { trainerThread } from './places'
import type { Terminal } from './terminal'

/** Does one job on a thread of this process, which loads TensorFlow there and nowhere else. */
export async function runJob<J extends Exclude<Job, { type: 'train' }>>(job: J, terminal: Terminal): Promise<JobResults[J['type']]> {
  const jobs = createJobs(nodeHost(trainerThread), systemClock, (event) => {
    if (event.type === 'progress') terminal.status(event.message)
  })
  try {
    return await jobs.run(job)
  } finally {
    terminal.status('')
    jobs.endAll()
  }
}
