import { errorText } from '../../core/errorText'
import type { Checkpoint, TrainEvent } from '../../core/events'
import type { HostMessage } from '../../core/job'
import { diskAdvice, shortageOf } from '../../core/diskSpace'
import type { ComputeContext } from '../../core/shortageAdvice'
import type { EventLog } from '../files/eventLog'
import { FileError, fileError } from '../files/fileError'
import { isFolderNow } from '../files/guard'
import { leaseLost } from '../files/lease'
import { asExhaustion, ResourceExhausted } from './exhaustion'
import type { LearnerState } from './learner/learner'
import { diskSpaceAt } from './diskSpace'

interface Given {
  readonly error: unknown
  readonly where: ComputeContext
  readonly checkpoints: readonly Checkpoint[]
  /** Where this attempt began. */
  readonly began: Checkpoint['moment']
  /** Tensors as large as those of the next checkpoint. */
  readonly state: LearnerState
  readonly runFolder: string
  readonly cache: string
}

/**
 * A disk that cannot be written, and memory that ran out, pause the run at its last checkpoint; anything else fails it.
 * Nothing saved before is touched.
 */
export async function abortTraining(
  given: Given,
  log: EventLog | null,
  post: (message: HostMessage) => void,
): Promise<void> {
  const event = await endingFor(given)
  try {
    // It is kept where what was told before could not be written, and all of it is tried once more.
    log?.append(event)
  } catch {
    /* as closing the log will say */
  }
  // Where the log's disk takes nothing, the event still reaches main, which puts the log in order once it can.
  await log?.close().catch(() => undefined)
  post({ type: 'event', event })
}

/** A call to the system that failed, of which nobody made a sentence yet. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'syscall' in error

async function endingFor({
  error: thrown,
  where,
  checkpoints,
  began,
  state,
  runFolder,
  cache,
}: Given): Promise<TrainEvent> {
  const error = isSystemError(thrown)
    ? fileError('use', thrown.path ?? runFolder, thrown)
    : asExhaustion(thrown, where, 'update')
  const message = errorText(error)
  const last = checkpoints.find(({ name }) => name === 'last')?.moment
  const moment = last ?? began
  const at = new Date().toISOString()
  const stands =
    last === undefined
      ? 'No checkpoint had been saved.'
      : `Training stands at its last checkpoint (update ${last.update}).`
  if (error instanceof FileError && !isFolderNow(runFolder)) {
    const cause =
      `The run's folder is gone, because it was moved or deleted or its disk was taken away (${runFolder}). ` +
      'Nothing was written in its place: put it back and resume.'
    return { type: 'paused', at, moment, cause }
  }
  if (error instanceof FileError) {
    const shortage = shortageOf(error.code)
    const cause =
      error.code === leaseLost
        ? `${message}.`
        : `${message}. ${stands} ${diskAdvice(error.code, await diskSpaceAt(error.path, state, cache, checkpoints))}`
    return { type: 'paused', at, moment, cause, ...(shortage !== undefined && { shortage }) }
  }
  if (!(error instanceof ResourceExhausted)) return { type: 'ended', at, moment, reason: 'failed', message }
  const shortage = 'resource_exhausted'
  return last === undefined
    ? { type: 'ended', at, moment, reason: 'failed', message, shortage }
    : { type: 'paused', at, moment, cause: `${message} ${stands}`, shortage }
}
