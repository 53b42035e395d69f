import type { Checkpoint, TrainEvent } from '../../core/events'
import type { HostMessage } from '../../core/job'
import { makeRoom, shortageOf } from '../../core/room'
import type { Surroundings } from '../../core/shortage'
import type { EventLog } from '../files/eventLog'
import { FileError } from '../files/fileError'
import { leaseLost } from '../files/lease'
import { explained, ResourceExhausted } from './exhaustion'
import type { LearnerState } from './learner/learner'
import { roomFor } from './room'

interface Given {
  readonly error: unknown
  readonly where: Surroundings
  readonly checkpoints: readonly Checkpoint[]
  /** Where this sitting began. */
  readonly began: Checkpoint['moment']
  /** Tensors as large as those of the next checkpoint. */
  readonly state: LearnerState
  readonly cache: string
}

/** A disk that cannot be written, and memory that ran out, pause the run at its last checkpoint; anything else fails it. Nothing saved before is touched. */
export async function giveUp(given: Given, log: EventLog, say: (message: HostMessage) => void): Promise<void> {
  const event = await endingFor(given)
  try {
    log.append(event)
    await log.close()
  } catch {
    // The log lies on the same disk. The event still reaches main, which says so; the next start finds the run interrupted.
  }
  say({ type: 'event', event })
}

async function endingFor({ error: thrown, where, checkpoints, began, state, cache }: Given): Promise<TrainEvent> {
  const error = explained(thrown, where, 'update')
  const message = error instanceof Error ? error.message : String(error)
  const last = checkpoints.find(({ name }) => name === 'last')?.moment
  const moment = last ?? began
  const at = new Date().toISOString()
  const stands = last === undefined ? 'No checkpoint had been saved.' : `Training stands at its last checkpoint (update ${last.update}).`
  if (error instanceof FileError) {
    const shortage = shortageOf(error.code)
    const cause = error.code === leaseLost ? `${message}.` : `${message}. ${stands} ${makeRoom(error.code, await roomFor(error.path, state, cache, checkpoints))}`
    return { type: 'paused', at, moment, cause, ...(shortage !== undefined && { shortage }) }
  }
  if (!(error instanceof ResourceExhausted)) return { type: 'ended', at, moment, reason: 'failed', message }
  const shortage = 'resource_exhausted'
  return last === undefined ? { type: 'ended', at, moment, reason: 'failed', message, shortage } : { type: 'paused', at, moment, cause: `${message} ${stands}`, shortage }
}
