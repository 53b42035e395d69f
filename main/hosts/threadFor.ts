import { dirname, join } from 'node:path'
import type { Job } from '../../core/job'

/** The script of the thread that does a job: the trainer's, or the one beside it that loads no TensorFlow. */
export const threadFor = ({ type }: Job, trainerThread: string): string =>
  type === 'check' ? join(dirname(trainerThread), 'checkThread.js') : trainerThread
