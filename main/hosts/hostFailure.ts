import { errorText } from '../../core/errorText'
import type { HostMessage, Job } from '../../core/job'
import { exhausted } from '../../core/shortageAdvice'

type Failed = Extract<HostMessage, { type: 'failed' }>

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

/** What a host says where its thread ended by an error that it could not tell of itself. */
export function hostFailure(error: unknown, job: Job): Failed {
  const message = errorText(error)
  if (codeOf(error) !== 'ERR_WORKER_OUT_OF_MEMORY') return { type: 'failed', message }
  if (job.type === 'check')
    return {
      type: 'failed',
      message: 'There was not enough memory to read every file of the library',
      shortage: 'resource_exhausted',
    }
  if (job.type !== 'train')
    return {
      type: 'failed',
      message: 'The trainer ran out of memory; fewer images at a time need less',
      shortage: 'resource_exhausted',
    }
  return {
    type: 'failed',
    message: exhausted(
      { config: job.config, info: null, engine: null },
      'start',
      'the heap of JavaScript is out of memory',
    ),
    shortage: 'resource_exhausted',
  }
}
