import type { Job } from '../../core/job'

/** The CPU threads that a job's engine may use; null: all cores. */
export const threadsOf = (job: Job): number | null => ('engine' in job ? job.engine.threads : 'config' in job ? job.config.engine.threads : null)
