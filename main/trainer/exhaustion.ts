import { errorText } from '../../core/errorText'
import type { HostMessage, Job } from '../../core/job'
import { shortageOf } from '../../core/diskSpace'
import { usedUp } from '../../core/shortage'
import { exhausted, type ComputeContext, type ComputeWork } from '../../core/shortageAdvice'
import { DataError } from '../data/dataError'
import { FileError } from '../files/fileError'

/** Memory, or the number of threads, is used up; the message says what to lower. */
export class ResourceExhausted extends Error {
  constructor(where: ComputeContext, work: ComputeWork, cause: Error) {
    super(exhausted(where, work, cause.message), { cause })
    this.name = 'ResourceExhausted'
  }
}

/**
 * The error as it is, or what it means where it says that something is used up. What measures knows better than the
 * learner that it measures with.
 */
export function asExhaustion(error: unknown, where: ComputeContext, work: ComputeWork): unknown {
  if (error instanceof ResourceExhausted)
    return work === 'measurement' && error.cause instanceof Error
      ? new ResourceExhausted(where, work, error.cause)
      : error
  // What is said of a file names its path, which may hold any words.
  const isOfFile =
    error instanceof FileError || error instanceof DataError || (error instanceof Error && 'path' in error)
  return error instanceof Error && !isOfFile && usedUp(error.message) !== null
    ? new ResourceExhausted(where, work, error)
    : error
}

/** Does a piece of work whose errors say what to lower where memory has run out. */
export async function catchExhaustion<T>(
  where: ComputeContext,
  work: ComputeWork,
  act: () => T | Promise<T>,
): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw asExhaustion(error, where, work)
  }
}

/** The same for a function of the engine. */
export const catchingExhaustion =
  <A extends readonly unknown[], R>(
    where: ComputeContext,
    work: ComputeWork,
    act: (...args: A) => R,
  ): ((...args: A) => R) =>
  (...args) => {
    try {
      return act(...args)
    } catch (error) {
      throw asExhaustion(error, where, work)
    }
  }

/** The last word on a job that could not be done. */
export function failureOf(thrown: unknown, job: Job): Extract<HostMessage, { type: 'failed' }> {
  const error =
    job.type === 'train' ? asExhaustion(thrown, { config: job.config, info: null, engine: null }, 'start') : thrown
  const message = errorText(error)
  if (error instanceof DataError) return { type: 'failed', message, path: error.path }
  const isUsedUp =
    error instanceof ResourceExhausted || (error instanceof Error && !('path' in error) && usedUp(message) !== null)
  const shortage = isUsedUp ? 'resource_exhausted' : error instanceof FileError ? shortageOf(error.code) : undefined
  return { type: 'failed', message, ...(shortage !== undefined && { shortage }) }
}
