import type { AppEvent } from '../../core/protocol'
import type { QueueClock } from '../../main/queue/clock'
import { createRunQueue, type RunQueue } from '../../main/queue/runQueue'
import { fakeHost, type FakeHost, type FakeTrainer } from './fakeHost'
import { openLibrary, type Library } from '../../main/library/library'
import { fakeTraining, temporaryFolder } from './fakeTraining'

export interface QueueFixture {
  readonly library: Library
  readonly queue: RunQueue
  readonly host: FakeHost
  readonly events: AppEvent[]
  readonly folder: string
  readonly trainings: () => readonly FakeTrainer[]
}

/** A library and a queue in a folder of their own; the trainers are played. */
export async function openQueueFixture({
  script = fakeTraining(),
  clock,
  folder = temporaryFolder(),
}: {
  readonly script?: (trainer: FakeTrainer) => void | Promise<void>
  readonly clock?: QueueClock
  readonly folder?: string
} = {}): Promise<QueueFixture> {
  const library = await openLibrary(folder)
  const host = fakeHost(script)
  const queue = createRunQueue({
    library,
    host,
    folders: { cache: '', resources: '' },
    ...(clock !== undefined && { clock }),
  })
  const events: AppEvent[] = []
  queue.listen((event) => events.push(event))
  return {
    library,
    queue,
    host,
    events,
    folder,
    trainings: () => host.trainers.filter(({ job }) => job.type === 'train'),
  }
}

/** A pace that a test sets: trainings stand still until `go`. */
export function steppedPace(): { readonly pace: () => Promise<void>; readonly go: (updates: number) => void } {
  let allowed = 0
  const waiting: (() => void)[] = []
  return {
    pace: async () => {
      if (allowed > 0) allowed--
      else await new Promise<void>((resolve) => waiting.push(resolve))
    },
    go: (updates) => {
      for (let i = 0; i < updates; i++) {
        const next = waiting.shift()
        if (next === undefined) allowed++
        else next()
      }
    },
  }
}

/** What a training was told to begin from. */
export const beginning = (trainer: FakeTrainer | undefined) =>
  trainer?.job.type === 'train' ? trainer.job.beginning : undefined
