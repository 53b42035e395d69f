import type { TrainerHandle, TrainerHost } from '../../core/host'
import type { HostMessage, Job, JobResults } from '../../core/job'
import type { AppEvent } from '../../core/protocol'
import { RequestError, requestError } from '../requests/requestError'
import type { QueueClock } from './clock'
import { showsWork } from './watchdog'

type SideJob = Exclude<Job, { type: 'train' | 'serve' }>

/** Short jobs beside the training; each has its own process, so only so many at a time. */
const atOnce = 2
/** A trainer says something every second; one that says nothing for so long will not answer any more. */
const silentForMs = 60_000
const lateByMs = 10_000
/** One that only sends heartbeats and computes nothing waits for something. */
const idleForMs = 180_000
const wasStopped = 'It was stopped'
/** Of a check: a trainer is what trains, and that goes on. */
const ofCheck = (description: string): string => description.replace(/^the trainer( process)?/, 'its process')

interface SideJobOptions {
  /** Whose progress it is, where it is not shown with that of all others. */
  readonly progressId?: string
  /** Ends it; it is refused once its process is gone. */
  readonly signal?: AbortSignal
}

export interface SideJobs {
  readonly run: <J extends SideJob>(job: J, options?: SideJobOptions) => Promise<JobResults[J['type']]>
  /** Ends all of them and takes no more. */
  readonly endAll: () => void
}

export function createSideJobs(host: TrainerHost, clock: QueueClock, post: (event: AppEvent) => void): SideJobs {
  const working = new Set<TrainerHandle>()
  // What each job said last of how far it is; all of them are shown in one place.
  const told = new Map<TrainerHandle, Extract<AppEvent, { type: 'progress' }>>()
  const waiting: (() => void)[] = []
  let busy = 0
  let isClosed = false

  const tell = (handle: TrainerHandle, event: Extract<AppEvent, { type: 'progress' }>): void => {
    told.set(handle, event)
    post(event)
  }

  /** However a job ended, its progress ends with it; that of another job that still works takes its place. */
  function endProgress(handle: TrainerHandle): void {
    const last = told.get(handle)
    if (last === undefined) return
    told.delete(handle)
    post(
      [...told.values()].filter(({ id }) => id === last.id).at(-1) ?? {
        type: 'progress',
        id: last.id,
        message: '',
        fraction: 1,
      },
    )
  }

  function perform<J extends SideJob>(
    job: J,
    { progressId = null, signal }: { readonly progressId?: string | null; readonly signal?: AbortSignal },
  ): Promise<JobResults[J['type']]> {
    return new Promise((resolve, reject) => {
      let cancel = (): void => undefined
      let isOver = false
      // With its answer, which may be a refusal: its process may take a while to go, and say something of what it was
      // at.
      const end = (): void => {
        isOver = true
        endProgress(handle)
      }
      let isStuck = false
      let workedAt = clock.now()
      const listenFor = (message: HostMessage | null): void => {
        if (message?.type !== 'heartbeat' || showsWork(message)) workedAt = clock.now()
        cancel()
        const since = clock.now()
        // A process whose job waits for a disk that does not answer goes on to send heartbeats.
        const waitMs = Math.max(0, Math.min(silentForMs, workedAt + idleForMs - since))
        cancel = clock.after(waitMs, () => {
          // A timer that is late by so much slept with the machine, and so did the job.
          if (clock.now() - since > waitMs + lateByMs) return listenFor(null)
          isStuck = clock.now() - workedAt >= idleForMs
          handle.kill()
        })
      }
      const handle = host.start(job, (message) => {
        listenFor(message)
        switch (message.type) {
          // The result belongs to the job's type: both come from the same table, and the trainer is ours.
          case 'done':
            resolve(message.result as JobResults[J['type']])
            end()
            break
          case 'failed':
            reject(new RequestError([{ path: message.path ?? '', message: message.message }]))
            end()
            break
          case 'progress':
            if (!isOver)
              tell(handle, { type: 'progress', id: progressId, message: message.message, fraction: message.fraction })
            break
          case 'heartbeat':
          case 'event':
          case 'answer':
            break
        }
      })
      working.add(handle)
      listenFor(null)
      signal?.addEventListener('abort', handle.kill)
      void handle.closed.then(({ description }) => {
        cancel()
        signal?.removeEventListener('abort', handle.kill)
        working.delete(handle)
        end()
        // Does nothing after an answer.
        reject(
          requestError(
            isClosed
              ? 'Batchlab is closing'
              : signal?.aborted === true
                ? wasStopped
                : isStuck
                  ? 'There is no answer: the job neither said nor did anything for minutes and was ended; the ' +
                    'disk with the data may not answer'
                  : `There is no answer: ${job.type === 'check' ? ofCheck(description) : description}`,
          ),
        )
      })
    })
  }

  return {
    run: async (job, options = {}) => {
      if (busy >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
      else busy++
      try {
        if (isClosed) throw requestError('Batchlab is closing')
        if (options.signal?.aborted === true) throw requestError(wasStopped)
        return await perform(job, options)
      } finally {
        const next = waiting.shift()
        if (next === undefined) busy--
        else next()
      }
    },
    endAll: () => {
      isClosed = true
      for (const handle of working) handle.kill()
    },
  }
}
